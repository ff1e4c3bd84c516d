"""Texts that would like to be markup: shown as text wherever a reader, a browser or a program meets them."""

from __future__ import annotations

import csv
import json
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from playwright.sync_api import Browser, Page

from generator.loading import check
from generator.model.tables import INPUT_TABLES, ColumnType
from generator.plugin import build_site
from generator.rendering import shells_needed
from tests.packages import PERIODS, Row, Rows, package_tables, write_package

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HOSTILE = " ".join(
    (
        "<script>window.hacked=1</script>",
        '"><img src=x onerror=window.hacked=1>',
        "'><svg onload=window.hacked=1>",
        "</title></h1></style></textarea><b class=live>bold</b>",
        "{{ 7*7 }} {% raw %} ${7*7}",
        "javascript:window.hacked=1",
        "[a](javascript:window.hacked=1){ onmouseover=window.hacked=1 }",
        "&lt;b&gt; &amp;amp; %3Cb%3E \\u003cb\\u003e",
        "candour-slot <title>",
        "]]> <!-- #",
    )
)
"""One text with everything in it: each free text of the package is this, after a mark that tells it apart."""

MARK = r"\[([a-z]{2,}(?:\.[a-z_]+)?)(?:\.\d+)?\]"

EXEMPT = {
    ("metrics", "version"),  # names a file of the archive one day
    ("metrics", "levels"),  # divided at |
    ("metrics", "applies_to"),
    ("metrics", "source_url"),  # https only: refused otherwise
    ("organisations", "kind"),
    ("organisations", "level"),
    ("organisations", "postcode"),
    ("organisations", "website"),  # https only
    ("periods", "period"),
    ("characteristics", "role"),  # `deprivation` or nothing
}
"""Free columns that are no prose: other tables or programs name things by them."""


def marked(name: str, text: str = HOSTILE) -> str:
    """Return the hostile text with the mark of its place."""
    return f"[{name}] {text}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the finished site of a release all of whose texts are hostile."""
    folder = tmp_path_factory.mktemp("hostile")
    package = write_package(
        folder / "datapackages" / "2025-q3",
        **hostile_tables(),
        candour={"publisher": marked("publisher"), "contact": marked("contact")},
        descriptor=with_hostile_metadata,
    )
    assert [finding for finding in check([package]) if finding.severity == "error"] == []
    (folder / "docs").mkdir()
    (folder / "docs" / "about.md").write_text("# About\n")
    configuration = {
        "site_name": "Care",
        "site_url": "https://example.org/quality/",
        "theme": {"name": "material"},
        "plugins": [{"candour": {"workers": 1, "audience": "board"}}],
    }
    (folder / "mkdocs.yml").write_text(yaml.safe_dump(configuration))
    return build_site(folder / "mkdocs.yml")


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Serve the site without a policy that would stop a script which data brought along."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name it overrides
        pass


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """Return a page of Chromium."""
    opened = browser.new_page()
    yield opened
    opened.close()


WHAT_IS_LIVE = """() => {
    const handlers = [...document.querySelectorAll("*")].flatMap(element =>
        [...element.attributes].filter(attribute => attribute.name.startsWith("on")).map(() => element));
    const links = [...document.querySelectorAll("[href], [src], [action]")].filter(element =>
        /^\\s*javascript:/i.test(element.href?.baseVal ?? element.href ?? element.src ?? element.action));
    const made = [...document.querySelectorAll("img, .live, article b, h1 *:not(a)")];
    const scripts = [...document.querySelectorAll("script:not([type='application/ld+json'])")]
        .filter(script => /hacked/.test(script.text));
    return [...handlers, ...links, ...made, ...scripts].map(element => element.outerHTML.slice(0, 200))
        .concat(window.hacked ? ["a script ran"] : []);
}"""
WHAT_IS_READ = """() => ({
    title: document.title,
    description: document.querySelector("meta[name=description]")?.content,
    heading: document.querySelector("h1")?.textContent,
    text: document.body.textContent.replace(/\\s+/g, " "),
    data: [...document.querySelectorAll("script[type='application/ld+json']")].map(it => JSON.parse(it.text)),
})"""

PAGES = {
    "home": "",
    "find": "find/",
    "all": "organisations/",
    "compare": "compare/",
    "releases": "releases/",
    "data": "data/",
    "organisation": "organisations/z00001/",
    "metric": "metrics/blood-pressure-checked/",
    "domain": "domains/long-term-conditions/",
    "service": "services/severe-asthma/",
    "services": "services/",
    "service_definitions": "services/severe-asthma/definitions/",
    "programme": "programmes/*/",
    "area": "areas/za1/",
    "provider_service": "organisations/zp1/services/severe-asthma/",
    "metric_area": "metrics/blood-pressure-checked/areas/za1/",
}
"""A page of each template; a programme's address is made of its title."""


def found(site: Path, pattern: str) -> str:
    """Return the address of the first page that fits."""
    folder = next(site.glob(f"{pattern}index.html")).parent.relative_to(site).as_posix()
    return "" if folder == "." else f"{folder}/"


NAMED_AFTER = {
    "organisation": ("organisations.name.0",),
    "metric": ("metrics.title.0",),
    "domain": ("domains.title.0",),
    "service": ("services.title.0",),
    "service_definitions": ("services.title.0",),
    "programme": ("services.programme_of_care.0",),
    "area": ("organisations.name.3",),
    "provider_service": ("services.title.0", "organisations.name.5"),
    "metric_area": ("metrics.title.0", "organisations.name.3"),
}
"""What stands in the <title> of the pages that are about something."""


@pytest.mark.parametrize("template", [template for template, _ in shells_needed()])
def test_nothing_of_a_text_is_live_on_any_kind_of_page(
    site: Path, address: str, page: Page, template: str
) -> None:
    """RND_ESCAPE: markup, scripts, links and template signs of the data are read, never obeyed."""
    chosen = "?codes=z00001,z00002" if template == "compare" else ""
    page.goto(address + found(site, PAGES[template]) + chosen, wait_until="networkidle")

    assert page.evaluate(WHAT_IS_LIVE) == []
    read = page.evaluate(WHAT_IS_READ)
    assert HOSTILE in read["text"]
    # RND_SCRIPT_BREAKOUT: what machines are told is data to the letter, and ends where it should.
    assert len(read["data"]) == (template in ("home", "organisation", "area", "metric", "data"))
    for told in read["data"]:
        assert template == "home" or HOSTILE in told["name"]
    assert "49" not in re.sub(r"\d*49\d+|\d+49\d*|[.,]49", "", read["text"])
    for name in NAMED_AFTER.get(template, ()):
        assert marked(name) in read["title"]
        assert HOSTILE in read["heading"]
        assert HOSTILE in read["description"]


def test_every_text_that_pages_show_is_shown_literally(site: Path, address: str, page: Page) -> None:
    """A text is never half shown, and those that a reader relies on are there."""
    texts = []
    for path in (*PAGES.values(), "organisations/zh1/"):
        page.goto(address + found(site, path))
        texts.append(page.evaluate(WHAT_IS_READ)["text"])
    everything = "\n".join(texts)

    begun = set(re.findall(MARK, everything))
    literal = set(re.findall(MARK + re.escape(f" {HOSTILE}"), everything))

    assert begun == literal
    assert literal >= {
        *("publisher", "contact", "description", "source", "licence"),
        *(f"metrics.{name}" for name in ("title", "question", "description", "why_it_matters", "method")),
        *(f"metrics.{name}" for name in ("numerator_label", "denominator_label", "source_name", "caveats")),
        *("metrics.unit", "domains.title", "domains.description", "observations.note", "periods.label"),
        *(f"organisations.{name}" for name in ("name", "address", "phone", "opening_hours", "languages")),
        *("organisations.accessibility", "services.title", "services.description", "breakdowns.title"),
        *("services.programme_of_care", "provisions.lead_role", "provisions.contact", "comments.text"),
        *(
            "kinds.singular",
            "comments.role",
            "events.label",
            "characteristics.title",
            "characteristics.unit",
            "breakdowns.dimension",
        ),
    }


def test_the_finder_and_full_text_search_show_texts_literally(address: str, page: Page) -> None:
    page.goto(f"{address}find/?q=organisations", wait_until="networkidle")
    results = page.locator("#find-results")
    results.get_by_text("[organisations.name.0]").first.wait_for()

    assert marked("organisations.name.0") in " ".join(results.inner_text().split())
    assert page.evaluate(WHAT_IS_LIVE) == []

    page.goto(f"{address}find/?q=matters", wait_until="networkidle")
    results.get_by_text("[metrics.title.0]").first.wait_for()

    assert marked("metrics.title.0") in " ".join(results.inner_text().split())
    assert page.evaluate(WHAT_IS_LIVE) == []


def test_files_hold_texts_to_the_letter(site: Path) -> None:
    with (site / "organisations" / "z00001" / "results.csv").open(newline="", encoding="utf-8") as file:
        notes = {row["note"] for row in csv.DictReader(file)}
    parquet = pq.read_table(site / "metrics" / "blood-pressure-checked" / "results.parquet").to_pydict()
    listed = json.loads((site / "organisations" / "index.json").read_text(encoding="utf-8"))
    shards = "".join(path.read_text(encoding="utf-8") for path in (site / "finder").glob("*.json"))

    assert marked("observations.note.2") in notes
    assert marked("observations.note.2") in parquet["note"]
    assert marked("organisations.name.0") in {row["name"] for row in listed["organisations"]}
    assert json.dumps(marked("organisations.name.0"), ensure_ascii=False) in shards


def test_charts_show_texts_and_nothing_else(site: Path) -> None:
    """Names, units and events are written on the plates: in a drawing, too, markup could be live."""
    (sheet,) = (site / "assets" / "plates").glob("long-term-conditions.*.svg")
    drawn = sheet.read_text(encoding="utf-8")

    assert "[metrics.unit.0] &lt;script&gt;window" in drawn
    assert set(re.findall(r"<([a-zA-Z]+)", drawn)) <= {"svg", "symbol", "g", "path", "line", "text", "rect"}
    assert not re.search(r"\son\w+=[^<>]*<|href=", drawn)


def hostile_tables() -> dict[str, Rows]:
    """Return tables of a valid package, every kind of page in it, whose free texts are hostile."""
    tables = {**package_tables(), **_further_tables()}
    organisations, metrics = tables["organisations"], tables["metrics"]
    blank = dict.fromkeys((*organisations[0], "successor_code"), "")
    provider = {"kind": "provider", "status": "open", "parent_code": "ZA1"}
    organisations += [
        {**blank, **provider, "organisation_code": "ZP1", "postcode": "ZZ8 1AA"},
        {**blank, **provider, "organisation_code": "ZP1-S", "kind": "site", "parent_code": "ZP1"},
        {**blank, **provider, "organisation_code": "ZH1", "kind": "hub"},
        {
            **blank,
            **provider,
            "organisation_code": "ZC1",
            "kind": "practice",
            "status": "merged",
            "closed_on": "2024-12-31",
            "successor_code": "Z00001",
        },
    ]
    metrics.append(
        {
            **dict.fromkeys(metrics[0], ""),
            **{name: metrics[0][name] for name in ("direction", "domain_id", "frequency", "source_url")},
            "metric_id": "standards-met",
            "kind": "status",
            "applies_to": "provider",
            "benchmark": "none",
            "disclosure": "open",
            "multiplier": "1",
        }
    )
    for metric in metrics:
        metric["service_id"] = "severe-asthma" if metric["metric_id"] == "standards-met" else ""
        metric["levels"] = "met <b>|not met <i>" if metric["metric_id"] == "standards-met" else ""
    tables["observations"] += [
        {
            **dict.fromkeys(tables["observations"][0], ""),
            "metric_id": "standards-met",
            "organisation_code": "ZP1",
            "period": period,
            "value": "1",
        }
        for period in PERIODS
    ]
    for row in tables["observations"]:
        row["breakdown_id"] = "all"
    for row in organisations:
        row.setdefault("successor_code", "")
    everyone = [row for row in tables["observations"] if row["metric_id"] == "blood-pressure-checked"]
    tables["observations"] += [
        {**row, "breakdown_id": "women", "numerator": "50", "denominator": "100"} for row in everyone
    ]
    return {
        name: [_made_hostile(name, place, row) for place, row in enumerate(rows)]
        for name, rows in tables.items()
    }


def _made_hostile(table: str, place: int, row: Row) -> Row:
    free = {
        column.name: marked(f"{table}.{column.name}.{place}")
        for column in INPUT_TABLES[table].columns
        if column.type is ColumnType.STRING
        and not column.pattern
        and not column.vocabulary
        and (table, column.name) not in EXEMPT
        and column.name not in ("period", "kind")
        and not (
            table == "metrics" and column.name == "denominator_label" and not row.get("denominator_label")
        )
    }
    return {**row, **free}


def _further_tables() -> dict[str, Rows]:
    practice, provider, metric, period = "Z00001", "ZP1", "blood-pressure-checked", "2025-q3"
    return {
        "breakdowns": [{"breakdown_id": "women", "position": "1"}],
        "services": [{"service_id": "severe-asthma"}],
        "provisions": [{"organisation_code": provider, "service_id": "severe-asthma"}],
        "targets": [{"metric_id": metric, "target": "90"}],
        "rebases": [{"metric_id": metric, "date": "2025-04-01"}],
        "characteristics": [{"characteristic_id": "age", "use_for_peers": "true"}],
        "context": [
            {"organisation_code": practice, "characteristic_id": "age", "period": period, "value": "41.5"}
        ],
        "comments": [
            {"organisation_code": practice, "metric_id": text, "period": "", "received_on": "2025-10-01"}
            for text in ("", metric)
        ],
        "events": [{"date": "2025-05-01", "metric_id": metric, "organisation_code": ""}],
        "deadlines": [
            {"period": period, "opens": "2025-10-01", "closes": "2025-10-20", "published": "2025-11-20"}
        ],
        "assurance": [
            {"organisation_code": practice, "service_id": "", "level": "routine", "decided_on": "2025-10-01"}
        ],
        "actions": [{"organisation_code": practice, "metric_id": metric, "due_on": "2026-01-01"}],
        "kinds": [{"kind": "hub", "is_area": "false"}],
    }


def with_hostile_metadata(descriptor: dict[str, Any]) -> dict[str, Any]:
    """Return the package's descriptor with hostile titles."""
    sources = [{**source, "title": marked("source")} for source in descriptor["sources"]]
    licences = [{**licence, "title": marked("licence")} for licence in descriptor["licenses"]]
    return {
        **descriptor,
        "title": marked("title"),
        "description": marked("description"),
        "sources": sources,
        "licenses": licences,
    }
