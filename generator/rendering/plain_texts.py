"""Texts as the finder compares them: the same letters here and in the reader's browser."""

from __future__ import annotations

import re

import pandas as pd


def plain(texts: pd.Series) -> pd.Series:
    """Return texts in small letters without accents, apostrophes and signs, as `plain` in finder.js does."""
    folded = texts.str.normalize("NFD").str.lower().str.replace(_DROPPED, "", regex=True)
    return folded.str.replace(_SIGNS, " ", regex=True)


_DROPPED = re.compile(
    "['`\u2018\u2019\u0300-\u036f]"
)  # apostrophes, and accents that NFD has parted from letters
_SIGNS = re.compile(r"[\W_]+")
