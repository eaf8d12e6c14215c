"""Compares the documents with the sources: links, rooms, flags, metric families, error codes, named source files."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))
# Flags of other commands that the documents name.
OTHER_FLAGS = {"--help", "--filter", "--piece", "--port", "--quick", "--rounds", "--wheels"}


def read(path: str) -> str:
    return (ROOT / path).read_text()


def links(page: pathlib.Path, text: str) -> list[str]:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
    return [
        f"{page.relative_to(ROOT)}: no {target}"
        for target in targets
        if "://" not in target and not (page.parent / target).exists()
    ]


def paths(page: pathlib.Path, text: str) -> list[str]:
    named = re.findall(r"`((?:Sources|Tests|scripts)/[\w/+.]*\w)`", text)
    return [f"{page.relative_to(ROOT)}: no {name}" for name in named if not (ROOT / name).exists()]


def flags(page: pathlib.Path, text: str, known: set[str]) -> list[str]:
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", text)) - OTHER_FLAGS
    return [f"{page.relative_to(ROOT)}: no option {name}" for name in sorted(named - known)]


def compare(what: str, written: set[str], real: set[str]) -> list[str]:
    return [f"{what} {name} is not documented" for name in sorted(real - written)] + [
        f"{what} {name} is documented and does not exist" for name in sorted(written - real)
    ]


def main() -> int:
    rows = "".join(path.read_text() for path in (ROOT / "Sources").rglob("*Options*.swift"))
    known = {"--" + name for name in re.findall(r'OptionRow\(\s*"([a-z0-9-]+)"', rows)}
    faults: list[str] = []
    for page in PAGES:
        text = page.read_text()
        faults += links(page, text) + paths(page, text) + flags(page, text, known)

    architecture = read("docs/ARCHITECTURE.md")
    rooms, errors = (architecture.split(f"## {title}")[1].split("\n## ")[0] for title in ("Rooms", "Errors"))
    folders = {path.name for path in (ROOT / "Sources").iterdir() if any(path.iterdir())}
    faults += compare("room", set(re.findall(r"^\| `(\w+)` \|", rooms, re.M)), folders)
    codes = set(re.findall(r'case \w+ = "(\w+)"', read("Sources/SMGCore/Errors/GatewayError.swift")))
    faults += compare("error code", set(re.findall(r"^\| `(\w+)` \|", errors, re.M)), codes)
    made = re.findall(r'"((?:smg|sgl_router)_\w+)"', read("Sources/SMGCore/Metrics/GatewayMetrics.swift"))
    shown = re.findall(r"`((?:smg|sgl_router)_\w+)`", "".join(re.findall(r"^\| (.*?) \|", read("docs/metrics.md"), re.M)))
    faults += compare("metric", set(shown), set(made))
    print("\n".join(faults) or "documents: links, rooms, options, metrics and error codes are right")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
