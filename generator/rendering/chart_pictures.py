"""A plate as a picture that stands by itself: title, message, source, and the light page's colours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

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

_MARGIN = 8.0
_LINE = 17.0
_SMALL = 8.5
_SMALL_LINE = 12.0


def picture(plate: Plate, *, title: str, message: str, description: str, source: Sequence[str]) -> str:
    """Return the plate as an SVG document. `source` are the sentences below it, each from a new line."""
    above = [(line, "bold", PALETTE["text"]) for line in wrapped(title, WIDTH - 2 * _MARGIN, is_bold=True)]
    above += [(line, "normal", PALETTE["text"]) for line in wrapped(message, WIDTH - 2 * _MARGIN)]
    room = (WIDTH - 2 * _MARGIN) * FONT_SIZE / _SMALL
    below = [line for sentence in source for line in wrapped(sentence, room)]
    top = _MARGIN + _LINE * len(above) + 6
    height = top + plate.height + 6 + _SMALL_LINE * len(below) + _MARGIN
    words = "".join(
        _text(line, _MARGIN + 13 + _LINE * number, FONT_SIZE, colour, weight)
        for number, (line, weight, colour) in enumerate(above)
    )
    start = top + plate.height + 6 + _SMALL
    words += "".join(
        _text(line, start + _SMALL_LINE * number, _SMALL, PALETTE["muted"], "normal")
        for number, line in enumerate(below)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SHOWN_WIDTH}"'
        f' height="{pixels(height * SHOWN_WIDTH / WIDTH)}" viewBox="0 0 {pixels(WIDTH)} {pixels(height)}"'
        ' font-family="sans-serif" role="img" aria-labelledby="title description">'
        f'<title id="title">{escape(f"{title}: {message}")}</title>'
        f'<desc id="description">{escape(" ".join([description, *source]))}</desc>'
        f'<rect width="{pixels(WIDTH)}" height="{pixels(height)}" fill="{PALETTE["ground"]}"/>'
        f'{words}<g fill="none" transform="translate(0,{pixels(top)})">{_drawing(plate.symbol)}</g></svg>\n'
    )


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
        f'<text x="{pixels(_MARGIN)}" y="{pixels(y)}" font-size="{pixels(size)}" font-weight="{weight}"'
        f' fill="{colour}">{escape(text)}</text>'
    )


def _drawing(symbol: str) -> str:
    """Return what a symbol holds, with real colours in place of those that a page gives."""
    return _TAG.sub(lambda tag: _coloured(tag[0]), _SYMBOL.sub("", symbol))


def _coloured(tag: str) -> str:
    tag = tag.replace('"currentColor"', f'"{PALETTE["text"]}"')
    return _PROPERTY.sub(lambda found: PALETTE[found[1]], tag)


_SYMBOL = re.compile(r"^<symbol[^>]*>|</symbol>$")
_TAG = re.compile(r"<[^>]*>")
"""Only tags are coloured: a text of the data may read like a colour."""
_PROPERTY = re.compile(r"var\(--candour-([a-z-]+)\)")
