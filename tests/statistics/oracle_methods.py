"""The methods for one figure, or for two: intervals, comparison, bands and change, one row at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

from scipy import stats

Row = dict[str, Any]

COUNTED = ("proportion", "rate", "ratio")
NORMAL = NormalDist()
Z95, Z998 = NORMAL.inv_cdf(0.975), NORMAL.inv_cdf(0.999)


def is_of_nobody(row: Row) -> bool:
    return row["denominator"] == 0 or (row["denominator"] is None and row["base"] == 0)


def add_value(row: Row, metric: Row) -> None:
    """Complete value, absence and coverage."""
    numerator, denominator, excluded = row["numerator"], row["denominator"], row["excluded"]
    row["coverage"] = None
    if row["value"] is None and not row["absence"]:
        if metric["kind"] == "count" and numerator is not None:
            row["value"] = numerator * metric["multiplier"]
        elif metric["kind"] in (*COUNTED, "mean") and numerator is not None and denominator:
            row["value"] = numerator * metric["multiplier"] / denominator
        elif is_of_nobody(row):
            row["absence"] = "zero_denominator"
        else:
            row["absence"] = "not_stated"
    if (
        metric["kind"] in COUNTED
        and None not in (numerator, denominator, excluded)
        and denominator + excluded
    ):
        row["coverage"] = numerator * metric["multiplier"] / (denominator + excluded)


def add_interval(row: Row, metric: Row) -> None:
    """Complete lower, upper and interval; what the source supplied stands."""
    supplied = row["lower"] is not None or row["upper"] is not None
    if row["value"] is None:
        row["lower"] = row["upper"] = None
        row["interval"] = "none"
    elif supplied:
        row["interval"] = "supplied"
    else:
        row["lower"], row["upper"] = interval(row, metric)
        row["interval"] = "none" if row["lower"] is None else "computed"


def effective(row: Row, metric: Row) -> tuple[float | None, float | None]:
    """Return the counts that a proportion's uncertainty rests on."""
    base = row["effective_base"] if row["effective_base"] is not None else row["base"]
    size = row["denominator"] if base is None else base
    count = row["numerator"] if base is None else None
    share = row["value"] / metric["multiplier"]
    if count is None and size is not None and share <= 1 + 1e-9:
        count = min(share, 1.0) * size
    return count, size


def wilson(count: float | None, size: float | None, confidence: float) -> tuple[float, float] | None:
    if count is None or not size or not 0 <= count <= size:
        return None
    z = NORMAL.inv_cdf(0.5 + confidence / 2)
    share = count / size
    middle = share + z * z / (2 * size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    scale = 1 + z * z / size
    lower, upper = (middle - half) / scale, (middle + half) / scale
    return (lower if count else 0.0), (upper if count < size else 1.0)


def poisson(events: float, confidence: float) -> tuple[float, float]:
    """Return the limits of a number of events: exact below 10, Byar's from 10."""
    tail = (1 - confidence) / 2
    if events < 10:
        lower = stats.chi2.ppf(tail, 2 * events) / 2 if events else 0.0
        return float(lower), float(stats.chi2.ppf(1 - tail, 2 * events + 2) / 2)
    z, more = NORMAL.inv_cdf(1 - tail), events + 1
    lower = events * (1 - 1 / (9 * events) - z / (3 * math.sqrt(events))) ** 3
    upper = more * (1 - 1 / (9 * more) + z / (3 * math.sqrt(more))) ** 3
    return float(lower), float(upper)


def interval(row: Row, metric: Row) -> tuple[float | None, float | None]:
    kind, scale = metric["kind"], metric["multiplier"]
    if kind == "proportion":
        limits = wilson(*effective(row, metric), 0.95)
        return (limits[0] * scale, limits[1] * scale) if limits else (None, None)
    events, size = row["numerator"], row["denominator"]
    if kind in ("rate", "ratio") and events is not None and size and events >= 0:
        lower, upper = poisson(events, 0.95)
        return lower / size * scale, upper / size * scale
    if kind == "mean":
        people = size if size is not None else row["base"]
        if people is not None and people > 1 and row["standard_deviation"] is not None:
            half = stats.t.ppf(0.975, people - 1) * row["standard_deviation"] / math.sqrt(people)
            return row["value"] - half, row["value"] + half
    return None, None


def comparison(row: Row, benchmark: float | None) -> str:
    if None in (row["lower"], row["upper"], benchmark):
        return "not_compared"
    if row["upper"] < benchmark:
        return "lower"
    return "higher" if row["lower"] > benchmark else "similar"


def judgement(compared: str, metric: Row) -> str:
    if compared == "not_compared":
        return compared
    if metric["direction"] == "neutral":
        return "no_judgement"
    if compared == "similar":
        return compared
    return "better" if (compared == "higher") == (metric["direction"] == "higher_is_better") else "worse"


def band(row: Row, metric: Row, good: float | None, acceptable: float | None) -> tuple[str, float | None]:
    """Return the band by these thresholds, and how probable it is that the true value lies in it."""
    size = row["denominator"] if row["denominator"] is not None else row["base"]
    minimum = metric["minimum_denominator"]
    if row["value"] is None or metric["direction"] == "neutral" or good is acceptable is None:
        return "not_banded", None
    if minimum is not None and (size is None or size < minimum):
        return "not_banded", None
    if good is not None and _reaches(row, good, metric):
        name, worse, better = "good", good, None
    elif acceptable is not None and _reaches(row, acceptable, metric):
        name, worse, better = "acceptable", acceptable, good
    else:
        name, worse, better = "below_standard", None, good if acceptable is None else acceptable
    if metric["direction"] == "lower_is_better":
        worse, better = better, worse
    return name, _stability(row, metric, worse, better)


def _reaches(row: Row, threshold: float, metric: Row) -> bool:
    achieved, needed = row["value"], threshold
    if metric["kind"] in COUNTED and row["numerator"] is not None and row["denominator"]:
        achieved, needed = row["numerator"] * metric["multiplier"], threshold * row["denominator"]
    if math.isclose(achieved, needed, rel_tol=1e-13):
        return True
    return bool(achieved < needed if metric["direction"] == "lower_is_better" else achieved > needed)


def _stability(row: Row, metric: Row, lower: float | None, upper: float | None) -> float | None:
    scale = metric["multiplier"]
    if metric["kind"] == "proportion":
        count, size = effective(row, metric)
        if count is not None and size is not None:
            posterior = stats.beta(count + 0.5, size - count + 0.5)
            return _between(posterior, lower, upper, scale)
    if metric["kind"] in ("rate", "ratio") and None not in (row["numerator"], row["denominator"]):
        posterior = stats.gamma(row["numerator"] + 0.5, scale=1 / row["denominator"])
        return _between(posterior, lower, upper, scale)
    if None in (row["lower"], row["upper"]) or row["lower"] == row["upper"]:
        return None
    normal = stats.norm(row["value"], (row["upper"] - row["lower"]) / 3.919928)
    return _between(normal, lower, upper, 1)


def _between(distribution: Any, lower: float | None, upper: float | None, scale: float) -> float:
    below = 1.0 if upper is None else distribution.cdf(upper / scale)
    return float(below - (0.0 if lower is None else distribution.cdf(lower / scale)))


def moved(earlier: Row, later: Row, metric: Row) -> int | None:
    """Return 1 for a clear rise, -1 for a clear fall, 0 for neither, None where it cannot be tested."""
    if metric["kind"] == "proportion":
        counts = [effective(row, metric) for row in (earlier, later)]
        first, second = (wilson(*pair, 0.99) for pair in counts)
        if first and second:
            before, after = (count / size for count, size in counts if count is not None and size)
            difference = after - before
            if difference - math.hypot(after - second[0], first[1] - before) > 0:
                return 1
            return -1 if difference + math.hypot(second[1] - after, before - first[0]) < 0 else 0
    if metric["kind"] in ("rate", "ratio"):
        events = [row["numerator"] for row in (earlier, later)]
        sizes = [row["denominator"] for row in (earlier, later)]
        if None not in events and all(sizes):
            whole = [round(count) for count in events]
            if not sum(whole) or stats.binomtest(whole[0], sum(whole), sizes[0] / sum(sizes)).pvalue >= 0.01:
                return 0
            return 1 if events[1] * sizes[0] > events[0] * sizes[1] else -1
    limits = [row[name] for row in (earlier, later) for name in ("lower", "upper")]
    if None in limits:
        return None
    error = math.hypot(limits[1] - limits[0], limits[3] - limits[2]) / 3.919928
    difference = later["value"] - earlier["value"]
    if abs(difference) <= 2.575829 * error:
        return 0
    return 1 if difference > 0 else -1


def trend(points: Sequence[Row], metric: Row) -> str:
    """Return which way five annual figures go, the earliest first: a weighted slope, tested."""
    for row in points:
        if row["value"] is None or None in (row["lower"], row["upper"]) or row["lower"] >= row["upper"]:
            return "cannot_be_calculated"
        if row["numerator"] is not None and row["numerator"] == row["denominator"]:
            return "cannot_be_calculated"
        if metric["kind"] == "proportion" and row["value"] == metric["multiplier"]:
            return "cannot_be_calculated"
    values = [row["value"] for row in points]
    weights = [(3.92 / (row["upper"] - row["lower"])) ** 2 for row in points]
    slope, error = _slope(range(5), values, weights)
    if (slope / error) ** 2 <= stats.chi2.ppf(0.998, 1):
        return "no_clear_trend"
    for left_out in range(5):
        kept = [place for place in range(5) if place != left_out]
        partly, _ = _slope(kept, [values[place] for place in kept], [weights[place] for place in kept])
        if partly * slope <= 0:
            return "no_clear_trend"
    if metric["direction"] == "neutral":
        return "rising" if slope > 0 else "falling"
    return "improving" if (slope > 0) == (metric["direction"] == "higher_is_better") else "worsening"


def _slope(at: Sequence[int], values: list[float], weights: list[float]) -> tuple[float, float]:
    """Return the weighted slope and its standard error."""
    whole = math.fsum(weights)
    centre = math.fsum(w * x for w, x in zip(weights, at, strict=True)) / whole
    spread = math.fsum(w * (x - centre) ** 2 for w, x in zip(weights, at, strict=True))
    total = math.fsum(w * (x - centre) * v for w, x, v in zip(weights, at, values, strict=True))
    return total / spread, 1 / math.sqrt(spread)
