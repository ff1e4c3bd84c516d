"""What stands beside the charts of a metric: pictures, figures, and what readers explore them with.

Each kind of plate is one entry of `_KINDS`: which plate, which table, which chart to explore.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.errors import ExitStatus, Finding, FindingsError
from generator.model.metric import Metric
from generator.model.pages import SiteFile
from generator.rendering.book import Book
from generator.rendering.chart_pictures import drawing_of
from generator.rendering.chart_tables import (
    ChartTable,
    TrendPeriod,
    spread_facts,
    spread_table,
    trend_periods,
    trend_table,
)
from generator.rendering.exhibits import Exhibit, files_of, source_of
from generator.rendering.explore_funnel import funnel_chart
from generator.rendering.explore_intervals import fifths_exhibit, groups_exhibits
from generator.rendering.metric_charts import plate_message
from generator.rendering.numbers import status_text, value_text
from generator.rendering.plates import Plate, PlateName, Scale
from generator.rendering.records import Plates
from generator.rendering.specifications import (
    HEIGHT,
    Chart,
    Position,
    Row,
    band,
    line,
    lines_across,
    point_size,
)
from generator.rendering.templates import Templates

TALLEST_PILE = 60
"""How many points can stand on each other and still be seen one by one."""


def chart_files(book: Book, templates: Templates, metric_id: str) -> Iterator[SiteFile]:
    """Yield the files beside a metric's charts: SVG, PNG, CSV, and the specification to explore (JSON).

    Raises:
        FindingsError: With exit status 5: a chart would show other rows than its table, or hold what no chart
            may hold.
    """
    metric = book.metrics[metric_id]
    plates = book.plates.get(metric_id)
    for kind in _KINDS if plates else ():
        plate = kind.plate(plates) if plates else None
        if plates and plate and plate.is_by_itself:
            yield from files_of(_exhibit(book, templates, metric, plates, kind), with_picture=True)
    fifths = fifths_exhibit(book, templates, metric)
    for exhibit in (*((fifths,) if fifths else ()), *groups_exhibits(book, templates, metric)):
        yield from files_of(exhibit, with_picture=True)


def _exhibit(book: Book, templates: Templates, metric: Metric, plates: Plates, kind: _ChartKind) -> Exhibit:
    def say(macro: str, *values: object) -> str:
        return templates.words("explore", macro, *values)

    plate = kind.plate(plates)
    assert plate is not None, "only asked for where there is one"
    chart, table = kind.make(book, templates, metric, plate)
    path = f"metrics/{metric.metric_id}/charts/{plate.name}"
    findings = _missing_from_plate(plate, table, f"{path}.json")
    if findings:
        raise FindingsError(findings)
    kinds = templates.words("places", "kinds", metric.applies_to)
    notes = (
        f"{note.number}: {templates.words('metrics', 'note', note.day, note.label)}" for note in plate.notes
    )
    is_now = plate.name is not PlateName.TREND and metric.metric_id in book.latest
    country = book.country.name if book.country and is_now else ""
    period = book.periods[book.latest[metric.metric_id]].label if is_now else ""
    key = say("key", plate, kinds)
    return Exhibit(
        path,
        metric.title,
        plate_message(book, templates, metric, plate),
        say("alternative", plate, kinds),
        (*((key,) if key else ()), *notes, *source_of(book, templates, metric, country, period)),
        drawing_of(plate, plates.country if plate is plates.spread else None),
        chart,
        table,
        len(table.rows),
    )


def _missing_from_plate(plate: Plate, table: ChartTable, path: str) -> list[Finding]:
    """Return a finding where a spread's bars stand for another number of organisations than the table."""
    summary = plate.summary
    drawn = summary.drawn + summary.beyond_low + summary.beyond_high
    if plate.name is not PlateName.SPREAD or drawn == len(table.rows):
        return []
    reason = f"bars of {drawn:,} organisations for {len(table.rows):,} rows of the table"
    return [Finding(path, None, "", reason, code="RND_POINT_COUNT", status=ExitStatus.RENDERING)]


def _spread(book: Book, templates: Templates, metric: Metric, plate: Plate) -> tuple[Chart, ChartTable]:
    """Return everybody's value as a point. Points stand on each other where the plate has a bar."""

    def say(macro: str, *values: object) -> str:
        return templates.words("explore", macro, *values)

    facts = spread_facts(book, metric.metric_id)
    kinds = templates.words("places", "kinds", metric.applies_to)
    between = say("between", "{0}", "{1}")
    has_levels = plate.scale is Scale.LEVELS
    piles: Counter[int] = Counter()
    rows: list[Row] = []
    for fact in facts:
        pile = int(fact.result.value) if has_levels else _pile(plate, fact.result.value)
        piles[pile] += 1
        rows.append(
            {
                "code": fact.result.organisation_code,
                "name": book.organisations[fact.result.organisation_code].name,
                **({"level": status_text(fact.result.value, metric)} if has_levels else {}),
                "value": fact.result.value,
                **({} if has_levels else {"middle": _middle(plate, pile)}),
                "place": piles[pile] - 0.5,
                "shown": fact.value,
                "range": between.format(fact.lower, fact.upper) if fact.has_interval else "",
            }
        )
    tallest = max(piles.values(), default=1)
    height = Position("place", say("how_many", kinds), (0, tallest), is_whole=True)
    labels = {"name": say("name"), "code": say("code"), "shown": say("figure")}
    if has_levels:
        level = Position("level", say("value", metric), kind="nominal", order=tuple(metric.levels))
        return Chart(rows, height, level, labels, size=60), spread_table(book, facts)
    # Points too small to be told apart lie at their own values, which fills the bars.
    is_crowded = tallest > TALLEST_PILE
    across = Position("value" if is_crowded else "middle", say("value", metric), plate.x_domain)
    above: Sequence[Mapping[str, object]] = ()
    extra: Mapping[str, Sequence[Row]] | None = None
    country = book.latest_facts(metric.metric_id, [book.country.code]) if book.country else []
    if book.country and country and country[0].has_value and plate.is_inside(country[0].result.value):
        label = templates.words("charts", "benchmark", book.country.name, country[0].value)
        above, extra = lines_across(across, [(country[0].result.value, label)])
    if any(row["range"] for row in rows):
        labels["range"] = say("interval")
    size = point_size(HEIGHT, tallest, len(plate.summary.bars))
    return (
        Chart(rows, across, height, labels, size=size, above=above, extra=extra),
        spread_table(book, facts),
    )


def _trend(book: Book, templates: Templates, metric: Metric, plate: Plate) -> tuple[Chart, ChartTable]:
    """Return the country's value as a point and a line; without one, the organisation in the middle."""

    def say(macro: str, *values: object) -> str:
        return templates.words("explore", macro, *values)

    periods = trend_periods(book, metric.metric_id)
    kinds = templates.words("places", "kinds", metric.applies_to)
    has_country = any(math.isfinite(item.value) for item in periods)
    labels = {"period": say("period"), "shown": book.country.name if book.country and has_country else ""}
    if not has_country:
        labels = {"period": say("period"), "shown": say("middle")}
    if plate.summary.has_bands:
        labels |= {"inner": say("inner", kinds), "outer": say("outer", kinds)}
    rows = [_trend_row(book, metric, item, say) for item in periods]
    x = Position("end", say("period_end"), kind="temporal")
    y = Position("value", say("value", metric), plate.y_domain)
    behind = [line(x, y)]
    if plate.summary.has_bands:
        behind = [
            band(x, y, ("p10", "p90"), "band", 1.0),
            band(x, y, ("p30", "p70"), "spread", 0.4),
            *behind,
        ]
    chart = Chart(rows, x, y, labels, size=50, style="line", behind=behind)
    return chart, trend_table(book, metric.metric_id, periods)


def _trend_row(book: Book, metric: Metric, item: TrendPeriod, say: Callable[..., str]) -> Row:
    ends = {percent: item.percentile(percent) for percent in (10, 30, 70, 90)}

    def between(low: int, high: int) -> str:
        if not math.isfinite(ends[low]) or not math.isfinite(ends[high]):
            return ""
        return say("between", value_text(ends[low], metric), value_text(ends[high], metric))

    return {
        "period": book.periods[item.period].label,
        "end": item.end,
        "value": item.shown,
        "shown": value_text(item.shown, metric),
        **{f"p{percent}": end if math.isfinite(end) else None for percent, end in ends.items()},
        "inner": between(30, 70),
        "outer": between(10, 90),
        "run": item.run,
    }


def _middle(plate: Plate, pile: int) -> float:
    """Return the value in the middle of a bar of the plate, or of one as wide beyond it."""
    low, high = plate.x_domain
    return round(low + (pile + 0.5) * (high - low) / len(plate.summary.bars), 10)


def _pile(plate: Plate, value: float) -> int:
    """Return the number of the plate's bar in which a value lies; beyond the plate, of a bar as wide."""
    bars, (low, high) = plate.summary.bars, plate.x_domain
    if low <= value <= high:
        # By the bars' own edges, so that rounding puts nobody into a neighbour.
        return bisect_right([bar.lower for bar in bars], value) - 1
    return math.floor((value - low) / (high - low) * len(bars))


@dataclass(frozen=True)
class _ChartKind:
    plate: Callable[[Plates], Plate | None]
    make: Callable[[Book, Templates, Metric, Plate], tuple[Chart, ChartTable]]


_KINDS = (
    _ChartKind(lambda plates: plates.funnel, funnel_chart),
    _ChartKind(lambda plates: plates.spread, _spread),
    _ChartKind(lambda plates: plates.trend, _trend),
)
