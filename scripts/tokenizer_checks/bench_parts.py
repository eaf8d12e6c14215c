"""Times what bench.py does not: WordPiece and Unigram, loading, memory, streaming decode and long prompts; on one core."""

import json
import os
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import tokenizers

from . import bench, charsmap, families

PROMPT = 100_000  # bytes
ROUNDS = 9


def run(program: str, *arguments: object) -> dict:
    return json.loads(subprocess.run([program, *map(str, arguments)], capture_output=True, check=True).stdout)


def write(path: pathlib.Path, kind: list[str]) -> pathlib.Path:
    path.write_bytes(b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in kind))
    return path


def other_models(program: str, folder: pathlib.Path, kinds: dict[str, list[str]]) -> None:
    print("| model | text | smg MB/s | HF MB/s | ratio | ids |\n|---|---|---:|---:|---:|---|")
    corpus = [text for kind in kinds.values() for text in kind[::2]]
    made = {
        "WordPiece (BERT)": families.bert(corpus, 30_000),
        "Unigram (T5)": families.t5(corpus, 30_000),
        "Unigram, charsmap (XLM-R)": families.xlmr(corpus, 30_000, charsmap.nmt_nfkc()),
    }
    for label, reference in made.items():
        path = folder / "model.json"
        reference.save(str(path))
        for name, kind in kinds.items():
            file = write(folder / "texts", kind)
            start = time.perf_counter()
            expected = [reference.encode(text, add_special_tokens=False).ids for text in kind]
            slow = time.perf_counter() - start
            same = bench.our_ids(program, path, str(file)) == expected
            spans = run(program, "encode", path, file, ROUNDS)
            size = spans["bytes"] / 1e6
            fast = size / statistics.median(spans["seconds"][1:])
            print(f"| {label} | {name} | {fast:.0f} | {size / slow:.1f} | {fast * slow / size:.0f} | {'equal' if same else 'DIFFERENT'} |", flush=True)


def resident() -> int:
    return int(pathlib.Path("/proc/self/statm").read_text().split()[1]) * 4096


def loading(program: str, path: pathlib.Path) -> None:
    spans = run(program, "load", path, ROUNDS)
    before, start = resident(), time.perf_counter()
    kept = tokenizers.Tokenizer.from_file(str(path))
    slow, grown = time.perf_counter() - start, resident() - before
    print(f"\nLoading DeepSeek's tokenizer.json ({kept.get_vocab_size():,} tokens, {path.stat().st_size / 1e6:.1f} MB):")
    print(f"  smg {statistics.median(spans['seconds']) * 1e3:.0f} ms, {spans['memory'] / 1e6:.0f} MB; HF {slow * 1e3:.0f} ms, {grown / 1e6:.0f} MB")


def streaming(program: str, path: pathlib.Path, folder: pathlib.Path, kinds: dict[str, list[str]]) -> None:
    print("\nOne token at a time, ns a token:")
    for name, kind in kinds.items():
        spans = run(program, "decode", path, write(folder / "texts", kind), ROUNDS)
        print(f"  {name}: {statistics.median(spans['seconds']) / spans['ids'] * 1e9:.1f}")


def prompts(program: str, path: pathlib.Path, folder: pathlib.Path, kinds: dict[str, list[str]]) -> None:
    print(f"\nOne prompt of {PROMPT // 1000} KB, ms, first and then:")
    for name, kind in kinds.items():
        text = "".join(kind).encode()[:PROMPT].decode(errors="ignore")
        spans = run(program, "encode", path, write(folder / "texts", [text]), ROUNDS)["seconds"]
        print(f"  {name}: {spans[0] * 1e3:.2f}, {statistics.median(spans[1:]) * 1e3:.2f}")


def main() -> None:
    os.environ["TOKENIZERS_PARALLELISM"] = os.environ["RAYON_NUM_THREADS"] = "1"
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    program = sys.argv[1]
    kinds = bench.documents()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        path = bench.deepseek()
        loading(program, path)
        streaming(program, path, folder, kinds)
        prompts(program, path, folder, kinds)
        other_models(program, folder, kinds)


if __name__ == "__main__":
    main()
