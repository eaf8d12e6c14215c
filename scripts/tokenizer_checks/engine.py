"""Speaks to Tests/Conformance/tokenizers, which tokenizes with this project's code."""

import struct
import subprocess


class EngineError(Exception):
    pass


class Engine:
    FAILED = 0xFFFFFFFF

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def ask(self, operation, payload):
        self.process.stdin.write(operation + struct.pack("<I", len(payload)))
        self.process.stdin.write(payload)
        self.process.stdin.flush()
        head = self.process.stdout.read(5)
        if len(head) < 5:
            raise EngineError(f"the engine ended: {self.process.wait()}")
        failed, length = struct.unpack("<BI", head)
        reply = self.process.stdout.read(length)
        if failed:
            raise EngineError(reply.decode())
        return reply

    def load(self, document):
        self.ask(b"J", document if isinstance(document, bytes) else document.encode())

    def load_path(self, path):
        self.ask(b"L", str(path).encode())

    def describe(self):
        return self.ask(b"I", b"").decode().split(" ")

    def encode(self, texts, special):
        """Rows of ids; None for a text that cannot be encoded."""
        rows = [text if isinstance(text, bytes) else text.encode() for text in texts]
        payload = bytes([special]) + b"".join(struct.pack("<I", len(row)) + row for row in rows)
        return self.rows(self.ask(b"E", payload), lambda data: list(memoryview(data).cast("I")), 4)

    def count(self, texts, special):
        rows = [text.encode() for text in texts]
        payload = bytes([special]) + b"".join(struct.pack("<I", len(row)) + row for row in rows)
        return [None if n == self.FAILED else n for n in memoryview(self.ask(b"C", payload)).cast("I")]

    def decode(self, rows, skip, stream=False):
        payload = bytes([skip]) + b"".join(struct.pack(f"<I{len(row)}I", len(row), *row) for row in rows)
        return self.rows(self.ask(b"S" if stream else b"D", payload), lambda data: data.decode(), 1)

    def rows(self, reply, convert, width):
        found, at = [], 0
        while at < len(reply):
            (count,) = struct.unpack_from("<I", reply, at)
            at += 4
            if count == self.FAILED:
                found.append(None)
                continue
            found.append(convert(reply[at:at + count * width]))
            at += count * width
        return found
