"""Files of caterpillars, fifths and groups: the rows of their pages in full, and whence they come."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest

from generator.rendering import Edition, PageReference
from tests.rendering.editions import PLACES, make_edition
from tests.rendering.test_metric_pages import full_edition

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "=cmd() </text><script>alert(1)</script>"


def files_of(edition: Edition, template: str, *keys: str) -> dict[str, bytes]:
    """Return the files of a page's charts, by their name below `charts/`."""
    files = edition.downloads_of(PageReference(template, keys))
    return {file.path.split("/charts/")[1]: file.content for file in files if "/charts/" in file.path}


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def texts_of(content: bytes) -> list[str]:
    return [str(element.text) for element in ElementTree.fromstring(content).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def full() -> Edition:
    return full_edition()


@pytest.fixture(scope="module")
def caterpillar(full: Edition) -> Mapping[str, bytes]:
    """Return the files of twenty practices in an area."""
    return files_of(full, "metric_area", "checked", "A1")


@pytest.fixture(scope="module")
def metric(full: Edition) -> Mapping[str, bytes]:
    """Return the files of a metric with fifths."""
    return files_of(full, "metric", "checked")


def test_a_caterpillar_is_there_as_drawing_figures_and_specification(
    caterpillar: Mapping[str, bytes],
) -> None:
    """Its picture is made by the reader's browser: there are thousands of caterpillars."""
    assert sorted(caterpillar) == ["caterpillar.csv", "caterpillar.json", "caterpillar.svg"]


def test_a_caterpillar_lists_who_has_a_value_the_highest_first(
    full: Edition, caterpillar: Mapping[str, bytes]
) -> None:
    rows = rows_of(caterpillar["caterpillar.csv"])

    facts = {
        fact.result.organisation_code: fact.result
        for fact in full.book.latest_facts("checked", full.book.reporting_in("checked", "A1"))
    }
    values = [float(row["value"]) for row in rows]
    assert values == sorted(values, reverse=True)
    assert len(rows) == 20
    for row in rows:
        result = facts[row["organisation_code"]]
        numbers = (result.value, result.lower, result.upper)
        assert tuple(float(row[name]) for name in ("value", "lower", "upper")) == numbers
        assert (row["judgement"], row["period"]) == (result.judgement, "2025-q4")


def test_a_caterpillar_draws_every_name_and_says_its_message(
    full: Edition, caterpillar: Mapping[str, bytes]
) -> None:
    texts = texts_of(caterpillar["caterpillar.svg"])
    page = full.make_page(PageReference("metric_area", ("checked", "A1"))).body

    names = [row["name"] for row in rows_of(caterpillar["caterpillar.csv"])]
    assert [text for text in texts if text in names] == names
    said = re.search(r'<figcaption class="candour-title">([^<]+)</figcaption>', page)
    assert said is not None
    assert said[1].strip() in ElementTree.fromstring(caterpillar["caterpillar.svg"])[0].text  # type: ignore[operator]
    assert any(text.startswith("Release 2025-q4") for text in texts)


def test_who_differs_has_another_shape_and_colour(caterpillar: Mapping[str, bytes]) -> None:
    drawing = ElementTree.fromstring(caterpillar["caterpillar.svg"])

    looks = {
        (group.get("stroke"), path.get("stroke-linecap"))
        for group in drawing.iter(f"{SVG}g")
        for path in group.findall(f"{SVG}path")
        if group.get("stroke") and path.get("stroke-linecap")
    }
    assert looks == {("#1a5ba8", "square"), ("#ad4a05", "square"), ("#5b676d", "round")}


def test_the_points_of_a_caterpillar_are_the_rows_of_its_table(caterpillar: Mapping[str, bytes]) -> None:
    made = json.loads(caterpillar["caterpillar.json"])

    points = made["datasets"]["points"]
    rows = rows_of(caterpillar["caterpillar.csv"])
    assert [(point["code"], point["value"]) for point in points] == [
        (row["organisation_code"], float(row["value"])) for row in rows
    ]
    assert set(made["usermeta"]["labels"]) == {"name", "code", "shown", "range"}
    alt.LayerChart.from_dict(made)


def test_fifths_are_there_in_every_form_with_their_numbers(metric: Mapping[str, bytes]) -> None:
    rows = rows_of(metric["fifths.csv"])

    assert {f"fifths.{form}" for form in ("svg", "png", "csv", "json")} <= set(metric)
    assert [row["fifth"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert sum(int(row["organisations"]) for row in rows) == 20
    assert all(float(row["lower"]) < float(row["value"]) < float(row["upper"]) for row in rows)
    assert {"Most deprived", "Least deprived", "Higher where there is less deprivation"} <= set(
        texts_of(metric["fifths.svg"])
    )
    alt.LayerChart.from_dict(json.loads(metric["fifths.json"]))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("spread.svg", r"8 in 10 GP practices lie between [\d.]+% and [\d.]+%"),
        ("trend.svg", r"Exampleland, period by period"),
        ("funnel.svg", r"\d+ of 20 GP practices lies? outside the funnel"),
    ],
)
def test_plates_say_in_their_files_what_the_page_says(
    full: Edition, metric: Mapping[str, bytes], name: str, message: str
) -> None:
    page = full.make_page(PageReference("metric", ("checked",))).body

    title = str(ElementTree.fromstring(metric[name])[0].text)
    said = re.search(message, title)
    assert said is not None, title
    assert said[0] in re.sub(r"<[^>]+>", "", page)


def test_groups_of_patients_have_files_for_each_dimension() -> None:
    files = files_of(make_edition(), "metric", "checked")

    rows = rows_of(files["groups-1.csv"])
    assert {f"groups-1.{form}" for form in ("svg", "png", "csv", "json")} <= set(files)
    assert [(row["breakdown_id"], row["name"]) for row in rows] == [("women", "Women"), ("men", "Men")]
    assert [round(float(row["value"])) for row in rows] == [85, 65]
    assert "Women: 85.0%. Men: 65.0%" in texts_of(files["groups-1.svg"])


def test_what_is_hidden_is_in_no_file() -> None:
    """Of P2 fewer patients were counted than may be shown."""
    rows = [
        {"metric_id": "checked", "organisation_code": code, "numerator": numerator, "denominator": 100}
        for code, numerator in (("P1", 80), ("P2", 3), ("P3", 60), ("P4", 50), ("P6", 70))
    ]
    edition = make_edition(rows)
    code = next(iter(edition.book.area_pages["checked"]))

    files = files_of(edition, "metric_area", "checked", code)

    hidden = [fact for fact in edition.book.latest_facts("checked", ["P2"]) if not fact.has_value]
    assert len(hidden) == 1
    assert "P2" not in {row["organisation_code"] for row in rows_of(files["caterpillar.csv"])}
    assert b"P2" not in files["caterpillar.json"]


def test_hostile_names_are_texts_in_drawings_and_no_formulas_in_tables() -> None:
    places = [{**place, "name": HOSTILE} for place in PLACES]
    edition = make_edition(organisations=places)
    code = next(iter(edition.book.area_pages["checked"]))

    files = files_of(edition, "metric_area", "checked", code)

    tags = {
        element.tag.removeprefix(SVG) for element in ElementTree.fromstring(files["caterpillar.svg"]).iter()
    }
    assert tags <= {"svg", "title", "desc", "rect", "text", "g", "path"}
    assert {row["name"] for row in rows_of(files["caterpillar.csv"])} == {
        f"'{HOSTILE}, P1",
        f"'{HOSTILE}, P2",
    }


def test_a_page_without_a_chart_has_no_files_and_offers_none() -> None:
    """One value is no chart."""
    rows = [{"metric_id": "checked", "organisation_code": "P1", "numerator": 80, "denominator": 100}]
    edition = make_edition(rows)

    references = [one for one in edition.pages() if one.template == "metric_area"]

    assert references
    for reference in references:
        assert edition.downloads_of(reference) == []
        assert "explore-offer" not in edition.make_page(reference).body


def test_every_file_that_a_page_offers_is_there(full: Edition) -> None:
    checked: list[Any] = []
    for reference in full.pages():
        page = full.make_page(reference)
        offered = re.findall(r'data-(?:chart|drawing)="([^"]+)"|<a href="([^"]*charts/[^"]+)"', page.body)
        paths = {one or other for one, other in offered}
        made = {file.path for file in full.downloads_of(reference)}
        assert {f"{page.address}{path}" for path in paths if not path.startswith("..")} <= made
        checked += paths
    assert len(checked) > 6
