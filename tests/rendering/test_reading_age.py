"""Pages for patients read as easily as a text for pupils of 9 to 11; other pages have limits of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.rendering.reading import hardest, reading_ages, sentences_of

PATIENTS, READERS, ANALYSTS = 11, 14, 16
"""The age, in whole years, at which a page's sentences can be read, by either formula."""
LONGEST = 32
"""Words in a sentence of a page for patients."""
LIMITS = {
    "": PATIENTS,
    "find/": PATIENTS,
    "about/": PATIENTS,
    "organisations/*/": PATIENTS,
    "organisations/*/services/*/": READERS,
    "organisations/": READERS,
    "metrics/*/": READERS,
    "metrics/*/areas/*/": READERS,
    "areas/*/": READERS,
    "domains/*/": READERS,
    "services/*/": READERS,
    "glossary/": READERS,
    "accessibility/": READERS,
    "releases/": ANALYSTS,
    "data/": ANALYSTS,
}
"""Which pages may be how hard; methods and reference pages are for specialists."""
OF_EACH = 12
"""Of each kind some are read."""


def test_the_formulas_give_what_was_worked_out_by_hand() -> None:
    """28 letters in 8 words and 2 sentences: 4.71 * 3.5 + 0.5 * 4 - 21.43; 5.88 * 3.5 - 29.6 / 4 - 15.8."""
    ages = reading_ages(["The cat sat there.", "Dogs bark at cats."])

    assert (round(ages.ari, 3), round(ages.coleman_liau, 3)) == (2.055, 2.38)


def test_sentences_are_read_out_of_paragraphs_and_not_out_of_tables_and_links() -> None:
    page = (
        "<p>One is <b>here</b>. Is it two?</p><table><td>No one reads this.</td></table>"
        "<p><a>Go on to this.</a></p><li>Short</li>"
    )

    assert sentences_of(page) == ["One is here.", "Is it two?"]


@pytest.mark.parametrize("kind", LIMITS)
def test_pages_are_as_easy_to_read_as_they_should_be(demonstration: Path, kind: str) -> None:
    limit, hard = LIMITS[kind], []
    for address in _addresses(demonstration, kind):
        sentences = _sentences(demonstration / address)
        ages = reading_ages(sentences)
        if round(max(ages.ari, ages.coleman_liau)) > limit:
            hard.append(
                (f"/{address} can be read at {ages.ari:.1f} and {ages.coleman_liau:.1f}", hardest(sentences))
            )

    assert hard == []


@pytest.mark.parametrize("kind", [kind for kind, limit in LIMITS.items() if limit == PATIENTS])
def test_no_sentence_for_patients_is_too_long(demonstration: Path, kind: str) -> None:
    long = {
        sentence
        for address in _addresses(demonstration, kind)
        for sentence in _sentences(demonstration / address)
        if len(sentence.split()) > LONGEST
    }

    assert long == set()


def _addresses(site: Path, kind: str) -> list[str]:
    """Return some pages of a kind; of organisations, closed and merged ones as well."""
    if "*" not in kind:
        return [kind]
    found = [
        f"{path.parent.relative_to(site).as_posix()}/" for path in sorted(site.glob(f"{kind}index.html"))
    ]
    if kind == "organisations/*/":
        listed = json.loads((site / "organisations" / "index.json").read_text(encoding="utf-8"))[
            "organisations"
        ]
        gone = [
            row["url"]
            for row in listed
            if row["status"] != "open" and row["kind"] in ("practice", "provider")
        ]
        return [*found[:OF_EACH], *gone[:OF_EACH]]
    return found[:OF_EACH]


def _sentences(folder: Path) -> list[str]:
    html = (folder / "index.html").read_text(encoding="utf-8")
    html = re.sub(r'<div class="cards">.*?</section>', "", html, flags=re.DOTALL)  # the publisher's own words
    return sentences_of(html[html.index('<div class="candour-body">') : html.rindex("</article>")])
