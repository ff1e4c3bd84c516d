"""Where things go on a plate: round ticks, equal bars, and words that keep out of each other's way."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, product

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.metric import Metric
from generator.model.vocabulary import Kind
from generator.rendering.numbers import count_text, round_half_up
from generator.rendering.plates import WIDTH, fit_text, text_width

MOST_BARS = 50

_LEAST_UNITS = 10
"""How many printed units a scale of values covers at least."""
_FENCE = 4.0
"""How many quartile ranges outside the middle half a stray value lies."""
_MOST_STRAYS = 0.02
_ROOM_FOR_LIMITS = 0.25
_APART = 8.0
"""Least space between two words on one line."""


@dataclass(frozen=True)
class Plot:
    """The rectangle that a plate's scales cover, and the space below it; all in plate pixels."""

    left: float
    top: float
    width: float
    height: float
    bottom: float

    @property
    def right(self) -> float:
        """Space right of the plot."""
        return round(WIDTH - self.left - self.width, 1)

    @property
    def plate_height(self) -> float:
        """Height of the whole plate."""
        return self.top + self.height + self.bottom


@dataclass(frozen=True)
class Words:
    """A text on a plate: x and its baseline y count from the plot's corner."""

    text: str
    x: float
    y: float
    anchor: str
    colour: str
    is_bold: bool = False

    @property
    def start(self) -> float:
        """Where the text begins, about."""
        return self.x - self._width * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.anchor]

    @property
    def end(self) -> float:
        """Where the text ends, about."""
        return self.start + self._width

    @property
    def _width(self) -> float:
        return text_width(self.text, is_bold=self.is_bold)

    def kept_on(self, plot: Plot) -> Words:
        """Return the words cut and moved as far as they need to stay on the plate."""
        words = replace(self, text=fit_text(self.text, WIDTH - 4, is_bold=self.is_bold))
        if words.start < 2 - plot.left:
            return replace(words, x=2 - plot.left, anchor="start")
        if words.end > plot.width + plot.right - 2:
            return replace(words, x=plot.width + plot.right - 2, anchor="end")
        return words


def bar_edges(
    metric: Metric,
    values: npt.NDArray[np.float64],
    lines: Sequence[float],
    limits: npt.NDArray[np.float64] | Sequence[float] = (),
) -> npt.NDArray[np.float64]:
    """Return the edges of a spread's bars: at most 50, fewer for few organisations, all of one width.

    The bars hold all values but those far from the others, and reach as far as lines that are not far off.
    Towards the ends of intervals they reach a quarter further at each side: small places would squeeze them.
    Each is a whole number of printed units wide, because narrower bars over rounded values would make a comb.
    """
    unit = 10.0**-metric.decimals
    low, high = without_strays(values)
    reach = max(high - low, _LEAST_UNITS * unit) / 2
    near = [line for line in lines if low - reach <= line <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    low, high = with_limits((low, high), np.asarray(limits, dtype=np.float64))
    if high - low < _LEAST_UNITS * unit:
        # Values that hardly differ are one narrow bar, not one that fills the plate.
        floor = 0.0 if low >= 0 else -math.inf
        room = (_LEAST_UNITS * unit - (high - low)) / 2
        low, high = max(low - room, floor), high + room
        if metric.kind is Kind.PROPORTION:
            high = min(high, max(metric.multiplier, float(values.max())))
    most = int(np.clip(2 * math.sqrt(len(values)), 12, MOST_BARS))
    width = max(math.ceil((high - low) / (most - 1) / unit - 1e-9), 1) * unit
    # A whole number stands in the middle of its bar.
    shift = unit / 2 if metric.kind is Kind.COUNT else 0.0
    start = math.floor((low + shift) / width + 1e-9) * width - shift
    bars = max(math.ceil((high - start) / width - 1e-9), 1)
    if metric.kind is Kind.PROPORTION and start + bars * width > metric.multiplier >= high:
        # No bar may promise values above 100%.
        start = metric.multiplier - bars * width
        if start < 0 <= low:
            return np.linspace(0.0, metric.multiplier, bars + 1)
    edges: npt.NDArray[np.float64] = np.round(start + width * np.arange(bars + 1), 10)
    return edges


def ticks(low: float, high: float, most: int, metric: Metric) -> list[tuple[float, str]]:
    """Return at most so many round values from low to high, each with its label; more to make it three."""
    step = _round_step((high - low) / most)
    if math.floor(high / step + 1e-9) - math.ceil(low / step - 1e-9) < 2:
        step = _round_step(step * 0.35)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    suffix = "%" if metric.unit == "%" else ""
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [
        (round(place * step, 10), round_half_up(round(place * step, 10), decimals) + suffix)
        for place in range(first, last + 1)
    ]


def funnel_ends(metric: Metric, values: npt.NDArray[np.float64], curves: pd.DataFrame) -> tuple[float, float]:
    """Return from where to where a funnel's scale of values goes.

    It holds all values but those far from the others, the limits of large organisations, and as much of those
    of small ones as leaves most of the room.
    """
    low, high = without_strays(values)
    larger = curves.iloc[2 * len(curves) // 3 :]
    low, high = min(low, float(larger["lower_99_8"].min())), max(high, float(larger["upper_99_8"].max()))
    low, high = with_limits((low, high), curves[["lower_99_8", "upper_99_8"]].to_numpy(np.float64).ravel())
    room = 0.04 * (high - low) or 10.0**-metric.decimals
    floor, ceiling = (0.0 if low >= 0 else -math.inf), math.inf
    if metric.kind is Kind.PROPORTION:
        ceiling = max(metric.multiplier, high)
    return max(low - room, floor), min(high + room, ceiling)


def size_words(
    ends: tuple[float, float],
    across: Callable[[float], float],
    y: float,
    colour: str,
    plot: Plot,
) -> list[Words]:
    """Return round sizes below a scale on which sizes stand by their square root, as many as have room."""
    powers = range(math.floor(math.log10(ends[0])), math.ceil(math.log10(ends[1])) + 1)
    rounds = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    found: list[Words] = []
    for size in reversed([size for size in rounds if ends[0] <= size <= ends[1]]):
        words = Words(count_text(size), float(across(size)), y, "middle", colour).kept_on(plot)
        if not found or found[-1].start - words.end >= _APART:
            found.append(words)
    return found[::-1]


def unit_title(metric: Metric) -> str:
    """Return the unit where it needs a line of its own; a percent sign stands with each number."""
    return "" if metric.unit == "%" else fit_text(metric.unit, WIDTH - 8)


def period_words(
    labels: Sequence[str],
    short_labels: Sequence[str],
    places: Sequence[float],
    y: float,
    most: int,
    colour: str,
    plot: Plot,
) -> list[Words]:
    """Return the names of as many periods as fit beside each other, evenly, the last always among them.

    Where not even the first and the last fit, their short names are used.
    """
    for names in (labels, short_labels):
        words = [
            Words(name, place, y, "middle", colour).kept_on(plot)
            for name, place in zip(names, places, strict=True)
        ]
        for count in range(min(len(words), most), 2, -1):
            chosen = words[:: -math.ceil((len(words) - 1) / (count - 1))][::-1]
            if all(later.start - earlier.end >= _APART for earlier, later in pairwise(chosen)):
                return chosen
        if words[-1].start - words[0].end >= _APART:
            return [words[0], words[-1]]
    return words[-1:]


def line_words(words: Sequence[Words], plot: Plot, crossing: Sequence[float] = ()) -> list[Words]:
    """Return the words of lines across the plate, each centred on its line or turned to one side of it.

    They never touch each other, and where there is a choice they do not lie over a line that crosses their
    row. Words without room are left out: the line stays, and the page says what it is.
    """
    for count in range(min(len(words), _MOST_LINE_WORDS), 0, -1):
        best = min(
            (_turned(words[:count], anchors, plot) for anchors in product(_ANCHORS, repeat=count)),
            key=lambda arrangement: _trouble(arrangement, crossing),
        )
        if all(later.start - earlier.end >= _APART / 2 for earlier, later in pairwise(best)):
            return best
    return []


def year_words(
    middles: Sequence[date], across: Callable[[float], float], y: float, colour: str, plot: Plot
) -> tuple[list[Words], list[float]]:
    """Return the years below the periods of a scale of time, and where each begins but for the first.

    Every second year is named, or every third, where there is no room for all; the last always.
    """
    ends = [float(middle.toordinal()) for middle in (middles[0], middles[-1])]
    years = range(middles[0].year, middles[-1].year + 1)
    begins = [float(date(year, 1, 1).toordinal()) for year in years]
    inside = [across(begin) for begin in begins if ends[0] < begin < ends[1]]
    words = []
    for year, begin in zip(years, begins, strict=True):
        end = float(date(year + 1, 1, 1).toordinal())
        place = (across(max(begin, ends[0])) + across(min(end, ends[1]))) / 2
        words.append(Words(str(year), place, y, "middle", colour).kept_on(plot))
    for step in range(1, len(words) + 1):
        chosen = words[::-step][::-1]
        if all(later.start - earlier.end >= _APART / 2 for earlier, later in pairwise(chosen)):
            break
    return chosen, inside


def flag_rows(words: Sequence[Words], room: tuple[float, float], *, is_left_first: bool) -> list[list[Words]]:
    """Return the words of lines in rows from the top, each beside its line like a flag on a pole.

    They stand in one row where they keep off each other and off the lines, else each in a row of its own; on
    the first side, or on the other where that has no room.
    """
    sides = ("end", "start") if is_left_first else ("start", "end")
    best: list[Words] = []
    least = math.inf
    for anchors in product(sides, repeat=len(words)):
        turned = [
            replace(item, x=item.x + _BESIDE[anchor], anchor=anchor)
            for item, anchor in zip(words, anchors, strict=True)
        ]
        outside = sum(item.start < room[0] or item.end > room[1] for item in turned)
        crossed = sum(item.start - 2 < line.x < item.end + 2 for item in turned for line in words)
        ordered = sorted(turned, key=lambda item: item.start)
        touching = sum(later.start - earlier.end < _APART for earlier, later in pairwise(ordered))
        trouble = 100 * outside + 10 * crossed + touching
        if trouble < least:
            best, least = turned, trouble
    if not best:
        return []
    return [best] if not least else [[item] for item in best]


def runs(known: npt.NDArray[np.bool_], begins: npt.NDArray[np.bool_]) -> tuple[list[list[int]], list[int]]:
    """Return the places of known neighbours, run by run, and the places of those without a neighbour.

    A run ends where the next place is not known or begins a new series.
    """
    found: list[list[int]] = []
    for place in np.flatnonzero(known).tolist():
        if found and found[-1][-1] == place - 1 and not begins[place]:
            found[-1].append(place)
        else:
            found.append([place])
    return [run for run in found if len(run) > 1], [run[0] for run in found if len(run) == 1]


def with_limits(ends: tuple[float, float], limits: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the ends moved out to hold the limits of intervals, NaN left out, by a quarter at most."""
    (low, high), known = ends, limits[np.isfinite(limits)]
    room = _ROOM_FOR_LIMITS * (high - low)
    if not len(known):
        return ends
    return max(min(low, float(known.min())), low - room), min(max(high, float(known.max())), high + room)


def without_strays(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the lowest and the highest value but for a few that would squeeze all others together."""
    first, third = np.percentile(values, [25, 75])
    fence = _FENCE * (third - first)
    kept = values[(values >= first - fence) & (values <= third + fence)]
    if third == first or len(values) - len(kept) > _MOST_STRAYS * len(values):
        kept = values
    return float(kept.min()), float(kept.max())


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not less."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= least * (1 - 1e-9))


def _turned(words: Sequence[Words], anchors: Sequence[str], plot: Plot) -> list[Words]:
    """Return the words with those anchors, from left to right."""
    turned = [
        replace(item, x=item.x + _BESIDE[anchor], anchor=anchor).kept_on(plot)
        for item, anchor in zip(words, anchors, strict=True)
    ]
    return sorted(turned, key=lambda item: item.start)


def _trouble(words: Sequence[Words], crossing: Sequence[float]) -> float:
    """Return how badly the words stand: touching is worst, then a line behind them, then turned aside."""
    touching = sum(later.start - earlier.end < _APART / 2 for earlier, later in pairwise(words))
    crossed = sum(item.start - 2 < line < item.end + 2 for item in words for line in crossing)
    turned = sum(item.anchor != "middle" for item in words)
    return 100 * touching + crossed + turned / 10


_ANCHORS = ("middle", "start", "end")
_BESIDE = {"start": 4.0, "middle": 0.0, "end": -4.0}
_MOST_LINE_WORDS = 5
