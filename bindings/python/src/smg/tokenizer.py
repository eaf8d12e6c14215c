"""Tokenizers: text to ids and back, chat templates, and text from ids as they come."""

from __future__ import annotations

import ctypes
import json
import weakref
from os import PathLike, fsencode
from typing import Any, Iterable, Mapping, Sequence, Union

from . import _ffi, _library

Text = Union[str, bytes]


def _bytes(text: Text) -> bytes:
    # Half of a surrogate pair is no text: the library reads its bytes as U+FFFD, like others that are none.
    return text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text


def _document(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _ids(ids: Iterable[int]) -> Any:
    ids = ids if isinstance(ids, (list, tuple)) else list(ids)
    for index in ids:
        # ctypes would cut the bits off that do not fit.
        if not 0 <= index <= 0xFFFF_FFFF:
            raise ValueError(f"{index} is no token id")
    return (ctypes.c_uint32 * len(ids))(*ids)


def _taken(tokens: _ffi.smg_tokens) -> list[int]:
    try:
        return tokens.ids[: tokens.len] if tokens.len else []
    finally:
        _library.library().smg_tokens_destroy(ctypes.byref(tokens))


def _destroy(handle: int) -> None:
    _library.library().smg_tokenizer_destroy(handle)


def _destroy_decoder(handle: int) -> None:
    _library.library().smg_decoder_destroy(handle)


class Tokenizer:
    """A tokenizer of any format SMG reads, with the chat template of its model.

        tokenizer = smg.Tokenizer.from_file("/models/m")         # a directory, or one file
        ids = tokenizer.encode("Hello, world")
        text = tokenizer.decode(ids)

    Immutable. Every method may be called from any thread, and none of them holds the interpreter lock while it works.
    """

    def __init__(self) -> None:
        raise TypeError("use Tokenizer.from_file, from_pretrained, from_tiktoken or from_bytes")

    @classmethod
    def _create(cls, function: str, *arguments: bytes) -> Tokenizer:
        handle = ctypes.c_void_p()
        borrowed = [_library.borrowed(argument) for argument in arguments]
        _library.call(function, *borrowed, ctypes.byref(handle))
        tokenizer = cls.__new__(cls)
        tokenizer._handle = handle.value
        tokenizer._finalizer = weakref.finalize(tokenizer, _destroy, handle.value)
        return tokenizer

    @classmethod
    def from_file(cls, path: str | PathLike[str], *, chat_template: str | None = None) -> Tokenizer:
        """Loads a directory of a model, a ``tokenizer.json``, a tiktoken file, a ``tekken.json`` or a SentencePiece model.

        Args:
            chat_template: a Jinja source that goes before the one beside the tokenizer.
        """
        return cls._create("smg_tokenizer_create_from_file", fsencode(path), cls._options(chat_template))

    @classmethod
    def from_bytes(cls, data: bytes, *, chat_template: str | None = None) -> Tokenizer:
        """Loads the bytes of a ``tokenizer.json``, a ``tekken.json`` or a SentencePiece model."""
        return cls._create("smg_tokenizer_create_from_bytes", data, cls._options(chat_template))

    @classmethod
    def from_pretrained(cls, name: str | PathLike[str], *, chat_template: str | None = None) -> Tokenizer:
        """Loads the tokenizer of a model: a directory of that name, else from the Hugging Face hub or its cache."""
        return cls._create("smg_tokenizer_create_from_pretrained", fsencode(name), cls._options(chat_template))

    @classmethod
    def from_tiktoken(
        cls, path: str | PathLike[str], pattern: str, special_tokens: Mapping[str, int] | None = None
    ) -> Tokenizer:
        """Loads a tiktoken rank file.

        Args:
            pattern: a regular expression, or the name of a known encoding such as ``"cl100k_base"``.
            special_tokens: ids by text; ``None`` takes those of the named encoding.
        """
        specials = b"" if special_tokens is None else _document(dict(special_tokens))
        return cls._create("smg_tokenizer_create_from_tiktoken", fsencode(path), pattern.encode(), specials)

    @staticmethod
    def _options(chat_template: str | None) -> bytes:
        return b"" if chat_template is None else _document({"chat_template": chat_template})

    # Encoding

    def encode(self, text: Text, add_special_tokens: bool = True) -> list[int]:
        """The ids of ``text``. What is not UTF-8 in bytes counts as U+FFFD."""
        tokens = _ffi.smg_tokens()
        data = _library.borrowed(_bytes(text))
        _library.call("smg_tokenizer_encode", self._handle, data, int(add_special_tokens), ctypes.byref(tokens))
        return _taken(tokens)

    def encode_batch(self, texts: Sequence[Text], add_special_tokens: bool = True) -> list[list[int]]:
        """The ids of every text, worked out by all cores; padded to each other if the tokenizer says so."""
        data = [_library.borrowed(_bytes(text)) for text in texts]
        rows = (_ffi.smg_tokens * len(data))()
        _library.call(
            "smg_tokenizer_encode_batch",
            self._handle,
            (_ffi.smg_bytes * len(data))(*data),
            len(data),
            int(add_special_tokens),
            rows,
        )
        return [_taken(row) for row in rows]

    def count_tokens(self, text: Text, add_special_tokens: bool = True) -> int:
        """How many ids ``encode`` gives, without making a list of them."""
        count = ctypes.c_size_t()
        data = _library.borrowed(_bytes(text))
        _library.call(
            "smg_tokenizer_count_tokens", self._handle, data, int(add_special_tokens), ctypes.byref(count)
        )
        return count.value

    # Decoding

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """The text of ``ids``; bytes that are no text become U+FFFD."""
        array = _ids(ids)
        text = _ffi.smg_buffer()
        _library.call(
            "smg_tokenizer_decode", self._handle, array, len(array), int(skip_special_tokens), ctypes.byref(text)
        )
        return _library.taken(text).decode()

    def stream_decoder(
        self,
        skip_special_tokens: bool = True,
        *,
        stop: str | Sequence[str] | None = None,
        stop_token_ids: Sequence[int] | None = None,
        no_stop_trim: bool = False,
        ignore_eos: bool = False,
    ) -> StreamDecoder:
        """A decoder for one sequence whose ids come one by one.

        Args:
            stop: texts that end the sequence.
            stop_token_ids: ids that do, besides those of the model.
            no_stop_trim: whether the stop is part of the text.
            ignore_eos: whether the model's own end ids do not stop.
        """
        options: dict[str, Any] = {
            "skip_special_tokens": skip_special_tokens, "no_stop_trim": no_stop_trim, "ignore_eos": ignore_eos
        }
        if stop is not None:
            options["stop"] = stop if isinstance(stop, str) else list(stop)
        if stop_token_ids is not None:
            options["stop_token_ids"] = list(stop_token_ids)
        return StreamDecoder(self, options)

    # Vocabulary

    def token_to_id(self, token: str) -> int | None:
        """The id of a token by its spelling in the vocabulary; ``None`` when there is none."""
        found = ctypes.c_uint32()
        return found.value if self._look("smg_tokenizer_token_to_id", _library.borrowed(token.encode()), found) else None

    def id_to_token(self, id: int) -> str | None:
        """The spelling of a token in the vocabulary; ``None`` when there is none."""
        if not 0 <= id <= 0xFFFF_FFFF:
            return None
        text = _ffi.smg_buffer()
        return _library.taken(text).decode() if self._look("smg_tokenizer_id_to_token", id, text) else None

    def _look(self, function: str, key: Any, out: Any) -> bool:
        from .errors import SMGError

        try:
            _library.call(function, self._handle, key, ctypes.byref(out))
        except SMGError as error:
            if error.status == _ffi.SMG_E_TOKEN_UNKNOWN:
                return False
            raise
        return True

    def vocab(self) -> dict[str, int]:
        """Ids by the tokens' spelling, added tokens included."""
        return json.loads(self._text("smg_tokenizer_vocabulary"))

    @property
    def info(self) -> dict[str, Any]:
        """What the tokenizer is: ``kind``, ``vocab_size``, ``eos_ids``, special tokens and more."""
        return json.loads(self._text("smg_tokenizer_info"))

    @property
    def vocab_size(self) -> int:
        """Tokens of the model; see ``smg.h`` for what counts."""
        return self.info["vocab_size"]

    def _text(self, function: str, *arguments: Any) -> str:
        text = _ffi.smg_buffer()
        _library.call(function, self._handle, *arguments, ctypes.byref(text))
        return _library.taken(text).decode()

    # Chat

    def apply_chat_template(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] | None = None,
        add_generation_prompt: bool = True,
        *,
        documents: Sequence[Mapping[str, Any]] | None = None,
        continue_final_message: bool = False,
        **kwargs: Any,
    ) -> str:
        """Renders a conversation as the model was trained on it.

        Args:
            kwargs: variables for the template, such as ``enable_thinking=False``.
        """
        request: dict[str, Any] = {
            "messages": list(messages),
            "add_generation_prompt": add_generation_prompt,
            "continue_final_message": continue_final_message,
        }
        if tools is not None:
            request["tools"] = list(tools)
        if documents is not None:
            request["documents"] = list(documents)
        if kwargs:
            request["chat_template_kwargs"] = kwargs
        return self._text("smg_tokenizer_apply_chat_template", _library.borrowed(_document(request)))

    def __repr__(self) -> str:
        info = self.info
        return f"<smg.Tokenizer {info['kind']}, {info['vocab_size']} tokens>"


class StreamDecoder:
    """Text of one sequence while its ids come.

        decoder = tokenizer.stream_decoder(stop=["User:"])
        for id in ids:
            print(decoder.step(id), end="")
            if decoder.stopped:
                break
        print(decoder.finish())

    For one thread at a time.
    """

    def __init__(self, tokenizer: Tokenizer, options: Mapping[str, Any]) -> None:
        handle = ctypes.c_void_p()
        document = _library.borrowed(_document(options))
        _library.call("smg_decoder_create", tokenizer._handle, document, ctypes.byref(handle))
        self._handle = handle.value
        self._finalizer = weakref.finalize(self, _destroy_decoder, handle.value)
        #: Whether a stop has come: ids behind it are not looked at.
        self.stopped = False

    def step(self, ids: int | Iterable[int]) -> str:
        """Takes the next id or ids and returns the text that is certain by now."""
        array = _ids([ids] if isinstance(ids, int) else ids)
        text, stopped = _ffi.smg_buffer(), ctypes.c_int32()
        _library.call(
            "smg_decoder_step", self._handle, array, len(array), ctypes.byref(text), ctypes.byref(stopped)
        )
        self.stopped = bool(stopped.value)
        return _library.taken(text).decode()

    def finish(self) -> str:
        """Ends the sequence and returns what was held back. The decoder is as new then."""
        text = _ffi.smg_buffer()
        _library.call("smg_decoder_finish", self._handle, ctypes.byref(text))
        self.stopped = False
        return _library.taken(text).decode()
