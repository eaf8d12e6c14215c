"""A hub of our own on 127.0.0.1: as much of the Hugging Face hub's API as fetching a model takes, and its faults."""

from __future__ import annotations

import hashlib
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LARGE = 200  # bytes; what is larger comes from the store, as with git LFS


class Hub:
    """Serves `models`: {name: {path: bytes}}. The store is another server, as another origin."""

    def __init__(self, models: dict[str, dict[str, bytes]], token: str | None = None, tls: Path | None = None):
        self.models = models
        self.token = token
        self.commit = COMMIT
        self.requests: list[tuple[str, str, str | None]] = []  # server, path, Authorization
        self.failing: dict[str, list[str]] = {}  # last part of a path -> faults still to come
        self._servers = [_server(self, "hub", tls), _server(self, "store", None if tls is None else tls)]
        scheme = "http" if tls is None else "https"
        self.url, self.store = (f"{scheme}://127.0.0.1:{server.server_port}" for server in self._servers)

    def close(self) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def paths(self, server: str) -> list[str]:
        return [path for name, path, _ in self.requests if name == server]


def _server(hub: Hub, name: str, tls: Path | None) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            hub.requests.append((name, self.path, self.headers.get("Authorization")))
            path = unquote(urlsplit(self.path).path)
            faults = hub.failing.get(path.rsplit("/", 1)[-1], [])
            if faults and (name == "store") == faults[0].startswith("store"):
                return self.fail(faults.pop(0))
            if name == "store":
                # A signed address needs no token, and a real store refuses one.
                if "Authorization" in self.headers:
                    return self.answer(400, b"")
                return self.answer(200, self.content(*path[1:].split("/resolve/")))
            if hub.token and self.headers.get("Authorization") != f"Bearer {hub.token}":
                return self.answer(401, b'{"error":"Invalid credentials"}')
            if path.startswith("/api/models/"):
                return self.list(path.removeprefix("/api/models/").removesuffix("/revision/main"))
            if "/resolve/" not in path:
                return self.answer(404, b"")
            model, rest = path[1:].split("/resolve/")
            content = self.content(model, rest)
            if content is None:
                return self.answer(404, b"")
            tag = hashlib.sha256(content).hexdigest()
            fields = {"X-Repo-Commit": hub.commit, "ETag": f'"{tag}"'}
            if len(content) > LARGE:
                fields |= {"X-Linked-Etag": f'"{tag}"', "X-Linked-Size": str(len(content)), "ETag": '"pointer"'}
                fields["Location"] = f"{hub.store}/{model}/resolve/{rest}?signature=a%2Fb"
                return self.answer(302, b"moved", fields)
            self.answer(200, content, fields)

        do_HEAD = do_GET

        def content(self, model: str, rest: str) -> bytes | None:
            return hub.models.get(model, {}).get(rest.split("/", 1)[1])

        def list(self, model: str) -> None:
            model, _, revision = model.partition("/tree/")
            if model not in hub.models:
                return self.answer(404, b'{"error":"Repository not found"}')
            if revision:
                files = hub.models[model].items()
                tree = [{"type": "file", "path": path, "size": len(data), "oid": "0" * 40} for path, data in files]
                return self.answer(200, json.dumps(tree).encode(), {"Content-Type": "application/json"})
            siblings = [{"rfilename": path} for path in hub.models[model]]
            body = {"id": model, "modelId": model, "sha": hub.commit, "siblings": siblings}
            self.answer(200, json.dumps(body).encode(), {"Content-Type": "application/json"})

        def fail(self, fault: str) -> None:
            kind = fault.removeprefix("store ")
            if kind == "cut":
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                self.wfile.write(b"{" * 5000)
                self.close_connection = True
            elif kind == "loop":
                self.answer(302, b"", {"Location": self.path})
            elif kind.startswith("to "):
                self.answer(302, b"", {"Location": kind[3:]})
            else:
                self.answer(int(kind), b"")

        def answer(self, status: int, body: bytes | None, fields: dict[str, str] | None = None) -> None:
            self.send_response(status)
            for key, value in (fields or {}).items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    return server
