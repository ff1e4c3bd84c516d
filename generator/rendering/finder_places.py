"""Where the finder's organisations are, and the middles of postcodes that a search can start from.

The browser learns each organisation's position with its name, so that it needs the middle of one postcode
only: the one typed. Middles therefore stand in a file for each first letter, of which it reads one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from generator.rendering.plain_texts import plain

OWN, MIDDLE, NOWHERE = "o", "m", "-"


def with_places(organisations: pd.DataFrame, postcodes: pd.DataFrame) -> pd.DataFrame:
    """Return ORGANISATIONS with the column placed, and with positions for those that POSTCODES can place.

    `placed` tells what a position is: the organisation's own, or the middle of its postcode's sector or first
    half; `-` where none is known.
    """
    postcode = plain(organisations["postcode"].astype(object))
    own = organisations["latitude"].notna() & organisations["longitude"].notna()
    middles = postcodes[["latitude", "longitude"]].astype(float)
    middles.index = pd.Index(plain(postcodes["postcode"].astype(object)))
    sector = postcode.str.extract(r"^(\S+ \d)", expand=False)
    first_half = postcode.str.extract(r"^(\S+)", expand=False)
    placed = organisations.assign(placed=own.map({True: OWN, False: NOWHERE}))
    for part in (sector, first_half):
        found = (placed["placed"] == NOWHERE) & part.isin(middles.index)
        for column in ("latitude", "longitude"):
            placed.loc[found, column] = part[found].map(middles[column])
        placed.loc[found, "placed"] = MIDDLE
    return placed


def middles_by_first_letter(postcodes: pd.DataFrame) -> Iterator[tuple[str, dict[str, list[Any]]]]:
    """Yield the middles of postcodes that begin alike, in columns, with the sign they begin with."""
    ordered = postcodes.sort_values("postcode", kind="stable")
    for letter, rows in ordered.groupby(plain(ordered["postcode"].astype(object)).str[:1], sort=True):
        yield (
            str(letter),
            {
                "postcode": rows["postcode"].tolist(),
                "latitude": rounded(rows["latitude"]),
                "longitude": rounded(rows["longitude"]),
            },
        )


def rounded(degrees: pd.Series) -> list[float | None]:
    """Return degrees to about 100 metres; None where there are none."""
    return [None if math.isnan(value) else value for value in degrees.astype(float).round(3).tolist()]
