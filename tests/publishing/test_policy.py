"""The policy of pages: what the theme brings runs, and nothing else."""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256

import pytest

from generator.publishing.hosting import host_files
from generator.publishing.policy import SLOT, inline_scripts, policy, with_policy
from tests.browser.conftest import headers_of, read_headers


def source(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@pytest.mark.parametrize(
    ("element", "is_run"),
    [
        ("<script>go()</script>", True),
        ("<SCRIPT type=module>go()</SCRIPT >", True),
        ('<script src="a.js">go()</script>', False),
        ('<script type="application/json">go()</script>', False),
        ("<script type='application/ld+json'>go()</script>", False),
        ('<script type="application/jsonp">go()</script>', True),
        ('<script data-src="a">go()</script>', True),
    ],
)
def test_scripts_that_a_browser_runs_are_told_from_data(element: str, is_run: bool) -> None:
    assert inline_scripts(f"<p>{element}</p>") == (("go()",) if is_run else ())


def test_a_page_allows_its_own_scripts_by_their_content() -> None:
    page = f"<meta {SLOT}><script>one()</script><script>two()</script><p>{SLOT}</p>"

    html = with_policy(page)

    assert source("one()") in html
    assert source("two()") in html
    assert "unsafe-inline" not in html
    assert "frame-ancestors" not in html  # browsers complain of it in a page
    assert html.endswith(f"<p>{SLOT}</p>")


def test_a_preview_lets_the_server_add_its_script() -> None:
    html = with_policy(f"<meta {SLOT}><script>one()</script>", is_preview=True)

    assert "script-src 'self' 'unsafe-inline'" in html
    assert "sha256" not in html


def test_headers_name_each_header_once_for_each_path() -> None:
    """Hosts join what two rules say: a page's policy would then stop the explorer."""
    files = {
        file.path: file.content.decode()
        for file in host_files(
            ["one()"], ["metrics", "assets"], ["assets/candour.a.css"], "https://a.example/q/", is_public=True
        )
    }
    rules = read_headers(files["_headers"])

    page, sheet, explorer = (
        headers_of(path, rules)
        for path in ("/metrics/a/", "/assets/candour.a.css", "/assets/explore/index.html")
    )

    assert page["Content-Security-Policy"] == policy(["one()"])
    assert page["Cache-Control"] == "public, max-age=300, must-revalidate"
    assert sheet["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "'unsafe-eval'" in explorer["Content-Security-Policy"]
    assert "sandbox allow-scripts" in explorer["Content-Security-Policy"]
    assert "default-src 'self'" not in explorer["Content-Security-Policy"]
    for headers in (page, sheet, explorer):
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Permissions-Policy"].startswith("geolocation=(self), ")
    assert json.loads(files["staticwebapp.config.json"])["globalHeaders"][
        "Content-Security-Policy"
    ] == policy(["one()"])
    assert "ErrorDocument 404 /q/404.html" in files[".htaccess"]
    assert "error_page 404 /q/404.html;" in files["hosting/nginx.conf"]


def test_a_site_for_few_is_not_for_search_engines() -> None:
    (robots,) = (
        file.content.decode()
        for file in host_files([], [], [], "https://a.example/", is_public=False)
        if file.path == "robots.txt"
    )

    assert robots == "User-agent: *\nDisallow: /\n"
