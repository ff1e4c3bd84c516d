"""Pages print what the published tables hold, rounded as stated: 300 finished pages are read back.

The reading here knows the tables that the site offers and the rounding that docs/methods states, and uses
nothing of the software.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

PAGES = 300
KEY = ("organisation_code", "metric_id", "period", "breakdown_id")
COUNTS = ("numerator", "denominator")
FIGURES = ("value", "lower", "upper", "benchmark", "peers", *COUNTS)
OVER_TIME = "value over time"
"""One of a result's values: the page says in words of which period."""
VOID = ("area", "br", "col", "hr", "img", "input", "link", "meta", "path", "use", "wbr")

Key = tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """One number on a page: whose it is, which figure, and its text."""

    key: Key
    column: str
    text: str


@dataclass
class Published:
    """The tables in the release's package, as a reader who downloads it has them."""

    rows: dict[Key, dict[str, Any]]
    compared: dict[Key, list[dict[str, Any]]]
    """What else each result is compared with: the table of comparisons."""
    metrics: dict[str, list[dict[str, str]]]
    """The versions of each metric."""
    series: dict[Key, set[float]]
    """The values of each result in every period, by its key without the period."""


@pytest.fixture(scope="module")
def published(demonstration: Path) -> Published:
    path = next(demonstration.glob("releases/*/datapackage.zip"))
    with zipfile.ZipFile(path) as package:
        results = pq.read_table(io.BytesIO(package.read("results.parquet"))).to_pylist()
        compared = pq.read_table(io.BytesIO(package.read("comparisons.parquet"))).to_pylist()
        metrics = csv.DictReader(io.StringIO(package.read("metadata/metrics.csv").decode()))
        by_metric: dict[str, list[dict[str, str]]] = {}
        for row in metrics:
            by_metric.setdefault(row["metric_id"], []).append(row)
    further: dict[Key, list[dict[str, Any]]] = {}
    for row in compared:
        further.setdefault(_key_of(row), []).append(row)
    series: dict[Key, set[float]] = {}
    for row in results:
        if row["value"] is not None:
            code, metric_id, _, breakdown = _key_of(row)
            series.setdefault((code, metric_id, breakdown), set()).add(row["value"])
    return Published({_key_of(row): row for row in results}, further, by_metric, series)


@pytest.mark.slow
def test_numbers_on_300_pages_are_those_of_the_published_tables(
    demonstration: Path, published: Published
) -> None:
    pages = {page.relative_to(demonstration).as_posix(): page.read_text() for page in _choose(demonstration)}

    read = {place: _read(text) for place, text in pages.items()}

    wrong = [fault for place, numbers in read.items() for fault in _faults(place, numbers, published)]
    assert not wrong[:10], f"{len(wrong):,} in all"
    assert len(pages) == PAGES
    # So that pages whose marks were lost are noticed.
    columns = Counter(printed.column for numbers in read.values() for printed in numbers)
    assert columns.total() > 20_000
    assert all(columns[column] > 500 for column in FIGURES), columns
    assert {_kind_of(place) for place, numbers in read.items() if numbers} >= {
        *("home", "organisations", "organisations/services", "metrics", "metrics/areas"),
        *("areas", "domains", "services"),
    }


@pytest.mark.slow
def test_a_number_changed_on_a_page_is_noticed(demonstration: Path, published: Published) -> None:
    page = min((demonstration / "organisations").glob("*/index.html"))
    text = page.read_text()

    for shown in re.findall(r'data-c="(?:value|lower|upper)">([0-9][0-9.,]*)', text)[:20]:
        changed = text.replace(f">{shown}", f">{shown[:-1]}{(int(shown[-1]) + 1) % 10}")

        assert _faults("changed", _read(changed), published), shown


def _faults(place: str, numbers: list[Printed], published: Published) -> list[str]:
    """Return what is wrong with the numbers of a page."""
    return [
        f"{place}: {printed} and not {sorted(allowed)}"
        for printed in numbers
        if printed.text not in (allowed := _texts(printed, published))
    ]


def _texts(printed: Printed, published: Published) -> set[str]:
    """Return the texts that the published tables and the stated rounding allow; none without a row."""
    row = published.rows.get(printed.key)
    if row is None:
        return set()
    versions = published.metrics[printed.key[1]]
    if printed.column == OVER_TIME:
        return {
            _in_words(figure, metric, with_unit=True)
            for figure in published.series[printed.key[:2] + printed.key[3:]]
            for metric in versions
        }
    if printed.column in COUNTS:
        count = row[printed.column]
        return set() if count is None else {_rounded(count, 0 if float(count).is_integer() else 1)}
    sources = [row]
    if printed.column in ("benchmark", "peers"):
        # A further comparison is of the same interval.
        limits = {"lower": row["lower"], "upper": row["upper"]}
        further = [{**other, **limits} for other in published.compared.get(printed.key, ())]
        is_of_peers = printed.column == "peers"
        sources = [other for other in further if other["benchmark_kind"] == "peers" or not is_of_peers]
        sources += [] if is_of_peers else [row]
    column = "benchmark" if printed.column == "peers" else printed.column
    return {
        _in_words(
            source[column],
            metric,
            with_unit=with_unit,
            more=0 if column == "value" else _decimals_more(source, metric),
        )
        for source in sources
        if source[column] is not None
        for metric in versions
        for with_unit in (True, False)
    }


def _decimals_more(row: dict[str, Any], metric: dict[str, str]) -> int:
    """Return how many more decimals tell a limit that is clear of the benchmark from it: three at most."""
    limit = {"higher": row["lower"], "lower": row["upper"]}.get(row["comparison"])
    if limit is None or row["benchmark"] is None:
        return 0
    decimals = int(metric.get("decimals") or 1)
    alike = (
        _rounded(limit, decimals + more) == _rounded(row["benchmark"], decimals + more) for more in range(3)
    )
    return next((more for more, is_alike in enumerate(alike) if not is_alike), 3)


def _in_words(figure: float, metric: dict[str, str], *, with_unit: bool, more: int = 0) -> str:
    """Return a figure as the methods say it is printed.

    Halves are rounded away from zero. A figure that would read as a threshold, and is not it, gets one more
    decimal; limits and benchmark get `more`, where these would else be printed alike although the limit is
    clear of the benchmark. A status is the name of its level.
    """
    if metric["kind"] == "status":
        return metric["levels"].split("|")[int(figure) - 1].strip()
    decimals = int(metric.get("decimals") or 1) + more
    text = _rounded(figure, decimals)
    for name in ("threshold_good", "threshold_acceptable", "target"):
        limit = metric.get(name)
        if limit and float(limit) != figure and _rounded(float(limit), decimals) == text:
            text = _rounded(figure, decimals + 1)
            break
    unit = metric.get("unit", "")
    if not with_unit or not unit:
        return text
    return f"{text}{unit}" if unit.startswith("%") else f"{text} {unit}"


def _rounded(figure: float, decimals: int) -> str:
    rounded = Decimal(repr(float(figure))).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
    return f"{abs(rounded) if rounded == 0 else rounded:,}"


def _choose(site: Path) -> list[Path]:
    """Return that many pages of results, of each type in turn until they are used up."""
    by_kind: dict[str, list[Path]] = {}
    for page in sorted(site.rglob("index.html")):
        kind = _kind_of(page.relative_to(site).as_posix())
        if kind:
            by_kind.setdefault(kind, []).append(page)
    chosen: list[Path] = []
    while len(chosen) < PAGES:
        for pages in by_kind.values():
            if pages and len(chosen) < PAGES:
                # Not all from the same end: neighbours in the alphabet are alike.
                chosen.append(pages.pop(len(chosen) * 7 % len(pages)))
    return chosen


def _kind_of(place: str) -> str:
    """Return the type of a page of results by its address; empty for other pages."""
    folders = place.split("/")[:-1]
    if not folders:
        return "home"
    kind = "/".join(folders[::2])
    return kind if len(folders) % 2 == 0 and folders[0] not in ("methods", "reference", "releases") else ""


def _key_of(row: dict[str, Any]) -> Key:
    return tuple(row[name] for name in KEY)


def _read(page: str) -> list[Printed]:
    reader = _Reader()
    reader.feed(page)
    return reader.found


class _Reader(HTMLParser):
    """Collects the numbers of a page.

    An element with data-t says whose result is meant: organisation, metric, period, and breakdown unless it
    is everyone. Below it, data-c names the figure that an element prints. In a table of one result over time
    the head's cells have data-c, and its rows data-p, the period. The mark of a chart is labelled with the
    value. The text alternative of a chart says value and interval, or values over time.
    """

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Printed] = []
        self._keys: list[Key | None] = []
        self._column = ""
        self._depth = 0
        self._text = ""
        self._head: list[str] = []
        self._cell = 0
        self._is_label = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        key = self._key(given)
        if key and "aria-label" in given:
            self._read_alternative(key, given["aria-label"])
        if tag in VOID:
            return
        self._keys.append(key)
        column = given.get("data-c", "")
        if tag == "table":
            self._head = []
        if tag == "tr":
            self._cell = 0
        if tag in ("td", "th"):
            if given.get("scope") == "col":
                self._head.append(column)
                column = ""
            elif any(self._head):
                column = column or self._head[self._cell]
            self._cell += 1
        self._is_label = "m-label" in given.get("class", "").split()
        if self._is_label:
            column = "value"
        if column and key:
            self._column, self._depth, self._text = column, len(self._keys), ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._column:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not self._keys:
            return
        if self._column and self._depth == len(self._keys):
            self._add(self._keys[-1], self._column, self._text.strip())
            self._column = ""
        self._keys.pop()

    def _key(self, given: dict[str, str]) -> Key | None:
        inherited = self._keys[-1] if self._keys else None
        if "data-t" in given:
            code, metric_id, period, *breakdown = given["data-t"].split(" ")
            return (code, metric_id, period, *(breakdown or ["all"]))
        if inherited and "data-p" in given:
            return (*inherited[:2], given["data-p"], inherited[3])
        return inherited

    def _add(self, key: Key | None, column: str, text: str) -> None:
        # An absence stands in words, or short in brackets; whether it is the right one is tested elsewhere.
        if key is None or not text or text.startswith("["):
            return
        if self._is_label and not any(letter.isdigit() for letter in text):
            return  # the name of what the chart's line is
        if column == "interval":
            lower, upper = text.split(" to ")
            self.found += [Printed(key, "lower", lower), Printed(key, "upper", upper)]
        else:
            self.found.append(Printed(key, column, text))

    def _read_alternative(self, key: Key, text: str) -> None:
        if said := _OVER_TIME.search(text):
            self.found += [Printed(key, OVER_TIME, value) for value in said.groups() if value]
        elif said := _AMONG_OTHERS.search(text):
            for column in ("value", "lower", "upper"):
                if said[column]:
                    self.found.append(Printed(key, column, said[column]))


_AMONG_OTHERS = re.compile(
    r"This one: (?P<value>[^()]+?)"
    r"(?: \((?P<lower>.+?) to (?P<upper>.+?)(?:, which goes on beyond the chart)?\))?\.(?: |$)"
)
_OVER_TIME = re.compile(
    r"over time.*This one: (?P<first>.+?) in [^,]+?(?:, (?P<last>.+?) in [^,]+?)?\.(?: |$)"
)
"""What the text alternatives of charts say."""
