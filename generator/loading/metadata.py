"""What a release says about itself: sources, licences, and the keys under `candour`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from generator.errors import Finding
from generator.loading.faults import fault
from generator.model.release import Descriptor, Licence, Source
from generator.model.tables import CONTRACT
from generator.model.vocabulary import Absence

PUBLICATION_TIME = "09:30"
"""When a release appears if it does not say, in Europe/London."""


def is_web_address(value: Any) -> bool:
    """Return whether the value is an https or mailto address, without spaces or further tricks."""
    return isinstance(value, str) and _WEB_ADDRESS.fullmatch(value) is not None


def has_foreign_scheme(text: str) -> bool:
    """Return whether the text would act as a link of a scheme other than https and mailto."""
    return _SCHEME.match(text) is not None and not is_web_address(text)


def read_sources(value: Any, file: str) -> tuple[tuple[Source, ...], list[Finding]]:
    """Return the package's sources; each needs a title, and one at least is required."""
    sources: list[Source] = []
    findings: list[Finding] = []
    for place, item in _items(value, "sources", file, findings):
        title = item.get("title", item.get("name"))
        if not isinstance(title, str) or not title.strip():
            findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "no title", column=f"{place}.title"))
            continue
        sources.append(Source(title, _address(item, place, file, findings)))
    return tuple(sources), findings


def read_licences(value: Any, file: str) -> tuple[tuple[Licence, ...], list[Finding]]:
    """Return the package's licences; each needs a name or a title, and one at least is required."""
    licences: list[Licence] = []
    findings: list[Finding] = []
    for place, item in _items(value, "licenses", file, findings):
        name, title = item.get("name", ""), item.get("title", "")
        if not isinstance(name, str) or not isinstance(title, str) or not (name or title).strip():
            findings.append(
                fault("PKG_DESCRIPTOR_INVALID", file, "no name and no title", column=f"{place}.name")
            )
            continue
        licences.append(Licence(name or title, title or name, _address(item, place, file, findings)))
    return tuple(licences), findings


def read_candour(
    keys: Mapping[str, Any],
    file: str,
    *,
    title: str,
    description: str,
    sources: tuple[Source, ...],
    licences: tuple[Licence, ...],
) -> tuple[Descriptor | None, list[Finding]]:
    """Return what a release says about itself and what is wrong with it; None where that is beyond use."""
    reader = _Keys(keys, file)
    if keys.get("contract") != CONTRACT or isinstance(keys.get("contract"), bool):
        reader.refuse("contract", f"not {CONTRACT}, the contract that this software reads")
    for key in keys:
        if key not in CANDOUR_KEYS:
            reader.refuse(key, "no key of the contract")
    release = reader.text("release")
    if release and not _RELEASE.fullmatch(release):
        reader.refuse("release", "not of lower-case letters, digits, dots and hyphens", release)
    publication_date = reader.date("publication_date", required=True)
    next_date = reader.date("next_publication_date", required=False)
    if publication_date and next_date and next_date <= publication_date:
        reader.refuse("next_publication_date", "not after publication_date", next_date.isoformat())
    time = reader.text("publication_time", default=PUBLICATION_TIME)
    if not _TIME.fullmatch(time):
        reader.refuse("publication_time", "no time of day such as 09:30", time)
    publisher = reader.text("publisher")
    contact = reader.text("contact")
    if has_foreign_scheme(contact):
        reader.findings.append(
            fault(
                "PKG_URL_SCHEME",
                file,
                "a scheme other than https and mailto",
                column="candour.contact",
                value=contact,
            )
        )
    missing_rows = reader.text("missing_rows", default="")
    if missing_rows and missing_rows not in tuple(Absence):
        reader.refuse("missing_rows", "no absence of the contract", missing_rows)
    demonstration = keys.get("demonstration", False)
    if not isinstance(demonstration, bool):
        reader.refuse("demonstration", "neither true nor false")
    if not title.strip():
        reader.findings.append(
            fault("PKG_DESCRIPTOR_INVALID", file, "the release has no title", column="title")
        )
    if reader.findings or publication_date is None:
        return None, reader.findings
    return (
        Descriptor(
            release,
            title,
            publication_date,
            time,
            next_date,
            publisher,
            contact,
            missing_rows,
            demonstration,
            sources,
            licences,
            description,
        ),
        [],
    )


class _Keys:
    """Reads the keys of one mapping and collects what is wrong with them."""

    def __init__(self, keys: Mapping[str, Any], file: str) -> None:
        self.keys = keys
        self.file = file
        self.findings: list[Finding] = []

    def refuse(self, key: str, reason: str, value: str = "") -> None:
        self.findings.append(
            fault("PKG_DESCRIPTOR_INVALID", self.file, reason, column=f"candour.{key}", value=value)
        )

    def text(self, key: str, *, default: str | None = None) -> str:
        value = self.keys.get(key, default)
        if isinstance(value, str) and (value.strip() or default is not None):
            return value
        self.refuse(key, "no text")
        return ""

    def date(self, key: str, *, required: bool) -> date | None:
        value = self.keys.get(key)
        if value is None and not required:
            return None
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        self.refuse(key, "no date such as 2025-06-30", value if isinstance(value, str) else "")
        return None


def _items(value: Any, key: str, file: str, findings: list[Finding]) -> list[tuple[str, dict[str, Any]]]:
    if not isinstance(value, list) or not value:
        findings.append(fault("PKG_DESCRIPTOR_INVALID", file, "none is named; one is required", column=key))
        return []
    items = []
    for position, item in enumerate(value):
        if isinstance(item, dict):
            items.append((f"{key}[{position}]", item))
        else:
            findings.append(
                fault("PKG_DESCRIPTOR_INVALID", file, "no JSON object", column=f"{key}[{position}]")
            )
    return items


def _address(item: Mapping[str, Any], place: str, file: str, findings: list[Finding]) -> str:
    path = item.get("path", "")
    if path in ("", None):
        return ""
    if is_web_address(path):
        return str(path)
    value = path if isinstance(path, str) else ""
    findings.append(fault("PKG_URL_SCHEME", file, "no https address", column=f"{place}.path", value=value))
    return ""


CANDOUR_KEYS = (
    "contract",
    "release",
    "publication_date",
    "publication_time",
    "next_publication_date",
    "publisher",
    "contact",
    "missing_rows",
    "demonstration",
)
_WEB_ADDRESS = re.compile(r"https://[^\s/\\@<>\"'`][^\s\\<>\"'`]*|mailto:[^\s@<>\"'`]+@[^\s@<>\"'`]+")
_SCHEME = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9+.-]*:|//)")
_RELEASE = re.compile(r"[a-z0-9][a-z0-9.-]*")
_TIME = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
