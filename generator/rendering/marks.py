"""What a page adds to a plate: one organisation's sign, interval and line, ready for templates to place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from generator.model.vocabulary import Judgement
from generator.rendering.plates import Plate, Scale, fit_text, pixels, text_width, whole

RADIUS = 6.0
"""Half the size of an organisation's sign, in plate pixels."""

_GAP = 5.0
"""Space between a sign or interval and the label beside it."""
_LABEL_DROP = 4.5
"""How far the baseline of a label lies below the middle of its capitals."""
_LABEL_HEIGHT = 15.0
"""How far apart the baselines of two labels must be to be read."""


@dataclass(frozen=True)
class Label:
    """A text beside a mark, in plate pixels."""

    text: str
    x: str
    y: str
    anchor: str
    """SVG text-anchor: start, middle or end."""


@dataclass(frozen=True)
class Sign:
    """The shape that stands for an organisation's value. Its form tells the judgement, as its colour does."""

    path: str
    arrow: str
    """Path of an arrow out of the plate, where the value lies beyond it; else empty."""
    judgement: Judgement
    is_hollow: bool
    """Whether the value is provisional."""


@dataclass(frozen=True)
class SpreadMark:
    """One organisation's value on a spread."""

    sign: Sign
    interval: str
    """Path of the 95% interval; empty where there is none."""
    stem: str
    """Path of the hairline that leads from the sign up through the bars."""
    label: Label | None


@dataclass(frozen=True)
class TrendPoint:
    """One organisation's value in one period; lower and upper are NaN where there is no interval."""

    period: str
    value: float
    lower: float = math.nan
    upper: float = math.nan
    is_provisional: bool = False


@dataclass(frozen=True)
class TrendMark:
    """One organisation's values on a trend."""

    line: str
    """Path of the line, which stops at gaps and breaks; each of its points is a dot."""
    hollow_dots: str
    """Path of the provisional values' dots: drawn with round caps, over those of the line."""
    arrows: str
    """Path of arrows out of the plate where values lie beyond it."""
    whisker: str
    """Path of the last value's 95% interval."""
    sign: Sign
    """The last value."""
    label: Label | None


def spread_mark(
    plate: Plate,
    value: float,
    lower: float,
    upper: float,
    judgement: Judgement,
    *,
    label: str = "",
    is_provisional: bool = False,
) -> SpreadMark:
    """Return the organisation's mark for a spread plate; lower and upper are NaN without an interval."""
    if plate.scale is Scale.LEVELS:
        sign = _sign(plate.lane, plate.y(value), judgement, is_provisional)
        return SpreadMark(sign, interval="", stem="", label=None)
    x, y = plate.x(value), plate.lane
    arrow = "" if plate.is_inside(value) else _arrow(x, y, -1 if x == plate.left else 1)
    stem = f"M{whole(x)} {whole(plate.top)}V{whole(y - RADIUS)}"
    reach = [x - RADIUS, x + RADIUS]
    if not (math.isnan(lower) or math.isnan(upper)):
        reach = [min(reach[0], plate.x(lower)), max(reach[1], plate.x(upper))]
    if arrow:
        reach = [reach[0] - RADIUS, reach[1] + RADIUS]
    return SpreadMark(
        sign=_sign(x, y, judgement, is_provisional, arrow),
        interval=_interval_across(plate, lower, upper),
        stem=stem,
        label=_label_beside(plate, plate.without_unit(label), reach[0], reach[1], y) if label else None,
    )


def trend_mark(
    plate: Plate, points: Sequence[TrendPoint], judgement: Judgement, *, label: str = ""
) -> TrendMark | None:
    """Return the organisation's mark for a trend plate, or None where it has no value in any of its periods.

    Points may come in any order; those without a value, or of periods that are not on the plate, leave a gap.
    The judgement and the label are the last value's. The label loses the unit that the axis has, and is only
    shown where that value is the plate's latest period's.
    """
    known = {point.period: point for point in points if not math.isnan(point.value)}
    shown = [known[period] for period in plate.positions if period in known]
    if not shown:
        return None
    last = shown[-1]
    x, y = plate.positions[last.period], plate.y(last.value)
    is_latest = last.period == list(plate.positions)[-1]
    inside = [point for point in shown[:-1] if plate.is_inside(point.value)]
    beyond = [point for point in shown[:-1] if not plate.is_inside(point.value)]
    return TrendMark(
        line=_line(plate, known),
        hollow_dots=_dots(plate, [point for point in inside if point.is_provisional]),
        arrows="".join(_arrow_up_or_down(plate, point) for point in beyond),
        whisker=_interval_up(plate, x, last.lower, last.upper),
        sign=_sign(
            x,
            y,
            judgement,
            last.is_provisional,
            "" if plate.is_inside(last.value) else _arrow_beyond_sign(plate, x, y),
        ),
        label=_label_after(plate, plate.without_unit(label), y) if label and is_latest else None,
    )


def sign_path(judgement: Judgement, x: float, y: float, radius: float = RADIUS) -> str:
    """Return the path of the shape that stands for a judgement, centred there."""
    return _SHAPES[judgement](round(x), round(y), radius)


def _sign(x: float, y: float, judgement: Judgement, is_hollow: bool, arrow: str = "") -> Sign:
    return Sign(sign_path(judgement, x, y), arrow, judgement, is_hollow)


def _interval_across(plate: Plate, lower: float, upper: float) -> str:
    """Return the path of an interval in the lane, with a cap at each end that lies on the plate."""
    if math.isnan(lower) or math.isnan(upper):
        return ""
    y = plate.lane
    path = f"M{whole(plate.x(lower))} {whole(y)}H{whole(plate.x(upper))}"
    for end in (lower, upper):
        if plate.is_inside(end):
            path += f"M{whole(plate.x(end))} {whole(y - 4)}v8"
    return path


def _interval_up(plate: Plate, x: float, lower: float, upper: float) -> str:
    """Return the path of an interval up a trend, with a cap at each end that lies on the plate."""
    if math.isnan(lower) or math.isnan(upper):
        return ""
    path = f"M{whole(x)} {whole(plate.y(lower))}V{whole(plate.y(upper))}"
    for end in (lower, upper):
        if plate.is_inside(end):
            path += f"M{whole(x - 4)} {whole(plate.y(end))}h8"
    return path


def _line(plate: Plate, known: dict[str, TrendPoint]) -> str:
    """Return the path through neighbouring known values; a missing value or a break lifts the pen."""
    runs: list[list[str]] = [[]]
    for period, x in plate.positions.items():
        if period not in known or period in plate.breaks:
            runs.append([])
        if period in known:
            runs[-1].append(f"{whole(x)} {whole(plate.y(known[period].value))}")
    # A point alone is a line of no length, so that it has its dot.
    return "".join(f"M{'L'.join(run)}{'' if len(run) > 1 else 'h0'}" for run in runs if run)


def _dots(plate: Plate, points: Sequence[TrendPoint]) -> str:
    return "".join(
        f"M{whole(plate.positions[point.period])} {whole(plate.y(point.value))}h0" for point in points
    )


def _arrow_up_or_down(plate: Plate, point: TrendPoint) -> str:
    x, y = plate.positions[point.period], plate.y(point.value)
    tip = -1 if y == plate.top else 1
    return f"M{whole(x - 5)} {whole(y - tip * 3)}h10l-5 {8 * tip}Z"


def _arrow_beyond_sign(plate: Plate, x: float, y: float) -> str:
    tip = -1 if y == plate.top else 1
    return f"M{whole(x - 4)} {whole(y + tip * (RADIUS + 2))}h8l-4 {5 * tip}Z"


def _arrow(x: float, y: float, tip: int) -> str:
    """Return the path of an arrowhead beside a sign, pointing left (-1) or right (1)."""
    return f"M{whole(x + tip * (RADIUS + 2))} {whole(y - 4)}v8l{5 * tip} -4Z"


def _label_beside(plate: Plate, text: str, low: float, high: float, y: float) -> Label:
    """Return the label right of the mark if that has room off the benchmark's line, or left, or above."""
    text = fit_text(text, plate.width - 4, is_bold=True)
    width, baseline = text_width(text, is_bold=True), whole(y + _LABEL_DROP)
    after, before = high + _GAP, low - _GAP
    right = Label(text, whole(after), baseline, "start") if after + width <= plate.width else None
    left = Label(text, whole(before), baseline, "end") if before - width >= 0 else None
    line = plate.benchmark_x
    is_crossed = line is not None and after - 2 <= line <= after + width
    if right and not (left and is_crossed):
        return right
    if left:
        return left
    half = text_width(text, is_bold=True) / 2
    middle = min(max((low + high) / 2, half), plate.width - half)
    return Label(text, whole(middle), whole(y - RADIUS - 4), "middle")


def _label_after(plate: Plate, text: str, y: float) -> Label | None:
    """Return the label right of the plot, clear of the country's name, or None where it has no room."""
    if plate.right + RADIUS + text_width(text, is_bold=True) > plate.width:
        return None
    baseline = y + _LABEL_DROP
    country = plate.country_label_y
    if country is not None and abs(baseline - country) < _LABEL_HEIGHT:
        above, below = country - _LABEL_HEIGHT, country + _LABEL_HEIGHT
        is_above = baseline <= country
        if above < _LABEL_HEIGHT - 4:
            is_above = False
        elif below > plate.height - 4:
            is_above = True
        baseline = above if is_above else below
    return Label(text, whole(plate.right + RADIUS), whole(baseline), "start")


def _circle(x: float, y: float, radius: float) -> str:
    r, d = pixels(radius), pixels(2 * radius)
    return f"M{pixels(x)} {pixels(y)}m-{r} 0a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z"


def _triangle_up(x: float, y: float, radius: float) -> str:
    return _triangle(x, y, radius, -1)


def _triangle_down(x: float, y: float, radius: float) -> str:
    return _triangle(x, y, radius, 1)


def _triangle(x: float, y: float, radius: float, tip: int) -> str:
    """Return a triangle that points up (-1) or down (1)."""
    half, back, long = 1.15 * radius, -tip * 0.9 * radius, tip * 2 * radius
    return (
        f"M{pixels(x)} {pixels(y)}m{pixels(-half)} {pixels(back)}"
        f"h{pixels(2 * half)}l{pixels(-half)} {pixels(long)}Z"
    )


def _diamond(x: float, y: float, radius: float) -> str:
    long = pixels(1.1 * radius)
    return f"M{pixels(x)} {pixels(y)}m-{long} 0l{long}-{long}l{long} {long}l-{long} {long}Z"


_SHAPES = {
    Judgement.BETTER: _triangle_up,
    Judgement.SIMILAR: _circle,
    Judgement.WORSE: _triangle_down,
    Judgement.NO_JUDGEMENT: _diamond,
    Judgement.NOT_COMPARED: _diamond,
}
