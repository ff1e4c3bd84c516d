"""The rules that every cell keeps, applied to the distinct texts of a column."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from generator.loading.agreement import compile_pattern
from generator.loading.characters import INVISIBLE_LETTERS, unsafe_characters
from generator.loading.metadata import has_foreign_scheme, is_web_address
from generator.model.tables import Column, ColumnType, Table

MAXIMUM_CELL_BYTES = 32_768


@dataclass(frozen=True)
class Cells:
    """A column as its distinct texts and which of them each row holds."""

    texts: pa.StringArray
    given: pa.StringArray
    """The texts as they stand in the file: where a marker means blank, `texts` has the empty text."""
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, column: pa.DictionaryArray, missing_values: tuple[str, ...]) -> Cells:
        """Return the column with each marker of a missing value taken for a blank."""
        given = column.dictionary
        # A quoted line end is a line feed, however the file ends its lines.
        texts = pc.replace_substring(given, "\r\n", "\n")
        if len(missing_values) > 1:
            texts = pc.if_else(pc.is_in(given, pa.array(missing_values)), "", texts)
        return cls(texts, given, column.indices.to_numpy(zero_copy_only=False))


@dataclass
class TextFaults:
    """What is wrong with which distinct text; the first fault of a text stands."""

    by_text: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Code and reason by position of the text."""

    def add(self, positions: NDArray[np.int64], code: str, reason: str) -> None:
        """Add a fault of the texts at these positions."""
        for position in positions:
            self.by_text.setdefault(int(position), (code, reason))


Rule = Callable[[Cells, TextFaults], None]


def rules_of(table: Table, column: Column, pattern: str) -> Iterator[Rule]:
    """Yield the rules for one column; those that explain most come first."""
    is_key = column.name in table.key
    yield lambda cells, faults: _check_text(cells, faults, is_key=is_key)
    if column.is_required:
        yield _check_required
    if column.type is ColumnType.STRING:
        if column.vocabulary:
            words = tuple(str(word) for word in column.vocabulary)
            yield lambda cells, faults: _check_vocabulary(cells, faults, words)
        if column.pattern:
            yield lambda cells, faults: _check_code(cells, faults, column.pattern)
        if column.name in WEB_ADDRESSES:
            yield _check_web_address
        if column.name in CONTACTS:
            yield _check_contact
    elif column.type is ColumnType.BOOLEAN:
        yield _check_boolean
    elif column.type is ColumnType.DATE:
        yield _check_date
    else:
        yield lambda cells, faults: _check_number(cells, faults, column)
    if pattern:
        yield lambda cells, faults: _check_pattern(cells, faults, pattern)


def numbers_of(cells: Cells, faults: TextFaults) -> NDArray[np.float64]:
    """Return the distinct texts as numbers, NaN where blank or faulty in form."""
    unusable = pc.equal(cells.texts, "").to_numpy(zero_copy_only=False).copy()
    for position, (code, _) in faults.by_text.items():
        if code != "VAL_RANGE":
            unusable[position] = True
    texts = pc.if_else(pa.array(unusable), None, cells.texts)
    # Adding zero turns -0.0 into 0.0.
    return np.asarray(texts.cast(pa.float64()).to_numpy(zero_copy_only=False) + 0.0)


def date_of(text: str) -> date | None:
    """Return the day that the text names; None where it is no ISO date."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _check_text(cells: Cells, faults: TextFaults, *, is_key: bool) -> None:
    too_large = _positions(pc.greater(pc.binary_length(cells.given), MAXIMUM_CELL_BYTES))
    faults.add(too_large, "TAB_TOO_LARGE", f"a cell of more than {MAXIMUM_CELL_BYTES:,} bytes")
    for position in _positions(pc.match_substring_regex(cells.given, _UNSAFE)):
        characters = unsafe_characters(cells.texts[int(position)].as_py())
        if characters:
            faults.add(np.array([position]), "TXT_UNSAFE_CHAR", f"holds {characters}")
    if is_key:
        faults.add(_positions(pc.match_substring(cells.given, "\n")), "TAB_QUOTE", "a line end inside a key")
    only_spaces = pc.match_substring_regex(cells.texts, r"^[\s\p{Zs}]+$")
    faults.add(_positions(only_spaces), "TAB_SHAPE", "a cell that holds only spaces")


def _check_required(cells: Cells, faults: TextFaults) -> None:
    faults.add(_positions(pc.equal(cells.texts, "")), "TAB_SHAPE", "blank; this column must be filled in")


def _check_vocabulary(cells: Cells, faults: TextFaults, words: tuple[str, ...]) -> None:
    unknown = pc.invert(pc.is_in(cells.texts, pa.array(["", *words])))
    faults.add(_positions(unknown), "VAL_VOCABULARY", f"not one of {', '.join(words)}")


def _check_code(cells: Cells, faults: TextFaults, pattern: str) -> None:
    for position in _positions(_does_not_match(cells.texts, pattern)):
        text = cells.texts[int(position)].as_py()
        faults.add(np.array([position]), "VAL_CODE_FORMAT", _explain_code(text, pattern))


def _explain_code(text: str, pattern: str) -> str:
    if not text.isascii():
        odd = ", ".join(sorted({f"U+{ord(character):04X}" for character in text if not character.isascii()}))
        return f"not of the form {pattern}: holds {odd}, which may look like a plain letter"
    if text != text.strip():
        return f"not of the form {pattern}: a space before or after"
    if _SPREADSHEET_DATE.fullmatch(text):
        return f"not of the form {pattern}: looks like a date made by a spreadsheet"
    if _SPREADSHEET_NUMBER.fullmatch(text):
        return f"not of the form {pattern}: looks like a number made by a spreadsheet"
    return f"not of the form {pattern}"


def _check_pattern(cells: Cells, faults: TextFaults, pattern: str) -> None:
    compiled = compile_pattern(pattern)
    unmatched = [
        position
        for position, text in enumerate(cells.texts.to_pylist())
        if text and compiled.fullmatch(text) is None
    ]
    faults.add(
        np.array(unmatched, dtype=np.int64), "VAL_CONSTRAINT", "not of the form that the schema asks for"
    )


def _check_web_address(cells: Cells, faults: TextFaults) -> None:
    for position, text in enumerate(cells.texts.to_pylist()):
        if text and not is_web_address(text):
            faults.add(np.array([position]), "PKG_URL_SCHEME", "no https address")


def _check_contact(cells: Cells, faults: TextFaults) -> None:
    for position, text in enumerate(cells.texts.to_pylist()):
        if has_foreign_scheme(text):
            faults.add(np.array([position]), "PKG_URL_SCHEME", "a scheme other than https and mailto")


def _check_boolean(cells: Cells, faults: TextFaults) -> None:
    unknown = pc.invert(pc.is_in(cells.texts, pa.array(["", "true", "false"])))
    faults.add(_positions(unknown), "VAL_BOOLEAN_FORMAT", "neither true nor false")


def _check_date(cells: Cells, faults: TextFaults) -> None:
    for position, text in enumerate(cells.texts.to_pylist()):
        if text and date_of(text) is None:
            reason = (
                "a date that does not exist" if _ISO_DATE.fullmatch(text) else "not of the form 2025-06-30"
            )
            faults.add(np.array([position]), "VAL_DATE_FORMAT", reason)


def _check_number(cells: Cells, faults: TextFaults, column: Column) -> None:
    is_integer = column.type is ColumnType.INTEGER
    for position in _positions(_does_not_match(cells.texts, INTEGER if is_integer else NUMBER)):
        text = cells.texts[int(position)].as_py()
        if _is_nonfinite(text):
            faults.add(np.array([position]), "VAL_NONFINITE", "no finite number")
        else:
            kind = "whole number in plain digits" if is_integer else "number in plain digits"
            faults.add(np.array([position]), "VAL_NUMBER_FORMAT", f"no {kind}")
    too_long = _positions(pc.greater(pc.binary_length(cells.texts), MAXIMUM_DIGITS))
    faults.add(too_long, "VAL_NUMBER_FORMAT", f"more than {MAXIMUM_DIGITS} characters")
    numbers = numbers_of(cells, faults)
    with np.errstate(invalid="ignore"):
        if column.minimum is not None:
            reason = f"less than {column.minimum:g}"
            faults.add(np.flatnonzero(numbers < column.minimum), "VAL_RANGE", reason)
        if column.maximum is not None:
            reason = f"greater than {column.maximum:g}"
            faults.add(np.flatnonzero(numbers > column.maximum), "VAL_RANGE", reason)


def _is_nonfinite(text: str) -> bool:
    if _NONFINITE.fullmatch(text):
        return True
    return _EXPONENT.fullmatch(text) is not None and not math.isfinite(float(text))


def _does_not_match(texts: pa.StringArray, pattern: str) -> Any:
    """Return which texts are neither blank nor wholly of the pattern (RE2's $ is the very end)."""
    matches = pc.match_substring_regex(texts, f"^(?:{pattern})$")
    return pc.invert(pc.or_(matches, pc.equal(texts, "")))


def _positions(mask: Any) -> NDArray[np.int64]:
    return np.flatnonzero(mask.to_numpy(zero_copy_only=False))


NUMBER = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
"""No exponent, plus, separator or leading zero, so that no reader can take a number for another."""
INTEGER = r"-?(?:0|[1-9][0-9]*)"
MAXIMUM_DIGITS = 40
WEB_ADDRESSES = ("website", "source_url")
CONTACTS = ("contact",)
_UNSAFE = rf"[\p{{Cc}}\p{{Cf}}\p{{Co}}\p{{Zl}}\p{{Zp}}{INVISIBLE_LETTERS}]"
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NONFINITE = re.compile(r"\s*[+-]?(?:s?nan|inf|infinity)\s*", re.IGNORECASE | re.ASCII)
_EXPONENT = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?[eE][+-]?[0-9]+", re.ASCII)
_SPREADSHEET_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SPREADSHEET_DATE = re.compile(
    r"(?:[0-9]{1,2}-)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*-[0-9]{2,4}", re.IGNORECASE
)
