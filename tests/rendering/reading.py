"""How hard a page's sentences are to read: the age at which a pupil of an English school can."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

BEFORE_GRADE_ONE = 5
"""Both formulas give a grade of American schools; pupils enter the first at six."""
_BLOCKS = ("p", "li", "dt", "dd", "div", "figcaption", "summary", "h1", "h2", "h3", "footer")
_UNREAD = ("a", "svg", "table", "nav", "pre", "form", "script", "style", "datalist")
"""Links, figures, codes: words, but no sentences."""
_END = re.compile(r"(?<=[.?!])\s+(?=[^a-z])")
_WORD = re.compile(r"[^\W_]+(?:[\u2019'.,-][^\W_]+)*")


@dataclass(frozen=True)
class Ages:
    """The reading age of a text by both formulas, in years."""

    ari: float
    """By the Automated Readability Index: letters in a word, words in a sentence."""
    coleman_liau: float
    """By Coleman and Liau: letters and sentences in 100 words."""

    @property
    def mean(self) -> float:
        """The mean of the two."""
        return (self.ari + self.coleman_liau) / 2


def reading_ages(sentences: Iterable[str]) -> Ages:
    """Return the reading age of some sentences taken together."""
    sentences = [*sentences]
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    letters = sum(sum(map(str.isalnum, word)) for word in words)
    ari = 4.71 * letters / len(words) + 0.5 * len(words) / len(sentences) - 21.43
    coleman_liau = 5.88 * letters / len(words) - 29.6 * len(sentences) / len(words) - 15.8
    return Ages(ari + BEFORE_GRADE_ONE, coleman_liau + BEFORE_GRADE_ONE)


def hardest(sentences: Iterable[str], count: int = 5) -> list[str]:
    """Return the sentences that are hardest to read, each with its age."""
    rated = {sentence: reading_ages([sentence]).mean for sentence in dict.fromkeys(sentences)}
    return [
        f"{rated[sentence]:.1f}: {sentence}" for sentence in sorted(rated, key=lambda it: -rated[it])[:count]
    ]


def sentences_of(html: str) -> list[str]:
    """Return the whole sentences a reader sees in a piece of a page: those of its paragraphs that end.

    Names, figures, labels and links alone are no sentences.
    """
    reader = _Paragraphs()
    reader.feed(html)
    reader.close()
    found = []
    for paragraph in reader.paragraphs:
        pieces = [piece.strip() for piece in _END.split(" ".join(paragraph.split()))]
        found += [
            piece for piece in pieces if piece.endswith((".", "?", "!")) and len(_WORD.findall(piece)) > 2
        ]
    return found


class _Paragraphs(HTMLParser):
    """Collects the text of each block."""

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs: list[str] = [""]
        self._unread = 0

    def handle_starttag(self, tag: str, _: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.paragraphs.append("")
        self._unread += tag in _UNREAD

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        if tag in _BLOCKS:
            self.paragraphs.append("")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.paragraphs[-1] += data
