"""Small sites with nothing but search on them: the header's box, the find page, the files they read."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from generator.model.pages import SiteFile
from generator.publishing.fulltext import write_full_text
from generator.rendering.find_pages import FINDER_WORDS, script_words
from generator.rendering.finder import TextEntry, finder_files, stub_pages
from generator.rendering.templates import Templates

TEMPLATES = Path(__file__).parents[1] / "site_templates"

FIND_PAGE = {
    "root": "../",
    "levels": (),
    "kinds": (("practice", ""), ("provider", "")),
    "services": (("severe-asthma", "Severe asthma"),),
    "most_areas": 200,
    "miles": (1, 2, 5),
    "most": 5,
}
"""What the find page's template receives where there are no areas."""
WORDS = script_words(Templates(TEMPLATES), "find", FINDER_WORDS)
ASSETS = ("candour.css", "finder.css", "page-find.css", "finder.js", "finder_box.js", "page-find.js")
LABELS = {"practice": "GP practice", "provider": "Hospital provider"}

TEXTS = (
    TextEntry(
        *("metrics/blood-pressure/", "Blood pressure checks", "How many had a reading.", "Measure"),
        "Is blood pressure checked?",
    ),
    TextEntry(
        *("glossary/", "Glossary", "Hypertension is high <b>blood</b> pressure & more.", "Guide"),
        "Words & signs <explained>.",
    ),
)


def make_organisations(rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Return ORGANISATIONS of these rows; what a row leaves out is an open practice's."""
    blank = {
        "kind": "practice",
        "level": "",
        "parent_code": "",
        "status": "open",
        "address": "",
        "postcode": "",
        "phone": "",
        "accepting_patients": pd.NA,
    }
    table = pd.DataFrame([{**blank, "latitude": np.nan, "longitude": np.nan, **row} for row in rows])
    return table.astype({"latitude": float, "longitude": float, "accepting_patients": "boolean"})


def make_postcodes(centres: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """Return POSTCODES of these centres (latitude, longitude)."""
    rows = [(postcode, *centre) for postcode, centre in centres.items()]
    return pd.DataFrame(rows, columns=["postcode", "latitude", "longitude"])


def write_search_site(
    folder: Path,
    organisations: pd.DataFrame,
    postcodes: pd.DataFrame,
    *,
    services: Mapping[str, str] | None = None,
    services_of: Mapping[str, Sequence[str]] | None = None,
    happened_to: Mapping[str, str] | None = None,
    other_areas_of: Mapping[str, Sequence[str]] | None = None,
    shard_above: int = 20_000,
) -> None:
    """Write a site of two pages, `index.html` and `find/index.html`, on which search works."""
    files = finder_files(
        organisations,
        postcodes,
        label_of=lambda kind, _: LABELS.get(kind, kind.capitalize()),
        services=services or {},
        services_of=services_of or {},
        happened_to=happened_to or {},
        other_areas_of=other_areas_of or {},
        words=WORDS,
        shard_above=shard_above,
    )
    pages = [
        SiteFile("index.html", _page("", "<p>Home</p>")),
        SiteFile("find/index.html", _page("../", Templates(TEMPLATES).page("find", FIND_PAGE))),
    ]
    for file in [*files, *pages]:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
    for name in ASSETS:
        shutil.copyfile(TEMPLATES / "theme" / "assets" / name, folder / name)
    write_full_text(folder, stub_pages(TEXTS))


def _page(root: str, body: str) -> bytes:
    box = _environment.get_template("partials/finder.html").render(
        root=root or "./", candour={"find": Templates(TEMPLATES).wording("find")}
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Search</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">{_linked(root)}</head>
<body data-md-color-scheme="candour-auto"><header><div class="candour-find">{box}</div></header>
<main><h1>Search</h1>{body}</main></body></html>
""".encode()


def _linked(root: str) -> str:
    tags = [
        f'<link rel="stylesheet" href="{root}{name}">'
        if name.endswith(".css")
        else f'<script src="{root}{name}" defer></script>'
        for name in ASSETS
    ]
    return "\n".join(tags)


_environment = Environment(
    loader=FileSystemLoader(TEMPLATES / "theme"), autoescape=True, undefined=StrictUndefined
)
