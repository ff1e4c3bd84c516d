"""How far organisations differ by more than chance: centre, over-dispersion and variance of each funnel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.tables import METRIC_PERIODS
from generator.model.vocabulary import COUNTED_KINDS, DisclosureClass, Kind, LimitsUsed
from generator.statistics.categories import words_of
from generator.statistics.disclosure.protection import TOTAL_DIGITS, round_to_digits
from generator.statistics.intervals import effective_counts
from generator.statistics.keys import (
    KEY,
    Flags,
    Numbers,
    Positions,
    find_rows,
    key_of,
    keys_of,
    split_keys,
    take_or_blank,
)
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

FEWEST_UNITS = 10
"""With fewer organisations neither over-dispersion nor a centre can be told from chance: no funnel."""
RAW_FROM = 50
"""From this many reporting organisations on, raw counts are what over-dispersion is measured on."""
TRIMMED = 0.1
"""The share of organisations at either end whose distance from the centre is pulled in."""


@dataclass(frozen=True)
class Scale:
    """A way to measure distance from the centre on which chance spreads results of one size alike.

    `size` is the denominator, values and centre are fractions of 1.
    """

    distance: Callable[[Numbers, Numbers], Numbers]
    """Distance of values from the centre."""
    value: Callable[[Numbers, Numbers], Numbers]
    """The value at a distance from the centre, the inverse of `distance`."""
    variance: Callable[[Numbers, Numbers], Numbers]
    """The variance of the distance that chance alone gives, by size and centre."""

    def scores(self, value: Numbers, size: Numbers, centre: Numbers) -> Numbers:
        """Return z: by how many standard errors each value lies above the centre."""
        return np.asarray(self.distance(value, centre) / np.sqrt(self.variance(size, centre)))


def scale_of(kind: Kind) -> Scale:
    """Return the scale on which the organisations of a metric of this kind are held against the centre."""
    return ARCSINE if kind is Kind.PROPORTION else SQUARE_ROOT


def measure_dispersion(
    raw: pd.DataFrame, shown: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar
) -> pd.DataFrame:
    """Return what the funnels of a metric rest on: a row for each country, breakdown and period that has one.

    Columns organisation (the country), breakdown and period by number, centre (the country's published value
    as a fraction of 1), phi, tau2, limits_used, and units (how many organisations they were measured on);
    sorted by key. `raw` and `shown` are the same rows before and after protection, `shown` with values.
    From 50 reporting organisations on raw counts are used and, unless the metric is open, phi and tau2 given
    to 4 significant digits; below, the counts that are shown. There is no row for fewer than 10
    organisations, nor where the country has no value or one without any variation by chance (0, 100%).
    """
    country = countries_of(shown, metric, places, calendar)
    own = np.flatnonzero(country >= 0)
    if not len(own):
        return _nothing()
    period, breakdown = (shown[name].to_numpy(np.int64)[own] for name in ("period", "breakdown"))
    cell, cells = _number_cells(country[own], breakdown, period)

    numerator, denominator = (counts[own] for counts in counts_of(shown, metric))
    is_raw = np.zeros(len(cells), dtype=np.bool_)
    if metric.disclosure is not DisclosureClass.OPEN:
        exact, size = (counts[own] for counts in counts_of(raw, metric))
        is_raw = np.bincount(cell[~np.isnan(exact)], minlength=len(cells)) >= RAW_FROM
        numerator = np.where(is_raw[cell], exact, numerator)
        denominator = np.where(is_raw[cell], size, denominator)
    units = np.bincount(cell[~np.isnan(numerator)], minlength=len(cells))

    value = shown["value"].to_numpy(np.float64) / metric.multiplier
    centre = take_or_blank(value, find_rows(keys_of(shown), cells))
    measured = (units >= FEWEST_UNITS) & (centre > 0)
    if metric.kind is Kind.PROPORTION:
        measured &= centre < 1
    kept = measured[cell] & ~np.isnan(numerator)
    cell = (np.cumsum(measured) - 1)[cell[kept]]
    numerator, denominator = numerator[kept], denominator[kept]
    cells, units, centre, is_raw = cells[measured], units[measured], centre[measured], is_raw[measured]

    scale, centres = scale_of(metric.kind), centre[cell]
    z = winsorise(scale.scores(numerator / denominator, denominator, centres), cell, len(cells))
    phi, tau2 = overdispersion(z, 1 / scale.variance(denominator, centres), cell, len(cells))
    phi = np.where(is_raw, round_to_digits(phi, TOTAL_DIGITS), phi)
    tau2 = np.where(is_raw, round_to_digits(tau2, TOTAL_DIGITS), tau2)
    words = np.where(phi > 1, LimitsUsed.ADJUSTED, LimitsUsed.EXACT)
    return pd.DataFrame(
        {
            **dict(zip(KEY, split_keys(cells), strict=True)),
            "centre": centre,
            "phi": phi,
            "tau2": tau2,
            "limits_used": pd.Categorical(words, dtype=words_of("limits_used", METRIC_PERIODS)),
            "units": units,
        }
    )


def countries_of(rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar) -> Positions:
    """Return the country, by number, in whose funnel each row may stand; -1 where it stands in none.

    Those that may are organisations of the metric's kind that were open in the period; areas and countries
    never do, nor does anybody where the kind of metric has no counts.
    """
    organisation, period = (rows[name].to_numpy(np.int64) for name in ("organisation", "period"))
    if metric.kind not in COUNTED_KINDS:
        return np.full(len(rows), -1, dtype=np.int64)
    timeline = places.through(calendar)
    of_kind = (places.kind == metric.applies_to) & ~places.is_group
    by_period = np.where(timeline.is_open & of_kind, timeline.country[timeline.standing], -1)
    return np.asarray(by_period[period, organisation])


def counts_of(rows: pd.DataFrame, metric: Metric) -> tuple[Numbers, Numbers]:
    """Return the numerator and denominator that each row's place in a funnel rests on.

    For a survey they are those of its interval: the effective base and the share of it. Both are NaN where
    a count of the row is missing, hidden or impossible, or the denominator is 0.
    """
    numerator, denominator = (rows[name].to_numpy(np.float64) for name in ("numerator", "denominator"))
    usable = np.asarray(rows["absence"] == "") & ~np.isnan(numerator) & ~np.isnan(denominator)
    if metric.kind is Kind.PROPORTION:
        if rows["base"].notna().any() or rows["effective_base"].notna().any():
            value = rows["value"].fillna(rows["numerator"] * metric.multiplier / rows["denominator"])
            counts = effective_counts(rows.assign(value=value), metric)
            numerator, denominator = (counts[name].to_numpy() for name in ("numerator", "denominator"))
        usable = usable & (numerator <= denominator)
    usable = usable & (denominator > 0) & (numerator >= 0)
    return np.where(usable, numerator, np.nan), np.where(usable, denominator, np.nan)


def winsorise(z: Numbers, cell: Positions, count: int, *, share: float = TRIMMED) -> Numbers:
    """Return z with what lies beyond the percentiles at either end set to them, in each of so many cells.

    Percentiles are interpolated linearly. Every cell holds at least one z.
    """
    # Small whole numbers are sorted by counting, which is several times faster.
    order = np.argsort(cell.astype(np.min_scalar_type(count)), kind="stable")
    units, grouped = np.bincount(cell, minlength=count), cell[order]
    by_cell = np.full((count, int(units.max(initial=0))), np.nan)
    by_cell[grouped, np.arange(len(z)) - (np.cumsum(units) - units)[grouped]] = z[order]
    by_cell.sort(axis=1)
    ends, every = [], np.arange(count)
    for percentile in (share, 1 - share):
        place = (units - 1) * percentile
        below = np.floor(place).astype(np.int64)
        low, high = by_cell[every, below], by_cell[every, np.minimum(below + 1, units - 1)]
        ends.append(low + (high - low) * (place - below))
    return np.clip(z, ends[0][cell], ends[1][cell])


def truncate(z: Numbers, *, share: float = TRIMMED) -> Numbers:
    """Return the z of one group with NaN for the lowest and highest share of them; ties share a mean rank.

    This is how the national mortality indicator (SHMI) trims; for one group, to hold results against it.
    """
    bands = round(1 / share)
    band = np.floor(pd.Series(z).rank().to_numpy() * bands / (len(z) + 1))
    return np.where((band == 0) | (band == bands - 1), np.nan, z)


def overdispersion(z: Numbers, weight: Numbers, cell: Positions, count: int) -> tuple[Numbers, Numbers]:
    """Return phi and tau2 of each of so many cells; units whose z is NaN are left out.

    `weight` is one over the variance by chance. phi is the mean of z², tau2 the variance between
    organisations beyond chance on the scale of z, 0 where there is none.
    """
    kept = ~np.isnan(z)
    z, weight, cell = z[kept], weight[kept], cell[kept]
    units = np.bincount(cell, minlength=count)
    squares, total, total_of_squares = (
        np.bincount(cell, figures, minlength=count) for figures in (z * z, weight, weight * weight)
    )
    tau2 = (squares - (units - 1)) / (total - total_of_squares / total)
    return squares / units, np.maximum(tau2, 0)


def log_ratio_variance(denominator: Numbers, centre: Numbers) -> Numbers:
    """Return the variance of the logarithm of a ratio of two counts that both vary by chance."""
    numerator = centre * denominator
    return np.asarray(numerator / (numerator + 0.5) ** 2 + denominator / (denominator + 0.5) ** 2)


def _number_cells(country: Positions, breakdown: Positions, period: Positions) -> tuple[Positions, Positions]:
    """Return the number of each row's country, breakdown and period, and the keys of those, sorted."""
    countries = np.flatnonzero(np.bincount(country))
    shape = (len(countries), int(breakdown.max()) + 1, int(period.max()) + 1)
    place = (np.searchsorted(countries, country) * shape[1] + breakdown) * shape[2] + period
    present: Flags = np.bincount(place, minlength=int(np.prod(shape))) > 0
    of_country, of_breakdown, of_period = np.unravel_index(np.flatnonzero(present), shape)
    keys = key_of(countries[of_country], of_breakdown.astype(np.int64), of_period.astype(np.int64))
    return (np.cumsum(present) - 1)[place], keys


def _nothing() -> pd.DataFrame:
    """Return the table of a metric that has no funnel."""
    return pd.DataFrame(
        {
            **{name: np.zeros(0, dtype=np.int64) for name in KEY},
            **{name: np.zeros(0) for name in ("centre", "phi", "tau2")},
            "limits_used": pd.Categorical([], dtype=words_of("limits_used", METRIC_PERIODS)),
            "units": np.zeros(0, dtype=np.int64),
        }
    )


ARCSINE = Scale(
    distance=lambda value, centre: np.arcsin(np.sqrt(value)) - np.arcsin(np.sqrt(centre)),
    value=lambda distance, centre: np.sin(np.clip(np.arcsin(np.sqrt(centre)) + distance, 0, np.pi / 2)) ** 2,
    variance=lambda size, _centre: 1 / (4 * size),
)
"""For proportions."""

SQUARE_ROOT = Scale(
    distance=lambda value, centre: np.sqrt(value / centre) - 1,
    # Squaring a negative root would turn a limit below 0 into one above it.
    value=lambda distance, centre: centre * np.maximum(1 + distance, 0) ** 2,
    variance=lambda size, centre: 1 / (4 * size * centre),
)
"""For rates and ratios: unlike the logarithm it holds where no event was counted."""

LOGARITHM = Scale(
    distance=lambda value, centre: np.log(value / centre),
    value=lambda distance, centre: centre * np.exp(distance),
    variance=lambda size, centre: 1 / (size * centre),
)
"""The scale of the national mortality indicator (SHMI), to hold results against it."""
