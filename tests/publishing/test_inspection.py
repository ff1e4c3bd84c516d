"""The last look at finished pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.publishing.inspection import HEAVIEST, inspect

GOOD = "<html><body><h1 id=a>One</h1></body></html>"


def codes_of(site: Path, pages: dict[str, str]) -> list[tuple[str, str]]:
    for name, html in pages.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(html)
    found = inspect(site, {"page": list(pages)}, [], frozenset({"known()"}), follows_others=True)
    return [(finding.code, finding.file) for finding in found]


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("<script>known()</script>", ""),
        ("<script>strange()</script>", "RND_CSP"),
        ('<p style="color: red">', "RND_CSP"),
        ('<img src="//elsewhere.example/a.png">', "RND_THIRD_PARTY"),
        ('<link rel="stylesheet" href="https://elsewhere.example/a.css">', "RND_THIRD_PARTY"),
        ('<a href="https://elsewhere.example/">b</a>', ""),
        ('<p id="b"></p><p id="b"></p>', "RND_HTML"),
        ("<h1>Two</h1>", "RND_HTML"),
        (f"<p>{'x' * HEAVIEST}", "RND_BUDGET"),
        ('<a href="../">b</a><a href="../other/">c</a><a href="#b">d</a><p id="b">', "LINK_BROKEN"),
        ('<a href="#c">d</a><p id="b">', "LINK_BROKEN"),
        ('<a href="mailto:us@example.org">b</a><a href="/elsewhere/">c</a>', ""),
    ],
)
def test_faults_of_a_page_are_found(tmp_path: Path, html: str, code: str) -> None:
    pages = {"index.html": GOOD, "metrics/index.html": GOOD.replace("</h1>", f"</h1>{html}")}

    assert codes_of(tmp_path, pages) == ([(code, "metrics/index.html")] if code else [])


@pytest.mark.parametrize(
    "folder", ["organisations/con", "organisations/com1.old", "Metrics/a", "metrics/a b"]
)
def test_addresses_that_are_no_folder_everywhere_are_found(tmp_path: Path, folder: str) -> None:
    assert codes_of(tmp_path, {f"{folder}/index.html": GOOD}) == [("RND_SLUG", f"{folder}/index.html")]
