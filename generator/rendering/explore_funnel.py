"""The funnel to explore: everybody's value by size, within the limits of chance."""

from __future__ import annotations

import math

from generator.model.metric import Metric
from generator.model.tables import ALL_PATIENTS
from generator.rendering.book import Book
from generator.rendering.chart_tables import ChartTable
from generator.rendering.facts import Fact
from generator.rendering.numbers import count_text
from generator.rendering.plate_drawing import size_of
from generator.rendering.plates import Plate
from generator.rendering.specifications import Chart, Position, Row, curve
from generator.rendering.templates import Templates

_LIMITS = ("lower_99_8", "lower_95", "centre", "upper_95", "upper_99_8")
_DASH = (5, 3)


def funnel_chart(book: Book, templates: Templates, metric: Metric, plate: Plate) -> tuple[Chart, ChartTable]:
    """Return everybody who is judged in the funnel as a point, and the limits as curves."""

    def say(macro: str, *values: object) -> str:
        return templates.words("explore", macro, *values)

    facts = [
        fact
        for fact in book.latest_facts(metric.metric_id, book.reporters(metric.metric_id))
        if fact.result.outlier
    ]
    between = say("between", "{0}", "{1}")
    rows: list[Row] = [
        {
            "code": fact.result.organisation_code,
            "name": book.organisations[fact.result.organisation_code].name,
            "size": size_of(fact.result),
            "value": fact.result.value,
            "shown": fact.value,
            "range": between.format(fact.lower, fact.upper) if fact.has_interval else "",
            "label": count_text(size_of(fact.result)),
        }
        for fact in facts
    ]
    is_survey = not math.isnan(facts[0].result.base)
    size_label = templates.words("metrics", "sizes", metric, is_survey)
    x = Position("size", size_label, plate.x_domain, is_root=True)
    y = Position("value", say("value", metric), plate.y_domain)
    labels = {
        "name": say("name"),
        "code": say("code"),
        "shown": say("figure"),
        "range": say("interval"),
        "label": size_label,
    }
    behind = [curve(x, y, name, _DASH if name.endswith("95") else ()) for name in _LIMITS]
    chart = Chart(rows, x, y, labels, size=30, behind=behind, extra={"limits": _limits(book, facts)})
    return chart, _table(book, facts)


def _limits(book: Book, facts: list[Fact]) -> list[Row]:
    curves = book.publication.tables.funnels
    own = curves[
        (
            (curves["metric_id"] == facts[0].result.metric_id)
            & (curves["breakdown_id"] == ALL_PATIENTS)
            & (curves["period"] == facts[0].result.period)
            & (curves["group_code"] == (book.country.code if book.country else ""))
        ).to_numpy()
    ]
    columns = [own[name].astype("float64").tolist() for name in ("denominator", *_LIMITS)]
    return [dict(zip(("size", *_LIMITS), row, strict=True)) for row in zip(*columns, strict=True)]


def _table(book: Book, facts: list[Fact]) -> ChartTable:
    return ChartTable(
        (
            *("metric_id", "period", "organisation_code", "name"),
            *("size", "value", "lower", "upper", "outlier"),
        ),
        tuple(
            (
                fact.result.metric_id,
                fact.result.period,
                fact.result.organisation_code,
                book.organisations[fact.result.organisation_code].name,
                size_of(fact.result),
                fact.result.value,
                fact.result.lower,
                fact.result.upper,
                fact.result.outlier,
            )
            for fact in facts
        ),
    )
