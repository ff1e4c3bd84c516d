"""Columns of coded words, held as categoricals over the whole vocabulary so that parts can be joined."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.tables import RESULTS, Table


@cache
def words_of(column: str, table: Table = RESULTS) -> pd.CategoricalDtype:
    """Return the type of a coded column of results: its words sorted, with "" where it may be blank."""
    definition = table.column(column)
    blank = {""} if definition.blank else set()
    return pd.CategoricalDtype(sorted({*definition.vocabulary, *blank}))


@cache
def numbers_of(column: str) -> Mapping[str, int]:
    """Return the number of each word of a coded column of RESULTS."""
    return {word: number for number, word in enumerate(words_of(column).categories)}


def choose(column: str, conditions: Mapping[str, npt.NDArray[np.bool_]], otherwise: str) -> pd.Categorical:
    """Return a coded column of RESULTS: in each row the first word whose condition holds, or `otherwise`."""
    numbers = numbers_of(column)
    size = len(next(iter(conditions.values())))
    codes = np.full(size, numbers[otherwise], dtype=np.int8)
    for word, holds in reversed(list(conditions.items())):
        np.putmask(codes, holds, numbers[word])
    return from_codes(column, codes)


def from_codes(column: str, codes: npt.NDArray[np.int8]) -> pd.Categorical:
    """Return a coded column of RESULTS from the numbers of its words (`numbers_of`)."""
    return pd.Categorical.from_codes(codes, dtype=words_of(column), validate=False)


def repeat(column: str, word: str, count: int) -> pd.Categorical:
    """Return a coded column of RESULTS that holds one word in so many rows."""
    return from_codes(column, np.full(count, numbers_of(column)[word], dtype=np.int8))


def translate(values: pd.Categorical, column: str, meaning: Mapping[str, str]) -> pd.Categorical:
    """Return a coded column of RESULTS that follows from another one, word by word."""
    numbers = numbers_of(column)
    table = np.array([numbers[meaning[word]] for word in values.categories], dtype=np.int8)
    return from_codes(column, table[values.codes])


def recode(values: pd.Series, column: str) -> pd.Categorical:
    """Return the words of a column of OBSERVATIONS in the type that the same column of RESULTS has."""
    words = words_of(column)
    if isinstance(values.dtype, pd.CategoricalDtype):
        numbers = words.categories.get_indexer(values.cat.categories).astype(np.int8)
        return from_codes(column, numbers[values.cat.codes])
    return pd.Categorical(values, dtype=words)
