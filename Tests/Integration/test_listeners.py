"""Other ways in: IPv6, Unix sockets, TLS."""

import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from harness.processes import run
from harness.waiting import until
from harness.wire import chat

PATH = "/v1/chat/completions"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="no curl")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="no IPv6")


@needs_ipv6
@pytest.mark.parametrize("host", ["::1", "[::1]"])
def test_ipv6(house, host):
    gateway = house.gateway([house.worker()], host=host)
    assert gateway.address.startswith("[::1]:")
    assert gateway.http.post(PATH, json=chat(max_tokens=1)).status_code == 200


@needs_ipv6
def test_ipv6_worker(house):
    worker = house.worker("--host", "::1")
    assert worker.url.startswith("http://[::1]:")
    gateway = house.gateway([worker])
    assert gateway.http.post(PATH, json=chat(max_tokens=1)).status_code == 200
    assert dict(worker.last_headers())["host"] == worker.url.removeprefix("http://")
    assert gateway.worker(worker.url)["url"] == worker.url


def test_worker_by_name(house):
    worker = house.worker()
    gateway = house.gateway([])
    gateway.http.post("/workers", json={"url": f"http://localhost:{worker.port}"})
    gateway.wait_ready(1)
    assert gateway.http.post(PATH, json=chat(max_tokens=1)).status_code == 200


def test_unix_socket(house, tmp_path):
    path = tmp_path / "smg.sock"
    gateway = house.gateway([house.worker()], unix_socket=path)
    assert gateway.http.post(PATH, json=chat(max_tokens=2)).json()["usage"]["completion_tokens"] == 2
    assert gateway.stop() == 0
    assert not path.exists()


@needs_curl
def test_unix_socket_with_curl(house, tmp_path):
    path = tmp_path / "smg.sock"
    house.gateway([], unix_socket=path)
    done = subprocess.run(
        ["curl", "-sS", "--unix-socket", str(path), "http://smg/health"], capture_output=True, timeout=10
    )
    assert done.stdout == b"OK"


def test_unix_socket_left_by_a_crash(house, tmp_path):
    path = tmp_path / "smg.sock"
    first = house.gateway([], unix_socket=path)
    first.kill()
    assert path.exists()
    house.gateway([], unix_socket=path)


# TLS


def make_certificate(directory: Path, name: str, serial: int) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and 127.0.0.1."""
    certificate, key = directory / f"{name}.crt", directory / f"{name}.key"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-set_serial",
            str(serial),
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
        timeout=20,
    )
    return certificate, key


def trust(*certificates: Path) -> ssl.SSLContext:
    context = ssl.create_default_context()
    for certificate in certificates:
        context.load_verify_locations(certificate)
    return context


def tls_gateway(house, tmp_path, *flags: str, workers=None):
    certificate, key = make_certificate(tmp_path, "server", 1)
    context = trust(certificate)
    gateway = house.gateway(
        workers if workers is not None else [house.worker()],
        "--tls-cert-path",
        str(certificate),
        "--tls-key-path",
        str(key),
        *flags,
        scheme="https",
        verify=context,
    )
    return gateway, context, certificate, key


@needs_openssl
def test_tls(house, tmp_path):
    gateway, context, *_ = tls_gateway(house, tmp_path)
    assert gateway.http.post(PATH, json=chat(max_tokens=2)).json()["usage"]["completion_tokens"] == 2
    with gateway.http.stream("POST", PATH, json=chat(stream=True, max_tokens=4)) as answer:
        assert answer.read().endswith(b"data: [DONE]\n\n")
    with pytest.raises(httpx.ConnectError):
        httpx.get(gateway.url + "/health")  # not trusted


@needs_openssl
def test_tls_requests_that_come_together_with_the_end_of_the_handshake(house, tmp_path):
    """A client's last handshake message and its request may be one segment: the request must not wait for a second."""
    gateway, context, *_ = tls_gateway(house, tmp_path, workers=[])
    for _ in range(150):
        assert httpx.get(gateway.url + "/health", verify=context, timeout=3).status_code == 200


@needs_openssl
def test_tls_negotiates_http2(house, tmp_path):
    gateway, context, *_ = tls_gateway(house, tmp_path)
    with httpx.Client(base_url=gateway.url, http2=True, verify=context) as client:
        answer = client.post(PATH, json=chat(max_tokens=2))
        assert (answer.http_version, answer.status_code) == ("HTTP/2", 200)
        large = client.post(PATH, json=chat(content="x" * 500_000, max_tokens=1))
        assert large.status_code == 200


@needs_openssl
def test_tls_large_bodies_arrive_whole(house, tmp_path):
    worker = house.worker()
    gateway, *_ = tls_gateway(house, tmp_path, workers=[worker])
    assert gateway.http.post(PATH, json=chat(content="x" * 3_000_000, max_tokens=1)).status_code == 200
    assert worker.stats()["last_request"]["body_bytes"] > 3_000_000


@needs_openssl
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_old_tls_and_plain_text_are_refused(house, tmp_path):
    gateway, *_ = tls_gateway(house, tmp_path)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with gateway.connect() as plain, pytest.raises((ssl.SSLError, ConnectionError)):
        old.wrap_socket(plain, server_hostname="localhost")
    with house.wire(gateway) as wire:
        wire.send(b"GET /health HTTP/1.1\r\nhost: a\r\n\r\n")
        assert b"HTTP/1.1 200" not in wire.receive_to_end()
    assert gateway.http.get("/health").status_code == 200


@needs_openssl
def test_a_silent_handshake_does_not_stay(house, tmp_path):
    gateway, *_ = tls_gateway(house, tmp_path, "--header-read-timeout-secs", "0.3")
    with house.wire(gateway) as wire:
        assert wire.is_closed()


def serial_seen(gateway) -> int:
    """The serial number of the certificate the gateway shows to a new connection."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with gateway.connect() as plain, context.wrap_socket(plain, server_hostname="localhost") as secured:
        der = secured.getpeercert(binary_form=True)
    pem = ssl.DER_cert_to_PEM_cert(der)
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-serial"], input=pem, capture_output=True, text=True, timeout=10
    )
    return int(shown.stdout.strip().removeprefix("serial="), 16)


@needs_openssl
@pytest.mark.seconds(60)
def test_certificate_is_loaded_anew(house, tmp_path):
    """A renewed certificate is taken within the watch interval of ten seconds; a broken one is not taken at all."""
    houses = [tmp_path / "renewed", tmp_path / "broken"]
    for directory in houses:
        directory.mkdir()
    (gateway, _, certificate, key), (other, _, broken, _) = (tls_gateway(house, each, workers=[]) for each in houses)
    assert serial_seen(gateway) == serial_seen(other) == 1
    renewed, renewed_key = make_certificate(tmp_path, "new", 2)
    os.replace(renewed_key, key)
    os.replace(renewed, certificate)
    broken.write_text("no certificate")
    until(lambda: serial_seen(gateway) == 2, "the new certificate", seconds=15)
    gateway.log_lines_with("certificate reloaded")
    other.log_lines_with("the old one stays")
    assert serial_seen(other) == 1


@needs_openssl
def test_certificate_and_key_must_belong_together(tmp_path):
    certificate, _ = make_certificate(tmp_path, "one", 1)
    _, key = make_certificate(tmp_path, "two", 2)
    done = run(
        [
            "launch",
            "--port",
            "0",
            "--prometheus-port",
            "0",
            "--tls-cert-path",
            str(certificate),
            "--tls-key-path",
            str(key),
        ]
    )
    assert done.returncode in (1, 2)
    assert len(done.stderr.splitlines()) == 1 and "key" in done.stderr


@needs_openssl
def test_https_workers(house, tmp_path):
    """A gateway with TLS stands in for an https engine."""
    inner, _, certificate, _ = tls_gateway(house, tmp_path)
    outer = house.gateway([], "--ca-cert-paths", str(certificate))
    outer.http.post("/workers", json={"url": f"https://localhost:{inner.port}"})
    outer.wait_ready(1)
    assert outer.http.post(PATH, json=chat(max_tokens=2)).json()["usage"]["completion_tokens"] == 2
    with outer.http.stream("POST", PATH, json=chat(stream=True, max_tokens=4)) as answer:
        assert answer.read().endswith(b"data: [DONE]\n\n")
    distrusting = house.gateway([])
    added = distrusting.http.post("/workers", json={"url": f"https://localhost:{inner.port}"}).json()
    until(
        lambda: "certificate" in distrusting.http.get("/workers/" + added["worker_id"]).text.lower(),
        "the reason is shown",
    )
    assert distrusting.http.get("/readiness").status_code == 503


@needs_openssl
def test_http2_to_workers(house, tmp_path):
    worker = house.worker()
    inner, _, certificate, _ = tls_gateway(house, tmp_path, workers=[worker])
    outer = house.gateway([], "--ca-cert-paths", str(certificate), "--upstream-http2")
    outer.http.post("/workers", json={"url": f"https://localhost:{inner.port}"})
    outer.wait_ready(1)
    assert outer.http.post(PATH, json=chat(max_tokens=2)).json()["usage"]["completion_tokens"] == 2
    with outer.http.stream("POST", PATH, json=chat(stream=True, max_tokens=4)) as answer:
        assert answer.read().endswith(b"data: [DONE]\n\n")
    worker.fault(cut_after_tokens=2)
    with pytest.raises(httpx.RemoteProtocolError):
        outer.http.post(PATH, json=chat(stream=True, max_tokens=5))
    worker.fault()
    assert outer.http.post(PATH, json=chat(max_tokens=1)).status_code == 200
