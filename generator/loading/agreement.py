"""Whether a shipped Table Schema agrees with the contract, and what it asks beyond it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import re2

from generator.errors import Finding
from generator.loading.faults import fault
from generator.model.tables import ColumnType, Table


@dataclass(frozen=True)
class Agreement:
    """A file's columns as its schema lists them, and what the schema asks of them beyond the contract."""

    labels: tuple[str, ...]
    """The header that the file must have."""
    missing_values: tuple[str, ...]
    """Texts that stand for a blank cell; the empty text is always among them."""
    patterns: Mapping[str, str]
    """Patterns of the schema that the contract does not have, by column; all run in linear time."""
    schema: Mapping[str, Any]
    """The schema for a second opinion: as shipped, without patterns."""
    is_plain: bool
    """The schema asks nothing beyond the contract, patterns aside: our own screen can prove a table."""


def agree_schema(schema: Any, table: Table, file: str, place: str) -> tuple[Agreement | None, list[Finding]]:
    """Return how a resource's schema agrees with its table, and where not; None where it is of no use."""
    if isinstance(schema, str):
        return None, [
            fault("PKG_REMOTE_METADATA", file, "a schema that lies elsewhere", column=place, value=schema)
        ]
    fields = schema.get("fields") if isinstance(schema, dict) else None
    if not isinstance(fields, list) or not fields or not all(isinstance(field, dict) for field in fields):
        return None, [fault("PKG_SCHEMA", file, "no schema with a list of fields", column=place)]
    findings: list[Finding] = []
    labels: list[str] = []
    patterns: dict[str, str] = {}
    is_plain = True
    for position, field in enumerate(fields):
        where = f"{place}.fields[{position}]"
        name = field.get("name")
        if not isinstance(name, str) or not name or name in labels:
            findings.append(fault("PKG_SCHEMA", file, "no name, or one that is given twice", column=where))
            continue
        labels.append(name)
        if name not in table.column_names:
            findings.append(fault("PKG_SCHEMA", file, f"no column of {table.name}", column=where, value=name))
            continue
        findings.extend(_check_field(field, table, name, file, where))
        pattern, faults = _own_pattern(field, table, name, file, where)
        findings.extend(faults)
        if pattern:
            patterns[name] = pattern
        is_plain &= _is_plain(field, table, name)
    findings.extend(
        fault("PKG_SCHEMA", file, "this column must be there", column=f"{place}.fields", value=column.name)
        for column in table.columns
        if column.is_required and column.name not in labels
    )
    missing_values, faults = _missing_values(schema, file, place)
    findings.extend(faults)
    findings.extend(_check_keys(schema, table, file, place))
    agreement = Agreement(tuple(labels), missing_values, patterns, _without_patterns(schema), is_plain)
    return agreement, findings


def compile_pattern(pattern: str) -> Any:
    """Return the pattern compiled to run in linear time; raises re2.error where that cannot be."""
    options = re2.Options()
    options.log_errors = False
    return re2.compile(f"(?:{pattern})", options)


def _check_field(
    field: Mapping[str, Any], table: Table, name: str, file: str, where: str
) -> Iterator[Finding]:
    column = table.column(name)
    declared = field.get("type", "string")
    if declared != column.type:
        reason = f"the contract's type of {name} is {column.type}"
        yield fault("PKG_SCHEMA", file, reason, column=f"{where}.type", value=str(declared))
    if field.get("format", "default") != "default":
        yield fault(
            "PKG_SCHEMA", file, "a format of its own", column=f"{where}.format", value=str(field["format"])
        )
    for key in field:
        if key in MEANING_CHANGING:
            yield fault("PKG_SCHEMA", file, "this would change how cells are read", column=f"{where}.{key}")
    for key, word in (("trueValues", "true"), ("falseValues", "false")):
        if column.type is ColumnType.BOOLEAN and key in field and word not in _list(field[key]):
            yield fault("PKG_SCHEMA", file, f"{word} must be among them", column=f"{where}.{key}")
    constraints = field.get("constraints", {})
    if not isinstance(constraints, dict):
        yield fault("PKG_SCHEMA", file, "no JSON object", column=f"{where}.constraints")
        return
    for key in constraints:
        if key not in CONSTRAINTS:
            yield fault(
                "PKG_SCHEMA", file, "no constraint that is checked", column=f"{where}.constraints.{key}"
            )


def _own_pattern(
    field: Mapping[str, Any], table: Table, name: str, file: str, where: str
) -> tuple[str, list[Finding]]:
    constraints = field.get("constraints")
    pattern = constraints.get("pattern") if isinstance(constraints, dict) else None
    if pattern is None or pattern == table.column(name).pattern:
        return "", []
    column = f"{where}.constraints.pattern"
    if not isinstance(pattern, str):
        return "", [fault("PKG_SCHEMA", file, "no text", column=column)]
    try:
        compile_pattern(pattern)
    except re2.error:
        reason = "a pattern that is broken or cannot run in linear time"
        return "", [fault("PKG_PATTERN_UNSAFE", file, reason, column=column, value=pattern)]
    if _NESTED_REPEAT.search(pattern):
        # Ours would run it in linear time, but whoever else reads the package would wait for ever.
        reason = "a repeated group that itself repeats"
        return "", [fault("PKG_PATTERN_UNSAFE", file, reason, column=column, value=pattern)]
    return pattern, []


def _is_plain(field: Mapping[str, Any], table: Table, name: str) -> bool:
    column = table.column(name)
    constraints = field.get("constraints", {})
    if not isinstance(constraints, dict):
        return False
    ours: dict[str, Any] = {
        "required": column.is_required,
        "enum": [str(word) for word in column.vocabulary] or None,
        "pattern": column.pattern or None,
        "minimum": column.minimum,
        "maximum": column.maximum,
    }
    return all(
        key == "pattern" or (key == "required" and value is False) or (key in ours and ours[key] == value)
        for key, value in constraints.items()
    )


def _missing_values(
    schema: Mapping[str, Any], file: str, place: str
) -> tuple[tuple[str, ...], list[Finding]]:
    value = schema.get("missingValues", [""])
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value) or "" not in value:
        reason = "no list of texts with the empty text among them"
        return ("",), [fault("PKG_SCHEMA", file, reason, column=f"{place}.missingValues")]
    return tuple(value), []


def _check_keys(schema: Mapping[str, Any], table: Table, file: str, place: str) -> Iterator[Finding]:
    key = schema.get("primaryKey")
    if key is not None and not set(_list(key)) <= set(table.key):
        reason = f"the key of {table.name} is {', '.join(table.key)}"
        yield fault("PKG_SCHEMA", file, reason, column=f"{place}.primaryKey", value=str(key))
    known = {(reference.column, reference.table, reference.target) for reference in table.references}
    for position, foreign in enumerate(_list(schema.get("foreignKeys", []))):
        target = foreign.get("reference") if isinstance(foreign, dict) else None
        columns = tuple(_list(foreign.get("fields"))) if isinstance(foreign, dict) else ()
        targets = tuple(_list(target.get("fields"))) if isinstance(target, dict) else ()
        resource = target.get("resource") if isinstance(target, dict) else None
        if len(columns) != 1 or len(targets) != 1 or (columns[0], resource, targets[0]) not in known:
            yield fault(
                "PKG_SCHEMA", file, "no reference of the contract", column=f"{place}.foreignKeys[{position}]"
            )
    for name in UNCHECKED:
        if name in schema and schema[name] not in ("exact", ["exact"]):
            yield fault("PKG_SCHEMA", file, "this is not checked; leave it out", column=f"{place}.{name}")


def _without_patterns(schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = []
    for field in schema["fields"]:
        constraints = field.get("constraints")
        if isinstance(constraints, dict):
            kept = {key: value for key, value in constraints.items() if key != "pattern"}
            fields.append({**field, "constraints": kept})
        else:
            fields.append(field)
    return {**schema, "fields": fields}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


CONSTRAINTS = ("required", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength")
MEANING_CHANGING = (
    "decimalChar",
    "groupChar",
    "bareNumber",
    "floatNumber",
    "missingValues",
    "categories",
    "arrayItem",
)
UNCHECKED = ("uniqueKeys", "fieldsMatch")
_NESTED_REPEAT = re.compile(r"\((?:[^()\\]|\\.)*(?:[+*]|\{\d+,\d*\})(?:[^()\\]|\\.)*\)(?:[+*]|\{\d+,\d*\})")
