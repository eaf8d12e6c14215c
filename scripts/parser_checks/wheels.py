"""The peers' wheels: they are looked for in a folder, and fetched into it where they are missing."""

import subprocess
import sys

VERSIONS = {"sglang": "0.5.23", "vllm": "0.33.0"}


def wheel(package, folder):
    """The path of a package's wheel in `folder`. vLLM's has 340 MB: its source archive is of no use, since pip runs its
    build, which needs PyTorch.
    """
    pattern = f"{package}-{VERSIONS[package]}-*.whl"
    if not list(folder.glob(pattern)):
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps"]
        command += ["--no-cache-dir", "--only-binary", ":all:", "-d", folder, f"{package}=={VERSIONS[package]}"]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return next(folder.glob(pattern))
