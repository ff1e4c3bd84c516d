"""Results by fifth of deprivation, and the slope from the most to the least deprived."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import COUNTED_KINDS, Absence, Kind
from generator.statistics.aggregation import SERVES_FROM
from generator.statistics.cells import Cells, find_cells
from generator.statistics.intervals import effective_counts, proportion_interval, rate_interval
from generator.statistics.keys import (
    KEY,
    Flags,
    Numbers,
    Positions,
    find_rows,
    keys_of,
    split_keys,
    take_or_blank,
)
from generator.statistics.periods import Calendar
from generator.statistics.places import AREA, Places
from generator.statistics.posterior import WIDTH_IN_ERRORS
from generator.statistics.ranks import rank_within

FIFTHS = 5
FIFTH_COLUMNS = ("fifth", "organisations", "numerator", "denominator", "value", "lower", "upper")
SLOPE_COLUMNS = ("sii", "sii_lower", "sii_upper")


@dataclass(frozen=True)
class Deprivation:
    """The deprivation of organisations, and the fifths that follow from it."""

    values: Numbers
    """By organisation, high where it is most deprived; NaN where not known."""
    _fifths: dict[str, Positions] = field(default_factory=dict, repr=False)

    @property
    def is_known(self) -> bool:
        """Whether the deprivation of any organisation is known."""
        return bool((~np.isnan(self.values)).any())

    def fifths(self, kind: str, places: Places, calendar: Calendar) -> Positions:
        """Return the fifth of each organisation of a kind in each period: periods by organisations.

        Among those open in the period, within one country; 1 for the highest deprivation, equal deprivation
        shares a fifth. 0 for all others, and where a country has fewer than five.
        """
        if kind not in self._fifths:
            self._fifths[kind] = self._find_fifths(kind, places, calendar)
        return self._fifths[kind]

    def _find_fifths(self, kind: str, places: Places, calendar: Calendar) -> Positions:
        timeline, countries = places.through(calendar), np.flatnonzero(places.is_country)
        country = timeline.country[timeline.standing]
        period = np.arange(len(calendar))[:, np.newaxis]
        group = np.searchsorted(countries, country) * len(calendar) + period
        is_member = timeline.is_open & (places.kind == kind) & (country >= 0)
        ranking = rank_within(
            np.where(is_member, group, -1).ravel(),
            np.tile(self.values, len(calendar)),
            len(countries) * len(calendar),
        )
        fifth = np.nan_to_num(ranking.quantile(FIFTHS, invert=True)).astype(np.int64)
        return np.asarray(fifth.reshape(country.shape))


@dataclass(frozen=True)
class Inequality:
    """One metric by fifths of deprivation, by number."""

    fifths: pd.DataFrame
    """FIFTHS, with `organisation`, the country whose organisations they are; sorted by country, breakdown,
    period and fifth."""
    slopes: pd.DataFrame
    """Columns organisation (the country), breakdown, period, sii, sii_lower, sii_upper; sorted by key."""


@dataclass(frozen=True)
class Slopes:
    """Slopes of inequality and what they start from, in the unit of the values."""

    start: Numbers
    """The line's value at the most deprived end."""
    slope: Numbers
    """What the line rises from the most deprived end to the least deprived one."""
    error: Numbers
    """The standard error of the slope."""


def add_up_fifths(
    rows: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar, deprivation: Deprivation
) -> Inequality:
    """Return the results by fifth, from protected counts, and the slope index of inequality.

    The fifths are those of all organisations of the metric's kind that were open in the period, whether they
    reported or not. Only proportions, rates and ratios are summed. A fifth in which nobody shows counts has
    no row. The slope is there where every fifth has a value, and counts are shown in at least 80% of its rows
    (those the metric does not apply to aside). The rows are sorted by key.
    """
    if metric.kind not in COUNTED_KINDS or metric.applies_to == AREA or not deprivation.is_known:
        rows = rows.iloc[:0]
    cells = find_cells(rows, metric, places, calendar)
    organisation, period = (rows[name].to_numpy(np.int64) for name in ("organisation", "period"))
    fifth = deprivation.fifths(metric.applies_to, places, calendar)[period, organisation]
    sums = _with_values(_sum_fifths(rows, cells, fifth), metric)
    shown = sums[sums["organisations"] > 0].reset_index(drop=True)
    return Inequality(fifths=shown[[*KEY, *FIFTH_COLUMNS]], slopes=_slopes(sums, cells))


def add_slopes(groups: pd.DataFrame, slopes: pd.DataFrame) -> pd.DataFrame:
    """Return METRIC_PERIODS of one metric, by number, with the slopes of countries; blank for others."""
    place = find_rows(keys_of(slopes), keys_of(groups))
    return groups.assign(**{name: take_or_blank(slopes[name].to_numpy(), place) for name in SLOPE_COLUMNS})


def fit_slopes(size: Numbers, value: Numbers, error: Numbers) -> Slopes:
    """Return the weighted least squares line through the groups of each row, most deprived first.

    All three are tables of cases by groups. A group stands at the middle of its place in the population,
    which runs from 0 (most deprived) to 1, and weighs as much as its share of it (`size`). `error` is the
    standard error of each value; that of the slope follows from it exactly, since the slope is a weighted sum
    of the values.
    """
    share = size / size.sum(axis=1, keepdims=True)
    middle = np.cumsum(share, axis=1) - share / 2
    centre = (share * middle).sum(axis=1, keepdims=True)
    spread = (share * (middle - centre) ** 2).sum(axis=1, keepdims=True)
    weight = share * (middle - centre) / spread
    slope = (weight * value).sum(axis=1)
    return Slopes(
        start=(share * value).sum(axis=1) - slope * centre[:, 0],
        slope=slope,
        error=np.sqrt(((weight * error) ** 2).sum(axis=1)),
    )


def _sum_fifths(rows: pd.DataFrame, cells: Cells, fifth: Positions) -> pd.DataFrame:
    """Return the sums of every fifth of every cell, five rows a cell.

    `organisations` are those that show counts; `expected` are all that have a row, unless the metric does not
    apply to them. base and effective_base are NaN where there is no survey.
    """
    numerator, denominator = (rows[name].to_numpy(np.float64) for name in ("numerator", "denominator"))
    counted = (cells.number >= 0) & (fifth > 0)
    shows = counted & ~np.isnan(numerator) & ~np.isnan(denominator)
    applies = counted & (rows["absence"] != Absence.NOT_APPLICABLE).to_numpy()
    place = cells.number * FIFTHS + fifth - 1
    length = len(cells) * FIFTHS
    total: Numbers = np.bincount(place[shows], denominator[shows], length).astype(np.float64)
    country, breakdown, period = split_keys(np.repeat(cells.keys, FIFTHS))
    return pd.DataFrame(
        {
            "organisation": country,
            "breakdown": breakdown,
            "period": period,
            "fifth": np.tile(np.arange(1.0, FIFTHS + 1), len(cells)),
            "organisations": np.bincount(place[shows], minlength=length).astype(np.float64),
            "expected": np.bincount(place[applies], minlength=length).astype(np.float64),
            "numerator": np.bincount(place[shows], numerator[shows], length),
            "denominator": total,
            **_bases(rows, shows, place[shows], total),
        }
    )


def _bases(rows: pd.DataFrame, shows: Flags, place: Positions, total: Numbers) -> dict[str, Numbers]:
    """Return base and effective_base of every fifth, as those of areas: only where everyone states one.

    `shows` tells which rows are summed, `place` the fifth of each of these.
    """
    base, effective, denominator = (
        rows[name].to_numpy(np.float64)[shows] for name in ("base", "effective_base", "denominator")
    )
    nobody = np.bincount(place, minlength=len(total)) == 0
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = denominator**2 / effective
    bases = {}
    for name, figure in (("base", base), ("effective_base", spread)):
        known = np.isfinite(figure)
        lacks = nobody | (np.bincount(place[~known], minlength=len(total)) > 0)
        summed = np.bincount(place[known], figure[known], len(total))
        bases[name] = np.where(lacks | (summed == 0), np.nan, summed)
    bases["effective_base"] = total**2 / bases["effective_base"]
    return bases


def _with_values(sums: pd.DataFrame, metric: Metric) -> pd.DataFrame:
    """Return the sums with value, lower and upper, in the metric's unit; NaN where there is nobody."""
    denominator = sums["denominator"].where(sums["denominator"] > 0)
    sums = sums.assign(value=sums["numerator"] * metric.multiplier / denominator)
    if metric.kind is Kind.PROPORTION:
        counts = effective_counts(sums, metric)
        interval = proportion_interval(counts["numerator"], counts["denominator"])
    else:
        interval = rate_interval(sums["numerator"], denominator)
    return sums.assign(
        lower=interval["lower"] * metric.multiplier, upper=interval["upper"] * metric.multiplier
    )


def _slopes(fifths: pd.DataFrame, cells: Cells) -> pd.DataFrame:
    """Return the slope index of every cell in which each fifth has a value, an interval and enough rows."""
    width = (fifths["upper"] - fifths["lower"]).to_numpy()
    serves = fifths["organisations"] * 100 >= fifths["expected"] * SERVES_FROM
    stands = (serves & ~np.isnan(width)).to_numpy().reshape(-1, FIFTHS).all(axis=1)
    size, value, error = (
        figures.reshape(-1, FIFTHS)[stands]
        for figures in (
            fifths["denominator"].to_numpy(),
            fifths["value"].to_numpy(),
            width / WIDTH_IN_ERRORS,
        )
    )
    fitted = fit_slopes(size, value, error)
    country, breakdown, period = split_keys(cells.keys[stands])
    half = fitted.error * WIDTH_IN_ERRORS / 2
    return pd.DataFrame(
        {
            "organisation": country,
            "breakdown": breakdown,
            "period": period,
            "sii": fitted.slope,
            "sii_lower": fitted.slope - half,
            "sii_upper": fitted.slope + half,
        }
    )
