"""A PEP 517 and PEP 660 build backend that needs nothing but Python, so that installing works without a network.

A wheel holds the package and, when it has been built, the library: the one named by SMG_LIBRARY, else of the checkout
dist/lib/libsmg.so (self-contained, from scripts/build-release) or .build/release/libsmg.so. A wheel with the library is
bound to this platform; one without is not, and finds the library at run time.
"""

from __future__ import annotations

import base64
import hashlib
import io
import os
import sysconfig
import tarfile
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ROOT = PROJECT.parents[1]
SOURCE = PROJECT / "src"
# The earliest time a zip can hold; the same input gives the same wheel.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def _project() -> dict[str, str]:
    """The plain strings of the [project] table, which is all that is needed here: Python 3.9 has no TOML reader."""
    values: dict[str, str] = {}
    section = ""
    for line in (PROJECT / "pyproject.toml").read_text().splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
        elif section == "project" and " = " in line:
            key, value = line.split(" = ", 1)
            values[key] = value.strip('"')
    return values


def _metadata(project: dict[str, str]) -> str:
    readme = (PROJECT / project["readme"]).read_text()
    return (
        "Metadata-Version: 2.1\n"
        f"Name: {project['name']}\nVersion: {project['version']}\nSummary: {project['description']}\n"
        f"Requires-Python: {project['requires-python']}\nDescription-Content-Type: text/markdown\n\n{readme}"
    )


def _library() -> Path | None:
    chosen = os.environ.get("SMG_LIBRARY")
    if chosen:
        path = Path(chosen)
        if not path.is_file():
            raise FileNotFoundError(f"SMG_LIBRARY names no file: {chosen}")
        return path
    places = (ROOT / directory / "libsmg.so" for directory in ("dist/lib", ".build/release"))
    return next((path for path in places if path.is_file()), None)


def _tag(library: Path | None) -> str:
    if library is None:
        return "py3-none-any"
    return "py3-none-" + sysconfig.get_platform().replace("-", "_").replace(".", "_")


class _Wheel:
    """A zip whose members are listed with their hashes."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
        self.record: list[str] = []

    def add(self, name: str, data: bytes, mode: int = 0o644) -> None:
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = (0o100000 | mode) << 16
        self.zip.writestr(info, data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        self.record.append(f"{name},sha256={digest},{len(data)}")

    def finish(self, directory: str) -> None:
        name = f"{directory}/RECORD"
        self.record.append(f"{name},,")
        info = zipfile.ZipInfo(name, _EPOCH)
        info.external_attr = 0o100644 << 16
        self.zip.writestr(info, "\n".join(self.record) + "\n")
        self.zip.close()


def _write(wheel_directory: str, library: Path | None, files: dict[str, bytes]) -> str:
    project = _project()
    stem = f"{project['name']}-{project['version']}"
    tag = _tag(library)
    name = f"{stem}-{tag}.whl"
    wheel = _Wheel(Path(wheel_directory) / name)
    for path, data in sorted(files.items()):
        wheel.add(path, data)
    if library is not None:
        wheel.add("smg/_native/libsmg.so", library.read_bytes(), 0o755)
    info = f"{stem}.dist-info"
    wheel.add(f"{info}/METADATA", _metadata(project).encode())
    is_pure = "true" if library is None else "false"
    wheel.add(
        f"{info}/WHEEL", f"Wheel-Version: 1.0\nGenerator: smg_build\nRoot-Is-Purelib: {is_pure}\nTag: {tag}\n".encode()
    )
    wheel.add(f"{info}/entry_points.txt", b"[console_scripts]\nsmg = smg.__main__:main\n")
    wheel.finish(info)
    return name


def _sources() -> dict[str, bytes]:
    return {
        path.relative_to(SOURCE).as_posix(): path.read_bytes()
        for path in SOURCE.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "_native" not in path.parts
    }


# What the standards ask a backend for.


def build_wheel(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    return _write(wheel_directory, _library(), _sources())


def build_editable(wheel_directory: str, config_settings: object = None, metadata_directory: object = None) -> str:
    # The sources stay where they are, and so does the library: it is found in the checkout.
    return _write(wheel_directory, None, {"smg_editable.pth": f"{SOURCE}\n".encode()})


def build_sdist(sdist_directory: str, config_settings: object = None) -> str:
    project = _project()
    stem = f"{project['name']}-{project['version']}"
    with tarfile.open(Path(sdist_directory) / f"{stem}.tar.gz", "w:gz") as archive:
        for name in ("pyproject.toml", "README.md", "build_backend", "src", "tests", "samples"):
            archive.add(PROJECT / name, f"{stem}/{name}", filter=_without_products)
        data = _metadata(project).encode()
        info = tarfile.TarInfo(f"{stem}/PKG-INFO")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return f"{stem}.tar.gz"


def _without_products(info: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if any(part in info.name for part in ("__pycache__", "_native")) else info
