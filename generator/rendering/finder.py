"""What the finder reads in the browser: small static files of all organisations, and Pagefind's stub pages.

The finder's program (`site_templates/theme/assets/finder.js`) fetches the manifest when somebody first types.
The manifest names fingerprinted *shards*. A shard is columnar, because equal things compress best side by
side: one file with names, towns and postcodes, enough to find by, and one with addresses and services.

Up to `shard_above` organisations there is one shard, under the empty key. Above, a shard holds those that
have a word beginning with its key, and keys grow until each holds few enough. The browser then reads only the
shards of the words typed. A word that too many share (Surgery) is no key: nobody is found by it alone.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from markupsafe import escape

from generator.model.pages import SiteFile
from generator.rendering.records import AREA_KINDS
from generator.rendering.towns import town_of

MANIFEST = "finder/manifest.json"
"""Where the finder starts reading, below the site's root: a fixed name, whose content names all others."""
INDEX = "organisations/index.json"
"""The list of all organisations for other people's tools (contract)."""
SHARD_ABOVE = 20_000
"""How many organisations a file may hold."""


Positions = npt.NDArray[np.int64]
"""Rows, as positions in the table."""


@dataclass(frozen=True)
class TextEntry:
    """One page as full-text search knows it. All texts are plain."""

    url: str
    """Address below the site's root, ending in a slash."""
    title: str
    text: str
    kind: str
    """What the page is, as a reader would say: Measure, Service, Area, Guide."""


def finder_files(
    organisations: pd.DataFrame,
    postcodes: pd.DataFrame,
    *,
    label_of: Callable[[str, str], str],
    services_of: Mapping[str, Sequence[str]],
    shard_above: int = SHARD_ABOVE,
) -> list[SiteFile]:
    """Return the finder's manifest and shards for these ORGANISATIONS, open, closed and merged alike.

    `label_of` words a kind and level (Integrated care board). `services_of` maps a code to titles of
    services, by which it is found too. With POSTCODES the finder can tell what is near.
    """
    rows = organisations.sort_values("organisation_code", kind="stable", ignore_index=True)
    columns = _Columns.of(rows, services_of)
    manifest: dict[str, Any] = {
        "count": len(rows),
        "kinds": [
            {"label": label_of(*kind), "folder": _folder_of(kind[0])} for kind in columns.kinds_of_place
        ],
        "shards": {},
        "postcodes": "",
    }
    files: dict[str, SiteFile] = {}  # by path: two keys may stand for the same organisations
    for key, members in _shards(columns, shard_above).items():
        parts = [
            _fingerprinted("finder/organisations", columns.found_by(members)),
            _fingerprinted("finder/addresses", columns.told_more(members)),
        ]
        files.update((part.path, part) for part in parts)
        manifest["shards"][key] = {"rows": len(members), "files": [part.path for part in parts]}
    if len(postcodes):
        centres = _fingerprinted("finder/postcodes", _centres(postcodes))
        files[centres.path] = centres
        manifest["postcodes"] = centres.path
    return [SiteFile(MANIFEST, _compact(manifest)), *files.values()]


def organisation_index(organisations: pd.DataFrame, *, shard_above: int = SHARD_ABOVE) -> list[SiteFile]:
    """Return the list of all ORGANISATIONS for other people's tools (contract), ordered by code.

    The index holds the organisations themselves; above `shard_above` it names the files beside it that do.
    """
    rows = organisations.sort_values("organisation_code", kind="stable", ignore_index=True)
    listed = [
        {
            "code": str(row["organisation_code"]),
            "name": row["name"],
            "kind": row["kind"],
            "status": row["status"],
            "postcode": row["postcode"],
            "url": f"{_folder_of(row['kind'])}{str(row['organisation_code']).lower()}/",
        }
        for row in rows[["organisation_code", "name", "kind", "status", "postcode"]].to_dict("records")
    ]
    head = {"contract": 1, "count": len(listed)}
    if len(listed) <= shard_above:
        return [SiteFile(INDEX, _compact({**head, "organisations": listed}))]
    parts = [
        SiteFile(
            f"organisations/index-{number}.json",
            _compact({"contract": 1, "organisations": listed[start : start + shard_above]}),
        )
        for number, start in enumerate(range(0, len(listed), shard_above), start=1)
    ]
    names = [part.path.removeprefix("organisations/") for part in parts]
    return [SiteFile(INDEX, _compact({**head, "parts": names})), *parts]


def stub_pages(entries: Iterable[TextEntry]) -> list[SiteFile]:
    """Return one bare page an entry, at its address: what Pagefind reads in place of the finished page."""
    return [
        SiteFile(
            f"{entry.url}index.html",
            (
                f'<!doctype html>\n<html lang="en"><head><title>{escape(entry.title)}</title></head>'
                f"<body data-pagefind-body><h1>{escape(entry.title)}</h1>"
                f'<p data-pagefind-meta="kind" data-pagefind-ignore="index">{escape(entry.kind)}</p>'
                f"<p>{escape(entry.text)}</p></body></html>\n"
            ).encode(),
        )
        for entry in entries
    ]


@dataclass(frozen=True)
class _Columns:
    """The organisations' columns, aligned, in the order of their codes."""

    rows: pd.DataFrame
    towns: pd.Series
    areas: pd.Series
    kinds_of_place: tuple[tuple[str, str], ...]
    """Kind and level, sorted."""
    kinds: npt.NDArray[np.int64]
    """Each row's position among them."""
    services: pd.Series
    """Titles, joined by semicolons."""

    @classmethod
    def of(cls, rows: pd.DataFrame, services_of: Mapping[str, Sequence[str]]) -> _Columns:
        names = rows.set_index("organisation_code")["name"]
        places = list(zip(rows["kind"], rows["level"], strict=True))
        kinds = tuple(sorted(set(places)))
        order = {kind: position for position, kind in enumerate(kinds)}
        addresses = rows["address"].astype(object)
        towns = {address: town_of(address) for address in addresses.unique()}
        return cls(
            rows,
            addresses.map(towns).astype(object),
            rows["parent_code"].map(names).fillna("").astype(object),
            kinds,
            np.array([order[place] for place in places], dtype=np.int64),
            rows["organisation_code"].map(lambda code: "; ".join(services_of.get(code, ()))).astype(object),
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
            "area": _dictionary(self.areas.iloc[members]),
            **_coordinates(rows),
        }

    def told_more(self, members: Positions) -> dict[str, Any]:
        """Return what it shows of them, and finds them by once that has arrived."""
        services = self.services.iloc[members]
        return {
            "address": self.rows["address"].iloc[members].tolist(),
            **({"services": _dictionary(services)} if services.any() else {}),
        }

    def words(self) -> pd.DataFrame:
        """Return every word by which an organisation is found, once: columns row and word."""
        postcode = self.rows["postcode"]
        texts = [
            self.rows["name"],
            self.rows["address"],
            self.towns,
            self.areas,
            self.services,
            self.rows["organisation_code"],
            postcode,
            postcode.str.replace(" ", "", regex=False),
        ]
        joined = texts[0].astype(object)
        for text in texts[1:]:
            joined = joined + " " + text.astype(object)
        words = _plain(joined).str.split().explode().dropna()
        table = pd.DataFrame({"row": words.index.to_numpy(), "word": words.to_numpy()})
        return table.drop_duplicates(ignore_index=True)


def _shards(columns: _Columns, shard_above: int) -> dict[str, Positions]:
    """Return the positions of each shard's organisations by its key, in the order of the keys."""
    if len(columns.rows) <= shard_above:
        return {"": np.arange(len(columns.rows))}
    shards: dict[str, Positions] = {}
    undecided = columns.words()
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


def _small_groups(words: pd.DataFrame, key: pd.Series, at_most: int) -> dict[str, Positions]:
    """Return the rows that have a word of each key, for the keys that few enough have."""
    pairs = pd.DataFrame({"key": key, "row": words["row"]}).drop_duplicates()
    few = pairs.groupby("key")["row"].transform("size") <= at_most
    return {str(name): np.sort(group.to_numpy()) for name, group in pairs[few].groupby("key")["row"]}


def _folder_of(kind: str) -> str:
    return "areas/" if kind in AREA_KINDS else "organisations/"


def _dictionary(texts: pd.Series) -> dict[str, list[Any]]:
    """Return a column of few different texts as those texts, sorted, and each row's position among them."""
    positions, found = pd.factorize(texts, sort=True)
    return {"texts": found.tolist(), "of": positions.tolist()}


def _coordinates(rows: pd.DataFrame) -> dict[str, list[float | None]]:
    """Return latitude and longitude to about 100 metres, or nothing where no organisation has any."""
    if rows["latitude"].isna().all():
        return {}
    return {column: _rounded(rows[column]) for column in ("latitude", "longitude")}


def _centres(postcodes: pd.DataFrame) -> dict[str, list[Any]]:
    ordered = postcodes.sort_values("postcode", kind="stable")
    return {
        "postcode": ordered["postcode"].tolist(),
        "latitude": _rounded(ordered["latitude"]),
        "longitude": _rounded(ordered["longitude"]),
    }


def _rounded(degrees: pd.Series) -> list[float | None]:
    return [None if math.isnan(value) else value for value in degrees.astype(float).round(3).tolist()]


def _plain(texts: pd.Series) -> pd.Series:
    """Return texts in small letters without accents, apostrophes and signs, as `plain` in finder.js does."""
    folded = texts.str.normalize("NFD").str.lower().str.replace(_DROPPED, "", regex=True)
    return folded.str.replace(_SIGNS, " ", regex=True)


def _fingerprinted(name: str, content: Mapping[str, Any]) -> SiteFile:
    """Return a JSON file whose name changes with its content, so that browsers may keep it for ever."""
    written = _compact(content)
    return SiteFile(f"{name}.{hashlib.sha256(written).hexdigest()[:12]}.json", written)


def _compact(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


_DROPPED = re.compile(
    "['`\u2018\u2019\u0300-\u036f]"
)  # apostrophes, and accents that NFD has parted from letters
_SIGNS = re.compile(r"[\W_]+")
