"""A control chart as a picture to take away: what a page draws by classes, with colours of its own."""

from __future__ import annotations

from generator.model.vocabulary import Judgement
from generator.rendering.chart_pictures import PALETTE, Drawing, label
from generator.rendering.control_charts import ControlChart

_FONT_SIZE = 12


def control_drawing(chart: ControlChart) -> Drawing:
    """Return the chart drawn, in the plate pixels that it has on its page."""
    at = chart.drawing
    paths = [
        *((_AREA, lines.area) for lines in at.lines),
        (_FRAME, at.frame),
        *(piece for lines in at.lines for piece in ((_LIMIT, lines.limits), (_MEAN, lines.mean))),
        (_TARGET, at.target),
        (_RESTART, at.restarts),
        (_LINE, at.line),
        (_GAP, at.gaps),
        (_DOTS, at.dots + at.hollow_dots),
        (_HOLE, at.hollow_dots),
        *((_SIGN.format(PALETTE[_COLOURS[signs.meaning]]), signs.path) for signs in at.signs),
    ]
    marks = (*at.y_marks, *at.x_marks, *(restart.mark for restart in chart.restarts))
    words = [label(mark.text, float(mark.x), float(mark.y), mark.anchor) for mark in marks]
    if at.unit:
        words.append(label(at.unit, 2, 10))
    body = "".join(f'<path {look} d="{path}"/>' for look, path in paths if path)
    return Drawing(
        f'{body}<g font-size="{_FONT_SIZE}" fill="{PALETTE["muted"]}">{"".join(words)}</g>', at.height
    )


_COLOURS = {
    Judgement.BETTER: "better",
    Judgement.WORSE: "worse",
    Judgement.NO_JUDGEMENT: "neutral",
}
# The looks of services.css.
_AREA = f'fill="{PALETTE["band"]}" fill-opacity="0.55"'
_FRAME = f'stroke="{PALETTE["rule"]}"'
_LIMIT = f'stroke="{PALETTE["edge"]}" stroke-width="1.2" stroke-dasharray="2 3"'
_MEAN = f'stroke="{PALETTE["line"]}" stroke-width="1.4"'
_TARGET = f'stroke="{PALETTE["text"]}" stroke-width="1.6" stroke-dasharray="8 4"'
_RESTART = f'stroke="{PALETTE["edge"]}" stroke-width="1.4"'
_LINE = f'stroke="{PALETTE["line"]}" stroke-width="1.6" stroke-linejoin="round"'
_GAP = f'stroke="{PALETTE["muted"]}" stroke-width="1.4"'
_DOTS = f'stroke="{PALETTE["line"]}" stroke-width="6" stroke-linecap="round"'
_HOLE = f'stroke="{PALETTE["ground"]}" stroke-width="3" stroke-linecap="round"'
_SIGN = f'fill="{{}}" stroke="{PALETTE["ground"]}" paint-order="stroke"'
