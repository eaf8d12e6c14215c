"""A worker that answers inference requests with whatever bytes a test wants: what no real engine should do."""

import json
import socket
import threading
from typing import Callable

from .wire import Wire


class ScriptedRequest:
    """One inference request, and the connection to answer it on."""

    def __init__(self, wire: Wire, head: bytes, body: bytes, number: int):
        self.wire = wire
        self.head = head
        self.body = body
        #: 1 for the first request on its connection.
        self.number = number

    def header(self, name: str) -> str | None:
        for line in self.head.decode("latin-1").split("\r\n")[1:]:
            key, _, value = line.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    def send(self, data: bytes) -> None:
        self.wire.send(data)

    def close(self) -> None:
        self.wire.close()

    def reset(self) -> None:
        self.wire.reset()


Script = Callable[[ScriptedRequest], None]


class ScriptedWorker:
    """Answers health and metadata like an engine, and hands POSTs to `script`, one thread a connection.

    A script that returns keeps the connection; one that closed it ends it.
    """

    def __init__(self, script: Script, model: str = "sim-model"):
        self.script = script
        self.model = model
        #: Run the script as soon as the head is there; the body is then read and dropped.
        self.answers_early = False
        self.received = 0
        self.connections = 0
        self.failures: list[BaseException] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()
        with self._lock:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.settimeout(60)
            with self._lock:
                self._open.add(connection)
                self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        wire = Wire(connection)
        number = 0
        try:
            while connection.fileno() >= 0:
                head = wire.receive_until(b"\r\n\r\n")
                request = ScriptedRequest(wire, head, b"", number)
                length = int(request.header("content-length") or 0)
                if self.answers_early and not head.startswith(b"GET"):
                    self.received += 1
                    self.script(request)
                    while wire.receive():
                        wire.buffer = b""
                    return
                while len(wire.buffer) < length and wire.receive():
                    pass
                request.body, wire.buffer = wire.buffer[:length], wire.buffer[length:]
                if head.startswith(b"GET"):
                    self._answer_metadata(wire, head)
                    continue
                number += 1
                request.number = number
                with self._lock:
                    self.received += 1
                self.script(request)
        except (OSError, ConnectionError):
            pass
        except BaseException as error:  # shown by the test that looks
            self.failures.append(error)
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    def _answer_metadata(self, wire: Wire, head: bytes) -> None:
        path = head.split(b" ")[1]
        if path == b"/v1/models":
            body = json.dumps({"object": "list", "data": [{"id": self.model, "object": "model"}]}).encode()
        elif path in (b"/server_info", b"/get_server_info"):
            body = json.dumps({"served_model_name": self.model}).encode()
        else:
            body = b"{}"
        wire.send(ok(body))


def ok(body: bytes, *fields: str, content_type: str = "application/json") -> bytes:
    """A plain 200 answer."""
    lines = ["HTTP/1.1 200 OK", f"content-type: {content_type}", f"content-length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


STREAM_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)
