"""What stands beside a chart: its picture, its figures, and what readers explore it with.

Each kind of chart is one entry of `_KINDS`: which plate, which table, which chart to explore.
"""

from __future__ import annotations

import hashlib
import json
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from generator.errors import ExitStatus, Finding, FindingsError
from generator.model.metric import Metric
from generator.model.pages import SiteFile
from generator.rendering import charts
from generator.rendering.book import Book
from generator.rendering.chart_pictures import PALETTE, picture
from generator.rendering.chart_tables import (
    ChartTable,
    TrendPeriod,
    spread_facts,
    spread_table,
    trend_periods,
    trend_table,
)
from generator.rendering.explore_funnel import funnel_chart
from generator.rendering.numbers import status_text, value_text
from generator.rendering.plates import Plate, PlateName, Scale
from generator.rendering.png import packed
from generator.rendering.records import Plates
from generator.rendering.specifications import (
    HEIGHT,
    Chart,
    Position,
    Row,
    band,
    faults_of,
    line,
    line_across,
    point_size,
    specification,
)
from generator.rendering.templates import Templates

FOLDER = "assets/explore"
"""Where the frame lies that draws what is explored."""

TALLEST_PILE = 60
"""How many points can stand on each other and still be seen one by one."""

Keep = Callable[[str, Callable[[], str]], str]
"""Returns the text kept under a name from build to build; made by the function where there is none."""


def chart_files(book: Book, templates: Templates, metric_id: str) -> list[SiteFile]:
    """Return the files beside a metric's charts: SVG, PNG, CSV, and the specification to explore (JSON).

    Raises:
        FindingsError: With exit status 5: a chart would show other rows than its table, or hold what no chart
            may hold.
    """
    plates = book.plates.get(metric_id)
    if plates is None:
        return []
    metric = book.metrics[metric_id]
    files = []
    for name, kind in _KINDS.items():
        plate = kind.plate(plates)
        if plate is None:
            continue
        chart, table = kind.make(book, templates, metric, plate)
        path = f"metrics/{metric_id}/charts/{name}"
        svg = _picture(book, templates, metric, plate)
        files += [
            SiteFile(f"{path}.svg", svg.encode()),
            SiteFile(f"{path}.png", packed(charts.png(svg))),
            SiteFile(f"{path}.csv", table.csv),
            SiteFile(f"{path}.json", _specification(templates, metric, plate, chart, table, f"{path}.json")),
        ]
    return files


def frame_files(templates: Templates, keep: Keep) -> list[SiteFile]:
    """Return the frame that draws what is explored: a page, a style, one script, and whose work that is."""
    own, style = templates.source("frame/frame.js"), templates.source("frame/frame.css")
    version = charts.bundle_version()
    fingerprint = hashlib.sha256(own.encode()).hexdigest()[:10]
    script = keep(f"vega-{version}-{fingerprint}.js", lambda: charts.bundle(own)).encode()
    scripts = f"frame.{hashlib.sha256(script).hexdigest()[:10]}.js"
    styles = f"frame.{hashlib.sha256(style.encode()).hexdigest()[:10]}.css"
    page = templates.text("frame/frame.html", {"script": scripts, "style": styles})
    return [
        SiteFile(f"{FOLDER}/{name}", content)
        for name, content in (
            ("frame.html", page.encode()),
            (scripts, script),
            (styles, style.encode()),
            ("licences.txt", templates.source("frame/licences.txt").encode()),
        )
    ]


def _specification(
    templates: Templates, metric: Metric, plate: Plate, chart: Chart, table: ChartTable, path: str
) -> bytes:
    kinds = templates.words("places", "kinds", metric.applies_to)
    made = specification(chart, templates.words("explore", "alternative", plate, kinds), PALETTE)
    findings = [*faults_of(path, made, len(table.rows)), *_missing_from_plate(plate, table, path)]
    if findings:
        raise FindingsError(findings)
    return json.dumps(made, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _missing_from_plate(plate: Plate, table: ChartTable, path: str) -> list[Finding]:
    """Return a finding where a spread's bars stand for another number of organisations than the table."""
    summary = plate.summary
    drawn = summary.drawn + summary.beyond_low + summary.beyond_high
    if plate.name is not PlateName.SPREAD or drawn == len(table.rows):
        return []
    reason = f"bars of {drawn:,} organisations for {len(table.rows):,} rows of the table"
    return [Finding(path, None, "", reason, code="RND_POINT_COUNT", status=ExitStatus.RENDERING)]


def _picture(book: Book, templates: Templates, metric: Metric, plate: Plate) -> str:
    def say(macro: str, *values: object) -> str:
        return templates.words("explore", macro, *values)

    kinds = templates.words("places", "kinds", metric.applies_to)
    source = [say("key", plate, kinds)]
    source += [
        f"{note.number}: {templates.words('metrics', 'note', note.day, note.label)}" for note in plate.notes
    ]
    latest = book.latest.get(metric.metric_id)
    if plate.name is not PlateName.TREND and latest:
        country = book.country.name if book.country else ""
        source.append(say("where_and_when", country, book.periods[latest].label))
    source.append(say("source", book.descriptor, metric.source_name))
    if book.descriptor.demonstration:
        source.append(say("invented"))
    return picture(
        plate,
        title=metric.title,
        message=say("message", plate, kinds),
        description=say("alternative", plate, kinds),
        source=source,
    )


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
        above, extra = line_across(across, country[0].result.value, label)
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
    labels |= {"inner": say("inner", kinds), "outer": say("outer", kinds)}
    rows = [_trend_row(book, metric, item, say) for item in periods]
    x = Position("end", say("period_end"), kind="temporal")
    y = Position("value", say("value", metric), plate.y_domain)
    behind = [
        band(x, y, ("p10", "p90"), "band", 1.0),
        band(x, y, ("p30", "p70"), "spread", 0.4),
        line(x, y),
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


_KINDS = {
    PlateName.FUNNEL: _ChartKind(lambda plates: plates.funnel, funnel_chart),
    PlateName.SPREAD: _ChartKind(lambda plates: plates.spread, _spread),
    PlateName.TREND: _ChartKind(lambda plates: plates.trend, _trend),
}
