"""No sentence outside the wording: pages made with a pseudo-language say nothing in English."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.model.vocabulary import Audience
from generator.rendering import Edition
from tests.rendering.editions import make_publication
from tests.rendering.pseudo import latin_words, translate_publication, translate_templates, translate_wording
from tests.rendering.test_pages import PAGES


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
    page = edition.make_page(PAGES[template])
    head = [page.title, page.description, page.heading, *(heading.title for heading in page.contents)]

    english = [*latin_words(page.body), *(word for text in head for word in latin_words(text))]

    assert english == []
