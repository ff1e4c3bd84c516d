"""Keys: each row once, within a file and across the packages of a release."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import Draft, key_of
from generator.model.release import SOURCE_FILE, SOURCE_ROW


@check(
    "KEY_DUPLICATE",
    title="No two rows of a table have the same key, except where two packages give the same row alike",
    advice="Keep one of the rows; if both are meant, something in their key must differ.",
)
def keys_are_unique(draft: Draft) -> Iterator[Finding]:
    """Find the rows whose key stands in an earlier row too."""
    for name, frame in draft.tables.items():
        files = frame[SOURCE_FILE]
        for label, first in _repeats(frame, _key_numbers(frame, key_of(name))):
            if files[label] == files[first]:
                yield Finding(name, label, _shown(name), "the same key in two rows", other_rows=(first,))
            else:
                column = _first_difference(frame, label, first)
                reason = "two packages give this row, and disagree"
                yield Finding(name, label, column, reason, other_rows=(first,))


@check(
    "KEY_NEAR_DUPLICATE",
    title="No two keys are alike but for spaces, capitals or the form of their letters",
    advice="Write both in the same way if they mean the same; make them plainly different if not.",
)
def keys_are_plainly_different(draft: Draft) -> Iterator[Finding]:
    """Find the rows whose key equals another's once trimmed, in lower case and in NFKC."""
    for name, frame in draft.tables.items():
        key = key_of(name)
        folded = {column: _folded(frame[column]) for column in key if frame[column].dtype.kind not in "Mfb"}
        if not any(codes is not None for codes in folded.values()):
            continue
        plain = frame.assign(**{column: codes for column, codes in folded.items() if codes is not None})
        exact = _key_numbers(frame, key)
        for label, first in _repeats(plain, _key_numbers(plain, key)):
            if exact[frame.index.get_loc(label)] != exact[frame.index.get_loc(first)]:
                reason = "equal to another key but for spaces, capitals or the form of its letters"
                yield Finding(name, label, _shown(name), reason, other_rows=(first,))


def _key_numbers(frame: pd.DataFrame, key: tuple[str, ...]) -> NDArray[np.int64]:
    """Return a number for each row that is the same where keys are the same."""
    columns = [frame[name] for name in key]
    if len(frame) and all(isinstance(column.dtype, pd.CategoricalDtype) for column in columns):
        sizes = tuple(len(column.cat.categories) for column in columns)
        if np.prod([float(size) for size in sizes]) < 2**62:
            codes = tuple(column.cat.codes.to_numpy().astype(np.int64) for column in columns)
            return np.asarray(np.ravel_multi_index(codes, sizes), dtype=np.int64)
    groups = frame.groupby(list(key), dropna=False, sort=False, observed=True).ngroup()
    return np.asarray(groups, dtype=np.int64)


def _repeats(frame: pd.DataFrame, numbers: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Yield the label of each row whose number stood before, with the label of the first row that has it."""
    repeated = np.flatnonzero(pd.Series(numbers).duplicated().to_numpy())
    if not len(repeated):
        return
    distinct, first = np.unique(numbers, return_index=True)
    labels = frame.index.to_numpy()
    earlier = labels[first[np.searchsorted(distinct, numbers[repeated])]]
    yield from zip(labels[repeated].tolist(), earlier.tolist(), strict=True)


def _folded(column: pd.Series[Any]) -> pd.Series[Any] | None:
    """Return the column with each text folded; None where no two texts become the same."""
    texts = column.unique().tolist()
    folded = {text: unicodedata.normalize("NFKC", text).strip().casefold() for text in texts}
    if len(set(folded.values())) == len(texts):
        return None
    return column.astype("str").map(folded)


def _first_difference(frame: pd.DataFrame, label: int, other: int) -> str:
    """Return the first column in which two rows differ; two missing cells are the same."""
    pair = frame.drop(columns=[SOURCE_FILE, SOURCE_ROW]).loc[[label, other]]
    return next(str(name) for name in pair.columns if pair[name].nunique(dropna=False) > 1)


def _shown(table: str) -> str:
    return ", ".join(key_of(table))
