"""Words explained in place: once a section, once a page, and in the words of the glossary."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.rendering import Edition
from generator.rendering.templates import Templates
from tests.rendering.editions import TEMPLATES, make_edition
from tests.rendering.test_pages import PAGES

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"
TERMS = re.findall(r'id == "([a-z-]+)"', (TEMPLATES / "wording/en/terms.html").read_text(encoding="utf-8"))
BUTTON = re.compile(r'<button class="term" type="button" popovertarget="term-([a-z-]+)">(.*?)</button>')


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """Return the body of one page of each template."""
    edition: Edition = make_edition()
    return {template: edition.make_page(reference).body for template, reference in PAGES.items()}


def test_explanations_say_what_the_glossary_says() -> None:
    """The glossary may add where to read on; everything else stands in both, word for word."""
    entries = {
        fragment: (name, _plain(text))
        for name, fragment, text in re.findall(
            r"^### (.+?) \{ #([a-z-]+) \}\n\n(.+?)\n", GLOSSARY.read_text(encoding="utf-8"), re.MULTILINE
        )
    }
    words = Templates(TEMPLATES)

    said = {
        term: (words.words("terms", "name", term), words.words("terms", "meaning", term)) for term in TERMS
    }

    assert said == {term: entries[term] for term in TERMS}


def test_a_section_explains_each_word_once(pages: dict[str, str]) -> None:
    for template, body in pages.items():
        for section in body.split("<section"):
            terms = [term for term, _ in BUTTON.findall(section)]
            assert len(terms) == len(set(terms)), template


def test_a_page_has_each_explanation_that_its_words_ask_for_and_no_other(pages: dict[str, str]) -> None:
    for template, body in pages.items():
        assert re.findall(r'class="explained" id="term-([a-z-]+)"', body) == list(
            dict.fromkeys(term for term, _ in BUTTON.findall(body))
        ), template


@pytest.mark.parametrize("template", ["organisation", "metric", "provider_service", "metric_area"])
def test_pages_with_results_explain_their_words(pages: dict[str, str], template: str) -> None:
    terms = {term for term, _ in BUTTON.findall(pages[template])}

    assert terms & {"confidence-interval", "chance", "band", "suppressed"}


def test_a_word_that_is_explained_stands_in_no_other_control(pages: dict[str, str]) -> None:
    """A button within a link, a summary or a label could not be pressed."""
    for template, body in pages.items():
        for control in re.findall(
            r"<(?:a|summary|label|button)\b[^>]*>(.*?)</(?:a|summary|label|button)>", body, re.S
        ):
            assert 'class="term"' not in control, template
        assert not re.search(r'="[^"]*<button', body), template


def _plain(text: str) -> str:
    text = re.sub(r" See \[[^\]]+\]\([^)]+\)\.", "", text)
    text = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return text.replace("**", "").replace("`", "")
