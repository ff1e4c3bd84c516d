"""A chart ready to be taken away or explored: drawing, picture, figures and specification, file by file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from generator.errors import Finding, FindingsError
from generator.model.metric import Metric
from generator.model.pages import SiteFile
from generator.rendering import charts
from generator.rendering.book import Book
from generator.rendering.chart_pictures import PALETTE, Drawing, picture
from generator.rendering.chart_tables import ChartTable
from generator.rendering.png import packed
from generator.rendering.specification_faults import faults_of
from generator.rendering.specifications import Chart, specification
from generator.rendering.templates import Templates


@dataclass(frozen=True)
class Exhibit:
    """One chart with all that is said about it, as plain text."""

    path: str
    """Path of its files below the site's root, but for their endings."""
    title: str
    message: str
    alternative: str
    """What it shows, for those who do not see it."""
    source: tuple[str, ...]
    """What stands below it: how it is read, where, when and whence it comes."""
    drawing: Drawing
    chart: Chart
    table: ChartTable
    points: int
    """How many rows of the table have a value: each is a point of the chart."""

    @property
    def svg(self) -> str:
        """The chart as a drawing that stands by itself."""
        return picture(
            self.drawing,
            title=self.title,
            message=self.message,
            description=self.alternative,
            source=self.source,
        )


def files_of(exhibit: Exhibit, *, with_picture: bool) -> Iterator[SiteFile]:
    """Yield the chart as SVG, CSV and JSON, and as PNG where it is asked for: that takes a fifth of a second.

    Raises:
        FindingsError: With exit status 5: a chart would show other rows than its table, or hold what no chart
            may hold.
    """
    svg = exhibit.svg
    yield SiteFile(f"{exhibit.path}.svg", svg.encode())
    if with_picture:
        yield SiteFile(f"{exhibit.path}.png", packed(charts.png(svg)))
    yield SiteFile(f"{exhibit.path}.csv", exhibit.table.csv)
    made = specification(exhibit.chart, exhibit.alternative, PALETTE)
    findings: list[Finding] = list(faults_of(f"{exhibit.path}.json", made, exhibit.points))
    if findings:
        raise FindingsError(findings)
    content = json.dumps(made, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    yield SiteFile(f"{exhibit.path}.json", content.encode())


def source_of(book: Book, templates: Templates, metric: Metric, place: str, period: str) -> tuple[str, ...]:
    """Return where and when a chart's figures were counted (nothing for neither), and whence they come."""
    source = [templates.words("explore", "where_and_when", place, period)] if place or period else []
    source.append(templates.words("explore", "source", book.descriptor, metric.source_name))
    if book.descriptor.demonstration:
        source.append(templates.words("explore", "invented"))
    return tuple(source)
