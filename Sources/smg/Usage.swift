/// What `smg` says of itself.
enum Usage {
    static let text = """
        usage: smg <command> [options]

        commands:
          launch    start the gateway in front of inference workers
          worker    start a simulated inference engine, to try the gateway without a GPU
          parse     take a model's answer apart: text, reasoning, tool calls
          version   print the version

        'smg <command> --help' shows a command's options.
        """
}
