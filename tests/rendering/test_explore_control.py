"""Files of control charts: every period with its lines, as they are published and as they are drawn."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

import altair as alt
import pytest

from generator.rendering import Edition, PageReference
from tests.factories import Row
from tests.rendering.test_control_charts import QUARTERS, STEADY
from tests.rendering.test_service_pages import METRIC, make_services

SVG = "{http://www.w3.org/2000/svg}"
PAGE = PageReference("provider_service", ("H1", "asthma"))
VALUES = (*STEADY, None, 78.0)
"""Fourteen steady quarters, one that was not sent in, and one above the usual range."""


def edition_of(values: Sequence[float | None]) -> Edition:
    """Return a provider with these values in the last quarters; None is one not sent in."""
    rows: list[Row] = [
        {
            "metric_id": "seen",
            "organisation_code": "H1",
            "period": quarter["period"],
            **({"absence": "not_submitted"} if value is None else {"value": value}),
        }
        for quarter, value in zip(QUARTERS[-len(values) :], values, strict=True)
    ]
    metric = {**METRIC, "disclosure": "open", "target": 90}
    return make_services(rows, metrics=[metric], periods=QUARTERS)


@pytest.fixture(scope="module")
def edition() -> Edition:
    return edition_of(VALUES)


@pytest.fixture(scope="module")
def files(edition: Edition) -> Mapping[str, bytes]:
    """Return the files of the chart by their endings."""
    folder = "organisations/h1/services/asthma/charts/seen."
    return {file.path.removeprefix(folder): file.content for file in edition.downloads_of(PAGE)}


def rows_of(files: Mapping[str, bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files["csv"].decode())))


def test_a_control_chart_is_there_as_drawing_figures_and_specification(files: Mapping[str, bytes]) -> None:
    assert sorted(files) == ["csv", "json", "svg"]


def test_its_table_has_every_period_and_the_published_lines(
    edition: Edition, files: Mapping[str, bytes]
) -> None:
    rows = rows_of(files)

    (segment,) = edition.book.control_lines.segments_of("H1", "seen")
    assert [row["value"] for row in rows] == [
        "" if value is None else str(value).removesuffix(".0") for value in VALUES
    ]
    assert {(float(row["mean"]), float(row["lower_limit"]), float(row["upper_limit"])) for row in rows} == {
        (segment.mean, segment.lower, segment.upper)
    }
    assert {row["target"] for row in rows} == {"90"}
    assert rows[-2]["absence"] == "not_submitted"
    assert rows[-1]["variation"] == "improvement_high"
    assert (rows[-1]["period"], rows[-1]["end"]) == ("2025-q4", "2025-12-31")


def test_its_points_are_the_periods_with_a_figure(files: Mapping[str, bytes]) -> None:
    made = json.loads(files["json"])

    points = made["datasets"]["points"]
    assert [point["value"] for point in points] == [value for value in VALUES if value is not None]
    assert [point["run"] for point in points] == [1] * 14 + [2]
    assert [point["value"] for point in made["datasets"]["marked"]] == [78.0]
    assert (points[-1]["label"], points[-1]["aim"]) == ("unusual, better", "90.0%")
    alt.LayerChart.from_dict(made)


def test_its_drawing_says_what_the_page_says_and_how_it_is_read(
    edition: Edition, files: Mapping[str, bytes]
) -> None:
    drawing = ElementTree.fromstring(files["svg"])

    title, description = (str(element.text) for element in drawing[:2])
    message = title.removeprefix("Seen in time: Hospital 1: ")
    assert message == "Better than usual: the latest quarter lies above the usual range"
    assert message in edition.make_page(PAGE).body
    for said in ("Shaded: the usual range.", "Triangles up: unusual, better.", "Crosses: no figure."):
        assert said in description
    colours = {path.get("fill") or path.get("stroke") for path in drawing.iter(f"{SVG}path")}
    assert {"#d3dcdd", "#3d4f58", "#1a5ba8"} <= colours


def test_too_few_figures_are_drawn_without_lines() -> None:
    (svg, table, specification) = (file.content for file in edition_of((70.0, 71.0, 72.0)).downloads_of(PAGE))

    assert b"The usual range needs 13 quarters; there are 3." in svg
    assert b"Shaded" not in svg
    assert {row["mean"] for row in csv.DictReader(io.StringIO(table.decode()))} == {""}
    assert len(json.loads(specification)["datasets"]["points"]) == 3


def test_a_service_without_control_charts_has_no_files() -> None:
    edition = make_services([{"metric_id": "seen", "organisation_code": "H1", "absence": "not_submitted"}])

    page = edition.make_page(PAGE)

    assert edition.downloads_of(PAGE) == []
    assert "explore" not in page.body
