"""References: every code that a row names is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import Draft
from generator.model.tables import ALL_PATIENTS, BUILT_IN_KINDS, INPUT_TABLES

OF_KINDS = (("organisations", "kind"), ("metrics", "applies_to"))
"""Columns that name a kind of organisation."""


@check(
    "REF_UNKNOWN_CODE",
    title="Every code and identifier that a row names is listed in its own table",
    advice="Correct the code, or list what it names in its own table.",
)
def references_are_known(draft: Draft) -> Iterator[Finding]:
    """Find the cells that name a key which no row has; blanks are no references."""
    for name, table in INPUT_TABLES.items():
        for reference in table.references:
            # A period has a code of its own; a table that could not be read knows nothing.
            if reference.table == "periods" or reference.table in draft.broken:
                continue
            known = set(draft[reference.table][reference.target])
            if reference.column == "breakdown_id":
                known.add(ALL_PATIENTS)
            yield from _unknown(draft, name, reference.column, known, reference.table)


@check(
    "REF_UNKNOWN_CODE",
    title="Every kind of organisation is built in or declared in `kinds`",
    advice=f"Use {', '.join(BUILT_IN_KINDS)}, or declare the kind in `kinds`.",
    needs=("kinds",),
)
def kinds_are_known(draft: Draft) -> Iterator[Finding]:
    """Find the organisations and metrics of a kind that nobody declares."""
    known = {*BUILT_IN_KINDS, *draft["kinds"]["kind"]}
    for name, column in OF_KINDS:
        yield from _unknown(draft, name, column, known, "kinds")


def _unknown(draft: Draft, name: str, column: str, known: set[str], table: str) -> Iterator[Finding]:
    frame = draft[name]
    cells = frame[column]
    unknown = [text for text in cells.unique().tolist() if text and text not in known]
    if not unknown:
        return
    # What the screen refused has been reported, with a better reason.
    rows: NDArray[np.bool_] = cells.isin(unknown).to_numpy() & ~draft.is_faulty(name, column)
    reasons = {text: f"not listed in {table}{_hint(text, known)}" for text in unknown}
    for label, text in zip(frame.index[rows].tolist(), _texts(cells[rows]), strict=True):
        yield Finding(name, label, column, reasons[text])


def _texts(cells: pd.Series[Any]) -> list[str]:
    return [str(text) for text in cells.tolist()]


def _hint(text: str, known: set[str]) -> str:
    """Return what probably happened to the code, where one that is known tells."""
    without_zeros = text.lstrip("0")
    if text.isdigit() and any(code.lstrip("0") == without_zeros for code in known):
        return "; leading zeros may have been lost"
    if any(code.casefold() == text.casefold() for code in (known if len(known) < _FEW else ())):
        return "; one that differs in capitals is"
    return ""


_FEW = 1_000
