"""Which parsers of the peers read which of our formats, and which markers are one token there."""

THINK = ["<think>", "</think>"]
TOOL_CALL = ["<tool_call>", "</tool_call>"]
GLM = [*TOOL_CALL, "<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"]
DEEPSEEK = [
    f"<｜tool▁{part}｜>" for part in ("calls▁begin", "calls▁end", "call▁begin", "call▁end", "sep")
] + ["<｜end▁of▁sentence｜>"]
STEP3 = [f"<｜tool_{part}｜>" for part in ("calls_begin", "calls_end", "call_begin", "call_end", "sep")]
KIMI_K2 = [
    f"<|tool_{part}|>"
    for part in ("calls_section_begin", "calls_section_end", "call_begin", "call_end", "call_argument_begin")
]
KIMI_K3 = ["<|open|>", "<|close|>", "<|sep|>", "<|end_of_msg|>"]
MISTRAL_ARGUMENTS = "[ARGS]"
MISTRAL = ["[TOOL_CALLS]", "[CALL_ID]", MISTRAL_ARGUMENTS, "[THINK]", "[/THINK]"]
COHERE = [f"<|{end}_{part}|>" for part in ("THINKING", "ACTION", "RESPONSE", "TEXT") for end in ("START", "END")]
INKLING = [
    "<|message_model|>", "<|content_text|>", "<|content_thinking|>", "<|content_invoke_tool_json|>",
    "<|content_invoke_tool_text|>", "<|content_model_end_sampling|>", "<|end_message|>",
]

ARRAY = "JSON array"

# Our format of tool calls -> sglang's parsers, vLLM's parsers, markers that are one token.
TOOLS = {
    "json": ([ARRAY], ["xlam"], []),
    "mistral": (["mistral"], ["mistral"], MISTRAL),
    "llama": (["llama3"], ["llama3_json"], ["<|python_tag|>"]),
    "pythonic": (["pythonic"], ["pythonic", "llama4_pythonic"], ["<|python_start|>", "<|python_end|>"]),
    "qwen": (["qwen25", "hermes"], ["hermes"], TOOL_CALL + THINK),
    "qwen_coder": (["qwen3_coder"], ["qwen3_coder"], TOOL_CALL + THINK),
    "deepseek": (["deepseekv3"], ["deepseek_v3"], DEEPSEEK + THINK),
    "deepseek31": (["deepseekv31"], ["deepseek_v31"], DEEPSEEK + THINK),
    "deepseek32": (["deepseekv32"], ["deepseek_v32"], ["｜DSML｜", *THINK]),
    "deepseek_v4": (["deepseekv4"], ["deepseek_v4"], ["｜DSML｜", *THINK]),
    "glm45_moe": (["glm45"], ["glm45"], GLM + THINK),
    "glm47_moe": (["glm47"], ["glm47"], GLM + THINK),
    "kimik2": (["kimi_k2"], ["kimi_k2"], KIMI_K2 + THINK),
    "kimi_k3": (["kimi_k3"], ["kimi_k3"], KIMI_K3),
    "step3": (["step3"], ["step3"], STEP3 + THINK),
    "minimax_m2": (["minimax-m2"], ["minimax_m2"], ["<minimax:tool_call>", "</minimax:tool_call>", *THINK]),
    "cohere": (["cohere_command4"], ["cohere_command3", "cohere_command4"], COHERE),
    "inkling": (["inkling"], ["inkling"], INKLING),
    "sarashina": ([], [], ["<|tool_calls|>"]),
}

# Our manner of reasoning -> sglang's parsers, vLLM's parsers, markers that are one token, the marker that opens it.
REASONING = {
    "deepseek_r1": (["deepseek-r1"], ["deepseek_r1"], THINK, "<think>"),
    "deepseek_v31": (["deepseek-v3"], ["deepseek_v3"], THINK, "<think>"),
    "qwen3_thinking": (["qwen3-thinking"], ["qwen3"], THINK + TOOL_CALL, "<think>"),
    "qwen3": (["qwen3"], ["qwen3"], THINK + TOOL_CALL, "<think>"),
    "glm45": (["glm45"], ["glm45"], THINK + GLM, "<think>"),
    "kimi_thinking": (["kimi_k2"], ["kimi_k2"], THINK + KIMI_K2, "<think>"),
    "kimi_k25": (["kimi_k2"], ["kimi_k2"], THINK + KIMI_K2, "<think>"),
    "kimi_k3": (["kimi_k3"], ["kimi_k3"], KIMI_K3, "<|open|>think<|sep|>"),
    "kimi": (["kimi"], [], [], "◁think▷"),
    "step3": (["step3"], ["step3"], THINK, "<think>"),
    "minimax": (["minimax"], ["minimax_m2"], THINK, "<think>"),
    "cohere_cmd": (["cohere_command4"], ["cohere_command3", "cohere_command4"], COHERE, "<|START_THINKING|>"),
    "nano_v3": (["nemotron_3"], ["nemotron_v3"], THINK, "<think>"),
    "inkling": (["inkling"], ["inkling"], INKLING, "<|message_model|><|content_thinking|>"),
    "mistral": (["mistral"], ["mistral"], MISTRAL, "[THINK]"),
    "base": ([], [], THINK, "<think>"),
}

# Manners in which every answer begins inside the reasoning.
STARTED = {"deepseek_r1", "qwen3_thinking", "kimi_thinking", "step3", "minimax"}
