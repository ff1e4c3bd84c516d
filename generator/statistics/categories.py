"""Columns of coded words, held as categoricals over the whole vocabulary so that parts can be joined."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.model.tables import RESULTS


@cache
def words_of(column: str) -> pd.CategoricalDtype:
    """Return the type of a coded column of RESULTS: its words sorted, with "" where it may be blank."""
    definition = RESULTS.column(column)
    blank = {""} if definition.blank else set()
    return pd.CategoricalDtype(sorted({*definition.vocabulary, *blank}))


def choose(column: str, conditions: Mapping[str, npt.NDArray[np.bool_]], otherwise: str) -> pd.Categorical:
    """Return a coded column of RESULTS: in each row the first word whose condition holds, or `otherwise`."""
    words = words_of(column)
    numbers = words.categories.get_indexer(pd.Index([*conditions, otherwise]))
    codes = np.select(list(conditions.values()), list(numbers[:-1]), default=numbers[-1])
    return pd.Categorical.from_codes(codes.astype(np.int8), dtype=words)


def repeat(column: str, word: str, count: int) -> pd.Categorical:
    """Return a coded column of RESULTS that holds one word in so many rows."""
    words = words_of(column)
    return pd.Categorical.from_codes(
        np.full(count, words.categories.get_loc(word), dtype=np.int8), dtype=words
    )


def recode(values: pd.Series, column: str) -> pd.Categorical:
    """Return the words of a column of OBSERVATIONS in the type that the same column of RESULTS has."""
    words = words_of(column)
    if isinstance(values.dtype, pd.CategoricalDtype):
        numbers = words.categories.get_indexer(values.cat.categories)
        return pd.Categorical.from_codes(numbers[values.cat.codes].astype(np.int8), dtype=words)
    return pd.Categorical(values, dtype=words)
