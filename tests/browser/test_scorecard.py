"""A scorecard in a real browser: narrow and wide, with scripts and without."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Serve, watched_page
from tests.browser.tasks import read_the_comparison_with_peers, read_why_each_is_blank

pytestmark = pytest.mark.browser

PACKAGE = Path(__file__).parents[2] / "datapackages" / "2026-q2" / "practices"
CODE = "ZD0001"
PATH = f"organisations/{CODE.lower()}/"


@pytest.fixture(scope="module")
def address(demonstration: Path, serve: Serve) -> str:
    """Return the address of a practice's page. Of all inline scripts only the theme's own may run."""
    html = (demonstration / PATH / "index.html").read_text(encoding="utf-8")
    return serve(demonstration, inline_scripts=re.findall(r"<script>(.*?)</script>", html, re.DOTALL)) + PATH


@pytest.fixture(scope="module")
def practice() -> dict[str, str]:
    """Return what the package says about the practice."""
    with (PACKAGE / "organisations.csv").open(newline="", encoding="utf-8") as file:
        return next(row for row in csv.DictReader(file) if row["organisation_code"] == CODE)


@pytest.fixture(params=[(320, True), (320, False), (1280, True), (1280, False)], ids=lambda it: f"{it}")
def scorecard(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    """Return the page, opened in a window of this width, with scripts or without."""
    width, scripts = request.param
    with watched_page(browser, address.removesuffix(PATH), width, has_scripts=scripts) as page:
        page.goto(address, wait_until="networkidle")
        yield page


def test_a_scorecard_tells_who_it_is_about(scorecard: Page, practice: dict[str, str]) -> None:
    expect(scorecard.get_by_role("heading", level=1)).to_contain_text(practice["name"])

    expect(scorecard.get_by_text(CODE, exact=True)).to_be_visible()
    facts = scorecard.locator("#contact")
    for text in (practice["address"], practice["postcode"], practice["phone"], "Open"):
        expect(facts).to_contain_text(text)


def test_the_first_screen_has_what_patients_come_for(scorecard: Page, practice: dict[str, str]) -> None:
    """Name, place, phone, whether it takes patients and what to do next: within 480 pixels of the header."""
    begin = scorecard.evaluate("document.querySelector('.candour-header').getBoundingClientRect().bottom")
    phone = scorecard.get_by_role("link", name=practice["phone"])
    steps = scorecard.get_by_role("navigation", name="What you can do").get_by_role("link")

    expect(phone).to_have_attribute("href", f"tel:{practice['phone'].replace(' ', '')}")
    assert steps.count() == 4
    for place in (phone, scorecard.get_by_text("New patients"), steps.last):
        box = place.bounding_box()
        assert box
        assert box["y"] + box["height"] - begin <= 480
    assert min(step.bounding_box()["height"] for step in steps.all()) >= 24  # type: ignore[index]


def test_each_metric_has_its_value_comparison_charts_and_table(scorecard: Page) -> None:
    cards = scorecard.locator("article.metric")
    assert cards.count() >= 10

    card = cards.filter(has=scorecard.locator(".chip-worse, .chip-better")).first
    expect(card.locator(".big")).to_have_text(re.compile(r"\d"))
    expect(card.locator(".headline .chip").first).to_contain_text(re.compile("(Better|Worse) than "))
    expect(card.locator(".told")).to_contain_text(re.compile("That is (better|worse) than .* fairly sure"))
    assert card.locator("figure").count() == 2
    assert not card.locator("table").first.is_visible()

    card.get_by_text("Over time, and in figures").click()

    table = card.locator("table").first
    expect(table).to_be_visible()
    expect(card.locator("figure").nth(1)).to_be_visible()
    assert table.locator("tbody tr").count() >= 2
    expect(table.locator("tbody tr").first).to_contain_text(re.compile(r"\d"))
    assert scorecard.locator("p:empty").count() == 0


def test_phone_access_is_compared_with_practices_like_it_in_one_sentence(
    scorecard: Page, demonstration: Path
) -> None:
    """Task 2 of the issue."""
    read_the_comparison_with_peers(scorecard, "phone-ease", demonstration / PATH / "index.html")


def test_who_is_like_it_and_what_chance_does_is_said(scorecard: Page) -> None:
    glance = scorecard.locator("section.glance")
    expect(glance).to_contain_text(re.compile(r"(About \d+|one) of these \d+ (may )?look better or worse"))
    similar = scorecard.locator("section", has=scorecard.locator("#like"))
    assert similar.get_by_role("listitem").count() == 10
    expect(similar).to_contain_text("They were chosen by: deprivation score")
    expect(similar).to_contain_text(re.compile(r"Against them, \d+ of its results .* \d+ similar"))
    assert scorecard.locator(".domains").evaluate("results => results.querySelector('#context') === null")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            "ZD0017",
            ["closed on 30 June 2025", "Find another place", "Register", "some are older"],
        ),
        (
            "ZD0042",
            ["merged on 31 December 2025", "Its patients are looked after by", "Ask them whether"],
        ),
        ("ZD0029", ["No figures were sent in for this period."]),
        ("ZD0032", ["Hidden to keep details of patients private"]),
    ],
    ids=["closed", "merged", "never sent in", "too small"],
)
@pytest.mark.parametrize(("width", "scripts"), [(320, True), (320, False), (1280, True), (1280, False)])
def test_each_blank_says_why_in_words(
    browser: Browser, address: str, code: str, said: list[str], width: int, scripts: bool
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(address.replace(CODE.lower(), code.lower()))

    for text in said:
        expect(page.locator(".candour-body")).to_contain_text(text)
    assert page.locator("article.metric").count() >= 10
    read_why_each_is_blank(page)
    context.close()


def test_every_chart_shows_its_plate_and_has_a_name(scorecard: Page) -> None:
    """A <use> whose symbol is missing paints nothing and says nothing about it."""
    charts = scorecard.locator("svg.candour-plate")
    assert charts.count() >= 20

    drawn = charts.evaluate_all(
        """charts => charts.map(chart => {
            chart.closest("details")?.setAttribute("open", "");
            const plate = chart.querySelector("use").getBBox();
            const name = chart.getAttribute("aria-label");
            return [plate.width > 100 && plate.height > 20, name.length > 40,
                    chart.getBoundingClientRect().width > 200];
        })"""
    )

    assert [chart for chart in drawn if chart != [True, True, True]] == []


def test_nothing_scrolls_sideways(scorecard: Page) -> None:
    """Wide tables scroll inside a frame of their own, which the keyboard reaches."""
    for table in scorecard.get_by_text("Over time, and in figures").all()[:3]:
        table.click()

    assert scorecard.evaluate(
        "[document.documentElement.scrollWidth - document.documentElement.clientWidth, "
        "document.body.scrollWidth - document.documentElement.clientWidth].every(beyond => beyond <= 0)"
    )
