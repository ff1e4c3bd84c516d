"""One resource of a descriptor: its name, path, dialect, fixity and schema, each checked before use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from generator.errors import Finding
from generator.loading.agreement import Agreement, agree_schema
from generator.loading.faults import fault
from generator.loading.files import find_unsafe_path
from generator.model.tables import BOUNDARIES, INPUT_TABLES, Table


@dataclass(frozen=True)
class Resource:
    """One file of a package as its descriptor tells it."""

    name: str
    path: str
    """Path below the folder of the descriptor."""
    place: str
    """Where in the descriptor it stands, as resources[0]."""
    table: Table | None
    """None for boundaries, which are no table."""
    agreement: Agreement | None
    delimiter: str
    hash: str
    bytes: int | None
    rows: int | None


def read_resources(value: Any, file: str) -> tuple[list[Resource], list[Finding]]:
    """Return the resources that can be used, of the value under `resources`, and what is wrong with all."""
    findings: list[Finding] = []
    resources: list[Resource] = []
    if not isinstance(value, list) or not value:
        return [], [fault("PKG_NO_RESOURCES", file, "no list of resources", column="resources")]
    names: dict[str, str] = {}
    for position, item in enumerate(value):
        place = f"resources[{position}]"
        if not isinstance(item, dict):
            findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "no JSON object", column=place))
            continue
        resource, faults = _read_resource(item, file, place, names)
        findings.extend(faults)
        if resource is not None:
            resources.append(resource)
    return resources, findings


def check_reference(
    document: Mapping[str, Any], key: str, known: tuple[str, ...], file: str, column: str
) -> Iterator[Finding]:
    """Yield a finding where a profile is not one that we know, since nothing is fetched to learn about it."""
    value = document.get(key)
    if value is None or value in known:
        return
    if isinstance(value, str):
        yield fault(
            "PKG_REMOTE_METADATA", file, "a profile that would have to be fetched", column=column, value=value
        )
    else:
        yield fault("PKG_DESCRIPTOR_INVALID", file, "no text", column=column)


def is_name(value: Any) -> bool:
    """Return whether the value is a name that is safe in paths and addresses."""
    return (
        isinstance(value, str)
        and re.fullmatch(r"[a-z0-9][a-z0-9._-]*", value) is not None
        and ".." not in value
    )


def shown(value: Any) -> str:
    """Return a value of the descriptor as text for a finding."""
    return value if isinstance(value, str) else repr(value)


def _read_resource(
    item: Mapping[str, Any], file: str, place: str, names: dict[str, str]
) -> tuple[Resource | None, list[Finding]]:
    findings: list[Finding] = []
    name, path = item.get("name"), item.get("path")
    if not isinstance(name, str) or not is_name(name):
        findings.append(
            fault("PKG_NAME_UNSAFE", file, "no safe name", column=f"{place}.name", value=shown(name))
        )
    elif name.casefold() in names:
        reason = f"the same name as {names[name.casefold()]}, or differing in case only"
        findings.append(fault("PKG_NAME_UNSAFE", file, reason, column=f"{place}.name", value=name))
    elif name not in INPUT_TABLES and name != BOUNDARIES:
        findings.append(
            fault("PKG_NO_RESOURCES", file, "no table of the contract", column=f"{place}.name", value=name)
        )
    if isinstance(name, str):
        names.setdefault(name.casefold(), place)
    findings.extend(_check_path(path, item, file, place))
    findings.extend(check_reference(item, "profile", RESOURCE_PROFILES, file, f"{place}.profile"))
    findings.extend(check_reference(item, "$schema", RESOURCE_SCHEMAS, file, f"{place}.$schema"))
    delimiter, faults = _read_dialect(item.get("dialect"), file, f"{place}.dialect")
    findings.extend(faults)
    findings.extend(_check_encoding(item, file, place))
    fixity, faults = _read_fixity(item, file, place)
    findings.extend(faults)
    agreement = None
    table = INPUT_TABLES.get(name) if isinstance(name, str) else None
    if table is not None:
        agreement, faults = agree_schema(item.get("schema"), table, file, f"{place}.schema")
        findings.extend(faults)
    usable = not any(finding.code in _UNUSABLE for finding in findings)
    if not usable or not isinstance(name, str) or not isinstance(path, str):
        return None, findings
    if table is not None and agreement is None:
        return None, findings
    return Resource(name, path, place, table, agreement, delimiter, *fixity), findings


def _check_path(path: Any, item: Mapping[str, Any], file: str, place: str) -> Iterator[Finding]:
    column = f"{place}.path"
    if "data" in item:
        yield fault(
            "PKG_DESCRIPTOR_INVALID", file, "data inside the descriptor; give a file", column=f"{place}.data"
        )
        return
    if isinstance(path, list):
        for part in path:
            if isinstance(part, str) and (finding := find_unsafe_path(part, file, column)):
                yield finding
        yield fault(
            "PKG_DESCRIPTOR_INVALID", file, "several paths; give one file for a resource", column=column
        )
        return
    if not isinstance(path, str):
        yield fault("PKG_DESCRIPTOR_INVALID", file, "no path", column=column)
        return
    if finding := find_unsafe_path(path, file, column):
        yield finding
        return
    suffix = PurePosixPath(path).suffix.lower()
    unsupported = UNSUPPORTED_FORMATS.get(suffix)
    if unsupported is not None:
        yield fault(unsupported, file, f"a {suffix} file", column=column, value=path)
    elif "compression" in item or "innerpath" in item:
        yield fault("ARC_UNSUPPORTED", file, "a file inside an archive", column=column, value=path)


def _read_dialect(value: Any, file: str, column: str) -> tuple[str, list[Finding]]:
    if value is None:
        return ",", []
    if isinstance(value, str):
        return ",", [
            fault("PKG_REMOTE_METADATA", file, "a dialect that lies elsewhere", column=column, value=value)
        ]
    if not isinstance(value, dict):
        return ",", [fault("PKG_DESCRIPTOR_INVALID", file, "no JSON object", column=column)]
    settings = dict(value)
    inner = settings.pop("csv", None)  # frictionless 5 writes the settings of CSV one level deeper.
    if isinstance(inner, dict):
        settings |= inner
    delimiter = settings.pop("delimiter", ",")
    findings = []
    if delimiter not in DELIMITERS:
        findings.append(
            fault(
                "TAB_DIALECT",
                file,
                "no delimiter that is read",
                column=f"{column}.delimiter",
                value=shown(delimiter),
            )
        )
        delimiter = ","
    findings.extend(
        fault(
            "TAB_DIALECT", file, "a setting that is not read", column=f"{column}.{key}", value=shown(setting)
        )
        for key, setting in settings.items()
        if key not in PLAIN_DIALECT or setting not in PLAIN_DIALECT[key]
    )
    return delimiter, findings


def _check_encoding(item: Mapping[str, Any], file: str, place: str) -> Iterator[Finding]:
    encoding = item.get("encoding", "utf-8")
    if not isinstance(encoding, str) or encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        yield fault("TAB_ENCODING", file, "no UTF-8", column=f"{place}.encoding", value=shown(encoding))


def _read_fixity(
    item: Mapping[str, Any], file: str, place: str
) -> tuple[tuple[str, int | None, int | None], list[Finding]]:
    """Return the declared hash (with its algorithm), size in bytes and number of rows, each where given."""
    findings = []
    stats = item.get("stats")
    facts = {**stats, **item} if isinstance(stats, dict) else item
    declared = facts.get("hash", "")
    if isinstance(declared, str) and declared:
        algorithm, _, digest = declared.rpartition(":")
        declared = f"{(algorithm or 'md5').lower()}:{digest.lower()}"
        length = HASH_LENGTHS.get(declared.partition(":")[0])
        if length is None or not re.fullmatch(f"[0-9a-f]{{{length}}}", digest.lower()):
            findings.append(
                fault(
                    "PKG_DESCRIPTOR_INVALID",
                    file,
                    "no hash that is known",
                    column=f"{place}.hash",
                    value=declared,
                )
            )
            declared = ""
    elif declared:
        findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "no text", column=f"{place}.hash"))
        declared = ""
    counts: list[int | None] = []
    for key in ("bytes", "rows"):
        count = facts.get(key)
        if count is not None and (not isinstance(count, int) or isinstance(count, bool) or count < 0):
            findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "no count", column=f"{place}.{key}"))
            count = None
        counts.append(count)
    return (declared, counts[0], counts[1]), findings


RESOURCE_PROFILES = ("data-resource", "tabular-data-resource")
RESOURCE_SCHEMAS = tuple(
    f"https://datapackage.org/profiles/{version}/dataresource.json" for version in ("1.0", "2.0")
)
DELIMITERS = (",", ";", "\t", "|")
PLAIN_DIALECT: dict[str, tuple[Any, ...]] = {
    "$schema": ("https://datapackage.org/profiles/2.0/tabledialect.json",),
    "caseSensitiveHeader": (True, False),
    "csvddfVersion": (1, 1.0, 1.2, "1.0", "1.2"),
    "doubleQuote": (True,),
    "header": (True,),
    "headerRows": ([1],),
    "lineTerminator": ("\n", "\r\n"),
    "quoteChar": ('"',),
    "skipInitialSpace": (False,),
}
"""Settings of a dialect that change nothing about how we read."""
HASH_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
UNSUPPORTED_FORMATS = {
    **dict.fromkeys((".zip", ".gz", ".bz2", ".xz", ".zst", ".tar", ".tgz", ".7z"), "ARC_UNSUPPORTED"),
    **dict.fromkeys((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"), "XLS_UNSUPPORTED"),
    **dict.fromkeys((".parquet", ".pq", ".feather", ".arrow"), "PQ_UNSUPPORTED"),
}
_UNUSABLE = (
    "PKG_NAME_UNSAFE",
    "PKG_NO_RESOURCES",
    "PKG_PATH_UNSAFE",
    "SRC_REMOTE_DENIED",
    "PKG_REMOTE_METADATA",
    "PKG_DESCRIPTOR_INVALID",
    "ARC_UNSUPPORTED",
    "XLS_UNSUPPORTED",
    "PQ_UNSUPPORTED",
    "TAB_ENCODING",
)
"""Faults after which a resource's file is not opened."""
