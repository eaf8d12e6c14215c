"""vLLM's parsers. They look at tokens too: a stand-in tokenizer makes a token of each marker and of each character."""

import importlib
import uuid

from .cases import Answer
from .formats import MISTRAL_ARGUMENTS
from .standins import WheelImporter
from .tokenizer import MarkerTokenizer, pieces

REAL = [
    "vllm.tool_parsers", "vllm.reasoning", "vllm.parser", "vllm.envs", "vllm.exceptions", "vllm.utils.collection_utils",
    "vllm.entrypoints.generate.base.protocol", "vllm.entrypoints.serve.engine.protocol",
    "vllm.entrypoints.openai.chat_completion.protocol", "vllm.entrypoints.openai.responses.protocol",
    "vllm.entrypoints.cohere.cohere_chat_message",
]
ABSENT = ["transformers", "torch", "xgrammar", "prometheus_client", "openai_harmony"]
# What the parsers need of the modules that stand-ins replace: ids of calls, and the answer that no tokenizer is
# Mistral's own.
KNOWN = {
    "vllm.utils": {"random_uuid": lambda: uuid.uuid4().hex},
    "vllm.utils.mistral": {"is_mistral_tokenizer": lambda tokenizer: False},
    "vllm.renderers.chat_utils": {
        "make_tool_call_id": lambda **options: uuid.uuid4().hex, "get_tool_call_id_type": lambda config: "random"
    },
}


def install(wheel):
    WheelImporter(wheel, "vllm", REAL, ABSENT, KNOWN).install()


class Peer:
    """One of vLLM's tool-call or reasoning parsers by its name, in the frame its server runs it in."""

    def __init__(self, markers, tools=None, reasoning=None, opening=""):
        self.name = tools or reasoning
        self.markers = markers
        self.opening = opening
        manager = importlib.import_module("vllm.parser.parser_manager").ParserManager
        protocol = importlib.import_module("vllm.entrypoints.openai.chat_completion.protocol")
        self.kind = manager.get_parser(tools, reasoning, enable_auto_tools=True)
        self.request_kind, self.tool_kind = protocol.ChatCompletionRequest, protocol.ChatCompletionToolsParam

    def _make(self, case):
        """The parser, its tokenizer, the request and the ids of the prompt's end."""
        # Mistral's older tokenizers lack this marker, and its parser has a way of its own for them.
        markers = [marker for marker in self.markers if marker != MISTRAL_ARGUMENTS or marker in case.text]
        tokenizer = MarkerTokenizer(markers)
        tools = [self.tool_kind(**tool) for tool in case.tools]
        request = self.request_kind.model_construct(
            messages=[], model="m", tools=tools or None, tool_choice="auto", include_reasoning=True,
            skip_special_tokens=False, chat_template_kwargs=None, response_format=None, structured_outputs=None)
        prompt = tokenizer.encode(self.opening) if case.started else []
        # Some reasoning parsers do nothing unless the request asked for thinking. It did where the answer thinks.
        options = {}
        if self.opening:
            thinking = case.started or self.opening in case.text
            options["chat_template_kwargs"] = {"thinking": thinking, "enable_thinking": thinking}
        return self.kind(tokenizer, tools, **options), tokenizer, request, prompt

    def whole(self, case):
        parser, tokenizer, request, prompt = self._make(case)
        parser.set_prompt_token_ids(prompt)
        reasoning, content, calls = parser.parse(
            case.text, request, enable_auto_tools=True, model_output_token_ids=tokenizer.encode(case.text))
        return Answer(content or "", reasoning or "", [(call.name, call.arguments) for call in calls or []])

    def streamed(self, case):
        parser, tokenizer, request, prompt = self._make(case)
        stream = pieces(case.text, case.piece, tokenizer.markers)
        answer, calls = Answer(), {}
        for number, piece in enumerate(stream):
            delta = parser.parse_delta(
                "".join(piece), tokenizer.convert_tokens_to_ids(piece), request, prompt_token_ids=prompt,
                finished=number == len(stream) - 1)
            if delta is None:
                continue
            answer.content += delta.content or ""
            answer.reasoning += delta.reasoning or ""
            for item in delta.tool_calls:
                call = calls.setdefault(item.index, ["", ""])
                call[0] += item.function and item.function.name or ""
                call[1] += item.function and item.function.arguments or ""
        answer.calls = [tuple(call) for call in calls.values()]
        return answer
