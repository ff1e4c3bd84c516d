"""No sentence outside the wording: pages made with a pseudo-language say nothing in English."""

# ruff: noqa: RUF001 - letters that look like Latin ones are the point of another script.

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from generator.model.vocabulary import Audience
from generator.rendering import Edition, PageReference
from tests.rendering.editions import TEMPLATES, make_publication
from tests.rendering.pseudo import latin_words, translate_publication, translate_templates, translate_wording
from tests.rendering.test_pages import PAGES

RENDERING = Path(__file__).parents[2] / "generator" / "rendering"
WORDS_IN_A_ROW = re.compile(r"\b[A-Za-z]{2,} [a-z]{1,} [a-z]{2,}\b")
NOT_SAID = {"explore.py", "specification_faults.py", "stamping.py", "towns.py"}
"""Errors for publishers that are handed to functions, and the names of counties."""
UNSEEN = {"finder.js"}
"""Which words count little among those a reader types: nobody sees them."""


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return Edition.of(
        translate_publication(make_publication()),
        audience=Audience.PUBLIC,
        links={"register": "https://register.example/"},
        templates_folder=translate_templates(tmp_path_factory.mktemp("pseudo") / "site_templates"),
    )


@pytest.mark.parametrize("template", PAGES)
def test_every_word_of_a_page_comes_from_the_wording_or_the_data(edition: Edition, template: str) -> None:
    # A programme's address is made of its title, which is translated.
    keys = next(reference.keys for reference in edition.pages() if reference.template == template)
    reference = PageReference(template, keys) if template == "programme" else PAGES[template]
    page = edition.make_page(reference)
    head = [page.title, page.description, page.heading, *(heading.title for heading in page.contents)]

    english = [*latin_words(page.body), *(word for text in head for word in latin_words(text))]

    assert english == []


def test_titles_on_charts_come_from_the_wording_or_the_data(edition: Edition) -> None:
    english = {word for sheet in edition.sheets for word in latin_words(sheet.content.decode())}

    assert english == set()


def test_code_says_nothing_to_readers() -> None:
    """Sentences in rendering's code would be the same in every language. Errors are for publishers."""
    said = {path.name: _sentences_in_code(path) for path in sorted(RENDERING.glob("*.py"))}

    assert {name: found for name, found in said.items() if found and name not in NOT_SAID} == {}


def test_scripts_say_nothing_of_their_own() -> None:
    said = {
        path.name: _sentences_in_script(path)
        for path in sorted((TEMPLATES / "theme/assets").glob("*.js"))
        if path.name not in UNSEEN
    }

    assert {name: found for name, found in said.items() if found} == {}


@pytest.mark.parametrize(
    ("wording", "pseudo"),
    [
        ("<b class='big'>Two &nbsp;ways</b>", "<b class='big'>Тшо &nbsp;шаыс</b>"),
        ('<i title="Code">{{ code }}</i>', '<i title="Цоде">{{ code }}</i>'),
        ('{% if kind == "site" %}Site{% endif %}', '{% if kind == "site" %}Сите{% endif %}'),
        ('{{ "is" if count == 1 else "are" }}', '{{ "ис" if count == 1 else "аре" }}'),
        ('{% set WORDS = {"up": "Up"} %}', '{% set WORDS = {"up": "Уп"} %}'),
        ('{{ terms.term("band", "the standard") }}', '{{ terms.term("band", "тхе стандард") }}'),
        ('{{ label.removeprefix("all ") }}', '{{ label.removeprefix("all ") }}'),
        ('{% for word in ("better", "worse") %}', '{% for word in ("better", "worse") %}'),
    ],
)
def test_only_what_readers_see_is_translated(wording: str, pseudo: str) -> None:
    assert translate_wording(wording) == pseudo


def _sentences_in_code(path: Path) -> list[str]:
    """Return the texts of a module that have three words in a row, but for docstrings and errors."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    passed_over: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise | ast.Assert) or (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        ):
            passed_over |= set(ast.walk(node))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node not in passed_over
        and WORDS_IN_A_ROW.search(re.sub(r"<[^>]*>", "", node.value))
    ]


def _sentences_in_script(path: Path) -> list[str]:
    code = re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    texts = re.findall(r'"([^"\n]*)"|`([^`]*)`', code)
    # What begins with such a sign is a selector.
    return [
        text
        for pair in texts
        for text in pair
        if WORDS_IN_A_ROW.search(text) and not text.startswith(("#", "."))
    ]
