"""Reads the import lines and fails on an arrow that turns back, a forbidden import or an oversized file.

The rooms stand in docs/ARCHITECTURE.md in this order; a room may import only rooms before it that its row names.
"""

import pathlib
import re
import sys

# Room -> what of ours it may import. C shims belong to the one room that names them (CLinux and SMGBase excepted).
ROOMS = {
    "SMGBase": {"CLinux"},
    "SMGJSON": {"SMGBase"},
    "SMGProtocols": {"SMGBase", "SMGJSON"},
    "SMGRouting": {"SMGBase"},
    "SMGTelemetry": {"SMGBase", "CLinux"},
    "SMGConfig": {"SMGBase", "CYAML"},
    "SMGNet": {"SMGBase", "CLinux", "COpenSSL"},
    "SMGHTTP": {"SMGBase", "SMGNet", "CNGHTTP2"},
    "SMGUnicode": {"SMGBase", "CUnicodeTables"},
    "SMGTemplate": {"SMGBase", "SMGJSON", "SMGUnicode", "CLinux"},
    "SMGTokenizer": {"SMGBase", "SMGJSON", "SMGUnicode", "SMGTemplate", "CPCRE2"},
    "SMGParsers": {"SMGBase", "SMGJSON"},
    "SMGSim": {"SMGBase", "SMGJSON", "SMGProtocols", "SMGNet", "SMGHTTP", "SMGConfig"},
    "SMGCore": {
        "SMGBase", "SMGJSON", "SMGProtocols", "SMGRouting", "SMGTelemetry", "SMGConfig", "SMGNet", "SMGHTTP",
        "SMGTemplate", "SMGTokenizer", "SMGParsers", "CLinux",
    },
    "SMGCABI": {
        "CSMG", "SMGBase", "SMGConfig", "SMGCore", "SMGJSON", "SMGParsers", "SMGTelemetry", "SMGTokenizer", "CLinux",
    },
    "smg": {
        "CLinux", "SMGBase", "SMGConfig", "SMGCore", "SMGJSON", "SMGNet", "SMGParsers", "SMGSim", "SMGTelemetry",
    },
}
TOOLCHAIN = {"Synchronization", "Swift"}
# Lines of one file: beyond this it is two rooms in one. Tables and generated code are named here with their reason.
LINES = 600
LONG_FILES: set[str] = set()


def main() -> int:
    faults = []
    for path in sorted(pathlib.Path("Sources").rglob("*.swift")):
        room = path.parts[1]
        if room not in ROOMS:
            faults.append(f"{path}: room '{room}' is not in scripts/layering.py")
            continue
        text = path.read_text()
        for access, module in re.findall(r"^(\w+ )?import (?:class |struct |func )?(\w+)", text, re.M):
            if module in TOOLCHAIN:
                continue
            if module not in ROOMS[room]:
                faults.append(f"{path}: {room} must not import {module}")
            elif not access:
                faults.append(f"{path}: import {module} needs an access level")
        lines = text.count("\n")
        if lines > LINES and str(path) not in LONG_FILES:
            faults.append(f"{path}: {lines} lines, at most {LINES}")
    print("\n".join(faults) or "layering: every arrow points down")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
