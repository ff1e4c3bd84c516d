"""The benchmark table: time, memory and pace of every step, beside something plain done to the same data.

`make bench` runs it on a tenth of the reference job; `--full` on the whole. Nothing is asserted about
seconds: machines differ, but how a step compares with its baseline in the same run means the same everywhere.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from generator.workers import available_workers
from tests.benchmarks.england import PRACTICES, default_folder, write_england
from tests.benchmarks.steps import Clock, Measurement, count_pages

SCALE = 0.1
ROOT = Path(__file__).parents[2]
CLI = "import sys; from generator.cli import main; sys.exit(main())"


@dataclass(frozen=True)
class Line:
    """One line of the table: a step, and the step that it is held against."""

    title: str
    step: str
    baseline: str = ""
    baseline_title: str = ""


LINES = (
    Line("Read, screen and check a release", "read_release", "read_with_pyarrow", "pyarrow.csv alone"),
    Line("candour check, from its start", "check", "validate_with_frictionless", "frictionless alone"),
    Line("Statistics", "compute_tables", "group_with_pandas", "one pandas groupby-sum"),
    Line("Statistics, cost per row", "compute_tables", "compute_a_tenth", "a tenth of the practices"),
    Line("Index results and draw plates", "index_and_draw"),
    Line("Organisation pages, one process", "make_pages", "fill_trivial_template", "Jinja, same bytes"),
    Line("Stamping", "stamp_pages", "join_strings", "joining strings"),
    Line("candour build, everything", "build", "copy_site", "copying the site"),
)

NEEDS = {
    "compute_tables": "read_release",
    "index_and_draw": "compute_tables",
    "make_pages": "compute_tables",
    "stamp_pages": "make_pages",
}
"""What a step needs the result of."""


@dataclass(frozen=True)
class Outcome:
    """What came of a step in its own process: a measurement, or why there is none."""

    measurement: Measurement | None
    peak_bytes: int = 0
    reason: str = ""


class Process(NamedTuple):
    """How a process ended."""

    status: int
    clock: Clock
    peak_bytes: int


class Bench:
    """Runs steps one after the other, each in a fresh process."""

    def __init__(self, release: Path, workers: int) -> None:
        self.release = release
        self.folder = release.parents[1]
        self.workers = workers
        self.outcomes: dict[str, Outcome] = {}

    def run(self, step: str) -> None:
        """Run a step after what it needs, and keep its outcome; if it fails, the others are left alone."""
        needed = NEEDS.get(step)
        if needed and needed not in self.outcomes:
            self.run(needed)
        print(f"{step} …", file=sys.stderr, flush=True)
        if step == "check":
            outcome = self._check()
        elif step == "build":
            outcome = self._build()
        else:
            arguments = [step, str(self.release), str(self.folder), str(self.workers)]
            outcome = self._measured([str(ROOT / "tests" / "benchmarks" / "steps.py"), *arguments])
        self.outcomes[step] = outcome

    def _measured(self, arguments: Sequence[str]) -> Outcome:
        process = self._process(arguments)
        if process.status:
            return Outcome(None, process.peak_bytes, self._last_error(process.status))
        document = json.loads((self.folder / "stdout").read_text(encoding="utf-8").splitlines()[-1])
        clock = Clock(*document.pop("clock"))
        return Outcome(Measurement(clock, **document), process.peak_bytes)

    def _check(self) -> Outcome:
        process = self._process(["-c", CLI, "check", str(self.release), "--workers", str(self.workers)])
        if process.status:
            return Outcome(None, process.peak_bytes, self._last_error(process.status))
        with (self.release / "observations.csv").open("rb") as file:
            rows = sum(1 for _ in file) - 1
        return Outcome(Measurement(process.clock, rows, "rows"), process.peak_bytes)

    def _build(self) -> Outcome:
        configuration, site = self.folder / "mkdocs.yml", self.folder / "site"
        configuration.write_text(_CONFIGURATION.format(root=ROOT.as_posix()), encoding="utf-8")
        options = ["--config", str(configuration), "--site-dir", str(site), "--workers", str(self.workers)]
        process = self._process(["-c", CLI, "build", *options])
        if process.status:
            return Outcome(None, process.peak_bytes, self._last_error(process.status))
        size = sum(path.stat().st_size for path in site.rglob("*") if path.is_file())
        remark = f"a site of {size / 1e6:,.0f} MB"
        return Outcome(Measurement(process.clock, count_pages(site), "pages", remark), process.peak_bytes)

    def _process(self, arguments: Sequence[str]) -> Process:
        """Run Python with these arguments; what it prints goes into two files of the job's folder."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with (self.folder / "stdout").open("wb") as out, (self.folder / "stderr").open("wb") as err:
            begin = time.perf_counter()
            process = subprocess.Popen([sys.executable, *arguments], stdout=out, stderr=err, env=environment)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        # Linux counts in KiB, macOS in bytes.
        peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        return Process(process.returncode, Clock(seconds, usage.ru_utime + usage.ru_stime), peak)

    def _last_error(self, status: int) -> str:
        """Return why the process failed: its error with a code, or the last line of its traceback."""
        lines = [
            line.strip()
            for name in ("stdout", "stderr")
            for line in (self.folder / name).read_text(encoding="utf-8").splitlines()
            if line.strip()
        ]
        told = [line for line in lines if re.match(r"[A-Z]+_[A-Z_]+\b|[\w.]+(Error|Exception)\b", line)]
        return f"exit status {status}: {told[-1] if told else ' '.join(lines[-3:]) or 'no message'}"


def main() -> int:
    """Make the release, run every step, print the table, and return 1 if a step could not be measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="the whole of England, 3.5 million observations")
    parser.add_argument("--scale", type=float, default=SCALE, help="share of England (default %(default)s)")
    parser.add_argument("--workers", type=int, default=available_workers(), help="default: every processor")
    parser.add_argument("--only", nargs="+", metavar="STEP", default=[], help="leave out all other lines")
    options = parser.parse_args()
    practices = PRACTICES if options.full else round(PRACTICES * options.scale)
    release = ROOT / default_folder(practices)
    begin = time.perf_counter()
    # What an earlier run left must not pass for the result of this one.
    shutil.rmtree(release.parents[1], ignore_errors=True)
    rows = write_england(release, practices)
    print(
        f"Made {rows['observations']:,} observations in {time.perf_counter() - begin:.1f} s", file=sys.stderr
    )

    bench = Bench(release, options.workers)
    lines = [line for line in LINES if not options.only or line.step in options.only]
    for line in lines:
        for step in filter(None, (line.step, line.baseline)):  # Some baselines need what their step leaves.
            if step not in bench.outcomes:
                bench.run(step)
    print_report(bench, lines, practices, rows["observations"])
    return int(any(outcome.measurement is None for outcome in bench.outcomes.values()))


def print_report(bench: Bench, lines: Sequence[Line], practices: int, observations: int) -> None:
    """Print the table as Markdown, then what could not be measured."""
    print(f"## {practices:,} practices, 40 metrics, 14 quarters: {observations:,} observations\n")
    print("| " + " | ".join(_HEADER) + " |")
    print("|---|--:|--:|--:|--:|--:|---|--:|--:|")
    for line in lines:
        outcome, base = bench.outcomes[line.step], bench.outcomes.get(line.baseline, Outcome(None))
        print("| " + " | ".join(_cells(line, outcome, base.measurement)) + " |")
    print(_NOTES.format(workers=bench.workers))
    skipped = {step: outcome for step, outcome in bench.outcomes.items() if outcome.measurement is None}
    for step, outcome in skipped.items():
        print(f"\nSKIPPED {step}: {outcome.reason}")
    if not skipped:
        print("\nNothing was skipped.")


def _cells(line: Line, outcome: Outcome, base: Measurement | None) -> tuple[str, ...]:
    measured = outcome.measurement
    baseline = (line.baseline_title, _pace(base))
    if measured is None:
        return (line.title, "skipped", "", "", "", "", *baseline, "")
    return (
        line.title + (f" ({measured.remark})" if measured.remark else ""),
        f"{measured.amount:,} {measured.unit}",
        f"{measured.clock.seconds:,.2f} s",
        f"{measured.clock.processor:,.2f} s",
        _pace(measured),
        f"{outcome.peak_bytes / 1e6:,.0f} MB",
        *baseline,
        _ratio(measured, base) if base else "",
    )


def _pace(measured: Measurement | None) -> str:
    if measured is None:
        return ""
    seconds = max(measured.clock.processor, _TICK)
    if measured.unit == "rows":
        return f"{measured.amount / seconds:,.0f} rows/s"
    return f"{seconds / measured.amount * 1000:,.2f} ms each"


def _ratio(measured: Measurement, base: Measurement) -> str:
    own, other = (max(each.clock.processor, _TICK) / each.amount for each in (measured, base))
    return f"{own / other:,.1f}" if own >= other else f"{own / other:,.3f}"


_TICK = 1e-6
"""Processor time is counted in steps of this many seconds."""
_HEADER = (
    "Step",
    "Amount",
    "Time",
    "Processor",
    "Pace",
    "Peak memory",
    "Baseline",
    "Its pace",
    "Times the baseline",
)
_NOTES = """
{workers} worker(s). Time is by the clock on the wall. Pace and the comparison are of processor time, all
cores together, per row or page: other work on the machine changes them little. Each step ran in a process of
its own; peak memory is that of its largest process, with what it had to load first. Of what takes less than
a second, the fastest of three runs counts. frictionless had the first rows only."""
_CONFIGURATION = """INHERIT: {root}/mkdocs.yml
docs_dir: {root}/docs
theme:
  custom_dir: {root}/site_templates/theme
# Of the whole site only speed matters here; links are checked elsewhere.
strict: false
plugins:
  - candour:
      datapackages: datapackages
      workshop: public  # every figure is invented
"""


if __name__ == "__main__":
    sys.exit(main())
