"""What the pages about a metric show, for a metric that has everything, and what they leave out."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.rendering import Edition, PageReference
from tests.factories import PERIODS, Row
from tests.rendering.editions import make_edition

PRACTICES = [f"P{place:02d}" for place in range(1, 21)]
AREAS: tuple[Row, ...] = (
    {"organisation_code": "A1", "name": "Northshire", "kind": "area", "level": "icb", "parent_code": "C1"},
    {"organisation_code": "C1", "name": "Exampleland", "kind": "country"},
)
METRIC: Row = {
    "metric_id": "checked",
    "title": "Blood pressure checked",
    "numerator_label": "patients checked",
    "denominator_label": "patients",
    "review_by": "2026-01-31",
    "owner": "Quality Office",
    "version": "2",
    "valid_from": "2025-10-01",
    "breaks_series": True,
}


def full_edition(metric: Row = METRIC, *, codes: list[str] | None = None) -> Edition:
    """Return twenty practices, the more deprived the lower, one of them far above all others."""
    earlier = {**metric, "version": "1", "valid_from": None, "valid_to": "2025-09-30", "breaks_series": False}
    observations = [
        {
            "metric_id": "checked",
            "organisation_code": code,
            "period": period,
            "numerator": round((400 + 20 * place) * (0.95 if code == "P20" else 0.45 + place / 100)),
            "denominator": 400 + 20 * place,
        }
        for period in ("2025-q2", "2025-q3", "2025-q4")
        for place, code in enumerate(codes or PRACTICES)
    ]
    tables: dict[str, Any] = {
        "metrics": [earlier, metric],
        "organisations": [
            *(
                {
                    "organisation_code": code,
                    "name": f"Surgery {code}",
                    "kind": "practice",
                    "parent_code": "A1",
                }
                for code in PRACTICES
            ),
            *AREAS,
        ],
        "periods": PERIODS,
        "breakdowns": [],
        "services": [],
        "provisions": [],
        "comments": [],
        "characteristics": [
            {"characteristic_id": "imd", "title": "Deprivation", "unit": "score", "role": "deprivation"}
        ],
        "context": [
            {
                "organisation_code": code,
                "characteristic_id": "imd",
                "period": "2025-q4",
                "value": 40 - place,
            }
            for place, code in enumerate(PRACTICES)
        ],
        "events": [
            {
                "date": "2025-08-01",
                "label": "A long label that tells of a new contract",
                "metric_id": "checked",
            },
            {"date": "2020-08-01", "label": "Before all of this", "metric_id": "checked"},
        ],
    }
    return make_edition(observations, **tables)


@pytest.fixture(scope="module")
def edition() -> Edition:
    return full_edition()


@pytest.fixture(scope="module")
def body(edition: Edition) -> str:
    return edition.make_page(PageReference("metric", ("checked",))).body


def section(body: str, name: str) -> str:
    return body.split(f'<section aria-labelledby="{name}"')[1].split("</section>")[0]


def test_the_funnel_lists_who_lies_outside_with_links(body: str) -> None:
    funnel = section(body, "funnel")

    listed = re.findall(r'<tr data-t="(\w+) checked 2025-q4"><th scope="row"><a href="([^"]+)">', funnel)
    title = re.search(r"(\d+) of 20 GP practices", funnel)
    assert ("P20", "../../organisations/p20/#m-checked") in listed
    assert title is not None
    assert int(title[1]) == len(listed)
    assert "about 1 in 10 lie outside limits like these" in funnel
    assert re.search(
        r'<use href="../../assets/plates/funnel-checked\.[0-9a-f]+\.svg#funnel-checked"/>', funnel
    )


def test_the_funnel_is_in_a_file_of_its_own(edition: Edition) -> None:
    """It weighs more than the other plates, and only one page shows it."""
    (sheet,) = (sheet for sheet in edition.sheets if "funnel" in sheet.path)

    assert b'id="funnel-checked"' in sheet.content
    assert not any(b"funnel-" in other.content for other in edition.sheets if other is not sheet)


def test_fifths_are_told_from_the_most_to_the_least_deprived(body: str) -> None:
    fifths = section(body, "fifths")

    names = re.findall(r'<th scope="row">([^<]+)</th>', fifths)
    assert names == ["Most deprived", "Second fifth", "Middle fifth", "Fourth fifth", "Least deprived"]
    assert "Higher where there is less deprivation" in fifths
    assert "Chance alone hardly explains that." in fifths


def test_events_are_listed_in_full(body: str) -> None:
    trend = section(body, "trend")

    assert "<li>1 August 2025: A long label that tells of a new contract</li>" in trend
    assert "<li>1 August 2020: Before all of this</li>" in trend


def test_the_trend_begins_where_the_series_last_broke(body: str) -> None:
    assert "period by period" in section(body, "trend")


def test_the_trend_is_told_from_the_same_season_where_there_is_one() -> None:
    """Between a winter and a spring lies a season, and nothing that anybody did."""
    periods = ("2024-q1", "2024-q2", "2024-q4", "2025-q1", "2025-q2")
    values = dict(zip(periods, (80, 50, 75, 79, 48), strict=True))

    def title_until(last: str) -> str:
        rows = [
            {"organisation_code": code, "period": period, "numerator": value, "denominator": 100}
            for code in ("P1", "P2")
            for period, value in values.items()
            if period <= last
        ]
        edition = make_edition(rows, metrics=[{}], breakdowns=[], services=[], provisions=[], comments=[])
        return section(edition.make_page(PageReference("metric", ("m1",))).body, "trend")

    assert "50.0% (Apr\u2013Jun 2024), then 48.0% (Apr\u2013Jun 2025)" in title_until("2025-q2")
    assert "80.0% (Jan\u2013Mar 2024), then 79.0% (Jan\u2013Mar 2025)" in title_until("2025-q1")
    assert "80.0% (Jan\u2013Mar 2024), then 75.0% (Oct\u2013Dec 2024)" in title_until("2024-q4")


def test_a_review_that_is_due_is_told(body: str) -> None:
    assert "31 January 2026" in body
    assert "Review is overdue" in body
    later = full_edition({**METRIC, "review_by": "2026-02-19"})
    assert "Review is overdue" not in later.make_page(PageReference("metric", ("checked",))).body


def test_every_version_says_when_it_held_and_where_the_series_breaks(body: str) -> None:
    versions = re.findall(r"<li>((?:From|Until)[^<]*)</li>", body)

    assert [text.split(":")[0] for text in versions] == [
        "From 1 October 2025 (version 2)",
        "Until 30 September 2025 (version 1)",
    ]
    assert "cannot be compared" in versions[0]
    assert "cannot be compared" not in versions[1]


def test_an_areas_organisations_are_drawn_from_the_highest_down(edition: Edition) -> None:
    page = edition.make_page(PageReference("metric_area", ("checked", "A1"))).body

    names = re.findall(r"<span>(Surgery \w+)</span>", page)
    assert names[0] == "Surgery P20"
    assert len(names) == 20
    assert names[1:] == sorted(names[1:], reverse=True)
    assert re.search(r'<text class="ci-own"[^>]*>Northshire</text>', page)
    assert re.search(r'<text class="ci-country"[^>]*>Exampleland</text>', page)


def test_a_funnel_says_why_it_marks_fewer_than_are_called_better_or_worse(body: str) -> None:
    assert "may call more of them better or worse" in section(body, "funnel")


def test_without_enough_organisations_there_is_no_funnel() -> None:
    page = full_edition(codes=PRACTICES[:9]).make_page(PageReference("metric", ("checked",)))

    assert "funnel" not in [heading.fragment for heading in page.contents]
    assert "funnel" not in page.body
