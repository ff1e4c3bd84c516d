"""Funnel limits, and which organisations lie outside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from generator.model.metric import Metric
from generator.model.tables import METRIC_PERIODS
from generator.model.vocabulary import Kind, LimitsUsed, Outlier
from generator.statistics.categories import from_codes, numbers_of, words_of
from generator.statistics.dispersion import Scale, countries_of, counts_of, scale_of
from generator.statistics.intervals import rate_interval
from generator.statistics.keys import (
    KEY,
    Numbers,
    Positions,
    find_rows,
    key_of,
    keys_of,
    take_or_blank,
)
from generator.statistics.periods import Calendar
from generator.statistics.places import Places

Sides = npt.NDArray[np.int8]
"""-1 below the limits, 1 above them, 0 within or on them."""

BY_CHANCE = 0.05
"""The share of organisations beyond 95% limits that chance alone gives."""
CURVE_POINTS = 40
"""At so many sizes the limits are given: as smooth as a drawing needs."""
NOISE = 1e-12
"""A figure and a limit that differ by less than this share do so only through the computer's arithmetic."""


@dataclass(frozen=True)
class Level:
    """How far from the centre a pair of funnel limits lies."""

    z: float
    """In standard errors."""
    confidence: float
    """The share of results within the limits if nothing but chance is at work."""

    @property
    def tail(self) -> float:
        """The share beyond either limit."""
        return (1 - self.confidence) / 2


@dataclass(frozen=True)
class Judged:
    """The organisations that stand in a funnel: one element of each array for each of them."""

    numerator: Numbers
    denominator: Numbers
    centre: Numbers
    """Of its funnel, a fraction of 1."""
    tau2: Numbers
    """Of its funnel, NaN where the limits are exact."""

    def take(self, positions: Positions) -> Judged:
        """Return those at these positions."""
        columns = (self.numerator, self.denominator, self.centre, self.tau2)
        return Judged(*(column[positions] for column in columns))


@dataclass(frozen=True)
class Standing:
    """Where the rows of a metric stand in its funnels: one element of each array for each row."""

    funnel: Positions
    """The position of its funnel in what `measure_dispersion` returned, -1 for none."""
    numerator: Numbers
    """What its place rests on, as `counts_of` says."""
    denominator: Numbers

    @property
    def judged(self) -> Positions:
        """The positions of the rows that are judged."""
        return np.flatnonzero((self.funnel >= 0) & ~np.isnan(self.numerator))


ALERT = Level(1.959964, 0.95)
ALARM = Level(3.090232, 0.998)


def find_standing(
    rows: pd.DataFrame, dispersion: pd.DataFrame, metric: Metric, places: Places, calendar: Calendar
) -> Standing:
    """Return in which funnel each row stands, and by which of the counts that are shown."""
    country = countries_of(rows, metric, places, calendar)
    breakdown, period = (rows[name].to_numpy(np.int64) for name in ("breakdown", "period"))
    place = np.full(len(rows), -1, dtype=np.int64)
    inside = np.flatnonzero(country >= 0)
    wanted = key_of(country[inside], breakdown[inside], period[inside])
    place[inside] = find_rows(keys_of(dispersion), wanted)
    return Standing(place, *counts_of(rows, metric))


def add_outliers(
    rows: pd.DataFrame, dispersion: pd.DataFrame, standing: Standing, metric: Metric
) -> pd.DataFrame:
    """Return the rows with the column outlier, judged on the counts that are shown.

    An alert lies beyond the 95% limits, an alarm beyond the 99.8% limits; what lies on a limit is not beyond
    it. Blank for areas and countries, for what is hidden, absent or has no counts, and where `dispersion`
    (what `measure_dispersion` returned) has no row for the country, breakdown and period.
    """
    judged = standing.judged
    funnel = standing.funnel[judged]
    exact = np.asarray(dispersion["limits_used"] == LimitsUsed.EXACT)
    tau2 = np.where(exact, np.nan, dispersion["tau2"].to_numpy())
    organisations = Judged(
        standing.numerator[judged],
        standing.denominator[judged],
        dispersion["centre"].to_numpy()[funnel],
        tau2[funnel],
    )
    side = find_sides(organisations, metric.kind, ALERT)
    out = np.flatnonzero(side)
    side[out] += find_sides(organisations.take(out), metric.kind, ALARM)

    numbers = numbers_of("outlier")
    codes = np.full(len(rows), numbers[""], dtype=np.int8)
    codes[judged] = np.array([numbers[word] for word in _FROM_LOW_TO_HIGH], dtype=np.int8)[side + 2]
    return rows.assign(outlier=from_codes("outlier", codes))


def describe_funnels(
    groups: pd.DataFrame, rows: pd.DataFrame, dispersion: pd.DataFrame, standing: Standing
) -> pd.DataFrame:
    """Return METRIC_PERIODS of one metric, by number, with the columns of its funnels.

    phi, tau2, limits_used, flagged (how many organisations lie beyond the 95% limits) and flagged_by_chance
    (how many would if nothing but chance were at work). All are blank where there is no funnel, as for areas.
    `rows` have the column outlier.
    """
    judged = standing.judged
    flagged = judged[np.asarray(rows["outlier"] != Outlier.NONE)[judged]]
    funnel = standing.funnel
    count = len(dispersion)
    figures = {
        "phi": dispersion["phi"].to_numpy(),
        "tau2": dispersion["tau2"].to_numpy(),
        "flagged": np.bincount(funnel[flagged], minlength=count).astype(np.float64),
        "flagged_by_chance": np.bincount(funnel[judged], minlength=count) * BY_CHANCE,
    }
    place = find_rows(keys_of(dispersion), keys_of(groups))
    limits_used = words_of("limits_used", METRIC_PERIODS)
    numbers = np.append(dispersion["limits_used"].cat.codes, list(limits_used.categories).index(""))
    return groups.assign(
        **{name: take_or_blank(column, place) for name, column in figures.items()},
        limits_used=pd.Categorical.from_codes(numbers[place], dtype=limits_used),
    )


def draw_funnels(dispersion: pd.DataFrame, standing: Standing, metric: Metric) -> pd.DataFrame:
    """Return FUNNELS of one metric, by number: the limits of each country's and breakdown's latest funnel.

    The sizes run from the smallest to the largest organisation that was judged, each by the same share larger
    than the one before; there is one size where all are equally large, and no curve where nobody is judged.
    All that the curves rest on is published.
    """
    judged = standing.judged
    funnel, size = standing.funnel[judged], standing.denominator[judged]
    smallest, largest = np.full(len(dispersion), np.inf), np.zeros(len(dispersion))
    np.minimum.at(smallest, funnel, size)
    np.maximum.at(largest, funnel, size)
    is_latest = ~dispersion.duplicated(["organisation", "breakdown"], keep="last").to_numpy()
    drawn = is_latest & (largest > 0)
    latest = dispersion[drawn]
    grid = np.geomspace(smallest[drawn], largest[drawn], CURVE_POINTS, axis=1)
    # Arithmetic makes sizes of equal ones that differ in the last digit.
    own = (smallest < largest)[drawn, np.newaxis] | (np.arange(CURVE_POINTS) == 0)
    denominator, place = grid[own], np.nonzero(own)[0]
    centre = latest["centre"].to_numpy()[place]
    tau2 = np.where(latest["limits_used"] == LimitsUsed.EXACT, np.nan, latest["tau2"].to_numpy())[place]
    inner, outer = (funnel_limits(denominator, centre, tau2, metric.kind, level) for level in (ALERT, ALARM))
    values = {
        "lower_99_8": outer[0],
        "lower_95": inner[0],
        "centre": centre,
        "upper_95": inner[1],
        "upper_99_8": outer[1],
    }
    return pd.DataFrame(
        {
            **{name: latest[name].to_numpy()[place] for name in KEY},
            "denominator": denominator,
            **{name: figures * metric.multiplier for name, figures in values.items()},
        }
    )


def find_sides(judged: Judged, kind: Kind, level: Level) -> Sides:
    """Return on which side of its funnel limits each organisation lies.

    Exact limits of a proportion are those of the funnel; for a rate or ratio the centre is held against the
    organisation's own exact Poisson or Byar's limits. Where limits are adjusted it must lie beyond both:
    over-dispersion widens limits, while for a handful of events its formula alone would narrow them.
    """
    value = judged.numerator / judged.denominator
    if kind is Kind.PROPORTION:
        side = beyond(value, *proportion_limits(judged.denominator, judged.centre, level))
    else:
        counts = (pd.Series(judged.numerator), pd.Series(judged.denominator))
        own = rate_interval(*counts, confidence=level.confidence)
        side = -beyond(judged.centre, own["lower"].to_numpy(), own["upper"].to_numpy())
    place = np.flatnonzero((side != 0) & ~np.isnan(judged.tau2))
    wide = judged.take(place)
    limits = adjusted_limits(wide.denominator, wide.centre, wide.tau2, scale_of(kind), level)
    side[place] *= side[place] == beyond(value[place], *limits)
    return side


def beyond(figure: Numbers, lower: Numbers, upper: Numbers) -> Sides:
    """Return on which side of its limits each figure lies; on a limit is not beyond it."""
    slack = NOISE * np.abs(figure)
    above, below = figure - slack > upper, figure + slack < lower
    return above.astype(np.int8) - below.astype(np.int8)


def proportion_limits(denominator: Numbers, centre: Numbers, level: Level) -> tuple[Numbers, Numbers]:
    """Return the lower and upper funnel limits of proportions of these sizes, fractions of 1.

    They are where Wilson's interval just touches the centre.
    """
    half = level.z * np.sqrt(centre * (1 - centre) / denominator)
    return np.maximum(centre - half, 0), np.minimum(centre + half, 1)


def ratio_limits(expected: Numbers, level: Level) -> tuple[Numbers, Numbers]:
    """Return the funnel limits, around 1, of organisations with so many expected events.

    They are where the exact Poisson interval of the events counted just touches the expected number. For a
    rate the expected events are centre * denominator, and its limits are centre times these.
    """
    lower = special.pdtrik(level.tail, expected)
    upper = special.pdtrik(1 - level.tail, expected) + 1
    return lower / expected, upper / expected


def ratio_limits_by_events(events: Numbers, level: Level) -> tuple[Numbers, Numbers]:
    """Return the same limits for organisations in which so many events were counted.

    NaN where no event was counted: it takes the expected number to place such an organisation.
    """
    some = np.where(events > 0, events, np.nan)
    lower = some / special.gammaincinv(some + 1, 1 - level.tail)
    upper = some / special.gammaincinv(some, level.tail)
    return lower, upper


def shmi_limits(expected: Numbers, level: Level) -> tuple[Numbers, Numbers]:
    """Return the limits, around 1, that the national mortality indicator draws, to hold results against it.

    For few expected events they differ from those that decide who is flagged here (`ratio_limits`).
    """
    lower = special.gammaincinv(expected, level.tail) / expected
    upper = special.gammaincinv(expected + 1, 1 - level.tail) / expected
    return lower, upper


def adjusted_limits(
    denominator: Numbers, centre: Numbers, tau2: Numbers, scale: Scale, level: Level
) -> tuple[Numbers, Numbers]:
    """Return the lower and upper funnel limits widened by the variance between organisations (tau2)."""
    half = level.z * np.sqrt(scale.variance(denominator, centre) + tau2)
    return scale.value(-half, centre), scale.value(half, centre)


def funnel_limits(
    denominator: Numbers, centre: Numbers, tau2: Numbers, kind: Kind, level: Level
) -> tuple[Numbers, Numbers]:
    """Return the lower and upper limits to draw at these denominators, fractions of 1.

    tau2 is NaN where limits are exact; elsewhere they are the wider of the exact and the adjusted ones.
    """
    if kind is Kind.PROPORTION:
        exact = proportion_limits(denominator, centre, level)
    else:
        below, above = ratio_limits(denominator * centre, level)
        exact = below * centre, above * centre
    wide = adjusted_limits(denominator, centre, tau2, scale_of(kind), level)
    return np.fmin(exact[0], wide[0]), np.fmax(exact[1], wide[1])


_FROM_LOW_TO_HIGH = (
    Outlier.ALARM_LOW,
    Outlier.ALERT_LOW,
    Outlier.NONE,
    Outlier.ALERT_HIGH,
    Outlier.ALARM_HIGH,
)
