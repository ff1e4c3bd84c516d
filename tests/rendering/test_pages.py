"""One page of each template, to the letter: golden pages change only on purpose.

`CANDOUR_UPDATE_GOLDEN=1 pytest tests/rendering/test_pages.py` writes them anew; read the difference as a
reader of the site would.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from generator.model.pages import Page
from generator.rendering import Edition, PageReference, shells_needed
from tests.rendering.editions import make_edition

GOLDEN = Path(__file__).parent / "golden"
PAGES = {
    reference.template: reference
    for reference in (
        *(PageReference(name) for name in ("home", "find", "compare", "all", "releases", "data")),
        PageReference("organisation", ("P1",)),
        PageReference("metric", ("checked",)),
        PageReference("domain", ("care",)),
        PageReference("service", ("severe-asthma",)),
        PageReference("services"),
        PageReference("service_definitions", ("severe-asthma",)),
        PageReference("programme", ("internal-medicine",)),
        PageReference("area", ("A1",)),
        PageReference("provider_service", ("H1", "severe-asthma")),
        PageReference("metric_area", ("checked", "A2")),
    )
}


@pytest.fixture(scope="module")
def edition() -> Edition:
    return make_edition()


@pytest.mark.parametrize("template", PAGES)
def test_pages_are_as_agreed(edition: Edition, template: str) -> None:
    golden = GOLDEN / f"{template}.html"

    page = as_text(edition.make_page(PAGES[template]))

    if os.environ.get("CANDOUR_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(page, encoding="utf-8")
    assert page == golden.read_text(encoding="utf-8")


def test_every_template_has_a_golden_page() -> None:
    assert sorted(PAGES) == sorted(template for template, _ in shells_needed())
    assert sorted(path.stem for path in GOLDEN.glob("*.html")) == sorted(PAGES)


def test_every_page_can_be_made_and_lies_as_deep_as_its_shell(edition: Edition) -> None:
    depths = dict(shells_needed())

    pages = [edition.make_page(reference) for reference in edition.pages()]

    assert {page.template for page in pages} == set(depths)
    assert [page.address for page in pages if page.depth != depths[page.template]] == []
    assert len({page.address for page in pages}) == len(pages)
    assert [page.address for page in pages if not (page.title and page.description and page.heading)] == []


def test_the_contents_list_of_every_page_leads_to_its_sections_in_order(edition: Edition) -> None:
    for reference in edition.pages():
        page = edition.make_page(reference)

        places = [page.body.find(f'id="{heading.fragment}"') for heading in page.contents]

        assert -1 not in places, page.address
        assert places == sorted(places), page.address


def as_text(page: Page) -> str:
    """Return what the page hands to its shell, as one text; names of plates without their fingerprints."""
    contents = "\n".join(f"    #{heading.fragment} {heading.title}" for heading in page.contents)
    body = re.sub(r"(assets/plates/[a-z-]+)\.[0-9a-f]+\.svg", r"\1.svg", page.body)
    return (
        f"<!--\naddress: /{page.address}\ntitle: {page.title}\ndescription: {page.description}\n"
        f"heading: {page.heading}\ncontents:\n{contents}\n-->\n{body}\n"
    )
