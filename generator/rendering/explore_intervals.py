"""Rows of values with their intervals to take away and to explore: caterpillars, fifths, patient groups."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from generator.model.metric import Metric
from generator.model.pages import SiteFile
from generator.rendering.book import Book
from generator.rendering.chart_tables import ChartTable
from generator.rendering.exhibits import Exhibit, files_of, source_of
from generator.rendering.facts import Result
from generator.rendering.inequality import inequality_of
from generator.rendering.interval_charts import MOST_NAMED_ALWAYS, IntervalChart, IntervalRow, Line
from generator.rendering.interval_pictures import interval_drawing
from generator.rendering.metric_charts import breakdowns_of, caterpillar_of, fifths_rows, group_rows
from generator.rendering.numbers import value_text
from generator.rendering.specifications import Chart, Position, interval, lines_across
from generator.rendering.specifications import Row as Point
from generator.rendering.templates import Templates

_COLUMNS = ("metric_id", "period", "organisation_code")


def caterpillar_files(book: Book, templates: Templates, metric_id: str, code: str) -> Iterator[SiteFile]:
    """Yield the files of one area's organisations for one metric; none where the page has no chart."""
    metric, area = book.metrics[metric_id], book.organisations[code]
    found = caterpillar_of(book, metric_id, code)
    if not found.highest or not found.lowest:
        return
    drawn = interval_drawing(metric, found.rows, found.lines)
    if drawn is None:
        return
    chart, drawing = drawn
    kinds = templates.words("places", "kinds", metric.applies_to)
    total = len(chart.names)
    has_squares = found.tally["better"] or found.tally["worse"]
    ends = (found.lowest.value, found.highest.value)
    exhibit = Exhibit(
        f"metrics/{metric_id}/areas/{area.slug}/charts/caterpillar",
        templates.words("titles", "metric_area_title", metric.title, area.name),
        templates.words("metrics", "caterpillar_title", found.tally, total, kinds, found.against),
        templates.words("metrics", "caterpillar_shows", total, kinds, *ends),
        (
            templates.words("metrics", "intervals_key", chart, has_squares, found.against),
            *source_of(book, templates, metric, area.name, found.period.label),
        ),
        drawing,
        _chart(templates, metric, found.rows, found.lines, chart),
        ChartTable(
            (*_COLUMNS, "name", "value", "lower", "upper", "comparison", "judgement"),
            tuple(
                (*_key(result), row.name, *_figures(row), result.comparison, result.judgement)
                for row in found.rows
                if not math.isnan(row.value)
                for result in [found.facts[row.code].result]
            ),
        ),
        total,
    )
    yield from files_of(exhibit, with_picture=False)


def fifths_exhibit(book: Book, templates: Templates, metric: Metric) -> Exhibit | None:
    """Return the metric by fifths of deprivation; None where the page has no chart of them."""
    fifths = inequality_of(book, metric)
    if fifths is None or book.country is None:
        return None
    rows, lines = fifths_rows(book, templates, fifths)
    drawn = interval_drawing(metric, rows, lines)
    if drawn is None:
        return None
    chart, drawing = drawn
    period = book.latest[metric.metric_id]
    kinds = templates.words("places", "kinds", metric.applies_to)
    return Exhibit(
        f"metrics/{metric.metric_id}/charts/fifths",
        metric.title,
        templates.words("metrics", "fifths_title", fifths),
        templates.words("metrics", "fifths_shows", fifths, kinds),
        (
            templates.words("metrics", "intervals_key", chart, False, ""),
            *source_of(book, templates, metric, book.country.name, book.periods[period].label),
        ),
        drawing,
        _chart(templates, metric, rows, lines, chart),
        ChartTable(
            (*_COLUMNS, "fifth", "name", "organisations", "value", "lower", "upper"),
            tuple(
                (
                    *(metric.metric_id, period, book.country.code),
                    *(fifth.number, row.name, fifth.organisations, *_figures(row)),
                )
                for fifth, row in zip(fifths.fifths, rows, strict=True)
            ),
        ),
        len(rows),
    )


def groups_exhibits(book: Book, templates: Templates, metric: Metric) -> Iterator[Exhibit]:
    """Yield the metric by groups of patients, a chart for each dimension that has one on the page."""
    if book.country is None:
        return
    for breakdown in breakdowns_of(book, metric, book.country_facts[metric.metric_id]):
        rows = group_rows(breakdown.rows)
        drawn = interval_drawing(metric, rows)
        if drawn is None:
            continue
        chart, drawing = drawn
        yield Exhibit(
            f"metrics/{metric.metric_id}/charts/{breakdown.chart_name}",
            templates.words("explore", "by_group", metric.title, breakdown.dimension),
            templates.words("metrics", "group_title", breakdown.highest, breakdown.lowest),
            templates.words("metrics", "group_shows", len(chart.names), breakdown.highest, breakdown.lowest),
            (
                " ".join(
                    (
                        templates.words("metrics", "group_sentence", breakdown.overlaps),
                        templates.words("metrics", "intervals_key", chart, False, ""),
                    )
                ),
                *source_of(book, templates, metric, book.country.name, breakdown.period.label),
            ),
            drawing,
            _chart(templates, metric, rows, (), chart),
            ChartTable(
                (*_COLUMNS, "breakdown_id", "name", "value", "lower", "upper"),
                tuple(
                    (*_key(fact.result), fact.result.breakdown_id, title, *_figures(fact.result))
                    for title, fact in breakdown.rows
                    if fact.has_value
                ),
            ),
            len(chart.names),
        )


def _key(result: Result) -> tuple[str, str, str]:
    return result.metric_id, result.period, result.organisation_code


def _figures(row: IntervalRow | Result) -> tuple[float, float, float]:
    return row.value, row.lower, row.upper


def _chart(
    templates: Templates,
    metric: Metric,
    rows: Sequence[IntervalRow],
    lines: Sequence[Line],
    drawn: IntervalChart,
) -> Chart:
    """Return every row as a point with its interval, in the order of the page."""

    def say(macro: str, *values: object) -> str:
        return templates.words("explore", macro, *values)

    known = [row for row in rows if not math.isnan(row.value)]
    between = say("between", "{0}", "{1}")
    points: list[Point] = []
    for place, row in enumerate(known, start=1):
        has_interval = not math.isnan(row.lower)
        ends = [value_text(end, metric) for end in (row.lower, row.upper)] if has_interval else []
        points.append(
            {
                **({"code": row.code} if row.code else {}),
                "name": row.name,
                "place": place,
                "value": row.value,
                "lower": row.lower if has_interval else None,
                "upper": row.upper if has_interval else None,
                "shown": value_text(row.value, metric),
                "range": between.format(*ends) if ends else "",
            }
        )
    labels = {"name": say("name"), **({"code": say("code")} if known[0].code else {}), "shown": say("figure")}
    if any(point["range"] for point in points):
        labels["range"] = say("interval")
    x = Position("value", say("value", metric), drawn.ends)
    names = tuple(row.name for row in known)
    if len(names) <= MOST_NAMED_ALWAYS and len(set(names)) == len(names):
        y = Position("name", "", kind="nominal", order=names)
    else:
        # Names would stand on each other: readers point at a row, or look one up.
        y = Position("place", "", (len(names) + 0.5, 0.5), is_silent=True)
    above, extra = lines_across(x, [(value, name) for name, value, _ in lines if not math.isnan(value)])
    return Chart(points, x, y, labels, size=50, behind=[interval(x, y)], above=above, extra=extra)
