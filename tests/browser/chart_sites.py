"""A small site of pages with charts, and all that their charts need, below a folder of the host."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from generator.model.pages import SiteFile
from generator.publishing import kept_text, write_file
from generator.rendering import Edition, PageReference
from tests.rendering.editions import TEMPLATES

ASSETS = TEMPLATES / "theme" / "assets"
STYLES = ("candour.css", "pages.css", "charts.css", "services.css", "explore.css")
SCRIPTS = ("explore.js", "picture.js")
KEPT = Path(__file__).parents[2] / ".candour"


def write_site(folder: Path, edition: Edition, *references: PageReference) -> None:
    """Write these pages with their files, and the frame in which charts are explored, below `quality/`."""
    files = [SiteFile(f"assets/{name}", (ASSETS / name).read_bytes()) for name in (*STYLES, *SCRIPTS)]
    files += [*edition.sheets, *edition.frame_files(partial(kept_text, KEPT))]
    for reference in references:
        page = edition.make_page(reference)
        root = "../" * page.depth
        links = "".join(f'<link rel="stylesheet" href="{root}assets/{name}">' for name in STYLES)
        scripts = "".join(f'<script src="{root}assets/{name}" defer></script>' for name in SCRIPTS)
        html = (
            f'<!doctype html><html lang="en"><title>{page.title}</title>'
            f'<link rel="icon" href="data:,">{links}'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<body class="md-typeset" data-md-color-scheme="candour-light"><h1>{page.heading}</h1>'
            f"{page.body}{scripts}</body></html>"
        )
        files += [SiteFile(f"{page.address}index.html", html.encode()), *edition.downloads_of(reference)]
    for file in files:
        write_file(folder / "quality", file)
