"""The finder's columns, aligned: what it finds organisations by, what it tells of them, and their shards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from generator.rendering.finder_places import MIDDLE, rounded
from generator.rendering.plain_texts import plain
from generator.rendering.towns import town_of

Positions = npt.NDArray[np.int64]
"""Rows, as positions in the table."""


@dataclass(frozen=True)
class Columns:
    """The organisations' columns, aligned, in the order of their codes."""

    rows: pd.DataFrame
    towns: pd.Series
    names: Mapping[str, str]
    """Of every organisation, by code."""
    parents: Mapping[str, str]
    """Code of the main parent, by code; "" where there is none."""
    kinds_of_place: tuple[tuple[str, str], ...]
    """Kind and level, sorted."""
    kinds: Positions
    """Each row's position among them."""
    services: pd.Series
    """Identifiers, joined by spaces."""
    service_titles: pd.Series
    """Joined by semicolons."""
    happened: pd.Series
    """What became of those that are no longer open, as a sentence."""
    other_areas: pd.Series
    """Codes of the areas of other trees, joined by spaces."""

    @classmethod
    def of(
        cls,
        rows: pd.DataFrame,
        *,
        services: Mapping[str, str],
        services_of: Mapping[str, Sequence[str]],
        happened_to: Mapping[str, str],
        other_areas_of: Mapping[str, Sequence[str]],
    ) -> Columns:
        """Return the columns of these ORGANISATIONS, which are ordered by code."""
        codes = rows["organisation_code"].astype(object)
        names = dict(zip(codes, rows["name"], strict=True))
        parents = {
            code: parent if parent in names else ""
            for code, parent in zip(codes, rows["parent_code"], strict=True)
        }
        places = list(zip(rows["kind"], rows["level"], strict=True))
        kinds = tuple(sorted(set(places)))
        order = {kind: position for position, kind in enumerate(kinds)}
        addresses = rows["address"].astype(object)
        towns = {address: town_of(address) for address in addresses.unique()}
        return cls(
            rows,
            addresses.map(towns).astype(object),
            names,
            parents,
            kinds,
            np.array([order[place] for place in places], dtype=np.int64),
            codes.map(lambda code: " ".join(services_of.get(code, ()))),
            codes.map(lambda code: "; ".join(services[service] for service in services_of.get(code, ()))),
            codes.map(lambda code: happened_to.get(code, "")),
            codes.map(lambda code: " ".join(other_areas_of.get(code, ()))),
        )

    def found_by(self, members: Positions) -> dict[str, Any]:
        """Return what a browser needs to find these organisations."""
        rows = self.rows.iloc[members]
        return {
            "code": rows["organisation_code"].tolist(),
            "name": rows["name"].tolist(),
            "postcode": rows["postcode"].tolist(),
            "status": "".join(rows["status"].str[0]),  # o, c or m
            "kind": self.kinds[members].tolist(),
            "town": _dictionary(self.towns.iloc[members]),
            "area": self._areas(rows["organisation_code"].tolist()),
            **_coordinates(rows),
        }

    def told_more(self, members: Positions) -> dict[str, Any]:
        """Return what it shows of them, and finds them by once that has arrived.

        `accepting` has a letter for each: y takes new patients, n does not, - is not known. `happened` is by
        position, because most are open.
        """
        rows = self.rows.iloc[members]
        services, happened = self.services.iloc[members], self.happened.iloc[members]
        other_areas = self.other_areas.iloc[members]
        accepting = rows["accepting_patients"].map({True: "y", False: "n"}).fillna("-")
        return {
            "address": rows["address"].tolist(),
            **({"phone": rows["phone"].tolist()} if rows["phone"].any() else {}),
            **({"accepting": "".join(accepting)} if (accepting != "-").any() else {}),
            **({"services": _dictionary(services)} if services.any() else {}),
            **({"areas": _dictionary(other_areas)} if other_areas.any() else {}),
            **(
                {"happened": {str(at): text for at, text in enumerate(happened) if text}}
                if happened.any()
                else {}
            ),
        }

    def shards(self, shard_above: int) -> dict[str, Positions]:
        """Return the positions of each shard's organisations by its key, in the order of the keys."""
        if len(self.rows) <= shard_above:
            return {"": np.arange(len(self.rows))}
        shards: dict[str, Positions] = {}
        undecided = self._words()
        length = 1
        while len(undecided):
            key = undecided["word"].str[:length]
            shards.update(_small_groups(undecided, key, shard_above))
            undecided = undecided[~key.isin(shards.keys())]
            # A word that ends here has a shard to itself: its longer neighbours move on to longer keys.
            ends = undecided["word"].str.len() == length
            shards.update(_small_groups(undecided[ends], undecided.loc[ends, "word"], shard_above))
            undecided = undecided[~ends]
            length += 1
        return dict(sorted(shards.items()))

    def _areas(self, codes: Sequence[str]) -> dict[str, list[Any]]:
        """Return the parents of these organisations and all above them, each with the position of its own.

        The first, at position 0, stands for no parent. The names of those that are among these organisations
        stand with them.
        """
        listed = {""}
        members = set(codes)
        for code in codes:
            above = self.parents[code]
            while above not in listed:
                listed.add(above)
                above = self.parents[above]
        ordered = sorted(listed)
        position = {code: place for place, code in enumerate(ordered)}
        return {
            "codes": ordered,
            "texts": ["" if code in members else self.names.get(code, "") for code in ordered],
            "above": [position[self.parents.get(code, "")] for code in ordered],
            "of": [position[self.parents[code]] for code in codes],
        }

    def _words(self) -> pd.DataFrame:
        """Return every word by which an organisation is found, once: columns row and word."""
        postcode = self.rows["postcode"]
        parents = self.rows["organisation_code"].map(self.parents).map(self.names).fillna("")
        texts = [
            self.rows["name"],
            self.rows["address"],
            self.towns,
            parents,
            self.service_titles,
            self.rows["organisation_code"],
            postcode,
            postcode.str.replace(" ", "", regex=False),
        ]
        joined = texts[0].astype(object)
        for text in texts[1:]:
            joined = joined + " " + text.astype(object)
        words = plain(joined).str.split().explode().dropna()
        table = pd.DataFrame({"row": words.index.to_numpy(), "word": words.to_numpy()})
        return table.drop_duplicates(ignore_index=True)


def _small_groups(words: pd.DataFrame, key: pd.Series, at_most: int) -> dict[str, Positions]:
    """Return the rows that have a word of each key, for the keys that few enough have."""
    pairs = pd.DataFrame({"key": key, "row": words["row"]}).drop_duplicates()
    few = pairs.groupby("key")["row"].transform("size") <= at_most
    return {str(name): np.sort(group.to_numpy()) for name, group in pairs[few].groupby("key")["row"]}


def _dictionary(texts: pd.Series) -> dict[str, list[Any]]:
    """Return a column of few different texts as those texts, sorted, and each row's position among them."""
    positions, found = pd.factorize(texts, sort=True)
    return {"texts": found.tolist(), "of": positions.tolist()}


def _coordinates(rows: pd.DataFrame) -> dict[str, Any]:
    """Return latitude and longitude to about 100 metres, or nothing where no organisation has any.

    `placed` has a letter for each where some are known only by the middle of their postcode.
    """
    if rows["latitude"].isna().all():
        return {}
    return {
        **{column: rounded(rows[column]) for column in ("latitude", "longitude")},
        **({"placed": "".join(rows["placed"])} if (rows["placed"] == MIDDLE).any() else {}),
    }
