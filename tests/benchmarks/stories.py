"""What readers of a whole country meet beside its size: names that many share, closures, mergers, silence."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from datetime import date

from generator.model.vocabulary import BenchmarkKind
from tests.benchmarks import words

CLOSED, MERGED, SILENT = 21, 33, 45
"""Which practice of every hundred has closed, has merged with the next one, has never sent a figure."""


def hold_against_peers(metrics: Sequence[MutableMapping[str, object]]) -> None:
    """Compare the metrics of surveys with what similar practices reach."""
    for row in metrics:
        if row["title"] in words.SURVEYS:
            row["benchmark"] = str(BenchmarkKind.PEERS)


def tell(practices: Sequence[MutableMapping[str, object]], ends: Sequence[date]) -> set[str]:
    """Give practices the facts and fates of real ones, and return the codes of those that never send figures.

    Who closes, closes at the end of a quarter; the last quarter sees nobody close.
    """
    for number, row in enumerate(practices):
        row["name"] = _name(number) or row["name"]
        row["phone"] = f"01632 960{number % 1000:03}"
        row["accepting_patients"] = "false" if number % 9 == 4 else "true"
        row["closed_on"] = row["successor_code"] = ""
        if number % 100 in (CLOSED, MERGED):
            row["status"] = "closed" if number % 100 == CLOSED else "merged"
            row["closed_on"] = ends[number // 100 % (len(ends) - 1)].isoformat()
        if number % 100 == MERGED and number + 1 < len(practices):
            row["successor_code"] = practices[number + 1]["organisation_code"]
    return {str(row["organisation_code"]) for row in practices[SILENT::100]}


def _name(number: int) -> str:
    """Return a name that some share, as in any country; empty for the others, whose names are their own."""
    if number % 250 == 4:
        return "The Surgery"
    if number % 13 == 6:
        surname = words.BEGINNINGS[number % len(words.BEGINNINGS)] + ("son", "man", "well")[number // 13 % 3]
        return f"Dr {surname} {('and Partners', '& Associates', '')[number // 39 % 3]}".strip()
    if number % 11 == 5:
        feature = words.FEATURES[number // 11 % len(words.FEATURES)]
        return f"{feature} {words.SUFFIXES[number // 220 % len(words.SUFFIXES)]}"
    return ""
