"""Which plates a release needs, from its results: a spread, a trend and a funnel for each metric."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from generator.model.metric import Metric
from generator.model.pages import SiteFile
from generator.model.tables import ALL_PATIENTS
from generator.model.vocabulary import Direction, Kind, Outlier
from generator.rendering.axes import with_limits, without_strays
from generator.rendering.book import Book
from generator.rendering.charts import (
    DatedNote,
    FunnelPoint,
    LabelledValue,
    PlatePeriod,
    SeriesBreak,
    draw_funnel,
    draw_spread,
    draw_trend,
)
from generator.rendering.facts import Fact, Result
from generator.rendering.marks import BenchmarkMark, benchmark_mark
from generator.rendering.plates import Plate, plate_sheet
from generator.rendering.records import Plates
from generator.rendering.templates import Templates


def draw_plates(book: Book, templates: Templates) -> tuple[Book, list[SiteFile]]:
    """Return the book with its plates, and the sheets that hold them: one file a domain, and one a funnel.

    They are drawn in this process: vl-convert's engine does not survive a fork once it has run, and a build
    that hangs is worse than one that takes two seconds longer.
    """
    drawn = {metric_id: _draw(book, templates, metric) for metric_id, metric in book.metrics.items()}
    sheets, plates = [], {}
    for domain in book.domains:
        own = [drawn[metric.metric_id] for metric in domain.metrics]
        shared = [plate for each in own for plate in (each.spread, each.trend) if plate is not None]
        sheet = plate_sheet(domain.domain_id, shared)
        if shared:
            sheets.append(sheet)
        for metric, each in zip(domain.metrics, own, strict=True):
            funnel_sheet = ""
            if each.funnel:
                sheets.append(plate_sheet(f"funnel-{metric.metric_id}", [each.funnel]))
                funnel_sheet = sheets[-1].path
            if shared or each.funnel:
                plates[metric.metric_id] = replace(each, sheet=sheet.path, funnel_sheet=funnel_sheet)
    return book.with_plates(plates), sheets


def _draw(book: Book, templates: Templates, metric: Metric) -> Plates:
    """Return the plates of one metric, which are in no sheet yet."""
    facts = book.latest_facts(metric.metric_id, book.reporters(metric.metric_id))
    country = next(
        iter(book.latest_facts(metric.metric_id, [book.country.code] if book.country else [])), None
    )
    flagged = tuple(
        fact.result.organisation_code for fact in facts if fact.result.outlier not in ("", Outlier.NONE)
    )
    spread = _spread(templates, metric, facts, country)
    return Plates(
        sheet="",
        spread=spread,
        trend=_trend(book, templates, metric),
        funnel=_funnel(book, templates, metric, facts),
        country=_country_mark(book, templates, spread, country) if spread else None,
        target_name=templates.words("charts", "target"),
        flagged=flagged,
    )


def _spread(
    templates: Templates, metric: Metric, facts: Sequence[Fact], country: Fact | None
) -> Plate | None:
    values, *limits = (
        np.array([getattr(fact.result, name) for fact in facts], dtype=np.float64)
        for name in ("value", "lower", "upper")
    )
    thresholds = [
        LabelledValue(value, templates.words("charts", word, metric))
        for word, value in (("good", metric.threshold_good), ("acceptable", metric.threshold_acceptable))
        if value is not None and metric.direction is not Direction.NEUTRAL
    ]
    benchmarks = [country.result.value] if country else []
    if metric.target is not None:
        benchmarks.append(metric.target)
    return draw_spread(
        metric, values, benchmarks=benchmarks, limits=np.concatenate(limits), thresholds=thresholds
    )


def _country_mark(
    book: Book, templates: Templates, spread: Plate, country: Fact | None
) -> BenchmarkMark | None:
    """Return the country's line on a spread, with its name and value but for the unit that the axis has."""
    if book.country is None or country is None or not country.has_value:
        return None
    label = templates.words("charts", "benchmark", book.country.name, country.value)
    return benchmark_mark(spread, country.result.value, spread.without_unit(label))


def _trend(book: Book, templates: Templates, metric: Metric) -> Plate | None:
    if book.country is None:
        return None
    rows = book.country_periods(metric.metric_id)
    periods = [
        PlatePeriod(period, book.periods[period].short, book.period_ends[period], book.period_starts[period])
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
    reach = None if rows["p10"].notna().any() else _reach(book, metric)
    return draw_trend(
        metric, periods, rows, country_label=book.country.name, breaks=breaks, events=events, reach=reach
    )


def _reach(book: Book, metric: Metric) -> tuple[float, float] | None:
    """Return from where to where the organisations' values go over time, and most of their intervals."""
    figures = np.array(
        [
            (result.value, result.lower, result.upper)
            for result in book.results_of(metric.metric_id)
            if result.breakdown_id == ALL_PATIENTS and not math.isnan(result.value)
        ]
    )
    if metric.kind is Kind.STATUS or not len(figures):
        return None
    return with_limits(without_strays(figures[:, 0]), figures[:, 1:])


def _funnel(book: Book, templates: Templates, metric: Metric, facts: Sequence[Fact]) -> Plate | None:
    """Return the funnel of the metric's latest period, None where outliers are not judged in it."""
    judged = [fact.result for fact in facts if fact.result.outlier]
    if not judged or book.country is None:
        return None
    curves = book.publication.tables.funnels
    own = (
        (curves["metric_id"] == metric.metric_id)
        & (curves["breakdown_id"] == ALL_PATIENTS)
        & (curves["period"] == judged[0].period)
        & (curves["group_code"] == book.country.code)
    )
    return draw_funnel(
        metric,
        [FunnelPoint(size_of(result), result.value, Outlier(result.outlier)) for result in judged],
        curves[own.to_numpy()],
        country_label=book.country.name,
        size_label=templates.words("metrics", "sizes", metric, not math.isnan(judged[0].base)),
    )


def size_of(result: Result) -> float:
    """Return what an organisation's place in the funnel rests on: of a survey its effective base, or base."""
    sizes = (result.effective_base, result.base, result.denominator)
    return next(size for size in sizes if not math.isnan(size))
