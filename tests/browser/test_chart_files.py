"""Files of caterpillars, fifths and control charts in a real browser, with and without scripts."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from generator.rendering import PageReference
from tests.browser.chart_sites import write_site
from tests.browser.conftest import Serve
from tests.rendering.test_explore_control import PAGE, VALUES, edition_of
from tests.rendering.test_metric_pages import full_edition

pytestmark = pytest.mark.browser

CATERPILLAR = "metrics/checked/areas/a1/"
CONTROL = "organisations/h1/services/asthma/"
CHARTS = {
    CATERPILLAR: "caterpillar",
    CONTROL: "seen",
    "metrics/checked/": "fifths",
}
"""The name of a chart's files, by the address of its page."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, serve: Serve) -> str:
    folder = tmp_path_factory.mktemp("charts")
    references = (PageReference("metric", ("checked",)), PageReference("metric_area", ("checked", "A1")))
    write_site(folder, full_edition(), *references)
    write_site(folder, edition_of(VALUES), PAGE)
    return f"{serve(folder)}quality/"


@pytest.fixture
def quiet(browser: Browser) -> Iterator[Page]:
    """Return a page without scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(("page_address", "name"), CHARTS.items())
def test_without_scripts_drawing_and_figures_can_be_taken(
    quiet: Page, address: str, page_address: str, name: str
) -> None:
    quiet.goto(address + page_address)
    offer = quiet.locator(f'.explore-offer:has([data-chart="charts/{name}.json"])')
    for form in ("svg", "csv"):
        with quiet.expect_download() as taken:
            offer.locator(f'a[href="charts/{name}.{form}"]').click()
        assert Path(taken.value.suggested_filename).suffix == f".{form}"
        assert taken.value.path().stat().st_size > 200
    assert offer.locator("button:visible").count() == 0


@pytest.mark.parametrize(("page_address", "name"), CHARTS.items())
def test_a_drawing_shows_by_itself_at_its_size(
    browser: Browser, address: str, page_address: str, name: str
) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(f"{address}{page_address}charts/{name}.svg")

    shown = page.evaluate("(() => { const box = document.documentElement.getBoundingClientRect();"
                          " return [box.width, box.height]; })()")  # fmt: skip
    asked = page.evaluate(
        "['width', 'height'].map((name) => Number(document.documentElement.getAttribute(name)))"
    )
    beyond = page.evaluate(
        "[...document.querySelectorAll('text')].filter((text) => { const box = text.getBoundingClientRect();"
        " return box.left < 0 || box.right > 641; }).map((text) => text.textContent)"
    )

    page.close()
    assert shown == pytest.approx(asked, abs=1)
    assert shown[0] == 640
    assert beyond == []


@pytest.mark.parametrize("page_address", [CATERPILLAR, CONTROL])
def test_the_picture_is_made_of_the_drawing_by_keyboard_alone(
    page: Page, address: str, page_address: str
) -> None:
    """The strict policy of the pages holds: the page fixture hears of any violation."""
    page.goto(address + page_address)
    size = page.evaluate(
        "fetch(document.querySelector('.explore-picture').dataset.drawing).then((answer) => answer.text())"
        ".then((text) => ['width', 'height'].map((name) => Number("
        "new DOMParser().parseFromString(text, 'image/svg+xml').documentElement.getAttribute(name))))"
    )
    page.locator(".explore-picture").focus()

    with page.expect_download() as taken:
        page.keyboard.press("Enter")

    picture = taken.value.path().read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert struct.unpack(">II", picture[16:24]) == pytest.approx([2 * length for length in size], abs=2)
    assert taken.value.suggested_filename == page.locator(".explore-picture").get_attribute("data-name")


def test_where_no_picture_can_be_made_that_is_said(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address + CATERPILLAR)
    page.route("**/charts/caterpillar.svg", lambda route: route.abort())

    page.locator(".explore-picture").click()

    expect(page.get_by_role("alert")).to_contain_text("could not be made here")
    page.close()


@pytest.mark.parametrize(("page_address", "name"), CHARTS.items())
@pytest.mark.parametrize("width", [320, 1280])
def test_each_can_be_explored(page: Page, address: str, page_address: str, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(address + page_address)

    page.locator(f'.explore-open[data-chart="charts/{name}.json"]').click()

    expect(page.locator('dialog.explore[data-state="drawn"]')).to_be_visible(timeout=30_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(
    ("page_address", "told"),
    [(CATERPILLAR, ("Surgery P", "95% interval")), (CONTROL, ("Usual range", "Target"))],
)
def test_a_point_tells_its_figures(
    page: Page, address: str, page_address: str, told: tuple[str, ...]
) -> None:
    page.goto(address + page_address)
    page.locator(".explore-open").click()
    expect(page.locator('dialog.explore[data-state="drawn"]')).to_be_visible(timeout=30_000)

    page.frame_locator("iframe").locator("canvas").hover()

    for text in told:
        expect(page.frame_locator("iframe").locator("#tip")).to_contain_text(text)
