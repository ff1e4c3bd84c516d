"""Control charts of one organisation to take away and to explore: figures, average, usual range."""

from __future__ import annotations

import math
from collections.abc import Iterator

from generator.model.pages import SiteFile
from generator.model.tables import ALL_PATIENTS
from generator.rendering.book import Book
from generator.rendering.chart_tables import ChartTable
from generator.rendering.control_charts import ChartRow, ControlChart
from generator.rendering.control_pictures import control_drawing
from generator.rendering.exhibits import Exhibit, files_of, source_of
from generator.rendering.quality_profiles import control_charts_of
from generator.rendering.specifications import Chart, Position, Row, band, line, rings
from generator.rendering.templates import Templates

_MEAN, _TARGET = (2, 2), (8, 4)
"""The dashes of these lines; the figures have a solid one."""


def control_chart_files(book: Book, templates: Templates, code: str, service_id: str) -> Iterator[SiteFile]:
    """Yield the files of every control chart on the profile of a service at one provider."""
    folder = f"{book.organisations[code].path}services/{service_id}/charts"
    for chart in control_charts_of(book, code, service_id):
        yield from files_of(_exhibit(book, templates, folder, chart), with_picture=False)


def _exhibit(book: Book, templates: Templates, folder: str, chart: ControlChart) -> Exhibit:
    def words(macro: str, *values: object) -> str:
        return templates.words("control_charts", macro, *values)

    metric = chart.metric
    name = book.organisations[chart.latest.result.organisation_code].name
    between = templates.words("explore", "between", chart.first.period.short, chart.latest.period.short)
    rows = chart.rows[::-1]
    return Exhibit(
        f"{folder}/{metric.metric_id}",
        templates.words("titles", "metric_area_title", metric.title, name),
        words("title", chart),
        words("shows", chart),
        (
            words("key", chart),
            *(words("restart", restart) for restart in chart.restarts),
            *(() if chart.has_limits else (words("too_few", chart),)),
            *source_of(book, templates, metric, name, between),
        ),
        control_drawing(chart),
        _chart(book, templates, chart, rows),
        _table(book, chart, rows),
        sum(row.fact.has_value for row in rows),
    )


def _chart(book: Book, templates: Templates, chart: ControlChart, rows: tuple[ChartRow, ...]) -> Chart:
    """Return every figure as a point, marked ones in a ring, with the lines of each segment behind them."""

    def words(macro: str, *values: object) -> str:
        return templates.words("control_charts", macro, *values)

    points: list[Row] = []
    run, is_joined, segment = 0, False, rows[0].segment
    for row in rows:
        if not row.fact.has_value:
            is_joined = False
            continue
        if not is_joined or row.segment is not segment:
            run += 1
        is_joined, segment = True, row.segment
        points.append(
            {
                "period": row.fact.period.label,
                "end": book.period_ends[row.fact.result.period].isoformat(),
                "value": row.fact.result.value,
                "shown": row.fact.value,
                "mean": _or_none(segment.mean),
                "lower": _or_none(segment.lower),
                "upper": _or_none(segment.upper),
                "range": words("range", row) if row.mean else "",
                "label": words("says", row.meaning) if row.meaning else "",
                "target": _or_none(chart.target_value),
                "aim": chart.target,
                "run": run,
                "segment": segment.start,
            }
        )
    labels = {
        "period": words("column", "period"),
        "shown": templates.words("explore", "figure"),
        "range": words("column", "range"),
        "label": words("column", "says"),
        "aim": templates.words("metrics", "target"),
    }
    x = Position("end", templates.words("explore", "period_end"), kind="temporal")
    y = Position("value", templates.words("explore", "value", chart.metric), chart.drawing.ends)
    behind = [
        band(x, y, ("lower", "upper"), "band", 1.0, by="segment"),
        line(x, y, "mean", by="segment", dash=_MEAN),
        *([line(x, y, "target", by="aim", dash=_TARGET)] if chart.target else []),
        line(x, y),
    ]
    marked = [point for point in points if point["label"]]
    above = [rings(x, y)] if marked else []
    return Chart(
        points, x, y, labels, size=50, style="line", behind=behind, above=above, extra={"marked": marked}
    )


def _table(book: Book, chart: ControlChart, rows: tuple[ChartRow, ...]) -> ChartTable:
    """Return every period, those without a figure too, with the lines as they are published."""
    return ChartTable(
        (
            *("metric_id", "organisation_code", "breakdown_id", "period", "end", "value", "absence"),
            *("submission", "segment_start", "mean", "lower_limit", "upper_limit", "target", "variation"),
        ),
        tuple(
            (
                *(result.metric_id, result.organisation_code, ALL_PATIENTS, result.period),
                *(book.period_ends[result.period].isoformat(), result.value, result.absence),
                *(result.submission, row.segment.start, row.segment.mean, row.segment.lower),
                *(row.segment.upper, chart.target_value, result.variation),
            )
            for row in rows
            for result in [row.fact.result]
        ),
    )


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value
