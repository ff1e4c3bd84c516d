"""Values with their intervals as a picture to take away: names at the side, a scale below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from generator.model.metric import Metric
from generator.model.vocabulary import Judgement
from generator.rendering.chart_pictures import MARGIN, PALETTE, SMALL, Drawing, label, wrapped
from generator.rendering.interval_charts import (
    MOST_NAMED_ALWAYS,
    IntervalChart,
    IntervalRow,
    Line,
    NamedLine,
    RowMarks,
    Units,
    interval_chart,
)
from generator.rendering.plates import FONT_SIZE, WIDTH, fit_text, pixels, text_width

_MOST_FOR_NAMES = 130.0
"""How wide the names are at most, in plate pixels."""
_GAP = 6.0
_HEAD = 12.0
"""Height of a line's name above the rows, of the scale below them, and of its unit."""
_FEW, _MANY = 22.0, 11.0
"""Height of a row among few rows, and among many."""
_LINE = 9.5
"""How far apart the lines of a name are."""
_SHARE = SMALL / FONT_SIZE


def interval_drawing(
    metric: Metric, rows: Sequence[IntervalRow], lines: Sequence[Line] = ()
) -> tuple[IntervalChart, Drawing] | None:
    """Return the rows drawn in the order they come in; None where a page has no chart of them either."""
    known = [row.name for row in rows if not math.isnan(row.value)]
    is_few = len(known) <= MOST_NAMED_ALWAYS
    names = [_lines_of(name, 2 if is_few else 1) for name in known]
    left = MARGIN + _GAP + _SHARE * max((text_width(line) for name in names for line in name), default=0.0)
    row = _FEW if is_few else _MANY
    across = WIDTH - MARGIN - left
    chart = interval_chart(metric, rows, lines, Units(across, row, row / 2))
    if chart is None:
        return None
    top = _HEAD * len(chart.lines) + 4
    bottom = top + chart.height
    unit = chart.unit
    words = [
        label(line, MARGIN, top + row * (place + 0.5) + 3 + _LINE * (number - (len(name) - 1) / 2))
        for place, name in enumerate(names)
        for number, line in enumerate(name)
    ]
    words += [label(tick.label, left + across * tick.share, bottom + _HEAD, "middle") for tick in chart.ticks]
    words.append(label(unit, left + across / 2, bottom + 2 * _HEAD, "middle") if unit else "")
    heads = (
        f'<g font-weight="bold" fill="{_colour(line)}">{_head(line, number, left, across)}</g>'
        for number, line in enumerate(chart.lines, start=1)
    )
    body = (
        f'<g font-size="{SMALL}" fill="{PALETTE["muted"]}">{"".join((*words, *heads))}</g>'
        f'<g transform="translate({pixels(left)},{pixels(top)})">'
        f'<path stroke="{PALETTE["rule"]}" d="{chart.grid}"/>{_lines(chart.lines)}'
        f"{''.join(_marks(marks, 7 if is_few else 5) for marks in chart.marks)}</g>"
    )
    return chart, Drawing(body, bottom + _HEAD * (2 if unit else 1) + 4)


def _lines_of(name: str, most: int) -> list[str]:
    """Return a name in as many lines; what has no room in them is cut."""
    room = _MOST_FOR_NAMES / _SHARE
    if most == 1 or text_width(name) <= room:
        return [fit_text(name, room)]
    first, *rest = wrapped(name, room)
    return [first, fit_text(" ".join(rest), room)] if rest else [first]


def _head(line: NamedLine, number: int, left: float, across: float) -> str:
    """Return a line's name above its line, on a row of its own, with all the room there is."""
    name = fit_text(line.name, across / _SHARE, is_bold=True)
    width = _SHARE * text_width(name, is_bold=True)
    x = left + across * line.share
    if line.anchor == "start":
        return label(name, min(x, WIDTH - MARGIN - width), _HEAD * number - 2)
    return label(name, max(x, MARGIN + width), _HEAD * number - 2, "end")


def _lines(lines: Iterable[NamedLine]) -> str:
    return "".join(
        f'<path stroke="{_colour(line)}" stroke-width="1.5"'
        f'{"" if line.is_country else _DASH} d="{line.path}"/>'
        for line in lines
    )


def _marks(marks: RowMarks, size: int) -> str:
    """Return the rows of one judgement: who differs by more than chance is a square, as on the page."""
    cap = "square" if marks.judgement in (Judgement.BETTER, Judgement.WORSE) else "round"
    return (
        f'<g stroke="{PALETTE[_COLOURS.get(marks.judgement, "neutral")]}">'
        f'<path stroke-width="1.5" d="{marks.intervals}"/>'
        f'<path stroke-width="{size}" stroke-linecap="{cap}" d="{marks.values}"/></g>'
    )


def _colour(line: NamedLine) -> str:
    return PALETTE["line" if line.is_country else "accent"]


_DASH = ' stroke-dasharray="5 3"'
_COLOURS = {Judgement.BETTER: "better", Judgement.SIMILAR: "similar", Judgement.WORSE: "worse"}
