"""What the plates are made of: layers of marks and texts, and the frame around them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import altair as alt
import vl_convert

from generator.model.metric import Metric
from generator.rendering.axes import Plot, Words
from generator.rendering.charts.engine import VEGALITE
from generator.rendering.numbers import round_half_up, with_unit
from generator.rendering.plates import FONT_SIZE, WIDTH, Plate, PlateName, Scale, Summary, symbol_id
from generator.rendering.symbols import Colour, symbol_of

FEWEST_VALUES = 5
"""With fewer values there is no chart of many organisations."""
TICKS = 5
TO_BASELINE = 4.5
"""How far the baseline of a text lies below its middle."""
RUN = alt.Detail(field="run", type="nominal")
"""What keeps lines of different runs apart."""


def rows_of(rows: Iterable[dict[str, Any]]) -> alt.Chart:
    """Return a chart of rows of data, to which a mark is given."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def position(
    channel: Callable[..., Any],
    domain: tuple[float, float],
    *,
    ends: tuple[float, float] | None = None,
    reverse: bool = False,
) -> Any:
    """Return a position by value, on a fixed domain and without an axis: plates write their own."""
    scale: dict[str, Any] = {"domain": list(domain), "nice": False, "zero": False}
    if ends:
        scale["range"] = list(ends)
    if reverse:
        scale["reverse"] = True
    field = "x" if channel is alt.X else "y"
    return channel(field=field, type="quantitative", axis=None, scale=alt.Scale(**scale))


def fixed(channel: Callable[..., Any], place: float) -> Any:
    """Return a position in plate pixels from the plot's corner."""
    return channel(place)


def end_text(value: float, metric: Metric) -> str:
    """Return an end of a scale as it is printed, with its unit."""
    decimals = metric.decimals if round(value, metric.decimals) == value else metric.decimals + 1
    text = round_half_up(value, decimals)
    return with_unit(text.rstrip("0").rstrip(".") if "." in text else text, metric)


def _text_layers(words: Iterable[Words], plot: Plot) -> list[alt.Chart]:
    """Return a layer for each way of setting text; the texts themselves are rows of data.

    A line of the surface's colour around the letters keeps them readable over other marks.
    """
    groups: dict[tuple[str, str, bool], list[dict[str, Any]]] = {}
    for item in (item.kept_on(plot) for item in words if item.text):
        rows = groups.setdefault((item.anchor, item.colour, item.is_bold), [])
        rows.append({"x": round(item.x, 2), "y": round(item.y, 2), "text": item.text})
    x = alt.X(field="x", type="quantitative", scale=None)
    y = alt.Y(field="y", type="quantitative", scale=None)
    text = alt.Text(field="text", type="nominal")
    return [
        rows_of(rows)
        .mark_text(
            align=_ALIGN[anchor],
            baseline="alphabetic",
            color=colour,
            fontSize=FONT_SIZE,
            fontWeight="bold" if is_bold else "normal",
            stroke=Colour.GROUND,
            strokeWidth=3,
            strokeJoin="round",
        )
        .encode(x=x, y=y, text=text)
        for (anchor, colour, is_bold), rows in groups.items()
    ]


def plate_of(
    name: PlateName,
    metric: Metric,
    plot: Plot,
    layers: Sequence[alt.Chart],
    words: Iterable[Words],
    *,
    scale: Scale,
    x_domain: tuple[float, float],
    y_domain: tuple[float, float],
    summary: Summary,
    unit: str = "",
) -> Plate:
    """Return the layers, and the words above them, as a plate."""
    chart = alt.layer(*layers, *_text_layers(words, plot)).properties(
        width=plot.width,
        height=plot.height,
        padding={"left": plot.left, "top": plot.top, "right": plot.right, "bottom": plot.bottom},
        autosize="none",
        background="transparent",
        # What screen readers say is written by the page, which knows the organisation's own value.
        config=alt.Config(aria=False, font="sans-serif", view=alt.ViewConfig(stroke=None)),
    )
    # Each part was checked as it was made; checking the whole once more would take as long as drawing it.
    specification = chart.to_dict(validate=False)
    svg = vl_convert.vegalite_to_svg(specification, vl_version=VEGALITE, allowed_base_urls=[])
    return Plate(
        name=name,
        metric_id=metric.metric_id,
        width=WIDTH,
        height=plot.plate_height,
        left=plot.left,
        top=plot.top,
        plot_width=plot.width,
        plot_height=plot.height,
        scale=scale,
        x_domain=x_domain,
        y_domain=y_domain,
        symbol=symbol_of(svg, symbol_id(name, metric.metric_id), plot.plate_height),
        summary=summary,
        unit=unit,
    )


_ALIGN: dict[str, Literal["left", "center", "right"]] = {"start": "left", "middle": "center", "end": "right"}
