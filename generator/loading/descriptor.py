"""datapackage.json read with care: its resources, its schemas, and what it says about the release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from generator.errors import Finding
from generator.loading.characters import find_unsafe_text
from generator.loading.faults import fault
from generator.loading.metadata import is_web_address, read_licences, read_sources
from generator.loading.resources import Resource, check_reference, is_name, read_resources, shown
from generator.loading.strict_json import read_json
from generator.model.release import Licence, Source


@dataclass(frozen=True)
class PackageDescriptor:
    """One datapackage.json, as far as it can be used."""

    title: str
    description: str
    resources: tuple[Resource, ...]
    names: frozenset[str]
    """Every name of a resource, usable or not."""
    listed: frozenset[str]
    """Every path that a resource names, usable or not."""
    sources: tuple[Source, ...]
    licences: tuple[Licence, ...]
    candour: dict[str, Any] | None


def read_descriptor(content: bytes, file: str) -> tuple[PackageDescriptor | None, list[Finding]]:
    """Return what a datapackage.json says and what is wrong with it; None where it cannot be read at all."""
    document, findings = read_json(content, file)
    if document is None:
        if not findings:
            findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "no JSON object"))
        return None, findings
    if not isinstance(document, dict):
        return None, [*findings, fault("PKG_DESCRIPTOR_INVALID", file, "no JSON object")]
    findings.extend(find_unsafe_text(document, file))
    findings.extend(_check_profile(document, file))
    name = document.get("name")
    if name is not None and not is_name(name):
        findings.append(fault("PKG_NAME_UNSAFE", file, "no safe name", column="name", value=shown(name)))
    title = document.get("title", "")
    if not isinstance(title, str):
        findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "no text", column="title", value=shown(title)))
        title = ""
    if "homepage" in document and not is_web_address(document["homepage"]):
        reason = "no https address"
        findings.append(
            fault("PKG_URL_SCHEME", file, reason, column="homepage", value=shown(document["homepage"]))
        )
    for position, contributor in enumerate(_list_of(document.get("contributors"))):
        path = contributor.get("path")
        if path is not None and not is_web_address(path):
            column = f"contributors[{position}].path"
            findings.append(
                fault("PKG_URL_SCHEME", file, "no https address", column=column, value=shown(path))
            )
    sources, faults = read_sources(document.get("sources"), file)
    findings.extend(faults)
    licences, faults = read_licences(document.get("licenses"), file)
    findings.extend(faults)
    candour = document.get("candour")
    if candour is not None and not isinstance(candour, dict):
        findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "no JSON object", column="candour"))
        candour = None
    resources, faults = read_resources(document.get("resources"), file)
    findings.extend(faults)
    items = _list_of(document.get("resources"))
    names = frozenset(item["name"] for item in items if isinstance(item.get("name"), str))
    listed = frozenset(
        str(PurePosixPath(item["path"])) for item in items if isinstance(item.get("path"), str)
    )
    description = document.get("description", "")
    return (
        PackageDescriptor(
            title,
            description if isinstance(description, str) else "",
            tuple(resources),
            names,
            listed,
            sources,
            licences,
            candour,
        ),
        findings,
    )


def _check_profile(document: Mapping[str, Any], file: str) -> Iterator[Finding]:
    for key, known in (("profile", PACKAGE_PROFILES), ("$schema", PACKAGE_SCHEMAS)):
        yield from check_reference(document, key, known, file, key)


def _list_of(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


PACKAGE_PROFILES = ("data-package", "tabular-data-package")
PACKAGE_SCHEMAS = tuple(
    f"https://datapackage.org/profiles/{version}/datapackage.json" for version in ("1.0", "2.0")
)
