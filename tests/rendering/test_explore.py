"""What stands beside charts: pictures, figures, and specifications that hold nothing they must not."""

from __future__ import annotations

import csv
import io
import json
import re
import struct
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import altair as alt
import pytest
import vl_convert

from generator.errors import ExitStatus
from generator.model.pages import SiteFile
from generator.rendering import Edition, PageReference, charts
from generator.rendering.chart_pictures import PALETTE, wrapped
from generator.rendering.explore_frame import frame_files
from generator.rendering.plates import text_width
from generator.rendering.specification_faults import faults_of
from tests.factories import Row
from tests.rendering.editions import METRICS, PLACES, TEMPLATES, make_edition, rich_observations

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = 'per \\" + alert(1) + \\" {{x}} </script>'


CROWD = [
    *PLACES,
    *({"organisation_code": f"Q{n}", "name": f"Surgery {n}", "kind": "practice"} for n in range(10)),
]
"""Places enough for percentiles."""


def figures_of_a_crowd() -> list[Row]:
    return [
        *rich_observations(),
        *(
            {
                "organisation_code": f"Q{n}",
                "period": period,
                "metric_id": "waiting",
                "value": n + 1,
                "lower": n + 0.5,
                "upper": n + 1.5,
            }
            for n in range(10)
            for period in ("2025-q3", "2025-q4")
        ),
    ]


def files_of(edition: Edition, metric_id: str) -> dict[str, SiteFile]:
    """Return the files of a metric's charts by their name below `charts/`."""
    files = edition.downloads_of(PageReference("metric", (metric_id,)))
    start = f"metrics/{metric_id}/charts/"
    return {file.path.removeprefix(start): file for file in files if file.path.startswith(start)}


def rows_of(file: SiteFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(file.content.decode())))


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition()


@pytest.fixture(scope="module")
def waiting(edition: Edition) -> dict[str, SiteFile]:
    """Return the files of a metric with a spread."""
    return files_of(edition, "waiting")


@pytest.fixture(scope="module")
def crowded() -> dict[str, SiteFile]:
    """Return the files of a metric with a spread and a trend, of percentiles alone."""
    return files_of(make_edition(figures_of_a_crowd(), organisations=CROWD), "waiting")


@pytest.fixture
def spread(waiting: dict[str, SiteFile]) -> Any:
    """Return the specification of a spread."""
    return json.loads(waiting["spread.json"].content)


def test_every_chart_is_there_as_drawing_picture_figures_and_specification(
    crowded: dict[str, SiteFile],
) -> None:
    assert sorted(crowded) == [
        f"{kind}.{form}" for kind in ("spread", "trend") for form in ("csv", "json", "png", "svg")
    ]


def test_few_organisations_without_a_total_make_no_trend(waiting: dict[str, SiteFile]) -> None:
    assert not [name for name in waiting if name.startswith("trend")]


def test_a_metric_without_a_plate_has_no_files(edition: Edition) -> None:
    """One provider makes no spread, and a status no trend."""
    assert files_of(edition, "standards") == {}


def test_the_points_of_every_chart_are_the_rows_of_its_table(edition: Edition) -> None:
    charts_found = 0
    for metric_id in edition.book.metrics:
        files = files_of(edition, metric_id)
        for name in (name for name in files if name.endswith(".json")):
            points = json.loads(files[name].content)["datasets"]["points"]
            rows = rows_of(files[name.replace(".json", ".csv")])
            assert [float(point["value"]) for point in points] == [
                float(row["value"] or row["p50"]) for row in rows
            ]
            charts_found += 1
    assert charts_found > 8


def test_a_spread_lists_everybody_with_a_value_and_the_interval(waiting: dict[str, SiteFile]) -> None:
    rows = rows_of(waiting["spread.csv"])

    assert [row["organisation_code"] for row in rows] == ["P1", "P2", "P3", "P4", "P6"]
    assert rows[0] == {
        "metric_id": "waiting",
        "period": "2025-q4",
        "organisation_code": "P1",
        "name": "Alder Surgery",
        "value": "5.5",
        "lower": "5",
        "upper": "6",
    }


def test_points_stand_on_each_other_where_the_plate_has_a_bar(edition: Edition, spread: Any) -> None:
    plate = edition.book.plates["waiting"].spread
    assert plate is not None
    assert plate.summary.bars

    piles: dict[float, list[float]] = {}
    for point in spread["datasets"]["points"]:
        piles.setdefault(point["middle"], []).append(point["place"])

    drawn = [(bar.lower + bar.upper) / 2 for bar in plate.summary.bars if bar.organisations]
    assert sorted(piles) == pytest.approx(drawn)
    assert sorted(len(pile) for pile in piles.values()) == sorted(
        bar.organisations for bar in plate.summary.bars if bar.organisations
    )
    assert all(pile == [place + 0.5 for place in range(len(pile))] for pile in piles.values())


@pytest.fixture(scope="module")
def hostile() -> dict[str, SiteFile]:
    """Return the files of a metric whose unit and organisations are called what might run."""
    metrics = [
        {**metric, "unit": HOSTILE} if metric["metric_id"] == "waiting" else metric for metric in METRICS
    ]
    places = [{**place, "name": f"={HOSTILE}"} for place in CROWD]
    return files_of(make_edition(figures_of_a_crowd(), metrics=metrics, organisations=places), "waiting")


def test_names_that_a_spreadsheet_would_run_are_neutralised(hostile: dict[str, SiteFile]) -> None:
    points = json.loads(hostile["spread.json"].content)["datasets"]["points"]

    assert {row["name"] for row in rows_of(hostile["spread.csv"])} == {f"'={HOSTILE}"}
    assert {point["name"] for point in points} == {f"={HOSTILE}"}


def test_hostile_texts_are_texts_in_a_drawing(hostile: dict[str, SiteFile]) -> None:
    drawing = ElementTree.fromstring(hostile["spread.svg"].content)

    tags = {element.tag.removeprefix(SVG) for element in drawing.iter()}
    assert tags <= {"svg", "title", "desc", "rect", "text", "g", "path", "line"}


@pytest.mark.parametrize("name", ["spread.svg", "trend.svg"])
def test_a_drawing_stands_by_itself(crowded: dict[str, SiteFile], name: str) -> None:
    text = crowded[name].content.decode()
    drawing = ElementTree.fromstring(text)
    title, description = drawing.find(f"{SVG}title"), drawing.find(f"{SVG}desc")

    assert title is not None
    assert title.text
    assert title.text.startswith("Days until an appointment: ")
    assert description is not None
    assert "Release 2025-q4" in str(description.text)
    ground = drawing.find(f"{SVG}rect")
    assert ground is not None
    assert ground.get("fill") == "#ffffff"
    assert "var(" not in text
    assert "currentColor" not in text


def test_a_drawing_of_a_demonstration_says_that_it_is_invented(
    edition: Edition, waiting: dict[str, SiteFile]
) -> None:
    text = waiting["spread.svg"].content.decode()

    assert edition.book.descriptor.demonstration is ("invented" in text)


def test_a_picture_is_twice_as_wide_as_the_drawing(waiting: dict[str, SiteFile]) -> None:
    drawing = ElementTree.fromstring(waiting["spread.svg"].content)
    picture = waiting["spread.png"].content

    width, height = struct.unpack(">II", picture[16:24])

    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (width, height) == pytest.approx(
        (2 * float(drawing.get("width", 0)), 2 * float(drawing.get("height", 0))), abs=2
    )


def test_the_same_release_gives_the_same_bytes(waiting: dict[str, SiteFile]) -> None:
    assert files_of(make_edition(), "waiting") == waiting


def test_pictures_have_the_colours_of_the_light_page() -> None:
    theme = (TEMPLATES / "theme" / "assets" / "candour.css").read_text(encoding="utf-8")
    light = theme[
        theme.index("[data-md-color-scheme] {") : theme.index('[data-md-color-scheme="candour-dark"]')
    ]
    colours = dict(re.findall(r"--candour-([a-z-]+): (#[0-9a-f]{6});", light))

    assert {name: colours[name] for name in PALETTE} == PALETTE


def test_lines_are_no_wider_than_the_picture() -> None:
    lines = wrapped("How many days patients waited until they saw somebody at the surgery", 150)

    assert len(lines) > 2
    assert all(text_width(line) <= 150 for line in lines)
    assert wrapped("W" * 80, 150)[0].endswith("…")


@pytest.mark.parametrize("name", ["spread.json", "trend.json"])
def test_specifications_are_valid(crowded: dict[str, SiteFile], name: str) -> None:
    alt.LayerChart.from_dict(json.loads(crowded[name].content))


@pytest.mark.parametrize("name", ["spread.json", "trend.json"])
def test_no_text_of_a_package_becomes_part_of_an_expression(hostile: dict[str, SiteFile], name: str) -> None:
    """Vega-Lite writes titles, and orders of names, into expressions where nobody stops it."""
    made = json.loads(hostile[name].content)

    compiled = vl_convert.vegalite_to_vega(made, vl_version="6.4")

    assert "alert" in json.dumps(compiled)
    assert [text for text in expressions_of(compiled) if "alert" in text] == []


def expressions_of(value: Any, key: str = "") -> Iterator[str]:
    """Yield what Vega evaluates."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from expressions_of(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from expressions_of(inner, key)
    elif isinstance(value, str) and key in ("signal", "expr", "update", "test", "init", "events", "filter"):
        yield value


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"transform": []}, "RND_SPEC", "transform"),
        ({"description": {"expr": "1"}}, "RND_SPEC", "description.expr"),
        ({"$schema": "https://evil.example/schema.json"}, "RND_SPEC", "$schema"),
        ({"usermeta": {"labels": {"onclick": "x"}}}, "RND_SPEC", "usermeta.labels.onclick"),
        ({"data": {"url": "https://evil.example/"}}, "RND_REMOTE_DATA", "data.url"),
        ({"title": {"href": "javascript:alert(1)"}}, "RND_REMOTE_DATA", "title.href"),
    ],
)
def test_what_charts_never_have_stops_the_build(
    spread: Any, change: dict[str, Any], code: str, column: str
) -> None:
    rows = len(spread["datasets"]["points"])

    findings = list(faults_of("spread.json", {**spread, **change}, rows))

    assert (code, column) in [(finding.code, finding.column) for finding in findings]
    assert {finding.status for finding in findings} == {ExitStatus.RENDERING}


def test_a_row_with_more_than_charts_show_stops_the_build(spread: Any) -> None:
    spread["datasets"]["points"][0]["href"] = "https://evil.example/"

    (finding,) = faults_of("spread.json", spread, len(spread["datasets"]["points"]))

    assert (finding.code, finding.column, finding.row) == ("RND_SPEC", "points.href", 2)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), None])
def test_a_point_without_a_place_stops_the_build(spread: Any, wrong: float | None) -> None:
    spread["datasets"]["points"][1]["middle"] = wrong

    (finding,) = faults_of("spread.json", spread, len(spread["datasets"]["points"]))

    assert (finding.code, finding.row, finding.status) == ("RND_POINT_COUNT", 3, ExitStatus.RENDERING)
    assert finding.advice


def test_a_point_too_few_stops_the_build(spread: Any) -> None:
    (finding,) = faults_of("spread.json", spread, len(spread["datasets"]["points"]) + 1)

    assert finding.code == "RND_POINT_COUNT"
    assert finding.reason == "5 points for 6 rows of the table"


def test_a_sound_specification_has_no_faults(spread: Any) -> None:
    assert list(faults_of("spread.json", spread, 5)) == []


def test_the_frame_may_load_its_own_script_and_style_and_nothing_else(edition: Edition) -> None:
    files = {file.path: file.content.decode() for file in frame_files(edition.templates, lambda *_: "vega")}
    page = files["assets/explore/frame.html"]

    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert {f"assets/explore/{name}" for name in loaded} < set(files)
    assert "BSD-3-Clause" in files["assets/explore/licences.txt"]


def test_the_bundle_is_asked_for_by_all_that_it_depends_on(edition: Edition) -> None:
    asked: list[str] = []

    def keep(name: str, make: Callable[[], str]) -> str:
        del make
        asked.append(name)
        return "vega"

    frame_files(edition.templates, keep)

    assert len(asked) == 1
    assert charts.bundle_version() in asked[0]
