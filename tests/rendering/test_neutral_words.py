"""Neutral words: no blame, no ranks, no alarm in anything that the wording says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.model.vocabulary import Audience
from generator.rendering import Edition
from tests.rendering.editions import TEMPLATES, make_publication
from tests.rendering.pseudo import latin_words, translate_publication

BANNED = re.compile(
    r"\b(worst|fail|fails|failed|failing|failure|risk|risks|risky|league|rank|ranks|ranked|ranking|rankings|poor"
    r"|poorly|bad|badly|dangerous|unsafe|disgrace|scandal|top performer|underperform\w*|winner|loser)\b",
    re.IGNORECASE,
)
"""The data may say "at risk of falls"; we do not."""
WORDING = sorted((TEMPLATES / "wording" / "en").glob("*.html"))


@pytest.mark.parametrize("path", WORDING, ids=lambda path: path.stem)
def test_no_wording_blames_or_ranks(path: Path) -> None:
    text = re.sub(r"\{[%#].*?[%#]\}", " ", path.read_text(encoding="utf-8"), flags=re.DOTALL)

    assert BANNED.findall(text) == []


def test_no_page_blames_or_ranks() -> None:
    """The data of these pages are in another script: what is left is ours."""
    edition = Edition.of(
        translate_publication(make_publication()),
        audience=Audience.PUBLIC,
        links={},
        templates_folder=TEMPLATES,
    )

    said = {
        f"/{page.address}: {text}"
        for page in map(edition.make_page, edition.pages())
        for text in (page.title, page.description, *latin_words(page.body))
        if BANNED.search(text)
    }

    assert said == set()
