print("template")
