"""Gives every fixture to the peers' parsers, whole and in pieces, prints each difference and then how many agree."""

import argparse
import logging
import pathlib
import warnings
from collections import Counter, defaultdict
from functools import partial

from . import answers, sglang_peer, vllm_peer
from .cases import Answer, reasoning_cases, tool_cases
from .formats import REASONING, STARTED, TOOLS
from .wheels import VERSIONS, wheel

ROOT = pathlib.Path(__file__).parents[2]
CACHE = ROOT / ".cache/wheels"
PROGRAM = ROOT / ".build/release/smg"


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/compare-parsers", description=__doc__)
    parser.add_argument("--wheels", metavar="DIR", type=pathlib.Path, default=CACHE,
                        help="where the peers' wheels are or go; default .cache/wheels")
    parser.add_argument("--only", metavar="NAME", action="append", help="a format or a manner of reasoning; repeatable")
    parser.add_argument("--piece", metavar="N", type=int, default=3, help="tokens in a piece of a stream; default 3")
    parser.add_argument("--program", metavar="PATH", type=pathlib.Path, default=PROGRAM,
                        help="our program, for answers with reasoning and a call; default .build/release/smg")
    parser.add_argument("--summary", action="store_true", help="no single differences")
    return parser.parse_args()


def jobs(only, piece):
    """(what is parsed, the format's name, peer, its parser's name, how to make it, the cases)."""
    for name, (theirs, others, markers) in TOOLS.items():
        if only and name not in only:
            continue
        cases = list(tool_cases(name, piece))
        for parser in theirs:
            yield "tools", name, "sglang", parser, partial(sglang_peer.ToolPeer, parser, markers), cases
        for parser in others:
            yield "tools", name, "vllm", parser, partial(vllm_peer.Peer, markers, tools=parser), cases
    for name, (theirs, others, markers, opening) in REASONING.items():
        if only and name not in only:
            continue
        cases = list(reasoning_cases(name, piece, name in STARTED))
        for parser in theirs:
            yield "reasoning", name, "sglang", parser, partial(sglang_peer.ReasoningPeer, parser, markers), cases
        for parser in others:
            make = partial(vllm_peer.Peer, markers, reasoning=parser, opening=opening)
            yield "reasoning", name, "vllm", parser, make, cases


def answer(parse, case):
    """What a peer makes of a case; where it fails, its error as the content."""
    try:
        return parse(case)
    except Exception as error:  # a parser that fails is a difference, too
        return Answer(f"fails: {error!r}")


def check(peer, case, way, label, quiet):
    """Whether a peer's answer is ours: see `Answer.compared`. Prints it where it is not."""
    theirs = answer(getattr(peer, way), case)
    verdict = case.expected.compared(theirs)
    if verdict != "same" and not quiet:
        print(f"{label}, {way}, {verdict}: {case.name}\n"
              f"  input  {case.text!r}\n  ours   {case.expected}\n  theirs {theirs}")
    return verdict


def cell(counts, total):
    """`same+spaces/all`, or `-` where a peer has no such way."""
    if not counts:
        return "-"
    spaces = f"+{counts['spaces']}" if counts["spaces"] else ""
    return f"{counts['same']}{spaces}/{total}"


def without_peer(only):
    for name, (theirs, others, *_) in (*TOOLS.items(), *REASONING.items()):
        absent = [peer for peer, parsers in (("sglang", theirs), ("vllm", others)) if not parsers]
        if absent and (not only or name in only):
            yield f"{name}: no parser in {' and '.join(absent)}"


def main():
    options = arguments()
    sglang_peer.install(wheel("sglang", options.wheels))
    vllm_peer.install(wheel("vllm", options.wheels))
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    rows, notes = defaultdict(list), list(without_peer(options.only))
    every = list(jobs(options.only, options.piece))
    if options.program.exists():
        every += answers.jobs(options.program, options.only, options.piece)
    else:
        notes.append(f"answers with reasoning and a call: no {options.program}")
    for what, name, package, parser, make, cases in every:
        label = f"{what} {name}, {package} {parser}"
        try:
            peer = make()
        except Exception as error:
            notes.append(f"{label} cannot be run: {error!r}")
            continue
        cells = []
        for way in ("whole", "streamed", "cut"):
            read = cases if getattr(peer, way, None) else []
            counts = Counter(check(peer, case, way, label, options.summary) for case in read)
            cells.append(cell(counts, len(cases)))
        rows[what].append(" | ".join((name, f"{package} {parser}", *cells)))
    print(", ".join(f"{package} {version}" for package, version in VERSIONS.items()))
    for what, lines in rows.items():
        print(f"\n{what}, same+spaces/all\n\n| ours | peer | whole | streamed | cut |\n| --- | --- | --- | --- | --- |")
        print("\n".join(f"| {line} |" for line in lines))
    print("\n".join(["", *notes]))


if __name__ == "__main__":
    main()
