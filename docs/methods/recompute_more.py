"""Work out again what recompute.py, which must lie beside this file, leaves out.

    python recompute_more.py datapackage.zip [METRIC ...] [--before EARLIER.zip | --first]

In the order of the methods pages: percentiles and quintiles, the causes of movement, the five-year trend,
fifths of deprivation and the slope index. A cause depends on what the release before said: give its package,
or say that this is the first release.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from math import ceil, sqrt
from typing import Any

sys.dont_write_bytecode = True  # nothing is left beside the scripts

from recompute import (  # noqa: E402
    COUNTED,
    NONE,
    SIGN,
    WIDTH,
    Key,
    Release,
    Row,
    Story,
    Tally,
    band_of,
    compare,
    earlier_periods,
    interval,
    judge,
    quantile,
    run,
)

ANNUAL = ("year", "rolling_year")


# Percentiles and quintiles, from ranks.md


def check_ranks(story: Story, tally: Tally) -> None:
    """Rank the values shown in each country, for each group of patients and period."""
    for cell in story.cells.values():
        shown = sorted(row.value for row in cell if row.value is not None)
        n, rank_of = len(shown), {value: rank for rank, value in reversed([*enumerate(shown, start=1)])}
        for row in cell:
            rank, percentile, quintile = rank_of.get(row.value), None, None
            is_area = row.organisation_code in story.release.groups
            if rank and row.metric.kind not in ("count", "status") and not is_area:
                percentile = (rank - 1) / (n - 1) * 100 if n > 1 else None
                quintile = 6 - ceil((n + 1 - rank) * 5 / n) if n >= 5 else None
            tally.hold("results", row, percentile=percentile, quintile=quintile)
    for place, group in story.totals.items():
        shown = sorted(row.value for row in story.cells.get(place, []) if row.value is not None)
        lines = {f"p{p}": quantile(shown, p / 100) if shown else None for p in range(10, 100, 10)}
        total = story.by_key.get(place, Row())
        figures = {name: total.get(name) for name in ("numerator", "denominator", "value")}
        tally.hold("metric_periods", group, **lines, **figures)


# Why a band or judgement moved, from change.md


class Causes:
    """The check of the causes of movement, given the release before or None for a first release."""

    def __init__(self, before: Release | None) -> None:
        self.before = before

    def __call__(self, story: Story, tally: Tally) -> None:
        """Hold each result against what the release before said of it, else against the period before."""
        rows = self.before.table(f"results/{story.metric_id}.csv") if self.before else []
        old = {row.at(): row for row in rows}
        previous, _ = earlier_periods(story)
        for now in story.rows:
            if now.at() in old:
                cause = cause_of(now, old[now.at()], "revised_value")
            else:
                then = story.by_key.get(now.at(period=previous.get(now.period, "none")))
                cause = cause_of(now, then, "new_period")
            tally.hold("results", now, change_cause=cause)


def cause_of(now: Row, then: Row | None, otherwise: str) -> str | None:
    """Return the one thing that, had it alone changed, would have brought about what now stands."""
    if then is None or then.value is None or now.value is None:
        return None
    is_judged = {now.judgement, then.judgement} & {"better", "similar", "worse"}
    if now.band == then.band and not (is_judged and now.judgement != then.judgement):
        return None
    if now.version != then.version or judge(then.comparison, now.metric) != then.judgement:
        return "definition"
    if now.band != then.band:
        names = ("threshold_good", "threshold_acceptable")
        same_levels = otherwise == "new_period" and all(now[name] == then[name] for name in names)
        return "threshold" if not same_levels and band_of(then, now) == now.band else otherwise
    return "benchmark" if judge(compare(then, now.benchmark), now.metric) == now.judgement else otherwise


# The five-year trend, from trend.md


def check_trend(story: Story, tally: Tally) -> None:
    """Tell of each annual figure which way it and the four before it go."""
    metric, ago = story.versions[-1], years_before(story)
    words = {0: "no_clear_trend", None: "cannot_be_calculated"}
    words |= (
        {1: "rising", -1: "falling"} if metric.direction == "neutral" else {1: "improving", -1: "worsening"}
    )
    for row in story.rows:
        names = [row.period]
        while len(names) < 5 and names[-1] in ago:
            names.append(ago[names[-1]])
        points = [story.by_key.get(row.at(period=name)) for name in reversed(names)]
        usable = [point for point in points if point is not None and is_usable(point, metric)]
        moved = direction_of(usable) if len(usable) == 5 else None
        sign = SIGN[metric.direction] or 1
        is_annual = metric.frequency in ANNUAL and row.when.frequency in ANNUAL
        tally.hold(
            "results", row, trend=words[None if moved is None else moved * sign] if is_annual else None
        )


def years_before(story: Story) -> dict[str, str]:
    """Return for each annual period the one a year before it, in the same unbroken series."""
    series = {row.period: story.series[row.version] for row in story.rows}
    ago = {}
    for period in story.periods:
        months_off = {
            other.period: abs(period.month - 12 - other.month)
            for other in story.periods
            if other.frequency == period.frequency in ANNUAL
            and other.end < period.start
            and series[other.period] == series[period.period]
        }
        nearest = min(months_off, key=lambda name: months_off[name], default=None)
        if nearest is not None and months_off[nearest] <= (2 if period.frequency == "year" else 0):
            ago[period.period] = nearest
    return ago


def is_usable(point: Row, metric: Row) -> bool:
    """Tell whether a figure has a range, and is no full count."""
    if point.value is None or point.lower is None or point.upper is None or point.upper <= point.lower:
        return False
    is_full = point.numerator is not None and point.numerator == point.denominator
    is_full |= metric.kind == "proportion" and point.value == metric.multiplier
    return metric.kind == "ratio" or not is_full


def direction_of(points: list[Row]) -> int:
    """Return 1 for a clear rise, -1 for a clear fall, 0 for neither."""
    data = [(x, p.value - points[-1].value, (WIDTH / (p.upper - p.lower)) ** 2) for x, p in enumerate(points)]

    def slope_of(data: list[Any]) -> tuple[float, int]:
        """Return the square of slope ÷ its standard error, and its sign."""
        terms = [(w, w * x, w * y, w * x * y, w * x * x) for x, y, w in data]
        w, wx, wy, wxy, wxx = (sum(each) for each in zip(*terms, strict=True))
        spread, tilt = w * wxx - wx * wx, w * wxy - wx * wy
        # A slope this small comes from how computers calculate.
        is_flat = abs(tilt) <= 1e-12 * w * sum(abs(w * x * y) for x, y, w in data)
        return tilt * tilt / (spread * w), 0 if is_flat else 1 if tilt > 0 else -1

    (size, sign), leaving_out = slope_of(data), [slope_of(data[:at] + data[at + 1 :])[1] for at in range(5)]
    return sign if size > 9.5495 and set(leaving_out) == {sign} else 0


# Fifths of deprivation and the slope index, from inequality.md


def check_fifths(story: Story, tally: Tally) -> None:
    """Add up the fifths again, and lay the line through them."""
    published: dict[Key, dict[int, Row]] = defaultdict(dict)
    for row in story.release.table(f"fifths/{story.metric_id}.csv"):
        published[row.at()][int(row.fifth)] = row
    score = deprivation(story.release)
    places = {place: cell for place, cell in story.cells.items() if cell[0].metric.kind in COUNTED}
    for place, group in story.totals.items():
        cell = places.get(place, []) if score else []
        fifth = (
            fifths_of(story.release, cell[0], score) if cell and cell[0].metric.applies_to != "area" else {}
        )
        sums = {
            n: add_up([row for row in cell if fifth.get(row.organisation_code) == n]) for n in range(1, 6)
        }
        for n, row in published[place].items():
            tally.hold("fifths", row, **{name: sums[n].get(name) for name in (*row.keys() & sums[n].keys(),)})
        listed = {n for n in sums if sums[n].organisations}
        tally.hold("fifths", Row(group, listed=str(listed)), listed=str({*published[place]}))
        sii, lower, upper = slope_index([*sums.values()]) if len(listed) == 5 else (None, None, None)
        tally.hold("metric_periods", group, sii=sii, sii_lower=lower, sii_upper=upper)


def deprivation(release: Release) -> dict[str, float]:
    """Return the latest deprivation of each organisation."""
    roles = [
        row.characteristic_id for row in release.metadata("characteristics") if row.role == "deprivation"
    ]
    order = {name: place for place, name in enumerate(release.periods)}
    context = sorted(release.metadata("context"), key=lambda row: order[row.period])
    return {row.organisation_code: row.value for row in context if row.characteristic_id in roles[:1]}


def fifths_of(release: Release, like: Row, score: dict[str, float]) -> dict[str, int]:
    """Return the fifth of each organisation of the same kind and country that was open in the same period."""
    members = []
    for code, own in release.organisations.items():
        is_open = (own.opened_on or "") <= like.when.end and (own.closed_on or "9999") >= like.when.start
        if own.kind == like.metric.applies_to and is_open and code in score:
            anywhere, _, size = release.standing(like.when.end)
            held = anywhere[code] & release.countries
            members += [code] if min(held, key=lambda c: (size[c], c), default=None) == like.country else []
    ranked = sorted((score[code] for code in members), reverse=True)
    n = len(members)
    return {code: 6 - ceil((n - ranked.index(score[code])) * 5 / n) for code in members} if n >= 5 else {}


def add_up(rows: list[Row]) -> Row:
    """Return the sums of one fifth, with value and interval."""
    shown = [row for row in rows if row.numerator is not None and row.denominator is not None]
    asked = [row for row in rows if row.absence != "not_applicable"]
    x, n = (sum(row[name] for row in shown) for name in ("numerator", "denominator"))
    total = Row(
        organisations=len(shown),
        asked=len(asked),
        numerator=x,
        denominator=n,
        value=None,
        lower=None,
        upper=None,
    )
    if n:
        total["metric"] = shown[0].metric
        total["value"] = x * total.metric.multiplier / n
        if all(row.base is not None for row in shown):
            total["base"] = sum(row.base for row in shown) or None
        if all(row.effective_base for row in shown):
            total["effective_base"] = n**2 / sum(row.denominator**2 / row.effective_base for row in shown)
        total["lower"], total["upper"] = interval(total)
    return total


def slope_index(fifths: list[Row]) -> Any:
    """Return the slope index with its limits, None where a fifth lacks a value or too many rows."""
    if any(each.lower is None or each.organisations * 100 < each.asked * 80 for each in fifths):
        return None, *NONE
    share = [each.denominator / sum(each.denominator for each in fifths) for each in fifths]
    middle = [sum(share[:at]) + each / 2 for at, each in enumerate(share)]
    centre = sum(a * b for a, b in zip(share, middle, strict=True))
    spread = sum(a * (b - centre) ** 2 for a, b in zip(share, middle, strict=True))
    weight = [a * (b - centre) / spread for a, b in zip(share, middle, strict=True)]
    index = sum(w * each.value for w, each in zip(weight, fifths, strict=True))
    pairs = zip(weight, fifths, strict=True)
    half = 1.959964 * sqrt(sum((w * (each.upper - each.lower) / WIDTH) ** 2 for w, each in pairs))
    return index, index - half, index + half


def main() -> int:
    """Read the command line and check the package it names."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package")
    parser.add_argument("metrics", nargs="*")
    parser.add_argument("--before", help="the package of the release before")
    parser.add_argument("--first", action="store_true", help="there is no release before")
    options = parser.parse_args()
    causes = Causes(Release(options.before) if options.before else None)
    checks = (check_ranks, check_trend, check_fifths, *((causes,) if options.before or options.first else ()))
    return run(Release(options.package), options.metrics, checks)


if __name__ == "__main__":
    sys.exit(main())
