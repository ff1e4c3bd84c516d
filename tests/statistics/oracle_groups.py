"""The methods for many organisations at once, for the slow rules: ranks, funnels, fifths and their slope."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tests.statistics.oracle_counts import WHOLE_COUNTRY, add_up, shows_counts, significant
from tests.statistics.oracle_methods import COUNTED, Z95, Z998, add_interval, effective, poisson

Row = dict[str, Any]

# Ranks


def percentiles_of(values: Sequence[float], hidden: int) -> Row:
    """Return p10 to p90, linear between neighbours; none of few values, or if over a tenth is hidden."""
    is_told = len(values) >= 10 and 10 * hidden <= len(values) + hidden
    return {
        f"p{percent}": float(np.quantile(values, percent / 100)) if is_told else None
        for percent in range(10, 100, 10)
    }


def rank(value: float, ordered: Sequence[float]) -> tuple[float | None, int | None]:
    """Return percentile and quintile of one of the values, given in order; ties share the lowest rank."""
    count, below = len(ordered), bisect_left(ordered, value)
    return below / (count - 1) * 100 if count > 1 else None, band_of(below + 1, count, 5)


def band_of(place: int, count: int, bands: int) -> int | None:
    """Return the band of a rank; none where there are fewer values than bands."""
    if count < bands:
        return None
    return bands + 1 - -(-(count + 1 - place) * bands // count)


# Funnels


def units_of(rows: Mapping[str, Row], metric: Row) -> dict[str, tuple[float, float]]:
    """Return numerator and denominator, as chance sees them, of each row that can stand in a funnel."""
    units = {}
    for code, row in rows.items():
        if metric["kind"] not in COUNTED or not shows_counts(row):
            continue
        count, size = row["numerator"], row["denominator"]
        if not size or count < 0 or (metric["kind"] == "proportion" and count > size):
            continue
        if metric["kind"] == "proportion":
            value = row["value"] if row["value"] is not None else count * metric["multiplier"] / size
            count, size = effective({**row, "value": value}, metric)
        if count is not None and size:
            units[code] = count, size
    return units


def funnel(
    raw: Mapping[str, Row], shown: Mapping[str, Row], centre: float | None, metric: Row
) -> tuple[Row, dict[str, str]]:
    """Return the columns of a country's funnel, and who is beyond its limits.

    `raw` and `shown` are the rows of its organisations before and after protection, `centre` is its value.
    """
    blank = dict.fromkeys(("phi", "tau2", "flagged", "flagged_by_chance")) | {"limits_used": ""}
    reported = units_of(raw, metric)
    measured = reported if len(reported) >= WHOLE_COUNTRY else units_of(shown, metric)
    if centre is None or len(measured) < 10:
        return blank, {}
    centre /= metric["multiplier"]
    is_share = metric["kind"] == "proportion"
    if centre <= 0 or (is_share and centre >= 1):
        return blank, {}
    phi, tau2 = overdispersion(list(measured.values()), centre, is_share=is_share)
    if measured is reported and metric["disclosure"] != "open":
        phi, tau2 = (float(significant(figure, 4) or 0) for figure in (phi, tau2))
    adjusted = phi > 1
    outliers = {
        code: _outlier(*unit, centre, tau2 if adjusted else None, is_share=is_share)
        for code, unit in units_of(shown, metric).items()
    }
    return {
        "phi": phi,
        "tau2": tau2,
        "limits_used": "adjusted" if adjusted else "exact",
        "flagged": sum(word != "none" for word in outliers.values()),
        "flagged_by_chance": 0.05 * len(outliers),
    }, outliers


def overdispersion(
    units: Sequence[tuple[float, float]], centre: float, *, is_share: bool
) -> tuple[float, float]:
    """Return phi and tau squared of numerators and denominators around a centre, a fraction of 1."""
    z, weights = [], []
    for count, size in units:
        if is_share:
            distance = math.asin(math.sqrt(count / size)) - math.asin(math.sqrt(centre))
            variance = 1 / (4 * size)
        else:
            distance = math.sqrt(count / (size * centre)) - 1
            variance = 1 / (4 * size * centre)
        z.append(distance / math.sqrt(variance))
        weights.append(1 / variance)
    low, high = (float(np.quantile(z, share)) for share in (0.1, 0.9))
    phi = math.fsum(min(max(one, low), high) ** 2 for one in z) / len(z)
    whole = math.fsum(weights)
    spare = whole - math.fsum(weight**2 for weight in weights) / whole
    return phi, max(0.0, (len(z) * phi - (len(z) - 1)) / spare)


def _outlier(count: float, size: float, centre: float, tau2: float | None, *, is_share: bool) -> str:
    for word, confidence, z in (("alarm", 0.998, Z998), ("alert", 0.95, Z95)):
        side = _exact_side(count, size, centre, confidence, z, is_share=is_share)
        if tau2 is not None and side != _adjusted_side(count, size, centre, tau2, z, is_share=is_share):
            side = 0
        if side:
            return f"{word}_{'high' if side > 0 else 'low'}"
    return "none"


def _exact_side(
    count: float, size: float, centre: float, confidence: float, z: float, *, is_share: bool
) -> int:
    if not is_share:
        lower, upper = poisson(count, confidence)
        return int(lower > centre * size) - int(upper < centre * size)
    half = z * math.sqrt(centre * (1 - centre) / size)
    return _side(count / size, max(centre - half, 0), min(centre + half, 1))


def _adjusted_side(count: float, size: float, centre: float, tau2: float, z: float, *, is_share: bool) -> int:
    if is_share:
        half, middle = z * math.sqrt(1 / (4 * size) + tau2), math.asin(math.sqrt(centre))
        lower, upper = (math.sin(min(max(middle + sign * half, 0), math.pi / 2)) ** 2 for sign in (-1, 1))
        return _side(count / size, lower, upper)
    half = z * math.sqrt(1 / (4 * size * centre) + tau2)
    lower, upper = (max(1 + sign * half, 0) ** 2 for sign in (-1, 1))
    return _side(count / size, centre * lower, centre * upper)


def _side(figure: float, lower: float, upper: float) -> int:
    return int(figure > upper) - int(figure < lower)


# Fifths of deprivation


def fifths_of(deprivation: Mapping[str, float]) -> dict[str, int]:
    """Return the fifth of each organisation: 1 where deprivation is highest."""
    ordered = sorted(deprivation.values())
    places = {code: len(ordered) - bisect_right(ordered, degree) + 1 for code, degree in deprivation.items()}
    fifths = {code: band_of(place, len(ordered), 5) for code, place in places.items()}
    return {code: fifth for code, fifth in fifths.items() if fifth is not None}


def add_up_fifths(rows: Mapping[str, Row], fifth_of: Mapping[str, int], metric: Row) -> dict[int, Row]:
    """Return the result of each fifth, from the protected rows that show counts."""
    made: dict[int, Row] = {}
    for fifth in range(1, 6):
        own = [row for code, row in sorted(rows.items()) if fifth_of.get(code) == fifth and shows_counts(row)]
        if not own:
            continue
        total = add_up(own)
        if total["denominator"]:
            total["value"] = total["numerator"] * metric["multiplier"] / total["denominator"]
        add_interval(total, metric)
        made[fifth] = {"organisations": len(own)} | {
            name: total[name] for name in ("numerator", "denominator", "value", "lower", "upper")
        }
    return made


def slope_of(fifths: Mapping[int, Row]) -> tuple[float | None, float | None, float | None]:
    """Return the slope index of inequality and its limits: the weighted line through all five fifths."""
    rows = [fifths[fifth] for fifth in sorted(fifths)]
    if len(rows) < 5 or any(row["value"] is None for row in rows):
        return None, None, None
    whole = math.fsum(row["denominator"] for row in rows)
    share = [row["denominator"] / whole for row in rows]
    middle = [math.fsum(share[:place]) + share[place] / 2 for place in range(5)]
    centre = math.fsum(s * m for s, m in zip(share, middle, strict=True))
    spread = math.fsum(s * (m - centre) ** 2 for s, m in zip(share, middle, strict=True))
    pull = [s * (m - centre) / spread for s, m in zip(share, middle, strict=True)]
    slope = math.fsum(p * row["value"] for p, row in zip(pull, rows, strict=True))
    if any(row["lower"] is None for row in rows):
        return slope, None, None
    errors = [(row["upper"] - row["lower"]) / (2 * Z95) for row in rows]
    error = math.sqrt(math.fsum((p * e) ** 2 for p, e in zip(pull, errors, strict=True)))
    return slope, slope - Z95 * error, slope + Z95 * error
