"""`python -m smg` and the package as pip installs it."""

import os
import signal
import subprocess
import sys
import urllib.request
import zipfile

import pytest

import smg
from smg.__main__ import main
from conftest import ROOT, SOURCE

PROJECT = ROOT / "bindings" / "python"


def test_version_help_and_mistakes(capsys):
    assert main(["--version"]) == 0
    assert main(["launch", "--version"]) == 0
    assert capsys.readouterr().out == f"smg {smg.version()}\n" * 2
    assert main(["launch", "--help"]) == 0
    assert "--worker-urls" in capsys.readouterr().out
    assert main(["--help"]) == 0
    assert "launch" in capsys.readouterr().out
    assert main([]) == 2
    assert main(["dance"]) == 2
    assert "dance" in capsys.readouterr().err
    assert main(["launch", "--polcy", "x"]) == 2
    assert "--policy" in capsys.readouterr().err


def test_print_config_reads_files_and_environment(capsys, tmp_path, monkeypatch):
    file = tmp_path / "gateway.yaml"
    file.write_text("policy: random\nmax_connections: 77\n")
    monkeypatch.setenv("SMG_API_KEY", "sk-from-environment")
    assert main(["launch", "--config", str(file), "--print-config"]) == 0
    text = capsys.readouterr().out
    assert "77" in text and "random" in text
    assert "sk-from-environment" not in text


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_launch_serves_until_a_signal(number):
    command = [sys.executable, "-m", "smg", "launch", "--host", "127.0.0.1", "--port", "0"]
    command += ["--prometheus-host", "127.0.0.1", "--prometheus-port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    address = line.split("address=")[1].split()[0]
    with urllib.request.urlopen(f"http://{address}/health", timeout=10) as answer:
        assert answer.status == 200
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert "stopped" in out


def test_address_in_use_is_exit_1(capsys):
    with smg.Router(host="127.0.0.1", port=0, prometheus_port=0, log_level="error") as router:
        import socket

        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT)]
            try:
                port = str(taken.getsockname()[1])
                assert main(["launch", "--host", "127.0.0.1", "--port", port, "--prometheus-port", "0"]) == 1
            finally:
                for number, handler in before:
                    signal.signal(number, handler)
        assert "in use" in capsys.readouterr().err
        assert router.port > 0


def backend(code: str, directory, **environment: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", f"import smg_build; print(smg_build.{code})"],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "build_backend"), **environment},
        cwd=directory,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.strip()


def test_wheel_holds_package_and_library(tmp_path):
    library = smg._library.library()._name
    name = backend("build_wheel('.')", tmp_path, SMG_LIBRARY=os.path.abspath(library))
    assert name.startswith(f"smg-{smg.version()}-py3-none-linux")
    again = tmp_path / "again"
    again.mkdir()
    backend("build_wheel('.')", again, SMG_LIBRARY=os.path.abspath(library))
    assert (again / name).read_bytes() == (tmp_path / name).read_bytes()
    with zipfile.ZipFile(tmp_path / name) as wheel:
        names = wheel.namelist()
        assert {"smg/__init__.py", "smg/py.typed", "smg/_native/libsmg.so"} <= set(names)
        assert wheel.read(f"smg-{smg.version()}.dist-info/entry_points.txt") == (
            b"[console_scripts]\nsmg = smg.__main__:main\n"
        )
        record = wheel.read(f"smg-{smg.version()}.dist-info/RECORD").decode()
        assert all(f"{member}," in record for member in names)


def test_installed_package_runs_without_checkout(tmp_path):
    library = os.path.abspath(smg._library.library()._name)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    environment = {**os.environ, "SMG_LIBRARY": library, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run([python, "-m", "pip", "install", "-q", "--no-index", PROJECT], check=True, env=environment)
    code = "import smg; print(smg._library.library()._name, smg.version())"
    clean = {key: value for key, value in os.environ.items() if key not in ("SMG_LIBRARY", "PYTHONPATH")}

    def run(*command: object) -> str:
        return subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True, check=True).stdout

    out = run(python, "-c", code)
    assert "_native/libsmg.so" in out and out.split()[1] == smg.version()
    assert run(tmp_path / "venv/bin/smg", "--version") == f"smg {smg.version()}\n"


def test_sdist_and_editable(tmp_path):
    import tarfile

    with tarfile.open(tmp_path / backend("build_sdist('.')", tmp_path)) as archive:
        names = archive.getnames()
    assert f"smg-{smg.version()}/src/smg/router.py" in names
    assert not any("__pycache__" in name or "_native" in name for name in names)
    with zipfile.ZipFile(tmp_path / backend("build_editable('.')", tmp_path)) as wheel:
        assert wheel.read("smg_editable.pth").decode().strip() == str(SOURCE)
