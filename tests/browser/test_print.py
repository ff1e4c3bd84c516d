"""Pages on paper: each sheet says what it is, nothing is cut off, what is for the screen is left out."""

from __future__ import annotations

import io
import re
import unicodedata
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.browser.conftest import Serve
from tools.screenshots import addresses

pytestmark = pytest.mark.browser

RELEASE = "Release 2026-q2 · Invented data"
PAPER = {"A4": (688, 970), "Letter": (710, 912)}
"""What is left of a sheet between its margins, in CSS pixels."""
PAGES = {
    "organisations/zd0005/": "Hollin Bridge Medical Centre, Hollin Bridge",
    "metrics/antibiotics/": "Antibiotics prescribed",
    "metrics/antibiotics/areas/za1/": "Antibiotics prescribed: Amberdale",
    "areas/za1/": "Amberdale",
    "methods/": "Methods: how we calculate",
}

OUTSIDE = """width => [...document.body.querySelectorAll("*")]
  .filter(element => element.checkVisibility() && !element.closest(".hear, svg") && element.innerText)
  .filter(element => element.getBoundingClientRect().right > width + 1)
  .map(element => `${element.tagName}.${element.className}: ${element.innerText.slice(0, 40)}`)"""


def sheets_of(printed: bytes) -> list[str]:
    """Return the text of each sheet, margins first, with single spaces."""
    texts = (sheet.extract_text() for sheet in PdfReader(io.BytesIO(printed)).pages)
    return [" ".join(unicodedata.normalize("NFKC", text).split()) for text in texts]


@pytest.fixture(scope="module")
def root(demonstration: Path, serve: Serve) -> str:
    return serve(demonstration, below="/quality/")


@pytest.mark.parametrize(("address", "title"), PAGES.items(), ids=PAGES)
def test_each_sheet_bears_title_release_address_and_number(
    page: Page, root: str, address: str, title: str
) -> None:
    page.goto(root + address)

    sheets = sheets_of(page.pdf(format="A4"))

    for number, sheet in enumerate(sheets, start=1):
        assert sheet.startswith(
            f"{title} · Care quality in Fernmark {RELEASE} {number} / {len(sheets)}"
            f"https://example.org/quality/{address}"
        )
    assert [sheet.count("Published by Fernmark Health Quality Office") for sheet in sheets[:-1]] == [0] * (
        len(sheets) - 1
    )
    assert "Published by Fernmark Health Quality Office" in sheets[-1]


def test_a_comparisons_sheets_say_who_was_chosen(page: Page, root: str) -> None:
    page.goto(f"{root}compare/?codes=ZD0001,ZD0002,ZD0003")
    page.locator("#compare-table table").wait_for()

    sheets = sheets_of(page.pdf(format="A4"))

    assert len(sheets) > 1
    for sheet in sheets:
        assert RELEASE in sheet
        assert re.search(r"/compare/\?codes=ZD0001,ZD0002,ZD0003 .*ZD0001 .*ZD0002 .*ZD0003", sheet)


def test_a_tables_head_comes_again_with_its_words(page: Page, root: str) -> None:
    """Browsers leave the buttons that sort it, and those that explain a word, out of the later ones."""
    page.goto(f"{root}metrics/antibiotics/")

    sheets = sheets_of(page.pdf(format="A4"))

    rows = re.compile(r"\d \d{1,2},\d{3} (Better|Worse|Similar)|(Better|Worse|Similar) [\d.]+ to [\d.]+ ")
    tables = [sheet for sheet in sheets if len(rows.findall(sheet)) > 3]
    assert len(tables) > 2
    assert all("Compared with Fernmark 95% interval Count Out of" in sheet for sheet in tables)


@pytest.mark.slow
@pytest.mark.parametrize("paper", PAPER)
def test_nothing_lies_beyond_the_right_edge_or_under_the_footer(
    page: Page, root: str, demonstration: Path, paper: str
) -> None:
    width, height = PAPER[paper]
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(media="print")
    found: dict[str, list[str]] = {}

    for name, address in addresses(demonstration).items():
        if name == "compare":
            continue  # printed on its side; see test_compare.py
        page.goto(root + address)
        page.wait_for_load_state("networkidle")
        found[name] = page.evaluate(OUTSIDE, width)
        if page.evaluate(
            "document.querySelector('footer.candour-footer').getBoundingClientRect().top"
            " < document.querySelector('main').getBoundingClientRect().bottom"
        ):
            found[name].append("the footer lies over the page")

    assert not {name: faults for name, faults in found.items() if faults}


def test_what_is_for_the_screen_is_not_printed(page: Page, root: str) -> None:
    page.emulate_media(media="print")
    for address in ("organisations/zd0005/", "metrics/antibiotics/", "find/?q=surgery"):
        page.goto(root + address)
        page.wait_for_load_state("networkidle")

        shown = "nav, .explore-offer, button:not(.term, .sort-button), select"

        assert page.locator(shown).filter(visible=True).count() == 0, address


def test_closed_tables_are_printed_without_scripts(browser: Browser, root: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{root}metrics/antibiotics/")

    sheets = sheets_of(page.pdf(format="A4"))

    assert any("Figures as a table" in sheet and "146.0 144.9 to 147.0" in sheet for sheet in sheets)
    context.close()


def test_links_to_other_sites_say_where(page: Page, root: str) -> None:
    page.goto(f"{root}metrics/antibiotics/")

    assert "open data (https://example.org/sources/prescribing-by-practice)" in sheets_of(page.pdf())[-1]
