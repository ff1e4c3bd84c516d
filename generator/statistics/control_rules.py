"""What the points of a control chart say: the rules of special cause, and the icons of Making Data Count."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.methods import TwoOfThree
from generator.model.vocabulary import Assurance, Direction, Variation
from generator.statistics.categories import choose
from generator.statistics.keys import Flags, Numbers

Signs = npt.NDArray[np.int8]
"""1 for up or high, -1 for down or low, 0 for neither or for nothing to look at."""

RUN_LENGTH = 7
"""So many points on one side of the mean, or all rising or all falling, are no accident."""
NOISE = 1e-12
"""Differences up to this, or to this share of figures above 1, are those of floating arithmetic."""
BETTER = {Direction.HIGHER_IS_BETTER: 1, Direction.LOWER_IS_BETTER: -1, Direction.NEUTRAL: 0}
"""The sign of a movement for the better."""


class Signal(IntEnum):
    """Which rule a point falls under; negative numbers stand for the low side, or for falling."""

    NONE = 0
    OUTSIDE_LIMITS = 1
    TREND = 2
    TWO_OF_THREE = 3
    RUN = 4


@dataclass(frozen=True)
class Limits:
    """The lines of each chart in the metric's unit, NaN where there are none, and its number of points."""

    mean: Numbers
    lower: Numbers
    upper: Numbers
    points: npt.NDArray[np.int64]

    @property
    def two_sigma(self) -> tuple[Numbers, Numbers]:
        """The lower and the upper line two thirds of the way from the mean to the limits."""
        width = 2 / 3 * (self.upper - self.mean)
        return self.mean - width, self.mean + width

    @property
    def noise(self) -> Numbers:
        """The largest difference in each chart that is one of floating arithmetic."""
        return _noise(self.lower, self.upper)


def find_signals(
    values: Numbers, limits: Limits, two_of_three: TwoOfThree = TwoOfThree.MDC_2023
) -> npt.NDArray[np.int8]:
    """Return the signal of each point: the first rule that holds, negative where it is low or falling.

    Each row of `values` is a chart, each column a place in time; NaN is a gap, which ends every run. A chart
    without limits has no signals. The rules, in their order: beyond a limit; one of seven or more points all
    rising or all falling; beyond two sigma together with another of three neighbours on its side of the mean;
    one of seven or more on one side of the mean.
    """
    noise = limits.noise
    side = sign_against(values, limits.mean, limits.mean, noise)
    outside = sign_against(values, limits.lower, limits.upper, noise)
    beyond = sign_against(values, *limits.two_sigma, noise) != 0
    if two_of_three is TwoOfThree.BEFORE_2023:
        beyond &= outside == 0
    signals = find_runs(side) * np.int8(Signal.RUN)
    for signal, found in (
        (Signal.TWO_OF_THREE, find_two_of_three(side, beyond) * side),
        (Signal.TREND, find_trends(values, noise)),
        (Signal.OUTSIDE_LIMITS, outside),
    ):
        signals = np.where(found != 0, found * np.int8(signal), signals)
    return signals


def sign_against(values: Numbers, lower: Numbers, upper: Numbers, noise: Numbers) -> Signs:
    """Return which values lie above the upper line of their chart (1) or below the lower (-1).

    On a line is neither, and so is a missing value, or one within floating noise of the line.
    """
    above = values > (upper + noise)[:, np.newaxis]
    below = values < (lower - noise)[:, np.newaxis]
    return above.astype(np.int8) - below.astype(np.int8)


def find_runs(side: Signs, length: int = RUN_LENGTH) -> Signs:
    """Return the sign of each point that is one of so many or more in a row of the same sign, else 0."""
    return mark_members(ends_run(side, length), length)


def find_trends(values: Numbers, noise: Numbers) -> Signs:
    """Return 1 for each of seven or more points all rising, -1 for all falling, else 0.

    Neighbours that are equal, or a gap, end a trend. Where a rise turns into a fall, the turning point
    belongs to the trend that led to it.
    """
    steps = np.zeros(values.shape, dtype=np.int8)
    nothing = np.zeros(len(values))
    steps[:, 1:] = sign_against(np.diff(values, axis=1), nothing, nothing, noise)
    return mark_members(ends_run(steps, RUN_LENGTH - 1), RUN_LENGTH)


def find_two_of_three(side: Signs, beyond: Flags) -> Flags:
    """Tell which points beyond two sigma have another one among three neighbours on one side of the mean."""
    windows = (slice(0, -2), slice(1, -1), slice(2, None))
    one_side = np.abs(np.sum([side[:, window] for window in windows], axis=0)) == len(windows)
    two_beyond = np.sum([beyond[:, window] for window in windows], axis=0) >= 2
    found = np.zeros(beyond.shape, dtype=np.bool_)
    for window in windows:
        found[:, window] |= one_side & two_beyond
    return found & beyond


def ends_run(signs: Signs, length: int) -> Signs:
    """Return the sign that each cell and those before it share, if so many in a row do, else 0."""
    total = _sum_of_last(signs, length)
    return np.where(np.abs(total) == length, np.sign(total), 0).astype(np.int8)


def mark_members(ended: Signs, length: int) -> Signs:
    """Return the sign of each cell that belongs to a run of so many cells; `ended` tells where runs end.

    A cell in which one run ends and another begins belongs to the first.
    """
    backwards = ended[:, ::-1]
    up, down = (_sum_of_last(backwards == sign, length)[:, ::-1] > 0 for sign in (1, -1))
    return np.asarray(np.where(ended != 0, ended, up.astype(np.int8) - down.astype(np.int8)))


def name_variation(
    signal: npt.NDArray[np.int8], better: Signs, *, charted: Flags, has_value: Flags, has_limits: Flags
) -> pd.Categorical:
    """Return the column variation: signals seen through the metric's direction.

    `better` is the sign of a movement for the better, 0 where none is. Blank where the series is not charted.
    """
    high, low = signal > 0, signal < 0
    return choose(
        "variation",
        {
            "": ~charted,
            Variation.NO_DATA: ~has_value,
            Variation.NOT_ENOUGH_POINTS: ~has_limits,
            Variation.IMPROVEMENT_HIGH: high & (better > 0),
            Variation.IMPROVEMENT_LOW: low & (better < 0),
            Variation.CONCERN_HIGH: high & (better < 0),
            Variation.CONCERN_LOW: low & (better > 0),
            Variation.NEUTRAL_HIGH: high,
            Variation.NEUTRAL_LOW: low,
        },
        otherwise=Variation.COMMON_CAUSE,
    )


def name_assurance(lower: Numbers, upper: Numbers, target: Numbers, better: Signs) -> pd.Categorical:
    """Return the column assurance: targets against the process limits, seen through the direction.

    Blank where there is no target, there are no limits, or no direction is better. A target on a limit, or
    within floating noise of it, is within.
    """
    noise = _noise(lower, upper)
    beyond = np.where(target > upper + noise, 1, np.where(target < lower - noise, -1, 0)) * better
    return choose(
        "assurance",
        {
            "": np.isnan(target) | np.isnan(noise) | (better == 0),
            Assurance.CONSISTENTLY_FAILING: beyond > 0,
            Assurance.CONSISTENTLY_PASSING: beyond < 0,
        },
        otherwise=Assurance.HIT_AND_MISS,
    )


def _noise(lower: Numbers, upper: Numbers) -> Numbers:
    """Return the floating noise of figures between these limits, NaN where there are none."""
    return NOISE * np.maximum(1, np.maximum(np.abs(lower), np.abs(upper)))


def _sum_of_last(signs: npt.NDArray[np.int8 | np.bool_], length: int) -> npt.NDArray[np.int32]:
    """Return the sum of each cell and those before it in its row, so many at most."""
    running = np.cumsum(signs, axis=1, dtype=np.int32)
    total = running.copy()
    total[:, length:] -= running[:, :-length]
    return total
