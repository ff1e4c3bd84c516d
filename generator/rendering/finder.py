"""What the finder reads in the browser: small static files of all organisations, and Pagefind's stub pages.

The finder's program (`site_templates/theme/assets/finder.js`) fetches the manifest when somebody first types.
The manifest holds the program's words and names fingerprinted *shards*. A shard is columnar, because equal
things compress best side by side: one file with names, towns, postcodes and positions, enough to find by, and
one with addresses and what else a reader is told, which comes once the first answer stands.

Up to `shard_above` organisations there is one shard, under the empty key. Above, a shard holds those that
have a word beginning with its key, and keys grow until each holds few enough. The browser then reads only the
shards of the words typed. A word that too many share (Surgery) is no key: nobody is found by it alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import escape

from generator.model.pages import SiteFile
from generator.rendering.finder_columns import Columns
from generator.rendering.finder_places import middles_by_first_letter, with_places
from generator.rendering.records import AREA_KINDS

MANIFEST = "finder/manifest.json"
"""Where the finder starts reading, below the site's root: a fixed name, whose content names all others."""
INDEX = "organisations/index.json"
"""The list of all organisations for other people's tools (contract)."""
SHARD_ABOVE = 20_000
"""How many organisations a file may hold."""


@dataclass(frozen=True)
class TextEntry:
    """One page as full-text search knows it. All texts are plain."""

    url: str
    """Address below the site's root, ending in a slash."""
    title: str
    text: str
    kind: str
    """What the page is, as a reader would say: Measure, Service, Area, Guide."""
    about: str
    """What is told of it where it is found: a sentence or two."""


def finder_files(
    organisations: pd.DataFrame,
    postcodes: pd.DataFrame,
    *,
    label_of: Callable[[str, str], str],
    services: Mapping[str, str],
    services_of: Mapping[str, Sequence[str]],
    happened_to: Mapping[str, str],
    other_areas_of: Mapping[str, Sequence[str]],
    words: Mapping[str, str],
    shard_above: int = SHARD_ABOVE,
) -> list[SiteFile]:
    """Return the finder's manifest and shards for these ORGANISATIONS, open, closed and merged alike.

    `label_of` words a kind and level (Integrated care board). `services` are titles by identifier;
    `services_of` maps a code to the services by which it is found too. `happened_to` says what became of
    those that are no longer open; `other_areas_of` are the areas a search can be narrowed down to beside the
    parents; `words` are the program's. With POSTCODES the finder can tell what is near.
    """
    rows = with_places(
        organisations.sort_values("organisation_code", kind="stable", ignore_index=True), postcodes
    )
    columns = Columns.of(
        rows,
        services=services,
        services_of=services_of,
        happened_to=happened_to,
        other_areas_of=other_areas_of,
    )
    manifest: dict[str, Any] = {
        "count": len(rows),
        "words": dict(words),
        "kinds": [
            {"label": label_of(kind, level), "folder": _folder_of(kind), "kind": kind}
            for kind, level in columns.kinds_of_place
        ],
        "services": dict(services),
        "shards": {},
        "postcodes": {},
    }
    files: dict[str, SiteFile] = {}  # by path: two keys may stand for the same organisations
    for key, members in columns.shards(shard_above).items():
        parts = [
            _fingerprinted("finder/organisations", columns.found_by(members)),
            _fingerprinted("finder/addresses", columns.told_more(members)),
        ]
        files.update((part.path, part) for part in parts)
        manifest["shards"][key] = {"rows": len(members), "files": [part.path for part in parts]}
    for letter, middles in middles_by_first_letter(postcodes):
        file = _fingerprinted("finder/postcodes", middles)
        files[file.path] = file
        manifest["postcodes"][letter] = file.path
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
                f'<p data-pagefind-meta="about" data-pagefind-ignore="index">{escape(entry.about)}</p>'
                f"<p>{escape(entry.text)}</p></body></html>\n"
            ).encode(),
        )
        for entry in entries
    ]


def _folder_of(kind: str) -> str:
    return "areas/" if kind in AREA_KINDS else "organisations/"


def _fingerprinted(name: str, content: Mapping[str, Any]) -> SiteFile:
    """Return a JSON file whose name changes with its content, so that browsers may keep it for ever."""
    written = _compact(content)
    return SiteFile(f"{name}.{hashlib.sha256(written).hexdigest()[:12]}.json", written)


def _compact(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
