"""Charts to take away and to explore, in a real browser under the policy of the pages."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from generator.rendering import PageReference
from tests.browser.chart_sites import write_site
from tests.browser.conftest import POLICY, Serve
from tests.rendering.editions import make_edition

pytestmark = pytest.mark.browser

PATH = "quality/metrics/waiting/"
OPEN = '.explore-open[data-chart$="spread.json"]'


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of two metrics' pages with all that their charts need, below a folder of the host."""
    folder = tmp_path_factory.mktemp("explore")
    write_site(folder, make_edition(), *(PageReference("metric", (name,)) for name in ("waiting", "checked")))
    return folder


@pytest.fixture(scope="module")
def address(site: Path, serve: Serve) -> str:
    return serve(site) + PATH


@pytest.fixture(params=[320, 1280])
def metric(request: pytest.FixtureRequest, page: Page, address: str) -> Page:
    """Return the metric's page in a window of this width."""
    page.set_viewport_size({"width": request.param, "height": 800})
    page.goto(address, wait_until="networkidle")
    return page


def drawn(page: Page) -> None:
    expect(page.locator('dialog.explore[data-state="drawn"]')).to_be_visible(timeout=30_000)


def test_a_chart_opens_is_drawn_and_closes_by_keyboard_alone(metric: Page, site: Path) -> None:
    """The strict policy holds in the page and in the frame: the page fixture hears of any violation."""
    with (site / PATH / "charts" / "spread.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    metric.locator(OPEN).focus()

    metric.keyboard.press("Enter")
    drawn(metric)

    assert metric.locator("dialog.explore").get_attribute("data-points") == str(len(rows))
    assert metric.evaluate("document.documentElement.scrollWidth <= innerWidth")
    metric.keyboard.press("Escape")
    expect(metric.locator("dialog.explore")).to_be_hidden()
    expect(metric.locator(OPEN)).to_be_focused()


def test_escape_closes_from_inside_the_frame_too(metric: Page) -> None:
    metric.locator(OPEN).click()
    drawn(metric)

    metric.frame_locator("iframe").locator("body").press("Escape")

    expect(metric.locator("dialog.explore")).to_be_hidden()
    expect(metric.locator(OPEN)).to_be_focused()


def test_the_large_script_is_fetched_only_when_asked_for(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address, wait_until="networkidle")
    before = [url for url in asked if "/assets/explore/" in url or "/charts/" in url]

    page.locator(OPEN).click()
    drawn(page)

    assert before == []
    assert len([url for url in asked if "/assets/explore/frame." in url and url.endswith(".js")]) == 1


def test_a_point_tells_its_figures(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(OPEN).click()
    drawn(page)

    page.frame_locator("iframe").locator("canvas").hover()

    tip = page.frame_locator("iframe").locator("#tip")
    expect(tip).to_contain_text("Surgery")
    expect(tip).to_contain_text("95% interval")
    expect(tip).to_contain_text("days")


def test_an_organisation_is_found_by_a_part_of_its_name(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(OPEN).click()
    drawn(page)
    found = page.locator(".explore-found")

    page.locator(".explore-find input").fill("alder")
    page.keyboard.press("Enter")
    expect(found).to_contain_text("Alder Surgery")
    expect(found).to_contain_text("5.5 days")

    page.locator(".explore-find input").fill("nobody")
    page.keyboard.press("Enter")
    expect(found).to_contain_text("Nothing here has that name")


def test_zooming_draws_anew_and_everything_comes_back(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(OPEN).click()
    drawn(page)
    canvas = page.frame_locator("iframe").locator("canvas")

    def picture() -> bytes:
        page.wait_for_timeout(300)
        return canvas.screenshot()

    page.mouse.move(0, 0)
    whole = picture()
    page.locator('[data-zoom="0.5"]').click()
    nearer = picture()
    page.locator('[data-zoom="0"]').click()

    assert nearer != whole
    assert picture() == whole


def test_both_charts_of_a_page_can_be_explored_one_after_the_other(page: Page, address: str) -> None:
    page.goto(address.replace("waiting", "checked"))
    for kind in ("trend", "groups-1"):
        page.locator(f'.explore-open[data-chart$="{kind}.json"]').click()
        drawn(page)
        assert page.locator("dialog iframe").count() == 1
        expect(page.locator("dialog iframe")).to_have_attribute("sandbox", "allow-scripts")
        page.locator(".explore-close").click()


def test_the_frame_reaches_neither_the_page_nor_the_network(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(OPEN).click()
    drawn(page)
    frame = next(frame for frame in page.frames if frame.url.endswith("frame.html"))

    reached = frame.evaluate(
        """() => { try { return String(parent.document.title); } catch (error) { return error.name; } }"""
    )

    assert frame.evaluate("self.origin") == "null"
    assert reached == "SecurityError"


def test_the_frame_can_ask_for_nothing(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(address.replace(PATH, "quality/assets/explore/frame.html"))

    asked = page.evaluate("fetch('frame.html').then(() => 'answered', () => 'refused')")

    page.close()
    assert asked == "refused"


def test_neither_the_page_nor_the_frame_needs_eval() -> None:
    """The other tests draw under this policy, which the host sends with every file."""
    assert "'unsafe-eval'" not in POLICY


@pytest.mark.parametrize("lost", ["**/charts/spread.json", "**/assets/explore/frame.html"])
def test_what_cannot_be_shown_is_said(browser: Browser, address: str, lost: str) -> None:
    page = browser.new_page()
    page.clock.install()
    page.route(lost, lambda route: route.abort())
    page.goto(address)

    page.locator(OPEN).click()
    expect(page.locator("dialog.explore")).to_be_visible()
    page.clock.fast_forward(31_000)

    expect(page.locator(".explore-status")).to_contain_text("cannot be shown here")
    page.locator(".explore-close").click()
    expect(page.locator("dialog.explore")).to_be_hidden()
    page.close()


@pytest.fixture
def quiet(browser: Browser, address: str) -> Iterator[Page]:
    """Return the page without scripts."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
    page = context.new_page()
    page.goto(address)
    yield page
    context.close()


@pytest.mark.parametrize(("name", "kind"), [("waiting", "spread"), ("checked", "trend")])
@pytest.mark.parametrize(
    ("form", "is_sound"),
    [
        ("svg", lambda content: content.startswith(b"<svg ")),
        ("png", lambda content: content.startswith(b"\x89PNG")),
        ("csv", lambda content: content.startswith(b"metric_id,period,")),
    ],
)
def test_without_scripts_charts_can_still_be_taken(
    quiet: Page, address: str, name: str, kind: str, form: str, is_sound: Callable[[bytes], bool]
) -> None:
    quiet.goto(address.replace("waiting", name))
    expect(quiet.locator(".explore-open").first).to_be_hidden()

    with quiet.expect_download() as taken:
        quiet.locator(f'.explore-offer a[href$="charts/{kind}.{form}"]').click()

    assert taken.value.suggested_filename == f"{name}-{kind}.{form}"
    assert is_sound(taken.value.path().read_bytes())


def test_a_picture_is_shown_by_a_browser_at_its_size(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}charts/spread.png")

    assert page.evaluate("document.images[0].naturalWidth") == 1280
    page.close()


def test_a_drawing_shows_by_itself(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}charts/spread.svg")

    assert page.evaluate("document.documentElement.tagName") == "svg"
    title = page.evaluate("document.querySelector('title').textContent")
    assert "Days until an appointment" in title
    page.close()
