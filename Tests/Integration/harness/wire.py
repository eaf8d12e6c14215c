"""HTTP/1 by hand: exact bytes out, and answers read so that a cut and a clean end are told apart."""

import json
import socket
from dataclasses import dataclass, field
from typing import Iterator

RECEIVE_BYTES = 1 << 16
LAST_CHUNK = b"0\r\n\r\n"


@dataclass
class Answer:
    """One answer as it came. `is_whole`: its framing says that nothing is missing."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    is_whole: bool = False
    raw: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)

    def json(self) -> dict:
        return json.loads(self.body)

    @property
    def error(self) -> dict:
        return self.json()["error"]

    @property
    def events(self) -> list[str]:
        """The data of its server-sent events; comments are left out."""
        text = self.body.decode()
        lines = [line for line in text.split("\n") if line.startswith("data:")]
        return [line[len("data:") :].strip() for line in lines]


class Wire:
    """One connection."""

    def __init__(self, connection: socket.socket):
        self.socket = connection
        self.buffer = b""
        self.ended = False
        self.was_reset = False

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.socket.close()

    def reset(self) -> None:
        """Closes with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.socket.close()

    def send(self, data: bytes) -> "Wire":
        self.socket.sendall(data)
        return self

    def receive(self) -> bool:
        """Reads once into `buffer`; false at the end of the connection."""
        if self.ended:
            return False
        try:
            data = self.socket.recv(RECEIVE_BYTES)
        except ConnectionResetError:
            data, self.was_reset = b"", True
        if not data:
            self.ended = True
            return False
        self.buffer += data
        return True

    def receive_until(self, mark: bytes) -> bytes:
        """Takes everything up to and including `mark`."""
        searched = 0
        while (at := self.buffer.find(mark, max(0, searched - len(mark)))) < 0:
            searched = len(self.buffer)
            if not self.receive():
                raise ConnectionError(f"ended before {mark!r}: {self.buffer[-300:]!r}")
        taken, self.buffer = self.buffer[: at + len(mark)], self.buffer[at + len(mark) :]
        return taken

    def wait_for(self, mark: bytes) -> None:
        """Receives until `mark` has come, and takes nothing."""
        while mark not in self.buffer:
            if not self.receive():
                raise ConnectionError(f"ended before {mark!r}: {self.buffer[-300:]!r}")

    def receive_exactly(self, count: int) -> bytes:
        """Takes `count` bytes."""
        while len(self.buffer) < count:
            if not self.receive():
                raise ConnectionError(f"ended after {len(self.buffer)} of {count} bytes")
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def receive_to_end(self) -> bytes:
        """Takes everything until the other side closes."""
        while self.receive():
            pass
        taken, self.buffer = self.buffer, b""
        return taken

    def is_closed(self) -> bool:
        """Reads on until the other side closes (or the socket's timeout); true if it did, without another byte."""
        try:
            return not self.receive() and not self.buffer
        except TimeoutError:
            return False

    def head(self) -> Answer:
        """The next answer's head; informational ones are passed over."""
        while True:
            raw = self.receive_until(b"\r\n\r\n")
            lines = raw.decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ")[1])
            headers = [tuple(line.split(": ", 1)) for line in lines[1:] if line]
            if status >= 200:
                return Answer(status, [(name.lower(), value) for name, value in headers], raw=raw)

    def answer(self, method: str = "POST") -> Answer:
        """The next answer with its body, whole or cut."""
        answer = self.head()
        if method == "HEAD" or answer.status in (204, 304):
            answer.is_whole = True
        elif (length := answer.header("content-length")) is not None:
            while len(self.buffer) < int(length) and self.receive():
                pass
            answer.body, self.buffer = self.buffer[: int(length)], self.buffer[int(length) :]
            answer.is_whole = len(answer.body) == int(length)
        elif answer.header("transfer-encoding") == "chunked":
            self._chunked(answer)
        else:
            answer.body = self.receive_to_end()
            answer.is_whole = not self.was_reset
        return answer

    def _chunked(self, answer: Answer) -> None:
        parts = []
        try:
            while True:
                size_line = self.receive_until(b"\r\n")
                size = int(size_line.split(b";")[0], 16)
                while len(self.buffer) < size + 2 and self.receive():
                    pass
                parts.append(self.buffer[:size])
                if len(self.buffer) < size + 2:
                    break
                self.buffer = self.buffer[size + 2 :]
                if size == 0:
                    answer.is_whole = True
                    break
        except ConnectionError:
            pass
        answer.body = b"".join(parts)

    def chunks(self) -> Iterator[bytes]:
        """The chunks of a chunked body as they come, until its end; a cut raises ConnectionError."""
        while True:
            size = int(self.receive_until(b"\r\n").split(b";")[0], 16)
            while len(self.buffer) < size + 2:
                if not self.receive():
                    raise ConnectionError("ended inside a chunk")
            data, self.buffer = self.buffer[:size], self.buffer[size + 2 :]
            if size == 0:
                return
            yield data


def request(
    method: str, path: str, body: bytes | None = None, *fields: tuple[str, str], host: str = "smg.test"
) -> bytes:
    """A request's bytes, with Host and, for a body, Content-Length and JSON's content type."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}"]
    if body is not None:
        names = [name.lower() for name, _ in fields]
        if "content-length" not in names and "transfer-encoding" not in names:
            lines.append(f"content-length: {len(body)}")
        if "content-type" not in names:
            lines.append("content-type: application/json")
    lines += [f"{name}: {value}" for name, value in fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def chat(
    content: str = "Hello",
    stream: bool = False,
    max_tokens: int | None = None,
    model: str = "sim-model",
    **more: object,
) -> dict:
    """A chat request's JSON."""
    body: dict = {"model": model, "messages": [{"role": "user", "content": content}], "stream": stream, **more}
    if max_tokens is not None:
        body["max_tokens"] = max_tokens
    return body


def chat_request(*fields: tuple[str, str], **arguments: object) -> bytes:
    """The bytes of a chat request."""
    return request("POST", "/v1/chat/completions", json.dumps(chat(**arguments)).encode(), *fields)
