"""A chart as a picture that stands by itself: title, message, source, and the light page's colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from generator.rendering.marks import BenchmarkMark
from generator.rendering.plates import FONT_SIZE, WIDTH, Plate, fit_text, pixels, text_width

PALETTE = {
    "ground": "#ffffff",
    "surface": "#f5f3ee",
    "text": "#17242b",
    "muted": "#4f5f68",
    "rule": "#d8d3c8",
    "edge": "#74848a",
    "accent": "#0a5c66",
    "better": "#1a5ba8",
    "worse": "#ad4a05",
    "similar": "#5b676d",
    "neutral": "#6a4f94",
    "spread": "#76878c",
    "line": "#3d4f58",
    "band": "#d3dcdd",
}
"""The light page's colours, by their names in the theme; a test holds the two together."""

SHOWN_WIDTH = 640
"""How wide the picture is unless somebody asks for another width."""

MARGIN = 8.0
SMALL = 8.5
"""Size of small text, in plate pixels."""

_LINE = 17.0
_SMALL_LINE = 12.0


@dataclass(frozen=True)
class Drawing:
    """What stands between the words of a picture, in plate pixels and the picture's own colours."""

    body: str
    """SVG elements, escaped."""
    height: float


def drawing_of(plate: Plate, benchmark: BenchmarkMark | None = None) -> Drawing:
    """Return a plate as a picture shows it, with real colours in place of those that a page gives."""
    body = _TAG.sub(lambda tag: _coloured(tag[0]), _SYMBOL.sub("", plate.symbol))
    return Drawing(body + (_benchmark(benchmark) if benchmark else ""), plate.height)


def _benchmark(mark: BenchmarkMark) -> str:
    """Return a benchmark's line and name with the look that pages give them."""
    ground = f'stroke="{PALETTE["ground"]}" paint-order="stroke"'
    line = f'<path d="{mark.path}" fill="{PALETTE["line"]}" stroke-width="2" {ground}/>' if mark.path else ""
    name = label(mark.label.text, float(mark.label.x), float(mark.label.y), mark.label.anchor)
    look = f'font-size="{FONT_SIZE}" font-weight="bold" fill="{PALETTE["text"]}" stroke-width="3" {ground}'
    return f"{line}<g {look}>{name}</g>"


def picture(drawing: Drawing, *, title: str, message: str, description: str, source: Sequence[str]) -> str:
    """Return the drawing as an SVG document. `source` are the sentences below it, each from a new line."""
    above = [(line, "bold", PALETTE["text"]) for line in wrapped(title, WIDTH - 2 * MARGIN, is_bold=True)]
    above += [(line, "normal", PALETTE["text"]) for line in wrapped(message, WIDTH - 2 * MARGIN)]
    room = (WIDTH - 2 * MARGIN) * FONT_SIZE / SMALL
    below = [line for sentence in source for line in wrapped(sentence, room)]
    top = MARGIN + _LINE * len(above) + 6
    height = top + drawing.height + 6 + _SMALL_LINE * len(below) + MARGIN
    words = "".join(
        _text(line, MARGIN + 13 + _LINE * number, FONT_SIZE, colour, weight)
        for number, (line, weight, colour) in enumerate(above)
    )
    start = top + drawing.height + 6 + SMALL
    words += "".join(
        _text(line, start + _SMALL_LINE * number, SMALL, PALETTE["muted"], "normal")
        for number, line in enumerate(below)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SHOWN_WIDTH}"'
        f' height="{pixels(height * SHOWN_WIDTH / WIDTH)}" viewBox="0 0 {pixels(WIDTH)} {pixels(height)}"'
        ' font-family="sans-serif" role="img" aria-labelledby="title description">'
        f'<title id="title">{escape(f"{title}: {message}")}</title>'
        f'<desc id="description">{escape(" ".join([description, *source]))}</desc>'
        f'<rect width="{pixels(WIDTH)}" height="{pixels(height)}" fill="{PALETTE["ground"]}"/>'
        f'{words}<g fill="none" transform="translate(0,{pixels(top)})">{drawing.body}</g></svg>\n'
    )


def label(text: str, x: float, y: float, anchor: str = "start") -> str:
    """Return a text with the look of the group it stands in; its baseline is at y."""
    turned = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{pixels(x)}" y="{pixels(y)}"{turned}>{escape(text)}</text>'


def wrapped(text: str, width: float, *, is_bold: bool = False) -> list[str]:
    """Return the text in lines of this width, in plate pixels of the plates' font; too long words are cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, is_bold=is_bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [fit_text(line, width, is_bold=is_bold) for line in lines]


def _text(text: str, y: float, size: float, colour: str, weight: str) -> str:
    return (
        f'<text x="{pixels(MARGIN)}" y="{pixels(y)}" font-size="{pixels(size)}" font-weight="{weight}"'
        f' fill="{colour}">{escape(text)}</text>'
    )


def _coloured(tag: str) -> str:
    tag = tag.replace('"currentColor"', f'"{PALETTE["text"]}"')
    return _PROPERTY.sub(lambda found: PALETTE[found[1]], tag)


_SYMBOL = re.compile(r"^<symbol[^>]*>|</symbol>$")
_TAG = re.compile(r"<[^>]*>")
"""Only tags are coloured: a text of the data may read like a colour."""
_PROPERTY = re.compile(r"var\(--candour-([a-z-]+)\)")
