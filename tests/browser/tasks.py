"""What readers set out to do: the same steps on the demonstration and on a whole country."""

from __future__ import annotations

import html
import random
import re
from collections.abc import Iterable
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

BUSY = 30_000
"""Milliseconds that an answer may take on a machine that does much else."""


def found(box: Locator, text: str) -> list[str]:
    """Type into the header's box and return the names listed, once nothing more will come."""
    box.fill(text)
    listed = box.page.locator("[role=listbox]")
    expect(listed).to_have_attribute("aria-busy", "false", timeout=BUSY)
    return listed.locator("[role=option] .candour-finder__name").all_inner_texts()


def found_codes(box: Locator, text: str) -> list[str]:
    """Type and return the codes of the organisations listed, from their addresses."""
    found(box, text)
    links = box.page.locator("[role=option][href*='/organisations/']")
    hrefs = links.evaluate_all("options => options.map(option => option.href)")
    return [href.rstrip("/").rsplit("/", 1)[1].upper() for href in hrefs]


def cards(page: Page) -> list[str]:
    """Return the names on the find page's cards of organisations, once nothing more will come."""
    expect(page.locator("#find-results")).to_have_attribute("aria-busy", "false")
    return page.locator("#find-results .candour-result:has(.candour-finder__code) h4").all_inner_texts()


def open_the_nearest_by_keyboard(page: Page, site: str, half_a_postcode: str) -> None:
    """Task 1: type, arrow down, Enter. What is listed has distances, the nearest first."""
    page.goto(site)
    for _ in range(20):
        if page.locator("input[type=search]:focus").count():
            break
        page.keyboard.press("Tab")

    page.keyboard.type(half_a_postcode)
    listed = page.locator(f"#{page.locator(':focus').get_attribute('aria-controls')}")
    expect(listed).to_have_attribute("aria-busy", "false")
    distances = listed.locator(".candour-finder__distance").all_inner_texts()
    nearest = listed.locator(".candour-finder__name").first.inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(f"{site}organisations/*/")
    expect(page.get_by_role("heading", level=1)).to_have_text(nearest)
    miles = [float((re.findall(r"\d+", text) or ["0"])[0]) for text in distances]
    assert len(miles) >= 3
    assert miles == sorted(miles)
    assert all(text.endswith(("mile", "miles")) for text in distances), distances


def misspelt_and_missed(
    box: Locator, names: Iterable[tuple[str, str]], drawn: random.Random
) -> list[tuple[str, str]]:
    """Type each name with a slip; return what was typed, and the name, where it is not among the first three.

    The names come with their codes.
    """
    missed = []
    for code, name in names:
        text = misspelt(name, drawn)
        if code not in found_codes(box, text)[:3]:
            missed.append((text, name))
    return missed


def misspelt(name: str, drawn: random.Random) -> str:
    """Return a name with one letter changed, left out, doubled or swapped with its neighbour."""
    at = drawn.choice([place for place in range(1, len(name)) if name[place - 1 : place + 1].isalpha()])
    before, pair, after = name[: at - 1], name[at - 1 : at + 1], name[at + 1 :]
    slips = [
        pair[0]
        + drawn.choice([letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter != pair[1].lower()]),
        pair[0],
        pair + pair[1],
        *([pair[::-1]] if pair[0].lower() != pair[1].lower() else []),
    ]
    return before + drawn.choice(slips) + after


def read_the_comparison_with_peers(page: Page, metric: str, source: Path) -> None:
    """Task 2: better, similar or worse, and how sure: before the chart, and the same in the page's source."""
    card = page.locator(f"#m-{metric}")
    sentence = card.locator(".sentence", has_text="GP practices")

    said = " ".join(sentence.inner_text().split())
    assert re.search(
        r"That is (better|worse) than GP practices like it \([\d.]+%\): we can be fairly sure \(95%\) "
        r"that it is more than chance\."
        r"|That is similar to GP practices like it \([\d.]+%\): the difference could be chance\.",
        said,
    )
    below, above = card.locator("figure").first.bounding_box(), sentence.bounding_box()
    assert below
    assert above
    assert above["y"] < below["y"] + below["height"]
    assert sentence.evaluate(
        "(told, figure) => told.compareDocumentPosition(figure) & Node.DOCUMENT_POSITION_FOLLOWING",
        card.locator("figure").first.element_handle(),
    )
    text = re.sub(r"<[^>]+>", "", source.read_text(encoding="utf-8"))
    assert said in " ".join(html.unescape(text).split())


def explain_by_keyboard(page: Page, name: str) -> None:
    """Task 4: Enter explains a term in its place, Escape takes the reader back to it."""
    here = page.url
    term, explanation = first_term(page, name)
    expect(explanation).to_be_hidden()

    term.focus()
    page.keyboard.press("Enter")

    expect(explanation).to_be_visible()
    expect(explanation).to_be_focused()
    expect(explanation).to_have_accessible_name(re.compile(r"\w"))
    assert page.url == here

    page.keyboard.press("Escape")

    expect(explanation).to_be_hidden()
    expect(term).to_be_focused()


def first_term(page: Page, name: str) -> tuple[Locator, Locator]:
    """Return the first button of a term, and what opens."""
    return page.locator(f'button[popovertarget="term-{name}"].term').first, page.locator(f"#term-{name}")


def read_why_each_is_blank(page: Page) -> None:
    """Task 5: no figure is missing without a reason in words."""
    for card in page.locator("article.metric").all():
        blank = card.locator(".none")
        if card.locator(".big").count() == 0:
            expect(blank).to_be_visible()
            assert len(blank.inner_text().split()) >= 4
    # Whoever cannot see all cards at once is told how many blanks there are, and why.
    absent = page.locator("article.metric .none").count()
    assert ("The reason" in page.locator("section.glance").inner_text()) == (absent > 0)
    blanks = page.locator("table.history td").all_text_contents()
    assert [text for text in blanks if not re.search(r"\d|\[[a-z ,]{6,}\]|[a-z]{3}", text)] == []


def side_by_side(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#compare-table")).to_have_attribute("aria-busy", "false")


def heads(page: Page) -> list[str]:
    """Return the codes of those that stand side by side."""
    return page.locator("#compare-table thead code").all_inner_texts()


def share_and_print(browser: Browser, site: str, half_a_postcode: str, width: int) -> None:
    """Task 3: choose two on their cards, open the same address in a fresh profile, print it."""
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{site}find/?q={half_a_postcode}")
    names = cards(page)[:2]
    for chooser in page.get_by_role("button", name="Compare ").all()[:2]:
        chooser.click()
    codes = re.findall(r"compare=(\w+),(\w+)$", page.url)[0]
    page.get_by_role("link", name="See side by side").click()
    page.wait_for_url(f"{site}compare/?codes={','.join(codes)}")
    address = page.url
    page.close()

    fresh = browser.new_context(viewport={"width": width, "height": 800})
    shared = fresh.new_page()
    side_by_side(shared, address)

    assert heads(shared) == list(codes)
    expect(shared.locator("#compare-status")).to_contain_text("2 places are shown side by side")
    assert shared.evaluate("document.documentElement.scrollWidth") <= width
    shared.emulate_media(media="print")
    expect(shared.locator("#compare-table table")).to_be_visible()
    expect(shared.locator("#compare-tools")).to_be_hidden()
    for name in names:
        expect(shared.locator("#compare-table thead").get_by_text(name)).to_be_visible()
    expect(shared.get_by_text("A small difference between two places may be chance")).to_be_visible()
    printed = shared.pdf(prefer_css_page_size=True)
    sheets = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert sheets
    assert all(float(across) > float(down) for across, down in sheets), "A4 on its side"
    fresh.close()
