"""The frame in which charts are explored: a page of its own, with Vega in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from generator.model.pages import SiteFile
from generator.rendering import charts
from generator.rendering.templates import Templates

FOLDER = "assets/explore"
"""Where the frame lies that draws what is explored."""

Keep = Callable[[str, Callable[[], str]], str]
"""Returns the text kept under a name from build to build; made by the function where there is none."""


def frame_files(templates: Templates, keep: Keep) -> list[SiteFile]:
    """Return the frame that draws what is explored: a page, a style, one script, and whose work that is."""
    own, style = templates.source("frame/frame.js"), templates.source("frame/frame.css")
    version = charts.bundle_version()
    fingerprint = hashlib.sha256(own.encode()).hexdigest()[:10]
    script = keep(f"vega-{version}-{fingerprint}.js", lambda: charts.bundle(own)).encode()
    scripts = f"frame.{hashlib.sha256(script).hexdigest()[:10]}.js"
    styles = f"frame.{hashlib.sha256(style.encode()).hexdigest()[:10]}.css"
    page = templates.text("frame/frame.html", {"script": scripts, "style": styles})
    return [
        SiteFile(f"{FOLDER}/{name}", content)
        for name, content in (
            ("frame.html", page.encode()),
            (scripts, script),
            (styles, style.encode()),
            ("licences.txt", templates.source("frame/licences.txt").encode()),
        )
    ]
