"""What a page adds to a plate: one organisation's sign, interval and line, ready for templates to place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from generator.model.vocabulary import Judgement
from generator.rendering.plates import Plate, Scale, fit_text, pixels, text_width, whole

RADIUS = 6.0
"""Half the size of an organisation's sign, in plate pixels."""

_NAME_ABOVE = 9.0
"""How far above a spread's bars the baseline of a benchmark's name lies."""
_LEFT, _RIGHT = "\u2039", "\u203a"
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
    """Path of the 95% interval, with an arrow head where it goes on beyond the plate; empty for none."""
    is_cut: bool
    """Whether the interval goes on beyond the plate."""
    stem: str
    """Path of the hairline that leads from the sign up through the bars."""


@dataclass(frozen=True)
class BenchmarkMark:
    """What a value is compared with, on a spread."""

    path: str
    """Path of the line, as a narrow area; empty where the value lies beyond the plate."""
    label: Label
    """Its name, in the row above the bars."""


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
    is_cut: bool
    """Whether that interval goes on beyond the plate."""
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
    is_provisional: bool = False,
) -> SpreadMark:
    """Return the organisation's mark for a spread plate; lower and upper are NaN without an interval.

    It has no label: the title above the plate says the value.
    """
    if plate.scale is Scale.LEVELS:
        sign = _sign(plate.lane, plate.y(value), judgement, is_provisional)
        return SpreadMark(sign, interval="", is_cut=False, stem="")
    x, y = plate.x(value), plate.lane
    arrow = "" if plate.is_inside(value) else _arrow(x, y, -1 if x == plate.left else 1)
    return SpreadMark(
        sign=_sign(x, y, judgement, is_provisional, arrow),
        interval=_interval_across(plate, lower, upper),
        is_cut=_is_cut(plate, lower, upper),
        stem=f"M{whole(x)} {whole(plate.top)}V{whole(y - RADIUS)}",
    )


def benchmark_mark(plate: Plate, value: float, name: str) -> BenchmarkMark | None:
    """Return the line and the name of what values are compared with, None where there is nothing to draw.

    Beyond the plate only the name stands, at that edge, with an arrow head.
    """
    if plate.scale is not Scale.VALUES or math.isnan(value) or not name:
        return None
    x, baseline = plate.x(value), plate.top - _NAME_ABOVE
    if not plate.is_inside(value):
        is_left = x == plate.left
        room = plate.width - 20
        text = (
            f"{_LEFT} {fit_text(name, room, is_bold=True)}"
            if is_left
            else f"{fit_text(name, room, is_bold=True)} {_RIGHT}"
        )
        label = Label(
            text, whole(2 if is_left else plate.width - 2), whole(baseline), "start" if is_left else "end"
        )
        return BenchmarkMark("", label)
    path = f"M{whole(x - 1)} {whole(plate.top - 5)}h2V{whole(plate.bottom)}h-2Z"
    return BenchmarkMark(path, _name_above(plate, fit_text(name, plate.width - 4, is_bold=True), x, baseline))


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
        is_cut=_is_cut(plate, last.lower, last.upper),
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


def _is_cut(plate: Plate, lower: float, upper: float) -> bool:
    """Return whether there is an interval that goes on beyond the plate."""
    has_interval = not (math.isnan(lower) or math.isnan(upper))
    return has_interval and not (plate.is_inside(lower) and plate.is_inside(upper))


def _interval_across(plate: Plate, lower: float, upper: float) -> str:
    """Return the path of an interval in the lane: a cap at each end, an arrow head where it is cut off."""
    if math.isnan(lower) or math.isnan(upper):
        return ""
    y = plate.lane
    if plate.is_inside(lower) and plate.is_inside(upper):
        # In one go, since a page has eighty intervals and is to be light.
        return f"M{whole(plate.x(lower))} {whole(y - 4)}v8m0-4H{whole(plate.x(upper))}m0-4v8"
    path = f"M{whole(plate.x(lower))} {whole(y)}H{whole(plate.x(upper))}"
    for end, back in ((lower, 5), (upper, -5)):
        x = plate.x(end)
        path += (
            f"M{whole(x)} {whole(y - 4)}v8"
            if plate.is_inside(end)
            else f"M{whole(x + back)} {whole(y - 5)}l{-back} 5l{back} 5"
        )
    return path


def _interval_up(plate: Plate, x: float, lower: float, upper: float) -> str:
    """Return the path of an interval up a trend: a cap at each end, an arrow head where it is cut off."""
    if math.isnan(lower) or math.isnan(upper):
        return ""
    if plate.is_inside(lower) and plate.is_inside(upper):
        return f"M{whole(x - 4)} {whole(plate.y(lower))}h8m-4 0V{whole(plate.y(upper))}m-4 0h8"
    path = f"M{whole(x)} {whole(plate.y(lower))}V{whole(plate.y(upper))}"
    for end, back in ((lower, -5), (upper, 5)):
        y = plate.y(end)
        path += (
            f"M{whole(x - 4)} {whole(y)}h8"
            if plate.is_inside(end)
            else f"M{whole(x - 5)} {whole(y + back)}l5 {-back}l5 {back}"
        )
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


def _name_above(plate: Plate, text: str, x: float, baseline: float) -> Label:
    """Return a benchmark's name at the upper end of its line, if it can be off the lines of thresholds."""
    width = text_width(text, is_bold=True)
    choices: list[tuple[int, float, int, float, str]] = []
    for anchor, start in (("middle", x - width / 2), ("start", x - 1), ("end", x + 1 - width)):
        kept = min(max(start, 2), plate.width - 2 - width)
        crossed = sum(kept - 2 < line < kept + width + 2 for line in plate.thresholds)
        choices.append((crossed, abs(kept - start), len(choices), kept, anchor))
    _, _, _, start, anchor = min(choices)
    at = start + {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * width
    return Label(text, whole(at), whole(baseline), anchor)


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
