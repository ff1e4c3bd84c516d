"""The page docs/reference/data-package.md, made from the documented tables so that both agree."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from generator.model.tables import (
    BOUNDARIES,
    BUILT_IN_KINDS,
    CONTRACT,
    INPUT_TABLES,
    RESULT_TABLES,
    Column,
    ColumnType,
    Table,
)
from generator.model.vocabulary import Absence, DisclosureClass, Kind

PAGE = Path("docs") / "reference" / "data-package.md"
"""Where the page lies below the root of the repository."""


def reference_page() -> str:
    """Return the page as Markdown. A table's anchor is its name, after `results-` where it is published."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "---"
    yield "title: The data package"
    yield "description: Every table and column that Candour reads, and every one that it publishes."
    yield "---"
    yield ""
    yield "<!-- Made by generator/model/reference.py from the tables there: change those, not this page. -->"
    yield ""
    yield "# The data package"
    yield ""
    yield _INTRODUCTION
    yield ""
    yield "## The descriptor { #descriptor }"
    yield ""
    yield _DESCRIPTOR
    yield ""
    yield "| Key under `candour` | Meaning | When it is left out |"
    yield "|---|---|---|"
    for key, meaning, absent in _CANDOUR_KEYS:
        yield f"| `{key}` | {meaning} | {absent} |"
    yield ""
    yield _EXAMPLE
    yield ""
    yield "## How cells are written { #cells }"
    yield ""
    yield "| Type | Form |"
    yield "|---|---|"
    for kind, form in _FORMS.items():
        yield f"| {kind} | {form} |"
    yield ""
    yield _CELLS
    yield ""
    for heading, words in (("kind", Kind), ("absence", Absence), ("disclosure", DisclosureClass)):
        yield from _vocabulary(heading, words)
    yield "## Tables that you give { #tables }"
    yield ""
    yield "| Table | What it holds | Must be there |"
    yield "|---|---|---|"
    for table in INPUT_TABLES.values():
        yield f"| [{table.name}](#{table.name}) | {table.meaning} | {'yes' if table.is_required else ''} |"
    yield f"| [{BOUNDARIES}](#{BOUNDARIES}) | Shapes of areas, for maps. |  |"
    yield ""
    for table in INPUT_TABLES.values():
        yield from _table(table, table.name)
    yield f"### Boundaries {{ #{BOUNDARIES} }}"
    yield ""
    yield _BOUNDARIES
    yield ""
    yield "## Tables that are published { #results }"
    yield ""
    yield _RESULTS
    yield ""
    for table in RESULT_TABLES.values():
        yield from _table(table, f"results-{table.name}")


def _vocabulary(heading: str, words: type[StrEnum]) -> Iterator[str]:
    yield f"### Words for `{heading}` {{ #words-{heading} }}"
    yield ""
    yield "| Word | Meaning |"
    yield "|---|---|"
    for word in words:
        yield f"| `{word}` | {_WORDS[heading][str(word)]} |"
    yield ""


def _table(table: Table, anchor: str) -> Iterator[str]:
    yield f"### {table.title} {{ #{anchor} }}"
    yield ""
    is_input = table.name in INPUT_TABLES
    place = f"Resource `{table.name}`." if is_input else f"Table `{table.name}`."
    yield f"{table.meaning} {place} Key: {', '.join(f'`{name}`' for name in table.key)}."
    yield ""
    yield "| Column | Type | Meaning | A blank means |"
    yield "|---|---|---|---|"
    for column in table.columns:
        yield f"| `{column.name}` | {_type(column)} | {_meaning(table, column)} | {_blank(column)} |"
    yield ""


def _type(column: Column) -> str:
    text = str(column.type)
    if column.unit:
        text += f", {column.unit}"
    if column.minimum is not None and column.maximum is not None:
        text += f", {column.minimum:g} to {column.maximum:g}"
    elif column.minimum is not None:
        text += f", from {column.minimum:g}"
    return text


def _meaning(table: Table, column: Column) -> str:
    text = _cell(column.meaning)
    if column.vocabulary:
        text += " One of " + ", ".join(f"`{word}`" for word in column.vocabulary) + "."
    if column.pattern:
        text += f" Form: `{column.pattern}`."
    for reference in table.references:
        if reference.column == column.name:
            text += f" Listed in [{reference.table}](#{reference.table})."
    return text


def _blank(column: Column) -> str:
    if column.is_required:
        return "**may not be blank**"
    text = _cell(column.blank)
    if column.default and column.default != column.blank:
        text += f" (`{column.default}`)"
    return text


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


_INTRODUCTION = f"""\
This page is the contract (number {CONTRACT}) between Candour and whoever supplies figures or uses results.
Columns may be added to it; none is ever moved or given another meaning.

A release is a folder below `datapackages/`. It holds one
[data package](https://datapackage.org/standard/data-package/), or a folder for each of several packages,
which are read as one. A package is a `datapackage.json` with CSV files beside it: UTF-8, one header row,
lines that end in LF or CR LF, cells separated by commas unless the descriptor declares another delimiter. A
row that two packages give must be the same in both. Run `candour check` on the folder to see whether
everything fits."""

_DESCRIPTOR = """\
`datapackage.json` is a version 1 descriptor (`profile`) or a version 2 descriptor (`$schema`). `sources`
(each with a title) and `licenses` (each with a name) are required and printed. Each resource is named after
its table, gives one `path` below the folder, and a `schema` with the columns that the file has, in the order
of its header. `hash` and `bytes` are checked where they are given. Every file of the folder must be listed.
Nothing is ever fetched.

One package of the release says what the release is, under the key `candour`:"""

_CANDOUR_KEYS = (
    ("contract", f"The number of this contract, {CONTRACT}.", "refused"),
    ("release", "Identifier of the release, part of its web address: `2025-q2`.", "refused"),
    ("publication_date", "Day of publication.", "refused"),
    ("publication_time", "Time of day in Europe/London.", "`09:30`"),
    ("next_publication_date", "Day of the next publication.", "not announced"),
    ("publisher", "Who publishes.", "refused"),
    ("contact", "Where questions go: a mailbox or an https address.", "refused"),
    (
        "missing_rows",
        "The [absence](#words-absence) that a missing expected row stands for.",
        "a missing row is a fault",
    ),
    ("demonstration", "`true` where every name and figure is invented.", "`false`"),
)

_EXAMPLE = """\
```json
{
  "profile": "tabular-data-package",
  "name": "exampleshire-quality",
  "title": "Quality of care in Exampleshire",
  "licenses": [{ "name": "OGL-UK-3.0", "title": "Open Government Licence v3.0" }],
  "sources": [{ "title": "Exampleshire quality survey", "path": "https://quality.example/survey" }],
  "candour": {
    "contract": 1,
    "release": "2025-q2",
    "publication_date": "2025-08-21",
    "publisher": "Exampleshire Quality Team",
    "contact": "quality@exampleshire.example"
  },
  "resources": [
    {
      "name": "domains",
      "path": "domains.csv",
      "schema": {
        "fields": [
          { "name": "domain_id", "type": "string" },
          { "name": "title", "type": "string" },
          { "name": "description", "type": "string" },
          { "name": "position", "type": "integer" }
        ]
      }
    }
  ]
}
```"""

_FORMS = {
    ColumnType.STRING: "Any text without control or invisible characters. `NA` and `NULL` are texts.",
    ColumnType.INTEGER: "Digits, with a minus sign before them where negative: `1204`. No leading zeros.",
    ColumnType.NUMBER: "As an integer, with a decimal point where needed: `0.75`. No exponent or unit.",
    ColumnType.BOOLEAN: "`true` or `false`.",
    ColumnType.DATE: "Year, month and day: `2025-06-30`.",
}

_CELLS = f"""\
An empty cell is blank. An optional column may be left out of the file; its cells are then blank. A true zero
is written `0`. Kinds of organisation are {", ".join(f"`{kind}`" for kind in BUILT_IN_KINDS)} and those
declared in [kinds](#kinds). A status is given in `value` as the position of its level, the first being 1.

A row is expected for each metric, each organisation of the kind that it applies to, and each period in which
anyone reports it, where the organisation was open on the period's last day (and, for a metric of a service,
provided it). Breakdowns are not expected. Counts and values that cannot be, percentages that disagree with
their counts, and
rows that have neither a figure nor an absence are refused."""

_BOUNDARIES = """\
A GeoJSON FeatureCollection, or TopoJSON, of polygons in longitude and latitude. Each feature carries the
property
`organisation_code`, listed in [organisations](#organisations)."""

_RESULTS = """\
Every download has these tables with these columns in this order. Where a number is missing, the column
`absence`
says why. Small numbers of people are hidden or rounded before anything is calculated: see the methods."""

_WORDS = {
    "kind": {
        "proportion": "Part of a whole: the numerator is within the denominator.",
        "rate": "Events for a number of people or days; may exceed the denominator.",
        "ratio": "Observed over expected: the denominator is the expected count.",
        "mean": "An average; the counts describe how many were averaged.",
        "standardised": "A rate that the source has adjusted; value and limits are supplied.",
        "score": "A score that the source has made; may be negative.",
        "count": "A number of events or people.",
        "status": "One of the metric's levels.",
    },
    "absence": {
        "not_submitted": "The organisation did not send a figure.",
        "late": "The figure came after the deadline.",
        "not_applicable": "The metric does not apply to the organisation.",
        "not_collected": "The figure was not collected in this period.",
        "not_stated": "The source gives no reason.",
        "too_few": "Too few patients or answers to give a figure.",
        "failed_checks": "The figure cannot be true.",
        "closed": "The organisation had closed.",
        "withdrawn": "The figure was withdrawn.",
        "suppressed_at_source": "Hidden by the source to protect patients.",
        "suppressed": "Hidden by us to protect patients.",
        "zero_denominator": "There was nobody to count.",
    },
    "disclosure": {
        "people": "Counts of patients: 0 is shown, 1 to 7 are hidden, the rest is rounded to 5.",
        "events": "Counts of events: as people where the denominator is under 1,000, else as they are.",
        "open": "Already published without protection by the source named: left as it is.",
    },
}
