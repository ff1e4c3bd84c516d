"""What vl-convert does besides plates: pictures of drawings, and the script that draws in browsers."""

from __future__ import annotations

from importlib.metadata import version

import altair as alt
import vl_convert

VEGALITE = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
"""Which Vega-Lite Altair writes."""


def png(svg: str) -> bytes:
    """Return a drawing as a picture of twice its width, for screens and paper alike."""
    return vl_convert.svg_to_png(svg, scale=2)


def bundle(own: str) -> str:
    """Return one script for browsers: Vega with its parts, and after it our own, which knows `vegaEmbed`."""
    return vl_convert.javascript_bundle(own, vl_version=VEGALITE)


def bundle_version() -> str:
    """Return what a bundle depends on besides our own script."""
    return f"{version('vl-convert-python')}-{VEGALITE}"
