"""Which plates a release needs, from its results: one spread and one trend for each metric."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from generator.model.metric import Metric
from generator.model.pages import SiteFile
from generator.model.vocabulary import Direction
from generator.rendering.book import Book
from generator.rendering.charts import (
    DatedNote,
    LabelledValue,
    PlatePeriod,
    SeriesBreak,
    draw_spread,
    draw_trend,
)
from generator.rendering.plates import Plate, plate_sheet
from generator.rendering.records import Plates
from generator.rendering.templates import Templates


def draw_plates(book: Book, templates: Templates) -> tuple[Book, list[SiteFile]]:
    """Return the book with its plates, and the sheets that hold them: one file a domain.

    They are drawn in this process: vl-convert's engine does not survive a fork once it has run, and a build
    that hangs is worse than one that takes two seconds longer.
    """
    drawn = {
        metric_id: (_spread(book, templates, metric), _trend(book, templates, metric))
        for metric_id, metric in book.metrics.items()
    }
    sheets, plates = [], {}
    for domain in book.domains:
        of_domain = [
            plate for metric in domain.metrics for plate in drawn[metric.metric_id] if plate is not None
        ]
        if not of_domain:
            continue
        sheet = plate_sheet(domain.domain_id, of_domain)
        sheets.append(sheet)
        for metric in domain.metrics:
            spread, trend = drawn[metric.metric_id]
            plates[metric.metric_id] = Plates(sheet.path, spread, trend)
    return book.with_plates(plates), sheets


def _spread(book: Book, templates: Templates, metric: Metric) -> Plate | None:
    facts = book.latest_facts(metric.metric_id, book.reporters(metric.metric_id))
    values = np.array([fact.result.value for fact in facts], dtype=np.float64)
    country, label = None, ""
    if book.country:
        found = [fact for fact in book.latest_facts(metric.metric_id, [book.country.code]) if fact.has_value]
        if found:
            country = found[0].result.value
            label = templates.words("charts", "benchmark", book.country.name, found[0].value)
    thresholds = [
        LabelledValue(value, templates.words("charts", word))
        for word, value in (("good", metric.threshold_good), ("acceptable", metric.threshold_acceptable))
        if value is not None and metric.direction is not Direction.NEUTRAL
    ]
    return draw_spread(metric, values, country, benchmark_label=label, thresholds=thresholds)


def _trend(book: Book, templates: Templates, metric: Metric) -> Plate | None:
    if book.country is None:
        return None
    rows = book.country_periods(metric.metric_id)
    periods = [
        PlatePeriod(period, book.periods[period].short, book.period_ends[period])
        for period in sorted(rows["period"].astype(str), key=book.period_order.__getitem__)
    ]
    breaks = [
        SeriesBreak(later.period, templates.words("charts", "new_definition"))
        for earlier, later in pairwise(periods)
        if book.breaks_between(metric.metric_id, earlier.end, later.end)
    ]
    events = [
        DatedNote(row["date"], row["label"])
        for row in book.rows_of("events")
        if row["metric_id"] == metric.metric_id and not row["organisation_code"]
    ]
    return draw_trend(metric, periods, rows, country_label=book.country.name, breaks=breaks, events=events)
