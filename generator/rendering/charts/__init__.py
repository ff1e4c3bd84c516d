"""The drawing of plates: Altair describes them and vl-convert renders them, once for each metric.

Texts of a data package reach Altair as rows of data and in no other way, so that none of them can become an
expression, an address or markup.
"""

from generator.rendering.charts.engine import bundle, bundle_version, png
from generator.rendering.charts.funnel import FunnelPoint, draw_funnel
from generator.rendering.charts.spread import LabelledValue, draw_spread
from generator.rendering.charts.trend import DatedNote, PlatePeriod, SeriesBreak, draw_trend

__all__ = [
    "DatedNote",
    "FunnelPoint",
    "LabelledValue",
    "PlatePeriod",
    "SeriesBreak",
    "bundle",
    "bundle_version",
    "draw_funnel",
    "draw_spread",
    "draw_trend",
    "png",
]
