"""What the pages of areas say of figures that are there, and of those that are not."""

from __future__ import annotations

import re

import pytest

from generator.model.pages import Heading
from generator.rendering import PageReference
from tests.factories import Row
from tests.rendering.editions import PLACES, make_edition

COUNTS = {"numerator": 300, "denominator": 400}


def test_measures_without_a_figure_for_the_area_are_named_with_the_reason() -> None:
    edition = make_edition(
        [
            {"organisation_code": "P1", **COUNTS},
            {"organisation_code": "P3", "metric_id": "elsewhere", **COUNTS},
            {"organisation_code": "P1", "metric_id": "score", "value": 7.0},
        ],
        organisations=PLACES,
        metrics=[
            {"metric_id": "m1", "title": "Added up"},
            {"metric_id": "elsewhere", "title": "Measured elsewhere"},
            {"metric_id": "score", "title": "A score", "kind": "score", "disclosure": "open"},
        ],
        memberships=[{"organisation_code": "P1", "parent_code": "A1"}],
    )

    page = edition.make_page(PageReference("area", ("A1",)))

    assert Heading("without", "Measures without a figure here") in page.contents
    section = page.body[page.body.index('<section aria-labelledby="without">') :].split("</section>")[0]
    told = re.findall(r"<p>1 because it is (.*?):</p>.*?<a [^>]*>(.*?)</a>", section, re.DOTALL)
    assert told == [
        ("not measured at any place in the area", "Measured elsewhere"),
        ("shown place by place, and not added up", "A score"),
    ]


def test_an_area_that_has_every_figure_says_nothing_of_missing_ones() -> None:
    edition = make_edition([{"organisation_code": "P1", **COUNTS}], metrics=[{"metric_id": "m1"}])

    page = edition.make_page(PageReference("area", ("A1",)))

    assert "without" not in [heading.fragment for heading in page.contents]


@pytest.mark.parametrize(
    ("code", "sentence"), [("P1", "the patients of all practices"), ("H1", "everybody whom the hospitals")]
)
def test_whose_figures_they_are_is_said(code: str, sentence: str) -> None:
    kind = "practice" if code == "P1" else "provider"
    row: Row = {"organisation_code": code, **COUNTS}
    edition = make_edition([row], metrics=[{"metric_id": "m1", "applies_to": kind}])

    page = edition.make_page(PageReference("area", ("A1",))).body

    assert re.findall(
        "Figures about .*? count (the patients of all practices|everybody whom the hospitals)", page
    ) == [sentence]


def test_a_change_in_an_area_names_the_period_it_is_told_since() -> None:
    edition = make_edition(
        [
            {"organisation_code": "P1", "period": period, "numerator": numerator, "denominator": 400}
            for period, numerator in (("2025-q2", 100), ("2025-q3", 300))
        ],
        metrics=[{"metric_id": "m1"}],
        organisations=PLACES,
        memberships=[{"organisation_code": "P1", "parent_code": "A1"}],
    )

    page = edition.make_page(PageReference("metric_area", ("m1", "A1"))).body

    assert "<strong>improved</strong> since April to June 2025" in page
