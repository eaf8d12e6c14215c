"""`smg launch` as its users meet it: what it says about mistakes, files and its own configuration."""

import json
import signal
import socket
from pathlib import Path

import jsonschema
import pytest

from harness.processes import REPOSITORY, run
from harness.wire import chat

KEY = "sk-never-shown-0123456789"


def assert_refused(arguments: list[str], flag: str, code: int = 2, env: dict[str, str] | None = None) -> str:
    """Exactly one line on stderr, which names `flag`; nothing on stdout."""
    done = run(["launch", *arguments], env=env)
    assert done.returncode == code, done
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("smg launch: "), done.stderr
    assert flag in lines[0]
    return lines[0]


@pytest.mark.parametrize(
    "arguments, flag",
    [
        (["--port", "65536"], "--port"),
        (["--port", "http"], "--port"),
        (["--port"], "--port"),
        (["--policy", "fastest"], "--policy"),
        (["--cache-threshold", "1.7"], "--cache-threshold"),
        (["--cache-threshold", "nan"], "--cache-threshold"),
        (["--worker-urls", "ftp://x:1"], "--worker-urls"),
        (["--worker-urls", "http://a:1", "http://a:1/"], "--worker-urls"),
        (["--request-timeout-secs", "-1"], "--request-timeout-secs"),
        (["--request-timeout-secs", "soon"], "--request-timeout-secs"),
        (["--log-level", "loud"], "--log-level"),
        (["--wrker-urls", "http://a:1"], "--wrker-urls"),
        (["--max-payload-size", "0"], "--max-payload-size"),
        (["--tls-cert-path", "/nowhere/a.crt"], "--tls-cert-path"),
        (["--tls-key-path", "/nowhere/a.key"], "--tls-key-path"),
        (["--prometheus-duration-buckets", "2", "1"], "--prometheus-duration-buckets"),
        (["--cors-allowed-origins", "example"], "--cors-allowed-origins"),
        (["--health-check-endpoint", "health"], "--health-check-endpoint"),
        (["--disable-retries=perhaps"], "--disable-retries"),
        (["--config", "/nowhere.yaml"], "--config"),
        (["--port", "7000", "--prometheus-port", "7000"], "--prometheus-port"),
        (["--reasoning-parser", "x"], "--reasoning-parser"),
        (["--unix-socket", "/" + "x" * 200], "--unix-socket"),
        (["stray"], "stray"),
        (["--api-key", "a b"], "--api-key"),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, list) else None,
)
def test_bad_values_are_one_line(arguments, flag):
    assert_refused(arguments, flag)


def test_a_misspelled_flag_gets_a_suggestion():
    assert "--worker-urls" in assert_refused(["--wrker-urls", "http://a:1"], "--wrker-urls")


def test_commands():
    assert run(["--version"]).stdout.startswith("smg ")
    assert run(["launch", "--version"]).stdout == run(["version"]).stdout
    help_text = run(["launch", "--help"])
    assert help_text.returncode == 0 and "--worker-urls" in help_text.stdout
    assert run([]).returncode == 2
    unknown = run(["lunch"])
    assert unknown.returncode == 2 and "lunch" in unknown.stderr


@pytest.mark.parametrize("which", ["main", "metrics"])
def test_port_in_use(house, which):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ports = (
            ["--port", port, "--prometheus-port", "0"]
            if which == "main"
            else ["--port", "0", "--prometheus-port", port]
        )
        done = run(["launch", "--host", "127.0.0.1", "--prometheus-host", "127.0.0.1", *ports])
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    assert f"127.0.0.1:{port}" in lines[0] and "in use" in lines[0].lower()


def test_port_of_another_gateway(house):
    """Ports that are shared between the loops of one gateway are not shared with a second one."""
    first = house.gateway([])
    done = run(
        [
            "launch",
            "--host",
            "127.0.0.1",
            "--port",
            str(first.port),
            "--prometheus-host",
            "127.0.0.1",
            "--prometheus-port",
            "0",
        ]
    )
    assert done.returncode == 1
    assert str(first.port) in done.stderr and "in use" in done.stderr.lower()


def test_address_of_somebody_else():
    done = run(
        ["launch", "--host", "192.0.2.1", "--port", "0", "--prometheus-port", "0", "--prometheus-host", "127.0.0.1"]
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "192.0.2.1" in done.stderr


# Files


GOOD = {"worker_urls": ["http://127.0.0.1:8000"], "policy": "round_robin", "port": 30001, "request_timeout_secs": 12.5}


def written(directory: Path, name: str, text: str) -> str:
    path = directory / name
    path.write_text(text)
    return str(path)


GOOD_YAML = (
    "worker_urls:\n  - http://127.0.0.1:8000\npolicy: round_robin  # in turn\nport: 30001\nrequest_timeout_secs: 12.5\n"
)


@pytest.mark.parametrize("name, text", [("good.json", json.dumps(GOOD)), ("good.yaml", GOOD_YAML)])
def test_good_file(tmp_path, name, text):
    path = written(tmp_path, name, text)
    done = run(["launch", "--config", path, "--check-config"])
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "configuration is valid", "")
    shown = run(["launch", "--config", path, "--port", "30002", "--print-config"]).stdout
    assert 'policy: "round_robin"' in shown and f"{name}:" in shown
    assert "port: 30002  # from the command line" in shown


@pytest.mark.parametrize(
    "name, text, place, key",
    [
        ("a.json", '{"port": 1,\n "polcy": "random"}', "a.json:2", "polcy"),
        ("a.yaml", "port: 1\npolicy: fastest\n", "a.yaml:2", "policy"),
        ("a.yaml", "port: 1\nport: 2\n", "a.yaml:2", "port"),
        ("a.yaml", "port: [1\n", "a.yaml", ""),
        ("a.json", '{"port": 70000}', "a.json:1", "port"),
        ("a.json", "{", "a.json", ""),
    ],
)
def test_bad_file_is_one_line_with_its_place(tmp_path, name, text, place, key):
    path = written(tmp_path, name, text)
    line = assert_refused(["--config", path, "--check-config"], place)
    assert key in line


def test_configuration_starts_a_gateway(house, tmp_path):
    worker = house.worker()
    path = written(tmp_path, "a.yaml", f"worker_urls: [{worker.url}]\npolicy: power_of_two\nsse_keepalive_secs: 1\n")
    gateway = house.gateway([], "--config", path, ready=False).wait_ready(1)
    assert gateway.http.get("/get_server_info").json()["policy"] == "power_of_two"


def test_the_schema_agrees_with_the_command():
    schema = json.loads((REPOSITORY / "Tests/Fixtures/config/schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(GOOD, schema)
    for bad in ({"port": 70000}, {"policy": "fastest"}, {"polcy": "random"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


def test_print_config_reads_back(tmp_path):
    first = run(
        ["launch", "--worker-urls", "http://a:1", "http://b:2/p", "--cache-threshold", "0.25", "--print-config"]
    )
    assert first.returncode == 0
    path = written(tmp_path, "again.yaml", first.stdout)
    again = run(["launch", "--config", path, "--print-config"])
    values = [line.split("  #")[0] for line in first.stdout.splitlines()]
    assert values == [line.split("  #")[0] for line in again.stdout.splitlines()]


def test_print_config_hides_the_key(tmp_path):
    path = written(tmp_path, "a.yaml", f"api_key: {KEY}\n")
    for arguments, env in ((["--api-key", KEY], None), (["--config", path], None), ([], {"SMG_API_KEY": KEY})):
        done = run(["launch", *arguments, "--print-config"], env=env)
        assert done.returncode == 0
        assert "api_key: " in done.stdout
        assert KEY not in done.stdout + done.stderr


def test_variables_give_way_to_files_and_flags(tmp_path):
    path = written(tmp_path, "a.yaml", "log_level: warn\n")
    env = {"SMG_LOG_LEVEL": "error"}
    assert 'log_level: "error"  # from SMG_LOG_LEVEL' in run(["launch", "--print-config"], env=env).stdout
    assert 'log_level: "warn"' in run(["launch", "--config", path, "--print-config"], env=env).stdout
    assert (
        'log_level: "debug"'
        in run(["launch", "--config", path, "--log-level", "debug", "--print-config"], env=env).stdout
    )
    assert_refused([], "SMG_LOG_LEVEL", env={"SMG_LOG_LEVEL": "loud"})


def test_logs_are_json_when_asked_for(house):
    worker = house.worker()
    gateway = house.gateway([worker], "--log-json")
    gateway.http.post("/v1/chat/completions", json=chat(max_tokens=1), headers={"x-request-id": 'a"b\\c'})
    gateway.log_lines_with('"answered"')
    gateway.send_signal(signal.SIGINT)
    assert gateway.exit_code() == 0
    lines = [json.loads(line) for line in gateway.log().splitlines()]
    assert any(line.get("request_id") == 'a"b\\c' for line in lines)
    assert all({"timestamp", "level", "target", "message"} <= line.keys() for line in lines)
