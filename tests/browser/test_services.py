"""From a provider to one service's profile, to what a flag means, and back; narrow, wide, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Serve, watched_page

pytestmark = pytest.mark.browser

PROVIDER = "organisations/zpd/"
SERVICE = "severe-asthma"
FLAGGED = "asthma-biologics-review"
PROFILE = f"{PROVIDER}services/{SERVICE}/"


@pytest.fixture(scope="module")
def site(demonstration: Path, serve: Serve) -> str:
    """Return the address of the site. Of all inline scripts only the theme's own may run."""
    # They differ with the depth of an address.
    pages = (PROVIDER, PROFILE, "services/", f"services/{SERVICE}/", f"services/{SERVICE}/definitions/")
    html = "".join((demonstration / page / "index.html").read_text(encoding="utf-8") for page in pages)
    return serve(demonstration, inline_scripts=set(re.findall(r"<script>(.*?)</script>", html, re.DOTALL)))


@pytest.fixture(params=[(320, True), (320, False), (1280, True), (1280, False)], ids=lambda it: f"{it}")
def window(request: pytest.FixtureRequest, browser: Browser, site: str) -> Iterator[Page]:
    """Return a page of this width, with scripts or without."""
    width, scripts = request.param
    with watched_page(browser, site, width, has_scripts=scripts) as page:
        yield page


def press(what: Locator) -> None:
    """Press a link as a reader does: it must be visible and large enough."""
    expect(what).to_be_visible()
    what.click()


def test_from_a_provider_to_what_a_flag_means_and_back_in_three_presses(window: Page, site: str) -> None:
    window.goto(f"{site}{PROVIDER}")

    press(window.locator(f"a[href$='services/{SERVICE}/']").first)
    expect(window.get_by_role("heading", level=1)).to_contain_text("Severe asthma at Ironbeck Memorial")
    press(window.locator(f"#glance + p ~ ul a[href='#m-{FLAGGED}']"))

    card = window.locator(f"#m-{FLAGGED}")
    expect(card).to_be_in_viewport()
    expect(card.locator(".flag")).to_contain_text("Alarm: very low")
    expect(card.locator(".sentence").first).to_contain_text("That is worse than Fernmark")
    for name in ("What it shows", "Out of (denominator)", "Compared with", "What to keep in mind"):
        expect(card.locator("dt").get_by_text(name, exact=True)).to_be_visible()
    trail = window.locator("nav.trail")
    expect(trail.locator("[aria-current=page]")).to_have_text("Severe asthma")

    press(trail.get_by_role("link", name="Ironbeck Memorial Hospital"))
    expect(window).to_have_url(f"{site}{PROVIDER}")


def test_from_the_menu_to_whom_an_alarm_is_about_in_three_presses(window: Page, site: str) -> None:
    window.goto(f"{site}releases/")
    is_narrow = window.viewport_size is not None and window.viewport_size["width"] < 500
    if is_narrow:
        press(window.get_by_role("navigation", name="Main").get_by_role("link", name="Menu"))
        press(
            window.get_by_role("navigation", name="All of this site").get_by_role("link", name="Specialised")
        )
    else:
        press(window.get_by_role("navigation", name="Main").get_by_role("link", name="Services"))

    press(window.locator(f"a[href$='{SERVICE}/#far']"))
    expect(window.locator("#far")).to_be_in_viewport()
    press(window.locator("#far ~ ul a", has_text="Ironbeck Memorial Hospital: "))

    expect(window).to_have_url(f"{site}{PROFILE}#m-{FLAGGED}")
    expect(window.locator(f"#m-{FLAGGED} .flag")).to_be_in_viewport()


def test_the_sheet_of_definitions_is_two_presses_from_a_profile_and_leads_back(
    window: Page, site: str
) -> None:
    window.goto(f"{site}{PROFILE}")

    press(window.locator("dl.facts a[href$='/definitions/']"))
    expect(window.locator(f"#m-{FLAGGED}")).to_be_visible()
    expect(window.locator("dl.definition dt", has_text="Out of (denominator)").first).to_be_visible()
    press(window.locator("nav.trail").get_by_role("link", name="Severe asthma"))

    expect(window).to_have_url(f"{site}services/{SERVICE}/")


def test_control_charts_are_drawn_and_say_what_they_show(window: Page, site: str) -> None:
    window.goto(f"{site}organisations/zp4/services/{SERVICE}/")
    chart = window.locator("#m-asthma-first-clinic figure.control")

    expect(chart.locator("svg")).to_have_attribute("aria-label", re.compile("Control chart of .* average is"))
    assert chart.locator(".c-mean").count() == 2, "the chart starts again once"
    expect(chart.get_by_text("A second clinic opened")).to_be_visible()
    box = chart.locator("svg").bounding_box()
    assert box is not None
    assert box["width"] > 250
    # Letters stay readable: 10 pixels at least on a phone.
    assert chart.locator("text").first.evaluate("text => text.getBoundingClientRect().height") >= 10

    table = window.locator("#m-asthma-first-clinic").get_by_text("The control chart as a table")
    press(table)
    expect(window.locator("#m-asthma-first-clinic table:visible tbody tr")).to_have_count(42)


def test_a_service_compares_its_providers_at_every_width(window: Page, site: str) -> None:
    """A narrow screen shows one measure at a time: the same figures, without a wide table."""
    window.goto(f"{site}services/{SERVICE}/")
    is_narrow = window.viewport_size is not None and window.viewport_size["width"] < 500
    matrix = window.locator("table.matrix")

    if is_narrow:
        expect(matrix).to_be_hidden()
        press(window.locator(f".matrix-jump a[href='#m-{FLAGGED}']"))
    else:
        expect(matrix.locator("tbody tr")).to_have_count(12)
        expect(matrix.locator(".flag-alarm")).to_have_count(1)
    section = window.locator("section", has=window.locator(f"#m-{FLAGGED}"))
    expect(section.locator("table .flag-alarm")).to_have_count(1)
    expect(section.get_by_text("hidden to protect patients")).to_be_visible()


@pytest.mark.parametrize(
    "path",
    [
        PROFILE,
        f"services/{SERVICE}/",
        f"services/{SERVICE}/definitions/",
        "services/",
        "programmes/internal-medicine-and-infection/",
    ],
)
def test_nothing_scrolls_sideways(window: Page, site: str, path: str) -> None:
    window.goto(f"{site}{path}")
    window.locator("details > summary").evaluate_all("all => all.forEach(one => one.parentNode.open = true)")

    assert window.evaluate(
        "[document.documentElement.scrollWidth - document.documentElement.clientWidth, "
        "document.body.scrollWidth - document.documentElement.clientWidth].every(beyond => beyond <= 0)"
    )
