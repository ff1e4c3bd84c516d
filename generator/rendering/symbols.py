"""From Vega's SVG to a symbol: only what shows, in elements and attributes we know and the page's colours."""

from __future__ import annotations

import re
from enum import StrEnum
from html import escape
from xml.etree import ElementTree

from generator.rendering.plates import WIDTH, pixels


class Colour(StrEnum):
    """Colours of a plate while it is drawn: stand-ins for custom properties, which Vega does not know."""

    SPREAD = "#012300"
    BAND = "#012301"
    LINE = "#012302"
    RULE = "#012303"
    EDGE = "#012304"
    MUTED = "#012305"
    TEXT = "#012306"
    GROUND = "#012307"


PROPERTIES = {
    Colour.SPREAD: "var(--candour-spread)",
    Colour.BAND: "var(--candour-band)",
    Colour.LINE: "var(--candour-line)",
    Colour.RULE: "var(--candour-rule)",
    Colour.EDGE: "var(--candour-edge)",
    Colour.MUTED: "var(--candour-muted)",
    Colour.TEXT: "currentColor",
    Colour.GROUND: "var(--candour-ground)",
}
"""What stands in the page for each colour; the theme gives the values, light, dark and in forced colours."""


def symbol_of(svg: str, identifier: str, height: float) -> str:
    """Return Vega's drawing as a <symbol>. It has no id but its own, so nothing in it can meet the page's."""
    body = _written(ElementTree.fromstring(svg))
    view_box = f"0 0 {pixels(WIDTH)} {pixels(height)}"
    return f'<symbol id="{escape(identifier)}" viewBox="{view_box}" font-family="sans-serif">{body}</symbol>'


def _written(element: ElementTree.Element) -> str:
    tag = element.tag.removeprefix(_SVG)
    if element.get("class") in ("background", "foreground"):
        return ""
    if tag == "svg":
        return "".join(_written(child) for child in element)
    if tag == "g":
        inner = "".join(_written(child) for child in _with_looks_shared(element))
        attributes = _attributes(element)
        return f"<g{attributes}>{inner}</g>" if attributes and inner else inner
    assert tag in ("path", "line", "text"), f"Vega drew a <{tag}>, which plates do not use"
    text = escape(element.text or "", quote=False)
    return f"<{tag}{_attributes(element)}>{text}</{tag}>" if text else f"<{tag}{_attributes(element)}/>"


def _with_looks_shared(group: ElementTree.Element) -> list[ElementTree.Element]:
    """Return the group's children; what looks the same on all of them is moved to the group."""
    children = list(group)
    for child in children:
        if child.tag == f"{_SVG}text":
            # Vega cannot say that letters stand in front of the line around them.
            child.set("paint-order", "stroke")
    if len(children) > 1 and all(len(child) == 0 for child in children):
        for name in _LOOKS:
            looks = {child.get(name) for child in children}
            if len(looks) == 1 and (look := looks.pop()) is not None:
                group.set(name, look)
                for child in children:
                    del child.attrib[name]
    return children


def _attributes(element: ElementTree.Element) -> str:
    written = ""
    for name, value in element.attrib.items():
        if name in _DROPPED or (name, value) in _PLAIN:
            continue
        assert name in _KEPT, f"Vega drew an attribute {name}, which plates do not use"
        if name in ("fill", "stroke"):
            text = value if value == "none" else PROPERTIES[Colour(value)]
        else:
            text = _DECIMALS.sub(lambda number: pixels(float(number[0])), value).removesuffix("px")
        written += f' {name}="{escape(text)}"'
    return written


_SVG = "{http://www.w3.org/2000/svg}"
_LOOKS = (
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-opacity",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "paint-order",
    "text-anchor",
    "font-size",
    "font-weight",
)
_KEPT = frozenset({*_LOOKS, "d", "transform", "x2", "y2"})
_DROPPED = frozenset(
    {"class", "role", "aria-roledescription", "aria-hidden", "font-family", "stroke-miterlimit"}
)
_PLAIN = frozenset(
    {
        ("transform", "translate(0,0)"),
        ("font-weight", "normal"),
        ("text-anchor", "start"),
        ("stroke-width", "1"),
        ("opacity", "1"),
        ("fill-opacity", "1"),
        ("stroke-opacity", "1"),
    }
)
"""What stands for itself when it is not said."""
_DECIMALS = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
