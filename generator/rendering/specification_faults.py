"""What no chart to explore may have, and what each must: looked for before a specification is written.

A specification consists of keys from a closed list, and of rows whose fields are from another.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from generator.errors import ExitStatus, Finding
from generator.rendering.specifications import SCHEMA


def faults_of(path: str, chart: Mapping[str, Any], rows: int) -> Iterator[Finding]:
    """Yield what a specification must not have, and a row of the chart's table that would be no point.

    `rows` is how many rows the table beside the chart has.
    """
    yield from _foreign_keys(path, chart)
    points = chart["datasets"]["points"]
    layer = next(layer for layer in chart["layer"] if layer.get("name") == "points")
    fields = [layer["encoding"][axis]["field"] for axis in ("x", "y")]
    for number, row in enumerate(points, start=2):
        for field, value in row.items():
            is_needed = field in fields
            if value is None and not is_needed:
                continue
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                yield _fault("RND_POINT_COUNT", path, field, "no finite number", row=number)
    if len(points) != rows:
        yield _fault("RND_POINT_COUNT", path, "", f"{len(points):,} points for {rows:,} rows of the table")


def _foreign_keys(path: str, chart: Mapping[str, Any]) -> Iterator[Finding]:
    for place, key, value in _keys("", chart):
        name = f"{place}.{key}" if place else key
        if key in _REMOTE:
            yield _fault("RND_REMOTE_DATA", path, name, "data or a picture from an address")
        elif key not in _KEYS:
            yield _fault("RND_SPEC", path, name, "not one of the keys that charts have")
        elif key == "$schema" and value != SCHEMA:
            yield _fault("RND_SPEC", path, name, "not the grammar that charts are written in")
        elif key == "data" and set(value) != {"name"}:
            yield _fault("RND_SPEC", path, name, "not one of the chart's own tables")
    for field, label in chart["usermeta"]["labels"].items():
        if field not in _FIELDS or not isinstance(label, str):
            yield _fault("RND_SPEC", path, f"usermeta.labels.{field}", "not a cell that charts have")
    for table, rows in chart["datasets"].items():
        for number, row in enumerate(rows, start=2):
            for field, value in row.items():
                if field not in _FIELDS or not isinstance(value, str | float | int | None):
                    yield _fault(
                        "RND_SPEC", path, f"{table}.{field}", "not a cell that charts have", row=number
                    )


def _keys(place: str, value: object) -> Iterator[tuple[str, str, Any]]:
    """Yield every key with its place and value, but for those of data, and names of styles."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield place, key, inner
            if key == "style" and isinstance(inner, Mapping):
                for style in inner.values():
                    yield from _keys(f"{place}.{key}", style)
            elif key not in ("datasets", "usermeta"):
                yield from _keys(f"{place}.{key}" if place else key, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(place, inner)


def _fault(code: str, path: str, column: str, reason: str, *, row: int | None = None) -> Finding:
    return Finding(path, row, column, reason, code=code, advice=_ADVICE[code], status=ExitStatus.RENDERING)


_ADVICE = {
    "RND_SPEC": "A fault of Candour, not of the data: charts are made of a closed list of keys.",
    "RND_REMOTE_DATA": "A fault of Candour, not of the data: charts carry their data. Nothing was asked for.",
    "RND_POINT_COUNT": "A fault of Candour, not of the data: each row of a chart's table is one point of it.",
}
_REMOTE = frozenset({"url", "href"})
_FIELDS = frozenset(
    {"code", "name", "value", "middle", "place", "level", "shown", "range", "label", "period", "end"}
    | {"lower", "upper", "mean", "segment", "target", "aim"}
    | {"run", "p10", "p30", "p70", "p90", "inner", "outer", "size"}
    | {"lower_99_8", "lower_95", "centre", "upper_95", "upper_99_8"}
)
_KEYS = frozenset(
    {"$schema", "description", "width", "height", "datasets", "layer", "config", "name", "data", "params"}
    | {"select", "type", "encodings", "bind", "on", "nearest", "clear", "mark", "style", "size", "opacity"}
    | {
        "clip",
        "encoding",
        "x",
        "y",
        "x2",
        "y2",
        "detail",
        "tooltip",
        "text",
        "field",
        "title",
        "axis",
        "scale",
    }
    | {
        "usermeta",
        "aria",
        "domain",
        "nice",
        "zero",
        "labelOverlap",
        "format",
        "tickMinStep",
        "strokeDash",
        "strokeWidth",
        "align",
    }
    | {"baseline", "dx", "fontSize", "fontWeight", "value", "background", "font", "labelFontSize"}
    | {"labels", "ticks", "titleFontSize", "titleFontWeight", "grid", "padding", "view", "stroke", "color"}
)
