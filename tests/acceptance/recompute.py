"""Draw printed numbers from finished pages, trace each to its rows, and recompute the printed text from them.

    python -m tests.acceptance.recompute SITE --config mkdocs.yml [--release R] [--numbers 300] [--seed 1]

It reads the finished HTML, runs `candour trace` as somebody in the workshop would, and knows the
definition of a metric only from the package's own metrics.csv: none of the software's calculation is used.
Intervals are recomputed from the published formulas, in plain Python.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

Z = 1.959963984540054


@dataclass(frozen=True)
class Printed:
    """One number as a page prints it, and whose it is."""

    page: str
    address: str
    """Organisation, metric, period and, but for everyone, breakdown."""
    column: str
    text: str


class _Numbers(HTMLParser):
    """Collects what stands in elements with data-c, below elements with data-t.

    In tables of one organisation over time the head's cells have data-c, and the rows data-p, their period.
    """

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str | None] = []
        self.column: str | None = None
        self.depth = 0
        self.found: list[tuple[str, str, str]] = []
        self.text = ""
        self.head: list[str] = []
        self.cell = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        given = dict(attrs)
        inherited = self.addresses[-1] if self.addresses else None
        address = given.get("data-t") or inherited
        if address and "data-p" in given:
            code, metric, _, *breakdown = address.split(" ")
            address = " ".join((code, metric, given["data-p"] or "", *breakdown))
        self.addresses.append(address)
        if tag == "table":
            self.head = []
        if tag == "tr":
            self.cell = 0
        if tag in ("td", "th"):
            if given.get("scope") == "col":
                self.head.append(given.get("data-c") or "")
            elif any(self.head):
                given.setdefault("data-c", self.head[self.cell] or None)
            self.cell += 1
        if given.get("data-c") and given.get("scope") != "col":
            self.column, self.depth, self.text = given["data-c"], len(self.addresses), ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Skip elements without content."""

    def handle_data(self, data: str) -> None:
        if self.column:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self.addresses:
            return
        if self.column and self.depth == len(self.addresses):
            address, text = self.addresses[-1], self.text.strip()
            if address and text and not text.startswith("["):
                if self.column == "interval":
                    lower, upper = text.split(" to ")
                    self.found += [(address, "lower", lower), (address, "upper", upper)]
                else:
                    self.found.append((address, self.column, text))
            self.column = None
        self.addresses.pop()


_VOID = ("meta", "link", "br", "img", "input", "hr", "path", "use")


def draw(site: Path, count: int, seed: int, country: str) -> list[Printed]:
    """Return that many printed numbers, a tenth of them the country's, the rest from any page."""
    generator = random.Random(seed)
    pages = sorted(
        path
        for folder in ("organisations", "metrics", "areas", "domains", "services")
        for path in (site / folder).rglob("index.html")
    )
    drawn: list[Printed] = []
    own = [Printed(p, *n) for p, n in _all_numbers([site / f"areas/{country.lower()}/index.html"], site)]
    drawn += generator.sample(own, min(len(own), max(1, count // 10)))
    while len(drawn) < count:
        page = generator.choice(pages)
        numbers = [Printed(p, *n) for p, n in _all_numbers([page], site)]
        if numbers:
            drawn.append(generator.choice(numbers))
    return drawn


def _all_numbers(pages: list[Path], site: Path) -> list[tuple[str, tuple[str, str, str]]]:
    found = []
    for page in pages:
        parser = _Numbers()
        parser.feed(page.read_text())
        found += [(page.relative_to(site).as_posix(), number) for number in parser.found]
    return found


def trace(address: str, options: argparse.Namespace, code: str | None = None) -> dict[str, Any]:
    """Return what `candour trace` says of a result; of another organisation's, where a code is given."""
    parts = address.split(" ")
    if code:
        parts[0] = code
    command = [
        sys.executable,
        "-m",
        "generator.cli",
        "trace",
        *parts,
        "--format",
        "json",
        "-f",
        str(options.config),
    ]
    if options.release:
        command += ["--release", options.release]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if run.returncode:
        raise RuntimeError(run.stderr)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


def recompute(traced: dict[str, Any], column: str, metric: dict[str, str]) -> float:
    """Return the number behind a column, from the rows named and the metric's definition."""
    rows = [dict(row["cells"]) for row in traced["rows"] if row["counted"]]
    counts = {name: _sum(rows, name) for name in ("numerator", "denominator")}
    step = 5 if _is_rounded(traced, counts["denominator"], metric) else 0
    is_counted = metric["kind"] in ("proportion", "rate", "ratio") and "denominator" in rows[0]
    if len(rows) == 1 and column in rows[0] and not (step and is_counted and "numerator" in rows[0]):
        return float(rows[0][column])
    for name in ("numerator", *(["denominator"] if metric["kind"] != "ratio" else [])):
        counts[name] = _to_step(counts[name], step)
    if metric["disclosure"] != "open" and _is_of_many(traced, metric):
        counts = {name: float(f"{count:.4g}") for name, count in counts.items()}
    if column in counts:
        return counts[column]
    multiplier = float(metric.get("multiplier") or 1)
    if metric["kind"] == "count":
        return counts["numerator"]
    if column == "value":
        return counts["numerator"] * multiplier / counts["denominator"]
    if metric["kind"] == "mean":
        lower, upper = _mean_interval(rows[0], counts["denominator"])
        return lower if column == "lower" else upper
    share, base = counts["numerator"], counts["denominator"]
    if "effective_base" in rows[0]:
        base = _to_step(_effective_base(rows), step)
        share = counts["numerator"] / counts["denominator"] * base
    lower, upper = _interval(metric["kind"], share, base)
    return (lower if column == "lower" else upper) * multiplier


def _to_step(count: float, step: int) -> float:
    return step * math.floor(count / step + 0.5) if step else count


def _sum(rows: list[dict[str, str]], name: str) -> float:
    return sum(float(row[name]) for row in rows if name in row)


def _is_rounded(traced: dict[str, Any], denominator: float, metric: dict[str, str]) -> bool:
    """Return whether disclosure control rounds the counts: by class, never a country's total over many."""
    if _is_of_many(traced, metric):
        return False
    small = metric["kind"] == "ratio" or denominator < 1000
    return metric["disclosure"] == "people" or (metric["disclosure"] == "events" and small)


def _is_of_many(traced: dict[str, Any], metric: dict[str, str]) -> bool:
    """Return whether this is a country's total over so many that it is published to significant digits."""
    counted = sum(1 for row in traced["rows"] if row["counted"])
    return bool(traced["organisation_code"] == metric["_country"]) and counted >= 50


def _effective_base(rows: list[dict[str, str]]) -> float:
    spread = sum(float(row["denominator"]) ** 2 / float(row["effective_base"]) for row in rows)
    return _sum(rows, "denominator") ** 2 / spread


def _mean_interval(row: dict[str, str], size: float) -> tuple[float, float]:
    from scipy.stats import t

    half = t.ppf(0.975, size - 1) * float(row["standard_deviation"]) / math.sqrt(size)
    return float(row["value"]) - half, float(row["value"]) + half


def _interval(kind: str, x: float, n: float) -> tuple[float, float]:
    if kind == "proportion":
        p = x / n
        middle = p + Z * Z / (2 * n)
        half = Z * math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        return (0.0 if x == 0 else (middle - half) / scale), (1.0 if x == n else (middle + half) / scale)
    if x >= 10:
        y = x + 1
        return (
            x * (1 - 1 / (9 * x) - Z / (3 * math.sqrt(x))) ** 3 / n,
            y * (1 - 1 / (9 * y) + Z / (3 * math.sqrt(y))) ** 3 / n,
        )
    from scipy.stats import chi2

    return (0.0 if x == 0 else chi2.ppf(0.025, 2 * x) / 2 / n), chi2.ppf(0.975, 2 * x + 2) / 2 / n


def printed_text(number: float, column: str, metric: dict[str, str]) -> set[str]:
    """Return the texts that the stated rounding allows for this number, without units."""
    if column in ("numerator", "denominator"):
        decimals = 0 if float(number).is_integer() else 1
        return {_rounded(number, decimals)}
    decimals = int(metric["decimals"] or 1)
    texts = {_rounded(number, decimals)}
    for name in ("threshold_good", "threshold_acceptable", "target"):
        limit = metric.get(name)
        if limit and float(limit) != number and _rounded(float(limit), decimals) in texts:
            return {_rounded(number, decimals + 1)}
    return texts


def _rounded(number: float, decimals: int) -> str:
    rounded = Decimal(repr(float(number))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"


_NOT_OF_THE_COUNTRY = "compared with an area, peers or a target, which its own rows do not name"
_NOT_TOLD = "some of its rows are hidden, whose figures a trace never tells"


def check(printed: Printed, options: argparse.Namespace, metrics: dict[str, dict[str, str]]) -> str:
    """Return what is wrong with a printed number; empty where its rows give the same text."""
    metric = metrics[printed.address.split(" ")[1]]
    column, code = printed.column, None
    if column == "peers":
        return _NOT_OF_THE_COUNTRY
    if column == "benchmark":
        code = metric["_country"] if metric["benchmark"] == "country" else None
        if code is None:
            return _NOT_OF_THE_COUNTRY
        column = "value"
    traced = trace(printed.address, options, code)
    if not traced["rows"]:
        return "no rows"
    if any(row["counted"] and not row["cells"] for row in traced["rows"]):
        return _NOT_TOLD
    if metric["kind"] == "status":
        level = metric["levels"].split("|")[int(float(dict(traced["rows"][0]["cells"])["value"])) - 1].strip()
        return "" if printed.text == level else f"printed {printed.text}, recomputed {level}"
    try:
        number = recompute(traced, column, metric)
    except (ArithmeticError, KeyError) as error:
        return f"cannot be recomputed ({error!r}) from {traced['rows'][:2]}"
    shown = re.sub(r"[^0-9.,-].*$", "", printed.text)
    allowed = printed_text(number, column, metric)
    return "" if shown in allowed else f"printed {printed.text}, recomputed {number!r} -> {sorted(allowed)}"


def main() -> int:
    """Check the numbers and print how many agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("site", type=Path)
    parser.add_argument(
        "--package", type=Path, required=True, help="folder of the release that the site shows"
    )
    parser.add_argument("--config", type=Path, default=Path("mkdocs.yml"))
    parser.add_argument("--release", default="")
    parser.add_argument("--numbers", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    country = next(
        row["organisation_code"]
        for path in sorted(options.package.rglob("organisations.csv"))
        for row in csv.DictReader(path.open(encoding="utf-8"))
        if row["kind"] == "country"
    )
    metrics: dict[str, dict[str, str]] = {}
    for path in sorted(options.package.rglob("metrics.csv")):
        for row in csv.DictReader(path.open(encoding="utf-8")):
            metrics[row["metric_id"]] = {"disclosure": "", "decimals": "", **row, "_country": country}
    drawn = draw(options.site, options.numbers, options.seed, country)
    with ThreadPoolExecutor(options.workers) as pool:
        faults = list(pool.map(lambda printed: check(printed, options, metrics), drawn))
    for printed, fault in zip(drawn, faults, strict=True):
        if fault and fault not in (_NOT_TOLD, _NOT_OF_THE_COUNTRY):
            print(f"{printed.page} [{printed.address}] {printed.column}: {fault}")
    checked = len(faults)
    for reason in (_NOT_TOLD, _NOT_OF_THE_COUNTRY):
        if faults.count(reason):
            print(f"{faults.count(reason)} not recomputed: {reason}.")
            checked -= faults.count(reason)
    wrong = sum(bool(fault) for fault in faults) - (len(faults) - checked)
    print(f"{checked - wrong} of {checked} printed numbers agree with their rows.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
