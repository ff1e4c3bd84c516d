"""Tables as importers keep them until they are written: every cell is text, and a blank cell is ""."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd


def look_up(keys: pd.Series[str], values: Mapping[str, str] | pd.Series[str]) -> pd.Series[str]:
    """Return the value of each key, "" where there is none."""
    known = dict(values)
    return pd.Series([known.get(key, "") for key in keys], index=keys.index, dtype="str")


def stack(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the tables below each other with the columns of all; blank where a table has no such column."""
    columns = list(dict.fromkeys(column for table in tables for column in table.columns))
    return pd.concat([table.reindex(columns=columns, fill_value="") for table in tables], ignore_index=True)
