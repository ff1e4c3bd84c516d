"""The plate: a chart that many pages share, as a symbol with the scales by which a page adds its own mark."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache

from generator.model.pages import SiteFile

WIDTH = 320.0
"""Width of every plate, in plate pixels. Pages scale it: from 288 pixels on a phone to about 450."""
FONT_SIZE = 13
"""Size of all text on a plate, in plate pixels: 11.7 screen pixels where a plate is 288 pixels wide."""

SHEET_FOLDER = "assets/plates"


class PlateName(StrEnum):
    """What a plate shows."""

    SPREAD = "spread"
    """How the organisations' values of the latest period are spread."""
    TREND = "trend"
    """The country's value in each period, with bands of percentiles of the organisations."""
    FUNNEL = "funnel"
    """The organisations' values of the latest period by their size, with the limits of chance."""


class Scale(StrEnum):
    """What a plate's marks are placed by."""

    VALUES = "values"
    """A value gives x; marks lie in the lane below the bars."""
    LEVELS = "levels"
    """A level of a status, counted from 1, gives y; marks lie before the level's name."""
    PERIODS = "periods"
    """A period gives x, a value y."""
    SIZES = "sizes"
    """A size gives x, by its square root, a value y; no marks are added."""


@dataclass(frozen=True)
class Bar:
    """One bar of a spread: how many organisations have a value from lower up to, but not including, upper.

    The last bar includes its upper end. For a status, lower and upper are the level.
    """

    lower: float
    upper: float
    organisations: int


@dataclass(frozen=True)
class Summary:
    """What was drawn, for text alternatives and tables: counts of rows, nothing newly measured."""

    drawn: int
    """Values drawn: organisations of a spread or funnel, periods with a country value of a trend."""
    left_out: int
    """Values that were missing."""
    beyond_low: int = 0
    """Organisations whose values lie below the plate's domain: in no bar, or on the edge of a funnel."""
    beyond_high: int = 0
    low: str = ""
    """Where the scale of values begins, as it is printed; empty for a status."""
    high: str = ""
    """Where it ends."""
    bars: tuple[Bar, ...] = ()
    smallest: str = ""
    """The size of the smallest organisation of a funnel, as it is printed."""
    largest: str = ""
    has_bands: bool = False
    """Whether a trend shows how most organisations' values were spread."""
    is_grouped: bool = False
    """Whether organisations of a funnel share marks."""


@dataclass(frozen=True)
class Note:
    """What a number on a trend stands for: something that happened on a day."""

    number: int
    day: date
    label: str


@dataclass(frozen=True)
class Plate:
    """One chart of one metric. All lengths are in plate pixels; y grows downwards, as in SVG."""

    name: PlateName
    metric_id: str
    width: float
    height: float
    left: float
    """Left edge of the plot, the part of the plate that the scales cover."""
    top: float
    plot_width: float
    plot_height: float
    scale: Scale
    x_domain: tuple[float, float]
    y_domain: tuple[float, float]
    symbol: str
    """The drawing as a <symbol> element, escaped."""
    summary: Summary
    unit: str = ""
    """The unit that stands by the axis, so that labels need not repeat it; empty for % and for a status."""
    lane: float = 0.0
    """Where marks lie across the scale: their y on a scale of values, their x on a scale of levels."""
    thresholds: tuple[float, ...] = ()
    """Where a spread's lines of thresholds are: they rise through the row of the benchmark's name."""
    positions: Mapping[str, float] = field(default_factory=dict)
    """x of each period, in order of time."""
    breaks: frozenset[str] = frozenset()
    """Periods that begin a new series: no line leads to them."""
    country_label_y: float | None = None
    """Where the country's name stands, right of the plot."""
    notes: tuple[Note, ...] = ()
    """What the numbers above a trend stand for; pages list them below it."""

    @property
    def symbol_id(self) -> str:
        """The symbol's fragment in its sheet."""
        return symbol_id(self.name, self.metric_id)

    @property
    def view_box(self) -> str:
        """What an <svg> that shows the plate has as its viewBox."""
        return f"0 0 {pixels(self.width)} {pixels(self.height)}"

    @property
    def right(self) -> float:
        """Right edge of the plot."""
        return round(self.left + self.plot_width, 1)

    @property
    def bottom(self) -> float:
        """Lower edge of the plot."""
        return round(self.top + self.plot_height, 1)

    @property
    def is_by_itself(self) -> bool:
        """Whether it shows anything without an organisation's mark: some trends only have room for one."""
        return self.scale is not Scale.PERIODS or self.summary.drawn > 0 or self.summary.has_bands

    def x(self, value: float) -> float:
        """Return where the value lies across a scale of values; beyond the domain, the plot's edge."""
        low, high = self.x_domain
        share = (value - low) / (high - low)
        return round(self.left + min(max(share, 0.0), 1.0) * self.plot_width, 1)

    def y(self, value: float) -> float:
        """Return how far down a trend the value lies, or a status the level; beyond them, the plot's edge."""
        low, high = self.y_domain
        share = (value - low) / (high - low)
        return round(self.top + (1 - min(max(share, 0.0), 1.0)) * self.plot_height, 1)

    def without_unit(self, text: str) -> str:
        """Return the text of a value without the unit that stands by the axis."""
        return text.removesuffix(f" {self.unit}") if self.unit else text

    def is_inside(self, value: float) -> bool:
        """Return whether the value lies on the plate, its edges included."""
        low, high = sorted(self.x_domain if self.scale is Scale.VALUES else self.y_domain)
        return low <= value <= high


def symbol_id(name: PlateName, metric_id: str) -> str:
    """Return the fragment of a metric's plate in the sheet of its domain."""
    return f"{name}-{metric_id}"


def plate_sheet(domain_id: str, plates: Iterable[Plate]) -> SiteFile:
    """Return the one file that holds the plates of a domain, named by its content."""
    symbols = "".join(plate.symbol for plate in plates)
    content = f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>\n'.encode()
    fingerprint = hashlib.sha256(content).hexdigest()[:10]
    return SiteFile(f"{SHEET_FOLDER}/{domain_id}.{fingerprint}.svg", content)


def pixels(value: float) -> str:
    """Return a length as it is written in SVG: one decimal at most, no sign before zero."""
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def whole(value: float) -> str:
    """Return a length in whole plate pixels, as marks are placed: a page has hundreds of them."""
    return str(round(value))


def text_width(text: str, *, is_bold: bool = False) -> float:
    """Return about how wide the text will be, in plate pixels; rather too wide than too narrow.

    Readers' sans-serif fonts differ. The shares are those of DejaVu Sans, the widest in common use.
    """
    width = FONT_SIZE * sum(map(_share, text))
    return 1.12 * width if is_bold else width


def fit_text(text: str, width: float, *, is_bold: bool = False) -> str:
    """Return the text as plain characters on one line, cut short with an ellipsis where it is too wide.

    Characters that XML does not allow and those that turn the direction of what follows are dropped.
    """
    shown = " ".join(text.split())
    shown = "".join(filter(_is_shown, shown))
    if text_width(shown, is_bold=is_bold) <= width:
        return shown
    while shown and text_width(shown + "…", is_bold=is_bold) > width:
        shown = shown[:-1]
    return shown.rstrip() + "…"


@cache
def _is_shown(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cs", "Cn") and character not in _DIRECTION_MARKS


@cache
def _share(character: str) -> float:
    """Return how wide a character is, as a share of the size of the font."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in "%mwMW@":
        return 0.95
    if character in " .,:;'|!iljft()[]":
        return 0.38
    return 0.74 if character.isupper() else 0.63


_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
