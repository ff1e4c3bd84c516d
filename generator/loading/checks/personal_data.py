"""Personal data in texts: NHS numbers, postcodes, e-mail addresses and dates of birth.

Whoever fills in a remark sometimes says whom it is about. A finding names the place and never shows the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from generator.errors import ExitStatus, Finding
from generator.loading.checks.registry import check
from generator.loading.draft import Draft
from generator.model.schemas import DESCRIPTOR_NAME
from generator.model.tables import INPUT_TABLES, Column, ColumnType


@dataclass(frozen=True)
class Pattern:
    """One kind of personal data, and how to see it in a text."""

    reason: str
    is_in: Callable[[str], bool]
    allowed_in: frozenset[str]
    """Columns in which it is no personal data."""


@check(
    "PII_PATTERN",
    title="No text holds an NHS number, a postcode, an e-mail address or a date of birth",
    advice="Take it out of the text at its source; postcodes of premises belong in `postcode` or `address`, "
    "the mailbox of a role in `contact`. If it is a person's, find out where else the file has gone.",
    status=ExitStatus.DISCLOSURE,
    shows_value=False,
)
def texts_tell_of_nobody(draft: Draft) -> Iterator[Finding]:
    """Find the cells of free text, and the texts of the descriptor, that look like personal data."""
    for name, table in INPUT_TABLES.items():
        frame = draft[name]
        for column in table.columns:
            if not _is_free_text(column):
                continue
            for reason, texts in _suspects(frame[column.name], column.name).items():
                for label in frame.index[frame[column.name].isin(texts)].tolist():
                    yield Finding(name, label, column.name, reason)
    if draft.descriptor is not None:
        for place, text in _texts_of(asdict(draft.descriptor)):
            for pattern in _patterns_in(text, place.rsplit(".", 1)[-1]):
                yield Finding(DESCRIPTOR_NAME, None, place, pattern.reason)


def has_nhs_number(text: str) -> bool:
    """Return whether ten digits in the text, in one piece or as 3, 3 and 4, have a valid check digit."""
    return any(_is_nhs_number(re.sub(r"\D", "", found)) for found in _TEN_DIGITS.findall(text))


def has_postcode(text: str) -> bool:
    """Return whether a full postcode of the United Kingdom stands in the text; ordinals (B2 2ND) are none."""
    return bool(_POSTCODE.search(text) or _POSTCODE_IN_ONE.search(text))


def has_email(text: str) -> bool:
    """Return whether an e-mail address stands in the text."""
    return bool(_EMAIL.search(text))


def has_birth_date(text: str) -> bool:
    """Return whether the text calls a date a date of birth.

    Who is born on, after or between dates is a group of people, as definitions of metrics have them.
    """
    return bool(_BIRTH_DATE.search(text))


def _is_nhs_number(digits: str) -> bool:
    weighted = sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False))
    return (11 - weighted % 11) % 11 == int(digits[9]) and len(set(digits)) > 1


def _is_free_text(column: Column) -> bool:
    """Return whether a column takes any text: codes, words of a list and links are none."""
    is_open = column.type is ColumnType.STRING and not column.pattern and not column.vocabulary
    return is_open and not column.name.endswith(_LINKS)


def _suspects(column: pd.Series[Any], name: str) -> dict[str, list[str]]:
    """Return, by reason, the distinct texts of a column that look like personal data."""
    distinct = column.cat.categories if isinstance(column.dtype, pd.CategoricalDtype) else column.unique()
    texts = pa.array(np.asarray(distinct, dtype=object), pa.string(), from_pandas=True)
    # Nearly every text is ruled out here, in linear time and outside Python.
    worth_reading = pc.match_substring_regex(texts, _WORTH_READING, ignore_case=True)
    suspects: dict[str, list[str]] = {}
    for text in texts.filter(worth_reading).to_pylist():
        for pattern in _patterns_in(text, name):
            suspects.setdefault(pattern.reason, []).append(text)
    return suspects


def _patterns_in(text: str, column: str) -> Iterator[Pattern]:
    return (pattern for pattern in _PATTERNS if column not in pattern.allowed_in and pattern.is_in(text))


def _texts_of(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text of the descriptor but links, with its place."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not key.endswith(_LINKS):
                yield from _texts_of(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _texts_of(inner, f"{place}[{position}]")
    elif isinstance(value, str):
        yield place, value


_LINKS = ("website", "url", "path")
"""How the names of columns and keys that hold a web address end: numbers in addresses mean nothing."""

_AREAS = (
    "AB|AL|BA|BB|BD|BH|BL|BN|BR|BS|BT|CA|CB|CF|CH|CM|CO|CR|CT|CV|CW|DA|DD|DE|DG|DH|DL|DN|DT|DY|EC|EH|"
    "EN|EX|FK|FY|GL|GU|GY|HA|HD|HG|HP|HR|HS|HU|HX|IG|IM|IP|IV|JE|KA|KT|KW|KY|LA|LD|LE|LL|LN|LS|LU|ME|"
    "MK|ML|NE|NG|NN|NP|NR|NW|OL|OX|PA|PE|PH|PL|PO|PR|RG|RH|RM|SA|SE|SG|SK|SL|SM|SN|SO|SP|SR|SS|ST|SW|"
    "SY|TA|TD|TF|TN|TQ|TR|TS|TW|UB|WA|WC|WD|WF|WN|WR|WS|WV|YO|ZE|B|E|G|L|M|N|S|W"
)
_OUTWARD = f"(?:{_AREAS})[0-9][0-9A-HJKPS-UW-Y]?"
_INWARD = "(?!1ST|2ND|3RD|[04-9]TH)[0-9][ABD-HJLNP-UW-Z]{2}"
_POSTCODE = re.compile(rf"(?<![A-Z0-9-]){_OUTWARD}\s{_INWARD}(?![A-Z0-9])", re.IGNORECASE)
# In one piece only as capitals: otherwise many a word with figures would do.
_POSTCODE_IN_ONE = re.compile(rf"(?<![A-Za-z0-9-]){_OUTWARD}{_INWARD}(?![A-Za-z0-9-])")
# A telephone number begins with 0, or stands behind +44.
_TEN_DIGITS = re.compile(
    r"(?<![0-9.,+-])(?<!\+44 )[1-9][0-9]{2}[ -]?[0-9]{3}[ -]?[0-9]{4}(?![0-9]|[.,-][0-9])"
)
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = (
    "(?:[0-9]{1,2}[/. -][0-9]{1,2}[/. -](?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2}"
    rf"|[0-9]{{1,2}}(?:st|nd|rd|th)?[ -]{_MONTH}[ ,-]*(?:[0-9]{{4}}|[0-9]{{2}})"
    rf"|{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? (?:[0-9]{{4}}|[0-9]{{2}}))(?![0-9])"
)
_BIRTH_DATE = re.compile(
    rf"\b(?:d\.?\s?o\.?\s?b\b\.?|(?:date of birth|birth ?date|born)(?: on| is| was)?)\W{{0,5}}{_DATE}"
    r"(?!\s*(?:(?:to|and|until|or)\b|[-–—]))",  # noqa: RUF001  # an en dash is what people type
    re.IGNORECASE,
)
_WORTH_READING = (
    r"@|[0-9]{3}[ -]?[0-9]{3}[ -]?[0-9]{4}|[a-z][0-9][0-9a-z]?\s?[0-9][a-z]{2}|birth|born|d\.?\s?o\.?\s?b"
)
"""What a text with any of the patterns has in it, as RE2 understands it."""

_PATTERNS = (
    Pattern("looks like it holds an NHS number", has_nhs_number, frozenset({"phone"})),
    Pattern("looks like it holds a postcode", has_postcode, frozenset({"postcode", "address"})),
    Pattern("looks like it holds an e-mail address", has_email, frozenset({"contact"})),
    Pattern("looks like it holds a date of birth", has_birth_date, frozenset()),
)
