"""What pages tell machines they are about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from generator.rendering import PageReference
from generator.rendering.linked_data import LinkedData
from tests.rendering.editions import make_book

SITE = "https://example.org/quality/"


def told(template: str, *keys: str, site_url: str = SITE) -> dict[str, Any]:
    reference = PageReference(template, keys)
    text = LinkedData(make_book(), "Care", site_url).of(reference.template, reference.keys)
    return dict(json.loads(text)) if text else {}


def test_a_practice_is_a_clinic_with_its_address() -> None:
    practice = told("organisation", "P1")

    assert practice["@type"] == "MedicalClinic"
    assert practice["identifier"] == "P1"
    assert practice["mainEntityOfPage"] == f"{SITE}organisations/p1/"
    assert practice["address"] == {
        "@type": "PostalAddress",
        "streetAddress": "1 High Street, Exampleton",
        "addressLocality": "Exampleton",
        "postalCode": "ZZ1 1AA",
    }
    assert practice["foundingDate"] == "1990-04-01"
    assert "telephone" not in practice  # not known: not said
    assert told("organisation", "P5")["dissolutionDate"] == "2025-09-30"
    assert told("organisation", "H1-S")["@type"] == "Hospital"


@pytest.mark.parametrize(
    ("template", "keys"),
    [("home", ()), ("organisation", ("P1",)), ("area", ("A1",)), ("metric", ("checked",)), ("data", ())],
)
def test_where_everything_is_invented_each_subject_says_so(template: str, keys: tuple[str, ...]) -> None:
    """Search engines show names and numbers without the page's banner."""
    text = LinkedData(make_book(), "Care", SITE, "Invented data.").of(template, keys)

    assert json.loads(text)["description"].startswith("Invented data.")


def test_a_metric_is_a_dataset_with_its_files() -> None:
    metric = told("metric", "checked")

    assert metric["@type"] == "Dataset"
    assert metric["temporalCoverage"] == "2025-07-01/2025-12-31"
    assert [file["contentUrl"] for file in metric["distribution"]] == [
        f"{SITE}metrics/checked/results.csv",
        f"{SITE}metrics/checked/results.parquet",
    ]
    assert {"license", "creator", "description", "datePublished", "version"} <= set(metric)


def test_the_site_says_how_to_search_it() -> None:
    assert told("home")["potentialAction"]["target"]["urlTemplate"] == f"{SITE}find/?q={{search_term_string}}"


def test_without_an_address_nothing_that_needs_one_is_said() -> None:
    assert told("home", site_url="") == {}
    assert "mainEntityOfPage" not in told("organisation", "P1", site_url="")
    assert "distribution" not in told("metric", "checked", site_url="")


def test_pages_without_a_subject_of_their_own_say_nothing() -> None:
    assert told("find") == {}
