"""Control charts one point at a time, in plain Python: what the fast ones are compared with, and on what."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from hypothesis import strategies as st

Point = float | None

_POINT = st.none() | st.integers(0, 12)
_RAMP = st.builds(
    lambda start, step, length: [start + step * place for place in range(length)],
    st.integers(0, 12),
    st.sampled_from([-2, -1, 1, 2]),
    st.integers(6, 8),
)
_LEVEL = st.integers(0, 12).flatmap(
    lambda level: st.lists(st.integers(level, level + 1), min_size=6, max_size=8)
)
SERIES = (
    st.lists(st.lists(_POINT, min_size=1, max_size=6) | _RAMP | _LEVEL, min_size=1, max_size=4)
    .map(lambda blocks: [point for block in blocks for point in block])
    .filter(len)
)
"""Series of whole numbers and gaps, often with trends and runs among them; up to 32 points."""


def slow_limits(values: Sequence[Point], *, screen: bool = True) -> tuple[float, float, float] | None:
    """Return mean, lower and upper limit of a chart; None where no two neighbours have values."""
    ranges = [
        abs(later - earlier)
        for earlier, later in pairwise(values)
        if earlier is not None and later is not None
    ]
    if not ranges:
        return None
    usual = fmean(ranges)
    if screen and usual > 0:
        usual = fmean([step for step in ranges if step < 3.267 * usual])
    mean = fmean([value for value in values if value is not None])
    return mean, mean - 2.66 * usual, mean + 2.66 * usual


def slow_signals(
    values: Sequence[Point], limits: tuple[float, float, float], *, before_2023: bool = False
) -> list[str]:
    """Return the rule that marks each point, in the words of the reference cases."""
    mean, lower, upper = limits
    noise = 1e-12 * max(1, abs(lower), abs(upper))
    sigma = (upper - mean) / 3
    side = [
        0 if value is None or abs(value - mean) <= noise else (1 if value > mean else -1) for value in values
    ]

    def deviates(place: int, sigmas: int) -> bool:
        value = values[place]
        return value is not None and abs(value - mean) > sigmas * sigma + noise

    def counts(place: int) -> bool:
        return deviates(place, 2) and not (before_2023 and deviates(place, 3))

    def trend(first: int) -> int:
        """Return the sign of the trend that the seven points from here make."""
        signs = set()
        for earlier, later in zip(values[first : first + 6], values[first + 1 : first + 7], strict=True):
            if earlier is None or later is None or abs(later - earlier) <= noise:
                return 0
            signs.add(1 if later > earlier else -1)
        return signs.pop() if len(signs) == 1 else 0

    def run(first: int) -> int:
        signs = set(side[first : first + 7])
        return signs.pop() if len(signs) == 1 else 0

    def near_pair(place: int) -> bool:
        windows = (range(first, first + 3) for first in range(place - 2, place + 1))
        return counts(place) and any(
            window[0] >= 0
            and window[-1] < len(values)
            and abs(sum(side[other] for other in window)) == 3
            and sum(counts(other) for other in window) >= 2
            for window in windows
        )

    def name(place: int) -> str:
        if deviates(place, 3):
            return "above_limit" if side[place] > 0 else "below_limit"
        sevens = range(max(place - 6, 0), min(place, len(values) - 7) + 1)
        for first in sevens:
            if trend(first):
                return "trend_up" if trend(first) > 0 else "trend_down"
        if near_pair(place):
            return "two_of_three_high" if side[place] > 0 else "two_of_three_low"
        for first in sevens:
            if run(first):
                return "run_above" if run(first) > 0 else "run_below"
        return "none"

    return [name(place) for place in range(len(values))]
