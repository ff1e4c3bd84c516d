"""The site as MkDocs and the command line build it: whole or not at all, and every fault told plainly."""

from __future__ import annotations

import gzip
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import yaml

from generator.errors import CandourError, ExitStatus, FindingsError, Severity
from generator.model.settings import Workshop
from generator.model.vocabulary import Audience
from generator.plugin import build_site, load_settings
from tests.packages import edit, write_package

Publication = Callable[..., Path]


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    """Return a function that writes a publication of one small release, and gives its configuration."""

    def write(
        *, options: dict[str, Any] | None = None, pages: dict[str, str] | None = None, **changes: Any
    ) -> Path:
        if not (tmp_path / "datapackages").exists():
            write_package(tmp_path / "datapackages" / "2025-q3")
        for name, text in {"about.md": "# About\n\n## Who\n\nUs.\n", **(pages or {})}.items():
            (tmp_path / "docs" / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "docs" / name).write_text(text)
        configuration = {
            "site_name": "Care",
            "site_url": "https://example.org/quality/",
            "strict": True,
            "theme": {"name": "material"},
            "plugins": [{"candour": {"workers": 1, **(options or {})}}],
            "validation": {"links": {"anchors": "warn", "unrecognized_links": "warn"}},
            **changes,
        }
        (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(configuration))
        return tmp_path / "mkdocs.yml"

    return write


def test_settings_have_every_default_filled_in(publication: Publication) -> None:
    config = publication(options={"links": {"book": "https://example.org/book"}})

    settings = load_settings(config)

    assert settings.datapackages == config.parent / "datapackages"
    assert settings.published == str(config.parent / "published")
    assert settings.site_dir == config.parent / "site"
    assert (settings.release, settings.audience, settings.workshop) == ("", Audience.PUBLIC, Workshop.UNKNOWN)
    assert settings.links == {"book": "https://example.org/book"}
    assert settings.site_url == "https://example.org/quality/"
    assert (settings.templates / "theme" / "main.html").is_file()


def test_no_number_of_workers_means_all(publication: Publication) -> None:
    assert load_settings(publication(options={"workers": 0})).workers >= 1


def test_what_the_command_line_says_replaces_what_the_file_says(publication: Publication) -> None:
    config = publication(options={"release": "2025-q2"})

    assert load_settings(config).release == "2025-q2"
    assert load_settings(config, release="2025-q3").release == "2025-q3"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"options": {"audience": "everybody"}}, "audience"),
        ({"options": {"datapackages": "nowhere"}}, "isn't an existing directory"),
        ({"options": {"links": {"book": "http://example.org"}}}, "https://"),
        ({"options": {"links": {"buy": "https://example.org"}}}, "Unrecognised configuration name: buy"),
        ({"options": {"feedback": "javascript:alert(1)"}}, "e-mail address"),
        ({"options": {"worker": 3}}, "Unrecognised configuration name: worker"),
        ({"plugins": []}, "does not use the plugin"),
        ({"plugins": ["candor"]}, '"candor" plugin is not installed'),
        ({"docs_dir": "nowhere"}, "docs_dir"),
    ],
)
def test_a_faulty_configuration_is_a_usage_error(
    publication: Publication, changes: dict[str, Any], said: str
) -> None:
    with pytest.raises(CandourError, match=re.escape(said)) as raised:
        load_settings(publication(**changes))

    assert raised.value.status is ExitStatus.USAGE


def test_a_configuration_that_is_no_yaml_or_no_file_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("site_name: [")

    for name in ("mkdocs.yml", "other.yml", "."):
        with pytest.raises(CandourError) as raised:
            load_settings(tmp_path / name)
        assert raised.value.code == "CFG_INVALID"


def test_a_built_site_has_data_pages_hand_written_pages_and_nothing_of_the_shells(
    publication: Publication,
) -> None:
    config = publication(pages={"about.md": "# About\n\n[Find](find.md), [home](index.md)\n"})
    told: list[str] = []

    site = build_site(config, progress=told.append)

    assert site == config.parent / "site"
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert {"index.html", "find/index.html", "organisations/z00001/index.html", "about/index.html"} <= files
    assert not [name for name in files if "shell" in name or name.endswith(".map") or "lunr" in name]
    for name in files:
        if name.endswith((".html", ".xml")):
            assert "candour-shell" not in (site / name).read_text(), name
            assert "candour-slot" not in (site / name).read_text(), name
    about = (site / "about" / "index.html").read_text()
    assert 'href="../find/"' in about
    assert "organisations/z00001" not in about
    assert told
    assert not list(config.parent.glob(".site*"))


def test_the_sitemap_lists_every_page_with_the_release_date(publication: Publication) -> None:
    site = build_site(publication())

    sitemap = (site / "sitemap.xml").read_bytes()

    assert gzip.decompress((site / "sitemap.xml.gz").read_bytes()) == sitemap
    assert b"<loc>https://example.org/quality/</loc><lastmod>2025-11-20</lastmod>" in sitemap
    for address in (b"organisations/z00001/", b"about/"):
        assert b"<loc>https://example.org/quality/" + address + b"</loc>" in sitemap


def test_a_site_without_an_address_has_no_sitemap(publication: Publication) -> None:
    site = build_site(publication(site_url=""))

    assert not (site / "sitemap.xml").exists()
    assert "canonical" not in (site / "organisations" / "z00001" / "index.html").read_text()


def test_styles_and_scripts_are_named_after_their_content_and_linked_at_every_depth(
    publication: Publication,
) -> None:
    site = build_site(publication())

    (style,) = (site / "assets").glob("candour.*.css")
    assert re.fullmatch(r"candour\.[0-9a-f]{10}\.css", style.name)
    for page, root in (
        ("index.html", "./"),
        ("organisations/z00001/index.html", "../../"),
        ("404.html", "/quality/"),
    ):
        html = (site / page).read_text()
        assert f'<link rel="stylesheet" href="{root}assets/{style.name}">' in html, page
        # However many files there are, a page asks for one of each: Material's and ours.
        assert len(re.findall(r'<link rel="stylesheet"', html)) == 3, page
        assert len(re.findall(r"<script [^>]*src=", html)) == 2, page


def test_every_page_and_the_hosts_have_the_same_policy(publication: Publication) -> None:
    site = build_site(publication())
    pages = [
        path.read_text() for path in site.rglob("*.html") if not {"pagefind", "assets"} & set(path.parts)
    ]
    inside = {html.split('Content-Security-Policy" content="')[1].split('"')[0] for html in pages}

    (policy,) = inside
    assert policy.count("'sha256-") == 3
    for name in ("_headers", ".htaccess", "staticwebapp.config.json", "hosting/nginx.conf"):
        assert f"{policy}; frame-ancestors 'self'" in (site / name).read_text(), name
    assert "Sitemap: https://example.org/quality/sitemap.xml" in (site / "robots.txt").read_text()


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("# A\n\n<script>tell()</script>\n", "RND_CSP"),
        ('# A\n\n<p onclick="tell()">b</p>\n', "RND_CSP"),
        ("# A\n\n![a](https://elsewhere.example/a.png)\n", "RND_THIRD_PARTY"),
        ('# A\n\n<p id="x">b</p>\n\n<p id="x">c</p>\n', "RND_HTML"),
        ('# A\n\n<a href="../nowhere/">b</a>\n', "LINK_BROKEN"),
        ('# A\n\n<a href="../about/#nobody">b</a>\n', "LINK_BROKEN"),
    ],
)
def test_a_page_that_a_browser_would_not_show_as_written_ends_the_build(
    publication: Publication, page: str, code: str
) -> None:
    with pytest.raises(FindingsError) as raised:
        build_site(publication(pages={"guide.md": page}))

    # This publication has no glossary either, which is only told.
    errors = [finding for finding in raised.value.findings if finding.severity is Severity.ERROR]
    assert {(finding.code, finding.file) for finding in errors} == {(code, "guide/index.html")}
    assert raised.value.status is ExitStatus.RENDERING


def test_aligned_columns_need_no_style(publication: Publication) -> None:
    site = build_site(publication(pages={"guide.md": "# G\n\n| a | b |\n|---|---:|\n| 1 | 2 |\n"}))

    assert '<td align="right">2</td>' in (site / "guide" / "index.html").read_text()


@pytest.mark.parametrize(
    ("feedback", "link"),
    [
        ("us@example.org", "mailto:us@example.org?subject="),
        ("https://example.org/tell", "https://example.org/tell?page=https%3A//example.org/quality/"),
    ],
)
def test_a_mistake_can_be_reported_from_every_page(
    publication: Publication, feedback: str, link: str
) -> None:
    """The link says which page of which release it was."""
    site = build_site(publication(options={"feedback": feedback}))

    for address in ("", "organisations/z00001/", "about/"):
        html = (site / address / "index.html").read_text()
        (report,) = re.findall(r'candour-footer__report"><a href="([^"]*)"', html)
        assert report.startswith(link)
        assert f"https%3A//example.org/quality/{address}" in report
        assert "2025-q3" in report


def test_no_page_loads_anything_from_another_host(publication: Publication) -> None:
    """Links may lead elsewhere; nothing that a browser fetches by itself may."""
    site = build_site(publication())
    loads = re.compile(
        r'<(?:script|img|iframe|use|link(?! rel="(?:canonical|license)"))[^>]*(?:src|href)="(?:https?:)?//'
    )

    for page in site.rglob("*.html"):
        assert not loads.search(page.read_text()), page
    for style in site.glob("assets/*.css"):
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//", style.read_text()), style


def test_refused_data_leaves_the_old_site_and_reaches_the_caller_unchanged(publication: Publication) -> None:
    config = publication()
    site = build_site(config)
    before = contents(site)
    write_package(
        config.parent / "datapackages" / "2025-q3",
        observations=edit({"organisation_code": "Z00001", "period": "2025-q1"}, numerator="9999"),
    )

    with pytest.raises(FindingsError) as raised:
        build_site(config)

    assert raised.value.status is ExitStatus.INPUT
    assert contents(site) == before
    assert not list(config.parent.glob(".site*"))


@pytest.mark.parametrize("link", ["[x](missing.md)", "[x](about.md#nothing)", "[x](organisations/z1/)"])
def test_a_broken_link_in_a_hand_written_page_ends_a_strict_build(
    publication: Publication, link: str
) -> None:
    config = publication(pages={"guide.md": f"# Guide\n\n{link}\n"})

    with pytest.raises(CandourError, match=r"guide\.md") as raised:
        build_site(config)

    assert (raised.value.code, raised.value.status) == ("LINK_BROKEN", ExitStatus.RENDERING)
    assert not (config.parent / "site").exists()


def test_without_strict_a_broken_link_is_told(publication: Publication) -> None:
    told: list[str] = []

    build_site(
        publication(strict=False, pages={"guide.md": "# G\n\n[x](missing.md)\n"}), progress=told.append
    )

    assert [line for line in told if line.startswith("Warning:") and "missing.md" in line]


@pytest.mark.parametrize("name", ["index.md", "find.md", "organisations/a.md", "metrics/index.md"])
def test_a_hand_written_page_cannot_stand_where_data_pages_stand(publication: Publication, name: str) -> None:
    with pytest.raises(CandourError) as raised:
        build_site(publication(pages={name: "# Mine\n"}))

    assert (raised.value.code, raised.value.status) == ("CFG_ADDRESS", ExitStatus.USAGE)


def test_another_theme_is_refused(publication: Publication) -> None:
    with pytest.raises(CandourError) as raised:
        build_site(publication(theme={"name": "readthedocs"}))

    assert (raised.value.code, raised.value.status) == ("CFG_THEME", ExitStatus.USAGE)


def test_plain_mkdocs_builds_the_same_bytes_with_any_number_of_workers(publication: Publication) -> None:
    config = publication()
    ours = contents(build_site(config, site_dir=config.parent / "ours"))
    publication(options={"workers": 2})

    run = mkdocs(config, "--site-dir", str(config.parent / "theirs"))

    assert run.returncode == 0, run.stderr
    assert contents(config.parent / "theirs") == ours


def test_plain_mkdocs_tells_findings_without_a_traceback_and_leaves_the_old_site(
    publication: Publication,
) -> None:
    config = publication()
    site = build_site(config)
    before = contents(site)
    write_package(
        config.parent / "datapackages" / "2025-q3", observations=edit({"period": "2025-q1"}, period="2031-q1")
    )

    run = mkdocs(config)

    assert run.returncode == 1
    assert "VAL_" in run.stderr or "REF_" in run.stderr
    assert "observations.csv, row" in run.stderr
    assert "Traceback" not in run.stderr
    assert contents(site) == before


@pytest.mark.slow
def test_a_preview_is_built_again_when_a_page_changes_and_survives_bad_data(publication: Publication) -> None:
    config = publication()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    call = f"serve_site(Path({str(config)!r}), address={address!r})"
    program = f"from pathlib import Path; from generator.plugin import serve_site; {call}"
    page = f"http://{address}/quality/about/"

    with subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE, text=True) as preview:
        try:
            wait_for(page, "Us.")
            publication(pages={"about.md": "# About\n\nSomebody else.\n"})
            wait_for(page, "Somebody else.")
            package = config.parent / "datapackages" / "2025-q3"
            write_package(package, observations=edit({"period": "2025-q1"}, period="2031-q1"))
            publication(pages={"about.md": "# About\n\nNobody.\n"})
            time.sleep(5)  # MkDocs lets readers wait until the fault is mended
            write_package(package)
            wait_for(page, "Nobody.")
        finally:
            preview.terminate()
            told = preview.communicate()[1]
            sys.stderr.write(told)  # shown if the test fails

    assert "observations.csv, row" in told
    assert "Traceback" not in told


def wait_for(page: str, text: str) -> None:
    for _ in range(120):
        try:
            with urlopen(page, timeout=2) as answer:
                if text in answer.read().decode():
                    return
        except (URLError, TimeoutError):
            pass
        time.sleep(0.5)
    raise AssertionError(f"{page} never said {text}")


def contents(site: Path) -> dict[str, bytes]:
    return {
        path.relative_to(site).as_posix(): path.read_bytes() for path in site.rglob("*") if path.is_file()
    }


def mkdocs(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--config-file", str(config), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_plain_mkdocs_tells_where_a_bug_struck_and_not_what_it_was_about(publication: Publication) -> None:
    """The message of an error may hold a figure, and a log may be public; here it is a template's name."""
    config = publication(options={"templates": "docs"})

    run = mkdocs(config)

    assert run.returncode == 1
    assert "BUG: a fault of Candour" in run.stderr
    assert "pipeline.py" in run.stderr
    assert "Traceback" not in run.stderr
    assert ".html" not in run.stderr
