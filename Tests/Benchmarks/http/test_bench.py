"""Tests of the benchmark itself: python3 -m unittest discover Tests/Benchmarks/http -p 'test_*.py'"""

import json
import socket
import subprocess
import threading
import unittest

import report
import tools
from scenarios import Results
from targets import TARGETS, Medians

EVENT = b"data: {}\n\n"
DONE = b"data: [DONE]\n\n"
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def request(body: bytes, header: bytes = b"") -> bytes:
    head = b"POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\n" + header
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(*pieces: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)


class MockWorkerTests(unittest.TestCase):
    def setUp(self):
        command = [str(tools.build("mock_worker")), "--ports", "2"]
        self.worker = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.worker.stdout.close)
        self.addCleanup(self.worker.wait)
        self.addCleanup(self.worker.kill)
        self.ports = [int(word) for word in self.worker.stdout.readline().split()[1:]]

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.ports[0]), timeout=10)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.addCleanup(connection.close)
        return connection

    def read_until(self, connection: socket.socket, end: bytes) -> bytes:
        data = b""
        while not data.endswith(end):
            received = connection.recv(65536)
            self.assertTrue(received, f"closed after {data[-100:]!r}")
            data += received
        return data

    def test_every_route_answers_on_every_port(self):
        paths = ["/health", "/v1/models", "/model_info", "/get_model_info", "/server_info", "/get_server_info"]
        for port in self.ports:
            for path in [*paths, "/get_load", "/v1/loads?include=core"]:
                with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                    connection.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
                    head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
                self.assertTrue(head.startswith(b"HTTP/1.1 200"), path)
                json.loads(body)

    def test_request_in_single_bytes(self):
        connection = self.connect()
        for byte in request(b'{"stream": true, "stop": ["bench chunks=2"]}'):
            connection.sendall(bytes([byte]))
        answer = self.read_until(connection, b"\r\n0\r\n\r\n")
        self.assertEqual(answer.count(b"data: "), 3)
        self.assertIn(DONE, answer)

    def test_knobs_behind_a_long_prompt(self):
        connection = self.connect()
        body = b'{"messages":[{"content":"' + b"x" * 50_000 + b'"}],"stop":["bench chunks=4"],"stream":true}'
        whole = request(body)
        for cut in (1, 100, 4_200, 5_000, 49_000, len(whole) - 40, len(whole) - 1):
            connection.sendall(whole[:cut])
            connection.sendall(whole[cut:])
            self.assertEqual(self.read_until(connection, b"\r\n0\r\n\r\n").count(b"data: "), 5)

    def test_body_of_16_mib(self):
        connection = self.connect()
        connection.sendall(request(b"x" * (16 << 20)))
        self.assertIn(b"chat.completion", connection.recv(4096))

    def test_paced_stream_is_complete(self):
        connection = self.connect()
        connection.sendall(request(b'{"stream":true,"stop":["bench chunks=5 interval_ms=2 delay_ms=3"]}'))
        self.assertEqual(self.read_until(connection, b"\r\n0\r\n\r\n").count(b"data: "), 6)

    def test_what_is_not_served_closes_the_connection(self):
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9)
        chunked_body = request(b"", b"Transfer-Encoding: chunked\r\n")
        endless_head = b"GET / HTTP/1.1\r\nA: " + b"x" * 20_000
        for data in (preface, chunked_body, endless_head, b"nonsense\r\n\r\n"):
            connection = self.connect()
            connection.sendall(data)
            try:
                self.assertEqual(connection.recv(10), b"", data[:20])
            except ConnectionResetError:
                pass
        self.test_every_route_answers_on_every_port()


class StreamLoadTests(unittest.TestCase):
    def run_against(self, answer: bytes, *options: str, at_once: bool = True) -> dict:
        """Runs two exchanges against a server that gives every request the same answer."""
        listener = socket.create_server(("127.0.0.1", 0))
        server = threading.Thread(target=self.serve, args=(listener, answer, at_once), daemon=True)
        server.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/chat/completions"
        command = [str(tools.build("stream_load")), "--url", url, "--requests", "2", "--seconds", "10", *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30)
        listener.close()
        return json.loads(done.stdout.partition("RESULT ")[2])

    @staticmethod
    def serve(listener: socket.socket, answer: bytes, at_once: bool):
        try:
            while True:
                connection, _ = listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with connection:
                    while connection.recv(65536):
                        for start in range(0, len(answer), len(answer) if at_once else 1):
                            connection.sendall(answer[start : start + (len(answer) if at_once else 1)])
                        if not answer.endswith(b"\r\n\r\n"):
                            break  # a cut answer is followed by the end of the connection
        except OSError:
            pass

    def test_good_stream(self):
        good = STREAM_HEAD + chunked(EVENT, EVENT + EVENT, DONE) + b"0\r\n\r\n"
        result = self.run_against(good, "--stream", "--chunks", "3")
        self.assertEqual((result["requests"], result["events"], result["all_errors"]), (2, 8, 0))

    def test_good_stream_in_single_bytes(self):
        good = STREAM_HEAD + chunked(EVENT[:-1], EVENT[-1:] + DONE[:4], DONE[4:]) + b"0\r\nTrailer: x\r\n\r\n"
        result = self.run_against(good, "--stream", "--chunks", "1", at_once=False)
        self.assertEqual((result["requests"], result["events"], result["all_errors"]), (2, 4, 0))

    def test_faults_are_errors(self):
        end = b"0\r\n\r\n"
        faults = {
            "stream without [DONE]": STREAM_HEAD + chunked(EVENT, EVENT) + end,
            "wrong number of events": STREAM_HEAD + chunked(DONE) + end,
            "closed early": STREAM_HEAD + chunked(EVENT, DONE),
            "broken response": STREAM_HEAD + b"zz\r\n" + end,
            "status is not 200": b"HTTP/1.1 503 No\r\nContent-Length: 6\r\n\r\nno\r\n\r\n",
            "bytes behind the response": STREAM_HEAD + chunked(EVENT, DONE) + end + end,
        }
        for name, answer in faults.items():
            with self.subTest(name):
                result = self.run_against(answer, "--stream", "--chunks", "1")
                self.assertEqual(result["requests"], 0)
                self.assertTrue(result["first_error"].startswith(name), result["first_error"])


class TargetTests(unittest.TestCase):
    @staticmethod
    def chat(rps: float, cpu_us: float, foreign: float = 0.0) -> dict:
        figures = dict.fromkeys(["p50_us", "p99_us", "peak_mb", "errors"], 0)
        return figures | {"rps": rps, "cpu_us": cpu_us, "foreign_cores": foreign}

    def results(self) -> Results:
        results = Results()
        results.samples["chat"] = {
            "nginx": [self.chat(1000, 10), self.chat(1100, 10), self.chat(100, 40, foreign=0.9)],
            "sglang-router": [self.chat(210, 50)],
            "smg": [self.chat(1050, 14)],
        }
        return results

    def test_disturbed_rounds_do_not_count(self):
        self.assertEqual(Medians(self.results()).value("chat", "nginx", "rps"), 1050)

    def test_only_disturbed_rounds_count(self):
        results = Results(samples={"chat": {"smg": [self.chat(7, 1, foreign=1)]}})
        self.assertEqual(Medians(results).value("chat", "smg", "rps"), 7)

    def test_verdict_says_that_a_peer_was_disturbed(self):
        results = self.results()
        self.assertNotIn(", disturbed |", report.targets_table(results, None))
        results.samples["chat"]["smg"] = [self.chat(1050, 14, foreign=0.5)]
        self.assertIn("pass, disturbed |", report.targets_table(results, None))

    def test_verdicts(self):
        values = {target.name: target.measure(Medians(self.results()), "smg") for target in TARGETS[:3]}
        self.assertEqual(list(values.values()), [5, 1, 1.4])
        missed = report.failed_targets(self.results(), 21)
        self.assertEqual(missed, ["chat: CPU a request against nginx", "library size"])

    def test_added_latency_pairs_rounds(self):
        results = Results()
        for peer, values in {"direct": [10, 20], "smg": [15, 45]}.items():
            results.samples.setdefault("single", {})[peer] = [{"p50_us": v, "foreign_cores": 0} for v in values]
        self.assertEqual(Medians(results).added("single", "smg", "p50_us"), 15)

    def test_report_shows_what_was_not_run(self):
        results = self.results()
        del results.samples["chat"]["smg"]
        text = report.markdown(results, {"machine": "test"}, None)
        self.assertIn("not run", text)
        self.assertIn("disturbed by other programs", text)
        self.assertEqual(report.failed_targets(results, None), [])


if __name__ == "__main__":
    unittest.main()
