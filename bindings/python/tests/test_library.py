"""Loading the library: where it is looked for, and what is refused."""

import os
import re
import subprocess
import sys

import pytest

import smg
from smg import _ffi, _library

from conftest import ROOT, SOURCE


def run(code: str, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SOURCE), **environment},
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_version_is_the_header_s():
    header = f"{_ffi.SMG_VERSION_MAJOR}.{_ffi.SMG_VERSION_MINOR}.{_ffi.SMG_VERSION_PATCH}"
    assert smg.version() == header
    project = (ROOT / "bindings/python/pyproject.toml").read_text()
    assert re.search(r'^version = "(.*)"$', project, re.M)[1] == header


def test_build_info_names_version_and_interface():
    info = smg.build_info()
    assert info["version"] == smg.version()
    assert info["abi_version"] == _ffi.SMG_ABI_VERSION
    assert info["configuration"] in ("debug", "release")
    assert isinstance(info["self_contained"], bool)


def test_schema_describes_options():
    properties = smg.config_schema()["properties"]
    assert properties["policy"]["default"] == "cache_aware"
    assert properties["worker_urls"]["items"]["type"] == "string"


def test_generated_declarations_are_up_to_date():
    subprocess.run([sys.executable, ROOT / "scripts/gen-python-ffi", "--check"], check=True)


def test_every_status_has_a_class():
    for name in dir(_ffi):
        if name.startswith("SMG_E_"):
            status = getattr(_ffi, name)
            assert issubclass(smg.errors.error_class(status), smg.SMGError)
            assert _library.library().smg_status_name(status) != b"unknown"
    assert smg.errors.error_class(-204) is smg.ConfigError
    assert smg.errors.error_class(-101) is smg.StateError
    assert smg.errors.error_class(-100) is smg.ArgumentError
    assert smg.errors.error_class(-1099) is smg.SMGError


def test_smg_library_is_the_only_place_when_set():
    code = "import smg\ntry: smg.version()\nexcept smg.LibraryError as e: print(e.code, e)"
    result = run(code, SMG_LIBRARY="/no/such.so")
    assert result.stdout.startswith("library_not_found")
    assert "/no/such.so" in result.stdout


def test_a_library_without_our_functions_is_refused():
    libc = next(line.split()[-1] for line in open("/proc/self/maps") if "libc.so" in line)
    result = run("import smg\ntry: smg.version()\nexcept smg.LibraryError as e: print(e.code)", SMG_LIBRARY=libc)
    assert result.stdout.strip() == "library_mismatch"


def test_importing_does_not_load_the_library():
    assert run("import smg", SMG_LIBRARY="/no/such.so").returncode == 0


def test_child_of_a_process_with_routers_is_told():
    code = """
import os, smg
options = dict(host="127.0.0.1", port=0, prometheus_host="127.0.0.1", prometheus_port=0, log_level="error")
router = smg.Router(**options).start()
child = os.fork()
if child == 0:
    try:
        smg.Router(**options)
    except smg.StateError as error:
        os._exit(0 if error.code == "forked" else 1)
    os._exit(2)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), router.port > 0)
"""
    result = run(code)
    assert result.stdout.split() == ["0", "True"], result.stderr


def test_a_router_left_running_does_not_keep_the_interpreter():
    code = """
import smg
router = smg.Router(host="127.0.0.1", port=0, prometheus_port=0, log_level="error").start()
print(router.port)
"""
    result = run(code)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 0


@pytest.mark.parametrize("kind", [smg.SMGError, smg.ConfigError, smg.NetworkError, smg.TimedOutError])
def test_errors_print_and_pickle(kind):
    import pickle

    error = kind("what happened", "some_code", -1, True, {"line": 3})
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.code, copy.status, copy.retryable, copy.detail) == (
        "what happened", "some_code", -1, True, {"line": 3},
    )
