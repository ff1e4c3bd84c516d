"""Control charts of one organisation, ready for a template to place: scale, lines, signs, words to choose.

Nothing is measured here. Mean and limits are those of SPC, what a point says is RESULTS' `variation`; this
module finds where they lie on the drawing, and which sentence says why a point is marked.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from generator.model.metric import Metric
from generator.model.vocabulary import Judgement, Kind, Submission, Variation
from generator.rendering.axes import Plot, Words, ticks
from generator.rendering.control_lines import Segment
from generator.rendering.facts import Fact
from generator.rendering.marks import sign_path
from generator.rendering.numbers import figure_text, value_text
from generator.rendering.plates import WIDTH, fit_text, pixels, text_width

if TYPE_CHECKING:
    from generator.rendering.book import Book

MINIMUM_POINTS = 13
"""Limits need so many points; the page says so where there are fewer."""

_TOP, _HEIGHT, _BOTTOM, _RIGHT = 22.0, 150.0, 26.0, 10.0
"""Below the plot there is room for the periods; all in the pixels of plates."""
_LOW_TOP = 8.0
"""Space above the plot where no unit and no restart stands there."""
_APART = 8.0
"""Least space between the names of two periods."""
_RUN = 7
"""So many points in a row on one side of the mean, or all rising or falling, are a signal."""
_NEAR = 1e-9
_RADIUS = 4.8
"""Half the size of a marked point's sign."""


class Reason(StrEnum):
    """Why a point is marked, in the order in which the rules are asked."""

    ABOVE_LIMIT = "above_limit"
    BELOW_LIMIT = "below_limit"
    RISING = "rising"
    FALLING = "falling"
    ABOVE_MEAN = "above_mean"
    BELOW_MEAN = "below_mean"
    NEAR_UPPER = "near_upper"
    NEAR_LOWER = "near_lower"


@dataclass(frozen=True)
class Signal:
    """Why the latest point is marked."""

    reason: Reason
    meaning: Judgement
    points: int
    """How many points in a row, the latest included, share the reason."""


@dataclass(frozen=True)
class Lines:
    """Where the lines of one segment are drawn, as paths."""

    mean: str
    limits: str
    area: str
    """The space between the limits."""


@dataclass(frozen=True)
class Signs:
    """The marked points of one meaning, as one path."""

    meaning: Judgement
    """Better (improvement), worse (concern), or no judgement where neither way is better."""
    path: str


@dataclass(frozen=True)
class Mark:
    """A text on the chart."""

    x: str
    y: str
    text: str
    anchor: str = "end"


@dataclass(frozen=True)
class Restart:
    """Where a chart starts again."""

    mark: Mark
    """The number that stands over its line."""
    period: str
    """Name of the first period of the new segment."""
    reason: str
    """The publisher's; empty where the metric's definition changed."""


@dataclass(frozen=True)
class ChartRow:
    """One period in the table beside a chart, ready to print."""

    fact: Fact
    segment: Segment
    mean: str
    lower: str
    upper: str
    """Mean and limits of its segment; empty without them."""
    meaning: Judgement | None
    """What the point says; None where it is not marked."""


@dataclass(frozen=True)
class Drawing:
    """Where everything lies: paths and texts, in pixels of the chart."""

    height: float
    ends: tuple[float, float]
    """From where to where the scale goes."""
    frame: str
    """Hairlines across the plot."""
    y_marks: tuple[Mark, ...]
    x_marks: tuple[Mark, ...]
    unit: str
    target: str
    lines: tuple[Lines, ...]
    line: str
    """Through neighbouring values; a gap or a new segment lifts the pen."""
    dots: str
    """The points that are not marked: drawn with round caps, each place of the path is a dot."""
    hollow_dots: str
    """Those of them that are provisional."""
    signs: tuple[Signs, ...]
    gaps: str
    """Crosses on the axis where a period has no value."""
    restarts: str
    """Lines where the chart starts again."""

    @property
    def view_box(self) -> str:
        """What an <svg> that shows it has as its viewBox."""
        return f"0 0 {pixels(WIDTH)} {pixels(self.height)}"


@dataclass(frozen=True)
class ControlChart:
    """One metric of one organisation over time, ready to print."""

    metric: Metric
    latest: Fact
    """The last period drawn: the title speaks of it."""
    signal: Signal | None
    """Why its point is marked; None where it is not."""
    points: int
    """How many points the latest segment has."""
    needed: int
    """How many it needs for limits."""
    marked: int
    """How many points are marked in all."""
    mean: str
    lower: str
    upper: str
    """The latest segment's lines with their unit; empty without them."""
    target: str
    target_value: float
    """NaN without one."""
    drawing: Drawing
    restarts: tuple[Restart, ...]
    rows: tuple[ChartRow, ...]
    """The latest period first."""

    @property
    def has_limits(self) -> bool:
        """Whether the latest segment has its lines."""
        return bool(self.mean)

    @property
    def first(self) -> Fact:
        """The earliest period drawn."""
        return self.rows[-1].fact

    @property
    def has_gaps(self) -> bool:
        """Whether a period has no value."""
        return bool(self.drawing.gaps)

    @property
    def meanings(self) -> tuple[Judgement, ...]:
        """What marked points mean, for the key."""
        return tuple(signs.meaning for signs in self.drawing.signs)


def control_chart(book: Book, history: Sequence[Fact]) -> ControlChart | None:
    """Return the chart of one organisation's facts for everybody, given in order of time.

    None where nothing is charted: a status, rolling or yearly figures, not a single value. The target drawn
    is the one that holds for the latest value.
    """
    latest = history[-1].result
    segments = book.control_lines.segments_of(latest.organisation_code, latest.metric_id)
    if not segments:
        return None
    begin = book.period_order[segments[0].start]
    facts = [fact for fact in history if book.period_order[fact.result.period] >= begin]
    target = book.control_lines.target_of(latest.organisation_code, latest.metric_id)
    series = _Series(book, facts, segments, target)
    metric, current = facts[-1].metric, segments[-1]
    return ControlChart(
        metric=metric,
        latest=facts[-1],
        signal=series.signal(),
        points=current.points,
        needed=MINIMUM_POINTS,
        marked=sum(_meaning(fact) is not None for fact in facts),
        mean=_text(current.mean, metric),
        lower=_text(series.within_range(current.lower), metric),
        upper=_text(series.within_range(current.upper), metric),
        target=_text(target, metric),
        target_value=target,
        drawing=series.draw(),
        restarts=series.restarts(),
        rows=series.rows(),
    )


class _Series:
    """The facts of one chart in their places, and the scales they are drawn by."""

    def __init__(self, book: Book, facts: Sequence[Fact], segments: Sequence[Segment], target: float) -> None:
        self._book, self._facts, self._segments, self._target = book, facts, segments, target
        self._metric = facts[-1].metric
        self._places = _places_in_time(book, facts)
        starts = {segment.start: number for number, segment in enumerate(segments)}
        self._numbers: list[int] = []
        for fact in facts:
            self._numbers.append(starts.get(fact.result.period, self._numbers[-1] if self._numbers else 0))
        self._low, self._high = self._domain()
        self._ticks = ticks(self._low, self._high, 4, self._metric)
        left = max(text_width(text) for _, text in self._ticks) + 8
        self._unit = "" if self._metric.unit == "%" else fit_text(self._metric.unit, WIDTH - 8)
        top = _TOP if self._unit or len(segments) > 1 else _LOW_TOP
        self._plot = Plot(left, top, WIDTH - left - _RIGHT, _HEIGHT, _BOTTOM)
        self._step = self._plot.width / (self._places[-1] + 1)

    def within_range(self, line: float) -> float:
        """Return a limit as it is drawn and said: shares and counts end where values must end."""
        if self._metric.kind in (Kind.PROPORTION, Kind.RATE, Kind.RATIO, Kind.COUNT):
            line = max(line, 0.0)
        return min(line, self._metric.multiplier) if self._metric.kind is Kind.PROPORTION else line

    def signal(self) -> Signal | None:
        """Return why the latest point is marked."""
        fact, segment = self._facts[-1], self._segments[self._numbers[-1]]
        meaning = _meaning(fact)
        if meaning is None:
            return None
        is_high = str(fact.result.variation).endswith("_high")
        reason, points = self._reason(segment, sign=1 if is_high else -1)
        return Signal(reason, meaning, points)

    def _reason(self, segment: Segment, *, sign: int) -> tuple[Reason, int]:
        """Return the first rule that marks the latest point high (1) or low (-1), and how many share it."""
        values = self._latest_run()
        limit = segment.upper if sign > 0 else segment.lower
        if sign * (values[0] - limit) > _NEAR:
            return (Reason.ABOVE_LIMIT if sign > 0 else Reason.BELOW_LIMIT), 1
        going = 1
        while going < len(values) and sign * (values[going - 1] - values[going]) > _NEAR:
            going += 1
        if going >= _RUN:
            return (Reason.RISING if sign > 0 else Reason.FALLING), going
        beside = 0
        while beside < len(values) and sign * (values[beside] - segment.mean) > _NEAR:
            beside += 1
        if beside >= _RUN:
            return (Reason.ABOVE_MEAN if sign > 0 else Reason.BELOW_MEAN), beside
        return (Reason.NEAR_UPPER if sign > 0 else Reason.NEAR_LOWER), beside

    def _latest_run(self) -> list[float]:
        """Return the latest values of the latest segment up to the first gap, the last one first."""
        values: list[float] = []
        place = self._places[-1]
        for fact, number, own in zip(
            reversed(self._facts), reversed(self._numbers), reversed(self._places), strict=True
        ):
            if not fact.has_value or number != self._numbers[-1] or own != place:
                break
            values.append(fact.result.value)
            place -= 1
        return values

    def rows(self) -> tuple[ChartRow, ...]:
        """Return the table of the chart, the latest period first."""
        return tuple(self._row(fact, self._segments[number]) for fact, number in self._numbered())[::-1]

    def _row(self, fact: Fact, segment: Segment) -> ChartRow:
        lower, upper = self.within_range(segment.lower), self.within_range(segment.upper)
        mean, lowest, highest = (
            "" if math.isnan(line) else figure_text(line, self._metric)
            for line in (segment.mean, lower, upper)
        )
        return ChartRow(fact, segment, mean, lowest, highest, _meaning(fact))

    def restarts(self) -> tuple[Restart, ...]:
        """Return where and why the chart starts again."""
        return tuple(
            Restart(
                Mark(pixels(self._border(place)), pixels(_TOP - 8), str(count), "middle"),
                self._facts[place].period.label,
                self._reason_to_restart(place),
            )
            for count, place in enumerate(self._restart_places(), start=1)
        )

    def _reason_to_restart(self, place: int) -> str:
        """Return the reason of the latest REBASES row between a period and the one before it."""
        result = self._facts[place].result
        end = self._book.period_ends[result.period]
        before = self._book.period_ends[self._facts[place - 1].result.period]
        rows: list[tuple[date, str]] = [
            (row["date"], row["reason"])
            for row in self._book.rows_about("rebases", "metric_id", result.metric_id)
            if row["organisation_code"] in ("", result.organisation_code) and before < row["date"] <= end
        ]
        return max(rows)[1] if rows else ""

    def _restart_places(self) -> list[int]:
        return [
            place for place in range(1, len(self._facts)) if self._numbers[place] != self._numbers[place - 1]
        ]

    def draw(self) -> Drawing:
        """Return where everything lies."""
        known = [place for place, fact in enumerate(self._facts) if fact.has_value]
        plain = [place for place in known if _meaning(self._facts[place]) is None]
        plot = self._plot
        bottom, right = plot.top + plot.height, plot.left + plot.width
        return Drawing(
            height=plot.plate_height,
            ends=(self._low, self._high),
            frame="".join(f"M{pixels(plot.left)} {self._y(tick)}H{pixels(right)}" for tick, _ in self._ticks),
            y_marks=tuple(
                Mark(pixels(plot.left - 5), self._y(tick, drop=4.4), text) for tick, text in self._ticks
            ),
            x_marks=tuple(
                Mark(pixels(plot.left + words.x), pixels(words.y), words.text, words.anchor)
                for words in self._period_words(bottom + 18)
            ),
            unit=self._unit,
            target=""
            if math.isnan(self._target)
            else f"M{pixels(plot.left)} {self._y(self._target)}H{pixels(right)}",
            lines=tuple(
                self._lines(number) for number, segment in enumerate(self._segments) if segment.has_limits
            ),
            line=self._line(),
            dots=self._dots(place for place in plain if not _is_provisional(self._facts[place])),
            hollow_dots=self._dots(place for place in plain if _is_provisional(self._facts[place])),
            signs=self._signs(),
            gaps="".join(
                f"M{pixels(self._x(place) - 3)} {pixels(bottom - 6)}l6 6m0-6l-6 6"
                for place, fact in enumerate(self._facts)
                if not fact.has_value
            ),
            restarts="".join(
                f"M{pixels(self._border(place))} {pixels(_TOP - 4)}V{pixels(bottom)}"
                for place in self._restart_places()
            ),
        )

    def _domain(self) -> tuple[float, float]:
        """Return the scale's ends: all values, lines and the target, with a little room."""
        figures = [fact.result.value for fact in self._facts]
        figures += [line for segment in self._segments for line in (segment.lower, segment.upper)]
        figures.append(self._target)
        known = [self.within_range(figure) for figure in figures if not math.isnan(figure)]
        low, high = min(known), max(known)
        room = max(0.08 * (high - low), 2 * 10.0**-self._metric.decimals)
        return self.within_range(low - room), self.within_range(high + room)

    def _y(self, value: float, *, drop: float = 0.0) -> str:
        share = (self.within_range(value) - self._low) / (self._high - self._low)
        return pixels(self._plot.top + (1 - share) * self._plot.height + drop)

    def _x(self, place: int) -> float:
        return self._plot.left + (self._places[place] + 0.5) * self._step

    def _border(self, place: int) -> float:
        """Return where a new segment begins: before its first point."""
        return self._x(place) - self._step / 2

    def _period_words(self, y: float) -> list[Words]:
        """Return the names of the first and the last period, and of one between them where it has room."""
        last = len(self._facts) - 1
        first, middle, end = (
            Words(self._facts[place].period.short, self._x(place) - self._plot.left, y, "middle", "").kept_on(
                self._plot
            )
            for place in (0, last // 2, last)
        )
        if first.end + _APART > end.start:
            return [end]
        has_room = first.end + _APART <= middle.start and middle.end + _APART <= end.start
        return [first, middle, end] if has_room else [first, end]

    def _lines(self, number: int) -> Lines:
        own = [place for place, other in enumerate(self._numbers) if other == number]
        segment = self._segments[number]
        left, right = pixels(self._border(own[0])), pixels(self._x(own[-1]) + self._step / 2)
        mean, lower, upper = (self._y(line) for line in (segment.mean, segment.lower, segment.upper))
        return Lines(
            mean=f"M{left} {mean}H{right}",
            limits=f"M{left} {lower}H{right}M{left} {upper}H{right}",
            area=f"M{left} {upper}H{right}V{lower}H{left}Z",
        )

    def _line(self) -> str:
        path, before = "", None
        for place, fact in enumerate(self._facts):
            if not fact.has_value:
                continue
            here = (self._places[place] - 1, self._numbers[place])
            path += f"{'L' if here == before else 'M'}{pixels(self._x(place))} {self._y(fact.result.value)}"
            before = (self._places[place], self._numbers[place])
        return path if "L" in path else ""

    def _dots(self, places: Iterator[int]) -> str:
        return "".join(
            f"M{pixels(self._x(place))} {self._y(self._facts[place].result.value)}h0" for place in places
        )

    def _signs(self) -> tuple[Signs, ...]:
        paths: dict[Judgement, str] = {}
        for place, fact in enumerate(self._facts):
            meaning = _meaning(fact)
            if meaning is not None:
                y = float(self._y(fact.result.value))
                paths[meaning] = paths.get(meaning, "") + sign_path(meaning, self._x(place), y, _RADIUS)
        return tuple(Signs(meaning, paths[meaning]) for meaning in _SPECIAL if meaning in paths)

    def _numbered(self) -> Iterator[tuple[Fact, int]]:
        return zip(self._facts, self._numbers, strict=True)


def _places_in_time(book: Book, facts: Sequence[Fact]) -> list[int]:
    """Return the place of each fact: a month or quarter for which nothing was published stays empty."""
    ends = [book.period_ends[fact.result.period] for fact in facts]
    months = [end.year * 12 + end.month for end in ends]
    step = 3 if facts[-1].metric.frequency == "quarter" else 1
    return [(month - months[0]) // step for month in months]


def _meaning(fact: Fact) -> Judgement | None:
    """Return what a marked point means; None where nothing is marked."""
    return _MEANINGS.get(fact.result.variation)


def _is_provisional(fact: Fact) -> bool:
    return fact.has_value and fact.result.submission == Submission.PROVISIONAL


def _text(figure: float, metric: Metric) -> str:
    return "" if math.isnan(figure) else value_text(figure, metric)


_SPECIAL = (Judgement.BETTER, Judgement.WORSE, Judgement.NO_JUDGEMENT)
_MEANINGS: dict[str, Judgement] = {
    Variation.IMPROVEMENT_HIGH: Judgement.BETTER,
    Variation.IMPROVEMENT_LOW: Judgement.BETTER,
    Variation.CONCERN_HIGH: Judgement.WORSE,
    Variation.CONCERN_LOW: Judgement.WORSE,
    Variation.NEUTRAL_HIGH: Judgement.NO_JUDGEMENT,
    Variation.NEUTRAL_LOW: Judgement.NO_JUDGEMENT,
}
