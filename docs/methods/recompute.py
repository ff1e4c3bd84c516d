"""Work the figures of a release out again, from nothing but its public data package.

    python recompute.py datapackage.zip [METRIC ...]

It follows the methods pages in their order: values and intervals, comparisons, bands, outliers, control
charts, change. (recompute_more.py, beside it, does the rest.) It shares nothing with the software that made
the package. Each step starts from what is published of the steps before, which are checked as well; so
whoever accepts the published counts, and phi and tau2 of groups of 50 or more, need accept nothing else. It
needs Python 3.11 and scipy. Exit status 1: a figure differs. Here a blank cell is None; dates are texts, and
sort as dates do.
"""

# ruff: noqa: T201 - a script talks on the terminal

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from functools import cache, cached_property
from itertools import pairwise
from math import asin, floor, inf, isclose, pi, sin, sqrt
from statistics import NormalDist, fmean
from typing import Any

from scipy.special import betainc, gammainc
from scipy.stats import binomtest, chi2, t

COUNTED = ("proportion", "rate", "ratio")
NONE = (None, None)
WIDTH = 3.919928  # a 95% interval is so many standard errors wide
SIGN = {"higher_is_better": 1, "lower_is_better": -1, "neutral": 0}
KEYS = ("metric_id", "organisation_code", "group_code", "breakdown_id", "period", "benchmark_kind", "segment")
Limits = tuple[float, float] | tuple[None, None]
Key = tuple[str, str, str]


class Row(dict[str, Any]):
    """One row of a table: row.value is the cell of that column, None where it is blank."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name)

    def at(self, *, code: str | None = None, period: str | None = None) -> Key:
        """Return the key of the row, or of another place or period."""
        return code or self.organisation_code or self.group_code, self.breakdown_id, period or self.period


class Release:
    """The tables of one data package, and who belonged where."""

    def __init__(self, path: str) -> None:
        self.zip = zipfile.ZipFile(path)
        document = json.loads(self.zip.read("datapackage.json"))
        self.fields = {
            item["path"]: item["schema"]["fields"] for item in document["resources"] if "schema" in item
        }
        self.two_of_three = document["candour"].get("methods", {}).get("two_of_three", "mdc_2023")
        self.metrics: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.metadata("metrics"), key=lambda row: (row.valid_from or "", row.version)):
            self.metrics[row.metric_id].append(Row(row, multiplier=row.multiplier or 1.0))
        self.organisations = {row.organisation_code: row for row in self.metadata("organisations")}
        periods = sorted(self.metadata("periods"), key=lambda row: (row.end, row.start, row.period))
        self.periods = {
            row.period: Row(row, month=12 * int(row.end[:4]) + int(row.end[5:7])) for row in periods
        }
        areas = {"area"} | {row.kind for row in self.metadata("kinds") if row.is_area == "true"}
        self.countries = {code for code, row in self.organisations.items() if row.kind == "country"}
        self.groups = self.countries | {c for c, row in self.organisations.items() if row.kind in areas}
        self.memberships = self.metadata("memberships")
        # Where no membership in the main tree is given, today's parent stands for it.
        placed = {row.organisation_code for row in self.memberships if row.tree in (None, "main")}
        self.memberships += [
            row for code, row in self.organisations.items() if row.parent_code and code not in placed
        ]
        self.peers: dict[str, list[str]] = defaultdict(list)
        for row in self.metadata("peers"):
            self.peers[row.organisation_code].append(row.peer_code)
        self.known: dict[tuple[int, ...], Any] = {}

    def table(self, path: str) -> list[Row]:
        """Return the rows of a file, numbers as numbers; none if there is no such file."""
        fields = self.fields.get(path, [])
        numbers = {field["name"] for field in fields if field["type"] in ("number", "integer")}
        lines = csv.DictReader(io.StringIO(self.zip.read(path).decode())) if fields else []
        return [
            Row({k: None if not v else float(v) if k in numbers else v for k, v in x.items()}) for x in lines
        ]

    def metadata(self, name: str) -> list[Row]:
        """Return a table that describes metrics, organisations or periods."""
        return self.table(f"metadata/{name}.csv")

    def standing(self, day: str) -> tuple[dict[str, set[str]], dict[str, set[str]], Counter[str]]:
        """Return the groups that hold each one on a day, in any tree and in the main one; and their sizes."""
        valid = tuple(place for place, row in enumerate(self.memberships) if holds(row, day))
        if valid not in self.known:
            anywhere, main = ({code: set[str]() for code in self.organisations} for _ in range(2))
            parents = defaultdict(set)
            for row in (self.memberships[place] for place in valid):
                parents[row.tree or "main", row.organisation_code].add(row.parent_code)
            for tree, code in list(parents):
                above, waiting = set[str](), [code]
                while waiting:
                    new = parents.get((tree, waiting.pop()), set()) - above
                    above, waiting = above | new, [*waiting, *new]
                anywhere[code] |= above & self.groups
                main[code] |= above & self.groups if tree == "main" else set()
            if len(self.countries) == 1:  # a country that stands alone holds everyone
                for code in self.organisations.keys() - self.countries:
                    anywhere[code] |= self.countries
                    main[code] |= self.countries
            self.known[valid] = anywhere, main, Counter(g for groups in anywhere.values() for g in groups)
        return self.known[valid]  # type: ignore[no-any-return]


class Story:
    """All rows of one metric, each with its definition, its areas, and what is asked of it."""

    def __init__(self, release: Release, metric_id: str) -> None:
        self.release, self.metric_id = release, metric_id
        self.versions = release.metrics[metric_id]
        self.rows = release.table(f"results/{metric_id}.csv")
        self.by_key = {row.at(): row for row in self.rows}
        self.totals = {row.at(): row for row in release.table(f"metric_periods/{metric_id}.csv")}
        self.periods = [p for name, p in release.periods.items() if name in {row.period for row in self.rows}]
        self.cells: dict[Key, list[Row]] = defaultdict(list)
        targets = [row for row in release.metadata("targets") if row.metric_id == metric_id]
        targets.sort(key=lambda row: row["from"] if row.get("from") else "")
        for row in self.rows:
            code, when, own = (
                row.organisation_code,
                release.periods[row.period],
                release.organisations[row.organisation_code],
            )
            metric = next(version for version in self.versions if version.version == row.version)
            anywhere, main, size = release.standing(when.end)
            country, area = smallest(anywhere[code] & release.countries, size), smallest(main[code], size)
            row.update(metric=metric, when=when, country=country)
            row["parent"] = None if area in release.countries or code in release.groups else area
            for names in (("target",), ("threshold_good", "threshold_acceptable")):
                asked: dict[str | None, Row] = {
                    None: metric
                }  # the metric's own, unless somebody nearer has set another
                asked |= {
                    x.organisation_code: x
                    for x in targets
                    if holds(x, when.end) and any(x.get(n) is not None for n in names)
                }
                nearest = code if code in asked else smallest(anywhere[code] & asked.keys(), size)
                row.update({name: asked[nearest].get(name) for name in names})
            is_open = (own.opened_on or "") <= when.end and (own.closed_on or "9999") >= when.start
            if is_open and country and own.kind == metric.applies_to:
                self.cells[row.at(code=country)].append(row)  # who is held against each other

    @cached_property
    def series(self) -> dict[str, int]:
        """The number of the unbroken series that each version belongs to."""
        breaks = [version.breaks_series == "true" for version in self.versions]
        return {version.version: sum(breaks[: place + 1]) for place, version in enumerate(self.versions)}


class Tally:
    """What was recomputed of each column, what differs, and what could not be recomputed and why."""

    def __init__(self) -> None:
        self.checked, self.wrong, self.skipped = Counter[str](), Counter[str](), Counter[tuple[str, str]]()
        self.examples: list[str] = []

    def hold(self, table: str, row: Row, **expected: Any) -> None:
        """Hold published cells against recomputed ones; what is blank in both counts for nothing."""
        for name, wanted in expected.items():
            published, column = row.get(name), f"{table}.{name}"
            if published is None and wanted is None:
                continue
            self.checked[column] += 1
            if isinstance(published, float) and isinstance(wanted, (int, float)):
                agrees = isclose(published, wanted, rel_tol=1e-9, abs_tol=1e-11)
            else:
                agrees = published == wanted
            if not agrees:
                self.wrong[column] += 1
                where = " ".join(str(row[name]) for name in KEYS if row.get(name))
                self.examples.append(f"{column} of {where}: published {published}, recomputed {wanted}")

    def skip(self, column: str, reason: str) -> None:
        """Note a cell that could not be recomputed."""
        self.skipped[column, reason] += 1


def smallest(groups: Iterable[str], size: Counter[str]) -> str | None:
    """Return the group with the fewest members, ties by code."""
    return min((group for group in groups if group), key=lambda group: (size[group], group), default=None)


def holds(row: Row, day: str) -> bool:
    """Tell whether a row holds on a day: a blank date sets no limit."""
    return (row.get("from") or "") <= day <= (row.get("to") or "9999")


# Values and intervals, from index.md and intervals.md


def check_values(story: Story, tally: Tally) -> None:
    """Work out values, coverage and intervals from the published counts; of hidden rows nothing is left."""
    for row in story.rows:
        x, n, kind, multiplier = row.numerator, row.denominator, row.metric.kind, row.metric.multiplier
        if row.protection == "hidden":
            tally.hold("results", row, numerator=None, denominator=None, value=None, lower=None, upper=None)
            continue
        value = x * multiplier if x is not None and kind == "count" else None
        if x is not None and n and kind in (*COUNTED, "mean"):
            value = x * multiplier / n
        agrees = value is not None and row.value is not None and isclose(row.value, value)
        if row.value is not None and not agrees and may_be_supplied(row, value):
            tally.skip("results.value", "supplied by the source")
        else:
            tally.hold("results", row, value=value)
        if kind in COUNTED and x is not None and row.excluded is not None:
            tally.hold("results", row, coverage=x * multiplier / (n + row.excluded))
        if row.interval == "supplied":
            tally.skip("results.lower, upper", "supplied by the source")
        else:
            lower, upper = interval(row)
            tally.hold(
                "results", row, lower=lower, upper=upper, interval="none" if lower is None else "computed"
            )


def may_be_supplied(row: Row, value: float | None) -> bool:
    """Tell whether a value can be the source's own: it may be rounded, but has to agree with its counts."""
    if value is None or row.metric.kind not in COUNTED:
        return True
    decimals = len(str(row.value).partition(".")[2].rstrip("0"))
    return bool(row.protection == "none" and abs(row.value - value) <= 0.5000001 * 10**-decimals)


def effective_counts(row: Row) -> tuple[Any, Any]:
    """Return the counts that a proportion's interval rests on: of a survey, those of its effective base."""
    base = row.base if row.effective_base is None else row.effective_base
    n = row.denominator if base is None else base
    if base is None and row.numerator is not None:
        return row.numerator, n
    is_known = row.value is not None and n is not None and row.value <= row.metric.multiplier * (1 + 1e-9)
    return min(row.value / row.metric.multiplier, 1) * n if is_known else None, n


def interval(row: Row) -> Limits:
    """Return the 95% limits that follow from a row's counts, in the metric's unit."""
    limits: Limits = NONE
    if row.value is not None and row.metric.kind == "mean":
        n = row.base if row.denominator is None else row.denominator
        if n is not None and n > 1 and row.standard_deviation is not None:
            half = student(n - 1) * row.standard_deviation / sqrt(n)
            return row.value - half, row.value + half
    elif row.value is not None and row.metric.kind == "proportion":
        limits = wilson(*effective_counts(row), 0.95)
    elif row.value is not None and row.metric.kind in COUNTED:
        limits = poisson(row.numerator, row.denominator, 0.95)
    return (
        NONE if limits[0] is None else (limits[0] * row.metric.multiplier, limits[1] * row.metric.multiplier)
    )


def wilson(x: float | None, n: float | None, confidence: float) -> Limits:
    """Return Wilson's limits of a share of 1."""
    if x is None or not n or not 0 <= x <= n:
        return NONE
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    middle, half = x + z * z / 2, z * sqrt(x * (n - x) / n + z * z / 4)
    return (middle - half) / (n + z * z) if x else 0.0, (middle + half) / (n + z * z) if x < n else 1.0


@cache
def poisson(x: float | None, n: float | None, confidence: float) -> Limits:
    """Return the limits of events for 1 of the denominator: exact below 10 events, Byar's from 10."""
    if x is None or not n or x < 0:
        return NONE
    tail, y = (1 - confidence) / 2, x + 1
    if x < 10:
        return float(chi2.ppf(tail, 2 * x)) / 2 / n if x else 0.0, float(chi2.ppf(1 - tail, 2 * y)) / 2 / n
    z = NormalDist().inv_cdf(1 - tail)
    lower, upper = 1 - 1 / (9 * x) - z / (3 * sqrt(x)), 1 - 1 / (9 * y) + z / (3 * sqrt(y))
    return x * lower**3 / n, y * upper**3 / n


@cache
def student(freedom: float) -> float:
    """Return how many standard errors the 95% limits of a mean lie from it."""
    return float(t.ppf(0.975, freedom))


# Comparison, from comparison.md, aggregates.md and peers.md


def check_comparisons(story: Story, tally: Tally) -> None:
    """Hold each result against its country, area, peers and target."""
    release = story.release
    listed: dict[Key, dict[str, Row]] = defaultdict(dict)
    for row in release.table(f"comparisons/{story.metric_id}.csv"):
        listed[row.at()][row.benchmark_kind] = row
    for row in story.rows:
        code, peers = row.organisation_code, release.peers.get(row.organisation_code, [])
        against = {
            "country": (row.country, value_of_total(story, row, row.country)),
            "parent": (row.parent, value_of_total(story, row, row.parent)),
            "peers": (code if peers else None, value_of_peers(story, row, peers)),
            "target": (None, row.target),
            "none": NONE,
        }
        own = row.metric.benchmark
        if code in release.countries and own != "target":
            own = "none"
        elif (own == "parent" and not row.parent) or (own == "peers" and code in release.groups):
            own = "country"
        tally.hold("results", row, benchmark_kind=own)
        for kind, (place, benchmark) in against.items():
            published = listed[row.at()].get(kind)
            stated = row.benchmark if kind == own else published and published.benchmark
            if (
                kind in ("country", "parent")
                and stated != benchmark
                and (kind == own or row.value is not None)
            ):
                total = story.by_key.get(row.at(code=place), Row())
                if row.metric.kind in COUNTED and stated in (None, total.value):
                    tally.skip(
                        "whether a total serves",
                        "how many counts are in it, or that it was supplied, is not told",
                    )
                    benchmark = stated
            comparison = compare(row, benchmark)
            words = {"comparison": comparison, "judgement": judge(comparison, row.metric)}
            cells = {"benchmark_code": place, "benchmark": benchmark, **words}
            if kind == "peers" and not release.peers and (published or kind == own):
                tally.skip("comparisons with peers", "the package does not say who the peers are")
                continue
            if kind == own:
                tally.hold("results", row, **cells)
            if published or (benchmark is not None and row.value is not None):
                missing = Row({name: row[name] for name in KEYS if name in row}, benchmark_kind=kind)
                tally.hold("comparisons", published or missing, **cells, lower=row.lower, upper=row.upper)


def value_of_total(story: Story, row: Row, code: str | None) -> float | None:
    """Return the value of an area or country, if at least 80% of those expected are in it."""
    total = story.by_key.get(row.at(code=code)) if code else None
    if total is None:
        return None
    group = story.totals[total.at()]
    # Of other kinds nothing is added up: the source has supplied the figure, which always serves.
    serves = row.metric.kind not in COUNTED or group.reported * 100 >= group.expected * 80
    return total.value if serves else None


def value_of_peers(story: Story, row: Row, peers: list[str]) -> float | None:
    """Return the value of an organisation's peers, if at least 80% of them show counts."""
    found = [story.by_key[row.at(code=peer)] for peer in peers if row.at(code=peer) in story.by_key]
    shown = [
        (peer.numerator, peer.denominator) for peer in found if None not in (peer.numerator, peer.denominator)
    ]
    x, n = sum(pair[0] for pair in shown), sum(pair[1] for pair in shown)
    serves = n and len(shown) * 100 >= len(peers) * 80 and row.metric.kind in COUNTED
    return x * row.metric.multiplier / n if serves else None


def compare(row: Row, benchmark: float | None) -> str:
    """Return where the whole interval lies against the benchmark."""
    if row.lower is None or row.upper is None or benchmark is None:
        return "not_compared"
    return "lower" if row.upper < benchmark else "higher" if row.lower > benchmark else "similar"


def judge(comparison: str, metric: Row) -> str:
    """Return what a comparison means, through the metric's direction."""
    if comparison == "not_compared" or metric.direction == "neutral":
        return "not_compared" if comparison == "not_compared" else "no_judgement"
    better = "higher" if metric.direction == "higher_is_better" else "lower"
    return {"similar": "similar", better: "better"}.get(comparison, "worse")


# Bands and how sure they are, from bands.md


def check_bands(story: Story, tally: Tally) -> None:
    """Give each result its band, and the probability that the true value lies in it."""
    for row in story.rows:
        good, acceptable, best = (
            row.threshold_good,
            row.threshold_acceptable,
            SIGN[row.metric.direction] * inf,
        )
        band, stability = band_of(row, row), None
        if band != "not_banded":
            ends = {
                "good": (good, best),
                "acceptable": (acceptable, best if good is None else good),
                "below_standard": (-best, good if acceptable is None else acceptable),
            }[band]
            one, other = (chance_below(row, end) for end in ends)
            stability = None if one is None or other is None else abs(one - other)
        tally.hold("results", row, band=band, band_stability=stability)


def band_of(row: Row, asked: Row) -> str:
    """Return the band of a row by the thresholds and metric of another; counts decide where there are any."""
    metric, levels = asked.metric, (asked.threshold_good, asked.threshold_acceptable)
    size = row.base if row.denominator is None else row.denominator
    too_few = metric.minimum_denominator is not None and (size or 0) < metric.minimum_denominator
    if row.value is None or too_few or metric.direction == "neutral" or levels == NONE:
        return "not_banded"
    reached, factor = row.value, 1
    if metric.kind in COUNTED and row.numerator is not None and row.denominator:
        reached, factor = row.numerator * metric.multiplier, row.denominator
    for band, threshold in zip(("good", "acceptable"), levels, strict=True):
        # The slack is that of the computer's arithmetic, in which 0.07 * 100 is a little more than 7.
        slack = 1e-14 * abs((threshold or 0) * factor)
        if threshold is not None and SIGN[metric.direction] * (reached - threshold * factor) >= -slack:
            return band
    return "below_standard"


def chance_below(row: Row, level: float) -> float | None:
    """Return the probability that the true value lies below a level: Jeffreys' prior, else a normal one."""
    kind, share = row.metric.kind, max(level / row.metric.multiplier, 0)
    if abs(level) == inf:
        return float(level > 0)
    x, n = effective_counts(row) if kind == "proportion" else (row.numerator, row.denominator)
    if kind in COUNTED and x is not None and n is not None:
        is_share = kind == "proportion"
        return float(
            betainc(x + 0.5, n - x + 0.5, min(share, 1)) if is_share else gammainc(x + 0.5, share * n)
        )
    if row.lower is None or row.upper is None or row.lower == row.upper:
        return None
    return NormalDist().cdf((level - row.value) / ((row.upper - row.lower) / WIDTH))


# Outliers, from outliers.md


def check_outliers(story: Story, tally: Tally) -> None:
    """Judge each organisation by the published phi and tau2, and work these out too where counts allow it."""
    for place, cell in story.cells.items():
        group, kind = story.totals[place], cell[0].metric.kind
        counts = [funnel_counts(row) for row in cell]
        judged = [(x, n) for x, n in counts if x is not None]
        flags: list[str | None] = [None] * len(cell)
        if group.limits_used:
            centre, tau2 = group.value / cell[0].metric.multiplier, group.tau2 if group.phi > 1 else None
            flags = [None if x is None else flag(x, n, centre, tau2, kind) for x, n in counts]
            if group.reported < 50 or cell[0].metric.disclosure == "open":
                phi, tau2 = dispersion(judged, centre, kind)
                tally.hold("metric_periods", group, phi=phi, tau2=tau2)
            else:
                tally.skip("metric_periods.phi, tau2", "measured on the counts as they were sent in")
            used, flagged = (
                "adjusted" if group.phi > 1 else "exact",
                sum(f not in (None, "none") for f in flags),
            )
            tally.hold(
                "metric_periods",
                group,
                limits_used=used,
                flagged=flagged,
                flagged_by_chance=0.05 * len(judged),
            )
        for row, outlier in zip(cell, flags, strict=True):
            tally.hold("results", row, outlier=outlier)


def funnel_counts(row: Row) -> tuple[Any, Any]:
    """Return the counts that place an organisation in a funnel, None where it has no place."""
    if row.metric.kind not in COUNTED or row.absence or row.numerator is None or not row.denominator:
        return NONE
    x, n = effective_counts(row) if row.metric.kind == "proportion" else (row.numerator, row.denominator)
    return NONE if x is None or not n or (row.metric.kind == "proportion" and x > n) else (x, n)


def distance(x: float, n: float, centre: float, kind: str) -> tuple[float, float]:
    """Return the distance from the centre on the scale on which chance has one size, and its variance."""
    if kind == "proportion":
        return asin(sqrt(x / n)) - asin(sqrt(centre)), 1 / (4 * n)
    return sqrt(x / n / centre) - 1, 1 / (4 * n * centre)


def dispersion(units: list[tuple[float, float]], centre: float, kind: str) -> tuple[float, float]:
    """Return phi and tau2."""
    scored = [distance(x, n, centre, kind) for x, n in units]
    z, w = sorted(d / sqrt(variance) for d, variance in scored), [1 / variance for _, variance in scored]
    low, high, k = quantile(z, 0.1), quantile(z, 0.9), len(z)
    phi = sum(min(max(each, low), high) ** 2 for each in z) / k
    return phi, max(0.0, (k * phi - (k - 1)) / (sum(w) - sum(each * each for each in w) / sum(w)))


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile, with linear interpolation."""
    place = (len(ordered) - 1) * share
    low, high = ordered[floor(place)], ordered[min(floor(place) + 1, len(ordered) - 1)]
    return low + (high - low) * (place - floor(place))


def flag(x: float, n: float, centre: float, tau2: float | None, kind: str) -> str:
    """Return on which side of the funnel limits an organisation lies, and how far out."""
    steps = 0
    for q, confidence in ((1.959964, 0.95), (3.090232, 0.998)):
        if kind == "proportion":
            half = q * sqrt(centre * (1 - centre) / n)
            side = beyond(x / n, max(centre - half, 0), min(centre + half, 1))
        else:
            side = -beyond(centre, *poisson(x, n, confidence))
        if tau2 is not None:
            half = q * sqrt(distance(x, n, centre, kind)[1] + tau2)
            if kind == "proportion":
                angles = (min(max(asin(sqrt(centre)) + end, 0), pi / 2) for end in (-half, half))
                lower, upper = (sin(angle) ** 2 for angle in angles)
            else:
                lower, upper = (centre * max(1 + end, 0) ** 2 for end in (-half, half))
            side = side if side == beyond(x / n, lower, upper) else 0
        steps += side
    return ("alarm_low", "alert_low", "none", "alert_high", "alarm_high")[steps + 2]


def beyond(figure: float, lower: Any, upper: Any) -> int:
    """Return 1 above the limits, -1 below, 0 within or on them but for the computer's arithmetic."""
    slack = 1e-12 * abs(figure)
    return int(figure - slack > upper) - int(figure + slack < lower)


# Control charts, from control-charts.md


def check_charts(story: Story, tally: Tally) -> None:
    """Draw each control chart again: its segments and limits, and what each point says."""
    rebases = [row for row in story.release.metadata("rebases") if row.metric_id == story.metric_id]
    column = columns(story)
    series: dict[Any, dict[Any, list[Row]]] = defaultdict(lambda: defaultdict(list))
    published: dict[Any, list[Row]] = defaultdict(list)
    for row in story.release.table(f"spc/{story.metric_id}.csv"):
        published[row.organisation_code, row.breakdown_id].append(row)
    for row in sorted(story.rows, key=lambda row: column.get(row.period, -1)):
        if row.period in column:
            own = (None, row.organisation_code)
            begun = sum(each.organisation_code in own and each.date <= row.when.end for each in rebases)
            series[row.at()[:2]][story.series[row.version], begun].append(row)
        else:
            tally.hold("results", row, variation=None, assurance=None)
    for key, segments in series.items():
        charts = [(rows, *draw(rows, column, story.release.two_of_three)) for rows in segments.values()]
        listed = [segment for _, segment, _ in charts if segment["points"]]
        missing = [Row(metric_id=story.metric_id, organisation_code=key[0])] * (
            len(listed) - len(published[key])
        )
        for number, row in enumerate(published[key] + missing):
            tally.hold("spc", row, **(listed[number] if number < len(listed) else {"start": None}))
        for rows, segment, signs in charts:
            for row in rows:
                words = said(row, segment, signs) if listed else NONE
                tally.hold("results", row, variation=words[0], assurance=words[1])


def columns(story: Story) -> dict[str, int]:
    """Return the place on the time axis of each charted period; one left out leaves a gap."""
    step = {"month": 1, "quarter": 3}.get(story.versions[-1].frequency, 0)
    suits = {row.period for row in story.rows if row.metric.rolling != "true" and row.metric.kind != "status"}
    used = [
        p for p in story.periods if step and p.period in suits and p.frequency == story.versions[-1].frequency
    ]
    column = {period.period: 0 for period in used[:1]}
    for before, period in pairwise(used):
        if period.start <= before.end:
            return {}  # periods that share days are not charted
        column[period.period] = column[before.period] + (2 if period.month - before.month > step else 1)
    return column


def draw(rows: list[Row], column: dict[str, int], two_of_three: str) -> tuple[dict[str, Any], dict[str, int]]:
    """Return a segment's lines, and the sign of its marked points: 1 high or rising, -1 low or falling."""
    values = {column[row.period]: row.value for row in rows if row.value is not None}
    ranges = [abs(values[at + 1] - value) for at, value in values.items() if at + 1 in values]
    segment = {"start": rows[0].period, "points": len(values), "mean": None, "lower": None, "upper": None}
    if len(values) < 13 or not ranges:
        return segment, {}
    usual = [each for each in ranges if each < 3.267 * fmean(ranges) or each == 0]
    middle, half = fmean(values.values()), 2.66 * fmean(usual)
    segment |= {"mean": middle, "lower": middle - half, "upper": middle + half}
    noise = noise_of(segment)

    def sign(difference: float, limit: float = 0.0) -> int:
        return int(difference > limit + noise) - int(difference < -limit - noise)

    side = {at: sign(value - middle) for at, value in values.items()}
    step = {at: sign(value - values[at - 1]) for at, value in values.items() if at - 1 in values}
    outside = {at: sign(value - middle, half) for at, value in values.items() if sign(value - middle, half)}
    far = {at for at, value in values.items() if sign(value - middle, half * 2 / 3)}
    far -= outside.keys() if two_of_three == "before_2023" else set()
    trend: dict[int, int] = {}
    pairs: dict[int, int] = {}
    run: dict[int, int] = {}
    for at in values:
        if step.get(at) and all(step.get(i) == step[at] for i in range(at - 5, at)):
            trend |= {i: trend.get(i, step[at]) for i in range(at - 6, at + 1)}
        if side[at] and all(side.get(i) == side[at] for i in range(at - 6, at)):
            run |= dict.fromkeys(range(at - 6, at + 1), side[at])
        if (
            side[at]
            and side.get(at - 1) == side.get(at - 2) == side[at]
            and len(far & {at - 2, at - 1, at}) > 1
        ):
            pairs |= dict.fromkeys(far & {at - 2, at - 1, at}, side[at])
    first = {at: next((rule[at] for rule in (outside, trend, pairs, run) if at in rule), 0) for at in values}
    return segment, {row.period: first[column[row.period]] for row in rows if row.value is not None}


def noise_of(segment: dict[str, Any]) -> float:
    """Return the difference that comes from how computers calculate."""
    return 1e-12 * float(max(1, abs(segment["lower"]), abs(segment["upper"])))


def said(row: Row, segment: dict[str, Any], signs: dict[str, int]) -> tuple[str | None, str | None]:
    """Return variation and assurance of one point."""
    if row.value is None or segment["mean"] is None:
        return "no_data" if row.value is None else "not_enough_points", None
    better, sign = SIGN[row.metric.direction], signs[row.period]
    word = {1: "improvement", -1: "concern", 0: "neutral"}[sign * better]
    variation = f"{word}_{'high' if sign > 0 else 'low'}" if sign else "common_cause"
    if row.target is None or not better:
        return variation, None
    noise = noise_of(segment)
    above = int(row.target > segment["upper"] + noise) - int(row.target < segment["lower"] - noise)
    return variation, {1: "consistently_failing", -1: "consistently_passing", 0: "hit_and_miss"}[
        above * better
    ]


# Change, from change.md


def check_change(story: Story, tally: Tally) -> None:
    """Hold each result against the period before, or a quarter against that of the year before."""
    metric = story.versions[-1]
    words = {0: "no_clear_change", None: "not_comparable"}
    words |= {1: "rose", -1: "fell"} if metric.direction == "neutral" else {1: "improved", -1: "worsened"}
    previous, year_before = earlier_periods(story)
    for row in story.rows:
        earlier = [name for name in (previous.get(row.period), year_before.get(row.period)) if name]
        moves = (movement(row, story.by_key.get(row.at(period=name)), metric) for name in earlier)
        moved = next((move for move in moves if move is not None), None)
        sign = SIGN[metric.direction] or 1
        word = words[None if moved is None else moved * sign] if row.value is not None and earlier else None
        tally.hold("results", row, change=word)


def earlier_periods(story: Story) -> tuple[dict[str, str], dict[str, str]]:
    """Return the period before each one, of those the metric has; and for quarters the one a year before."""
    previous: dict[str, str] = {}
    year_before: dict[str, str] = {}
    for period in story.periods:
        same = [other for other in story.periods if other.frequency == period.frequency]
        previous |= {later.period: earlier.period for earlier, later in pairwise(same)}
        ago = [other.period for other in same if other.month == period.month - 12]
        year_before |= {period.period: ago[-1]} if ago and period.frequency == "quarter" else {}
    return previous, year_before


def movement(now: Row, then: Row | None, metric: Row) -> int | None:
    """Return 1 for a clear rise, -1 for a clear fall, 0 for neither, None where they are not comparable."""
    if then is None or then.value is None or now.value is None:
        return None
    if then.version != now.version or now.when.start <= then.when.end:
        return None
    if metric.rolling == "true" or "rolling_year" in (metric.frequency, now.when.frequency):
        return None
    if metric.kind == "proportion":
        (x1, n1), (x2, n2) = effective_counts(then), effective_counts(now)
        (l1, u1), (l2, u2) = wilson(x1, n1, 0.99), wilson(x2, n2, 0.99)
        if l1 is not None and l2 is not None:
            p1, p2 = x1 / n1, x2 / n2
            lower = p2 - p1 - sqrt((p2 - l2) ** 2 + (u1 - p1) ** 2)
            upper = p2 - p1 + sqrt((u2 - p2) ** 2 + (p1 - l1) ** 2)
            return int(lower > 0) - int(upper < 0)
    x1, n1, x2, n2 = then.numerator, then.denominator, now.numerator, now.denominator
    if metric.kind in ("rate", "ratio") and None not in (x1, x2) and n1 and n2:
        is_clear = exact_p(round(x1), round(x1) + round(x2), n1 / (n1 + n2)) < 0.01
        return is_clear * (int(x2 * n1 > x1 * n2) - int(x2 * n1 < x1 * n2))
    if None in (then.lower, then.upper, now.lower, now.upper):
        return None
    error = sqrt((then.upper - then.lower) ** 2 + (now.upper - now.lower) ** 2) / WIDTH
    return int(now.value - then.value > 2.575829 * error) - int(now.value - then.value < -2.575829 * error)


@cache
def exact_p(events: int, both: int, share: float) -> float:
    """Return the two-sided p of so many events of both."""
    return float(binomtest(events, both, share).pvalue) if both else 1.0


Check = Callable[[Story, Tally], None]
CHECKS: tuple[Check, ...] = (
    check_values,
    check_comparisons,
    check_bands,
    check_outliers,
    check_charts,
    check_change,
)


def run(release: Release, metrics: list[str], checks: Iterable[Check]) -> int:
    """Run the checks, print what came of them, and return the exit status."""
    tally = Tally()
    for metric_id in metrics or sorted(release.metrics):
        story = Story(release, metric_id)
        for check in checks:
            check(story, tally)
    for column, checked in sorted(tally.checked.items()):
        print(f"{column:34}{checked:9,} recomputed{checked - tally.wrong[column]:9,} agree")
    for (column, reason), count in sorted(tally.skipped.items()):
        print(f"{column:34}{count:9,} not recomputed: {reason}")
    print(*tally.examples[:20], f"{len(tally.examples):,} cells differ.", sep="\n")
    return 1 if tally.examples else 0


def main() -> int:
    """Read the command line and check the package it names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package")
    parser.add_argument("metrics", nargs="*")
    options = parser.parse_args()
    return run(Release(options.package), options.metrics, CHECKS)


if __name__ == "__main__":
    sys.exit(main())
