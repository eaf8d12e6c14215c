"""The result as Markdown tables."""

from peers import PEERS
from scenarios import SCENARIOS, Figures, Results, Scenario, is_noisy
from targets import LIBRARY_LIMIT_MB, SUBJECT, TARGETS, Medians, Target, ratio

HEADINGS = {
    "rps": "requests/s",
    "mean_us": "mean µs",
    "p50_us": "p50 µs",
    "p99_us": "p99 µs",
    "mean_ms": "mean ms",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "cpu_us": "CPU µs",
    "peak_mb": "peak MB",
    "chunks_s": "chunks/s",
    "chunks_read": "chunks a read",
    "first_p50_us": "first p50 µs",
    "first_p99_us": "first p99 µs",
    "gap_p50_us": "gap p50 µs",
    "gap_p99_us": "gap p99 µs",
    "before_mb": "before MB",
    "growth_mb": "growth MB",
    "bodies": "bodies a request",
    "after_mb": "after MB",
    "ready_ms": "ready ms",
    "serving_ms": "first chat ms",
    "idle_mb": "idle MB",
}
ADDED = {"single": "p50_us", "prompts": "mean_ms"}  # figures shown as difference to direct too
# The figure whose ratios to the references are shown; "added" is the one above.
RATIO = {
    "chat": "rps", "single": "added", "stream": "cpu_us", "slow-stream": "cpu_us", "burst": "p50_ms",
    "prompts": "cpu_us", "body": "growth_mb", "start": "idle_mb",
}  # fmt: skip
REFERENCES = ["nginx", "sglang-router"]
NOTHING = "–"


def number(value: float | None) -> str:
    """Three significant digits, thousands with commas."""
    if value is None:
        return NOTHING
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(rows: list[list[str]]) -> str:
    """Markdown: the first row is the head, the first column text, the others figures."""
    head, *body = rows
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in body]
    return "\n".join(lines)


def scenario_table(scenario: Scenario, results: Results) -> str:
    medians = Medians(results)
    measured = results.samples[scenario.name]
    added = ADDED.get(scenario.name)
    compared = "added" if RATIO[scenario.name] == "added" else HEADINGS[RATIO[scenario.name]]
    head = ["", *(HEADINGS[column] for column in scenario.columns)]
    head += [f"added {HEADINGS[added]}"] if added else []
    head += [f"{compared} / {reference}" for reference in REFERENCES]
    rows = [_scenario_row(scenario, peer, medians) for peer in PEERS if peer in measured]
    return f"### {scenario.title}\n\n{_rounds_line(measured)}\n\n{table([head, *rows])}"


def _scenario_row(scenario: Scenario, peer: str, medians: Medians) -> list[str]:
    row = [peer]
    for column in scenario.columns:
        no_process = peer == "direct" and column in ("cpu_us", "peak_mb")
        row.append(NOTHING if no_process else number(medians.value(scenario.name, peer, column)))
    if scenario.name in ADDED:
        row.append(NOTHING if peer == "direct" else number(medians.added(scenario.name, peer, ADDED[scenario.name])))
    own = _compared(scenario, peer, medians)
    return row + [number(ratio(own, _compared(scenario, reference, medians))) for reference in REFERENCES]


def _compared(scenario: Scenario, peer: str, medians: Medians) -> float | None:
    """The figure of a scenario whose ratios are shown."""
    figure = RATIO[scenario.name]
    if peer == "direct" and figure in ("cpu_us", "added"):
        return None
    if figure == "added":
        return medians.added(scenario.name, peer, ADDED[scenario.name])
    return medians.value(scenario.name, peer, figure)


def _rounds_line(measured: dict[str, list[Figures]]) -> str:
    rounds = max(len(samples) for samples in measured.values())
    noisy = {peer: sum(map(is_noisy, samples)) for peer, samples in measured.items()}
    line = f"Median of {rounds} round{'s' if rounds > 1 else ''}"
    if any(noisy.values()):
        counts = ", ".join(f"{peer} {count}" for peer, count in noisy.items() if count)
        line += f"; disturbed by other programs, and used only where no other round is: {counts}"
    return line + "."


def targets_table(results: Results, library_mb: float | None) -> str:
    medians = Medians(results)
    rows = [["Target", "limit", SUBJECT, *REFERENCES, "result"]]
    for target in TARGETS:
        if target.scenario in results.samples:
            rows.append(_target_row(target, medians))
    result = NOTHING if library_mb is None else verdict(library_mb <= LIBRARY_LIMIT_MB)
    blank = [NOTHING] * len(REFERENCES)
    rows.append(["library, stripped", f"≤ {LIBRARY_LIMIT_MB} MB", number(library_mb), *blank, result])
    return "### Targets\n\n" + table(rows)


def _target_row(target: Target, medians: Medians) -> list[str]:
    value = target.measure(medians, SUBJECT)
    limit = f"{'≥' if target.at_least else '≤'} {target.limit:g} {target.unit}".rstrip()
    references = [number(target.measure(medians, reference)) for reference in REFERENCES]
    result = "not run" if value is None else verdict(target.passes(value))
    if value is not None and medians.disturbed(target.scenario):
        result += ", disturbed"
    return [f"{target.scenario}: {target.name}", limit, number(value), *references, result]


def verdict(passed: bool) -> str:
    return "pass" if passed else "**miss**"


def failed_targets(results: Results, library_mb: float | None) -> list[str]:
    """Names of the targets that were measured and missed."""
    medians = Medians(results)
    missed = []
    for target in TARGETS:
        value = target.measure(medians, SUBJECT)
        if value is not None and not target.passes(value):
            missed.append(f"{target.scenario}: {target.name}")
    if library_mb is not None and library_mb > LIBRARY_LIMIT_MB:
        missed.append("library size")
    return missed


def markdown(results: Results, machine: dict[str, str], library_mb: float | None) -> str:
    parts = ["## HTTP benchmark", "\n".join(f"- {name}: {value}" for name, value in machine.items())]
    parts += [scenario_table(scenario, results) for scenario in SCENARIOS if scenario.name in results.samples]
    parts.append(targets_table(results, library_mb))
    if results.notes:
        parts.append("### Notes\n\n" + "\n".join("- " + note.replace("\n", "\n  ") for note in results.notes))
    return "\n\n".join(parts) + "\n"
