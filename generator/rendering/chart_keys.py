"""What the small charts of a page have in common: which of their signs the page must explain, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from generator.rendering.marks import BenchmarkMark, SpreadMark, TrendMark
from generator.rendering.plates import Scale
from generator.rendering.records import Plates


class Charted(Protocol):
    """A card with its charts."""

    @property
    def plates(self) -> Plates | None:
        """The plates that are drawn upon."""

    @property
    def spread(self) -> SpreadMark | None:
        """The mark on the spread."""

    @property
    def benchmark(self) -> BenchmarkMark | None:
        """What the value is compared with, on the spread."""

    @property
    def trend(self) -> TrendMark | None:
        """The marks on the trend."""


@dataclass(frozen=True)
class ChartKey:
    """The signs that occur in the charts of a page."""

    has_bars: bool
    """Some show how all organisations' values are spread."""
    has_lines: bool
    """Some of these show what the value is compared with."""
    has_levels: bool
    """Some of these show levels of a status."""
    has_intervals: bool
    has_cut_intervals: bool
    """Some intervals go on beyond the chart."""
    has_hollow: bool
    """Some values are provisional."""
    has_strays: bool
    """Some organisations lie beyond the edge of the chart."""


def chart_key(cards: Iterable[Charted]) -> ChartKey | None:
    """Return the signs that the charts of these cards have, None where no card has a chart."""
    shown = [card for card in cards if card.spread or card.trend]
    if not shown:
        return None
    spreads = [card.spread for card in shown if card.spread]
    trends = [card.trend for card in shown if card.trend]
    marks: list[SpreadMark | TrendMark] = [*spreads, *trends]
    plates = [card.plates.spread for card in shown if card.spread and card.plates and card.plates.spread]
    return ChartKey(
        has_bars=bool(spreads),
        has_lines=any(card.benchmark for card in shown),
        has_levels=any(plate.scale is Scale.LEVELS for plate in plates),
        has_intervals=any(mark.interval for mark in spreads) or any(mark.whisker for mark in trends),
        has_cut_intervals=any(mark.is_cut for mark in marks),
        has_hollow=any(mark.sign.is_hollow for mark in marks) or any(mark.hollow_dots for mark in trends),
        has_strays=any(plate.summary.beyond_low or plate.summary.beyond_high for plate in plates),
    )
