"""JSON read strictly: UTF-8 without a mark, each key once, finite numbers, bounded depth and size."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from generator.errors import Finding
from generator.loading.faults import fault

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 50
MAXIMUM_DIGITS = 40
UTF8_MARK = b"\xef\xbb\xbf"


def read_json(
    content: bytes, file: str, *, invalid: str = "PKG_DESCRIPTOR_INVALID", maximum: int = MAXIMUM_BYTES
) -> tuple[Any, list[Finding]]:
    """Return the value that the JSON text holds and what is wrong with it; None where it cannot be read.

    A repeated key is reported with both its places, and the first one is kept. `invalid` is the code of text
    that is no JSON.
    """
    if len(content) > maximum:
        return None, [fault(invalid, file, f"larger than {maximum:,} bytes")]
    if content.startswith(UTF8_MARK):
        return None, [
            fault(invalid, file, "begins with a byte order mark; save it as UTF-8 without BOM", byte=0)
        ]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        reason = f"not UTF-8 (found 0x{content[error.start]:02X})"
        return None, [fault(invalid, file, reason, byte=error.start)]
    scanner = _Scanner(text, file, invalid)
    try:
        value = scanner.document()
    except _SyntaxFaultError as error:
        return None, [*scanner.findings, fault(invalid, file, str(error))]
    return value, scanner.findings


class _SyntaxFaultError(Exception):
    """The text is no JSON, or deeper than we follow."""


@dataclass
class _Scanner:
    """A recursive reader that knows where it is. Depth is bounded, so recursion is too."""

    text: str
    file: str
    invalid: str
    position: int = 0
    findings: list[Finding] = field(default_factory=list)

    def document(self) -> Any:
        value = self._value("", 0)
        self._skip_space()
        if self.position < len(self.text):
            raise self._syntax("text after the end of the document")
        return value

    def _value(self, path: str, depth: int) -> Any:
        if depth > MAXIMUM_DEPTH:
            raise self._syntax(f"nested more than {MAXIMUM_DEPTH} levels deep")
        self._skip_space()
        begin = self.text[self.position : self.position + 1]
        if begin == "{":
            return self._object(path, depth)
        if begin == "[":
            return self._array(path, depth)
        if begin == '"':
            return self._string()
        return self._scalar(path)

    def _object(self, path: str, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        places: dict[str, int] = {}

        def member() -> None:
            self._skip_space()
            start = self.position
            key = self._string()
            self._skip_space()
            self._expect(":")
            inner = f"{path}.{key}" if path else key
            value = self._value(inner, depth + 1)
            if key in members:
                reason = f"the key is given twice, at {self._place(places[key])} and at {self._place(start)}"
                self.findings.append(fault("PKG_DUP_KEY", self.file, reason, column=inner))
                return
            members[key] = value
            places[key] = start

        self._items("}", member)
        return members

    def _array(self, path: str, depth: int) -> list[Any]:
        items: list[Any] = []
        self._items("]", lambda: items.append(self._value(f"{path}[{len(items)}]", depth + 1)))
        return items

    def _items(self, end: str, read_one: Callable[[], None]) -> None:
        self.position += 1
        self._skip_space()
        if self.text.startswith(end, self.position):
            self.position += 1
            return
        while True:
            read_one()
            self._skip_space()
            if self.text.startswith(end, self.position):
                self.position += 1
                return
            self._expect(",")

    def _string(self) -> str:
        match = _STRING.match(self.text, self.position)
        if match is None:
            raise self._syntax("no complete text in double quotes")
        value: str = json.loads(match.group())
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise self._syntax("half of a surrogate pair")
        self.position = match.end()
        return value

    def _scalar(self, path: str) -> Any:
        match = _SCALAR.match(self.text, self.position)
        if match is None:
            raise self._syntax("the document ends too early" if self._at_end() else "no JSON value")
        token = match.group()
        if token in _CONSTANTS:
            self.position = match.end()
            return _CONSTANTS[token]
        if token.lstrip("-") in ("NaN", "Infinity") or (
            len(token) <= MAXIMUM_DIGITS and not math.isfinite(float(token))
        ):
            reason = f"no finite number, at {self._place(self.position)}"
            self.findings.append(fault("PKG_NONFINITE_JSON", self.file, reason, column=path, value=token))
            self.position = match.end()
            return None
        if len(token) > MAXIMUM_DIGITS:
            raise self._syntax(f"a number of more than {MAXIMUM_DIGITS} digits")
        self.position = match.end()
        return float(token) if set(token) & set(".eE") else int(token)

    def _expect(self, character: str) -> None:
        if not self.text.startswith(character, self.position):
            raise self._syntax("the document ends too early" if self._at_end() else f"no {character!r}")
        self.position += 1

    def _skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        assert match is not None, "the pattern matches the empty text"
        self.position = match.end()

    def _at_end(self) -> bool:
        return self.position >= len(self.text)

    def _place(self, position: int) -> str:
        line = self.text.count("\n", 0, position) + 1
        return f"line {line}, column {position - self.text.rfind(chr(10), 0, position)}"

    def _syntax(self, reason: str) -> _SyntaxFaultError:
        return _SyntaxFaultError(f"no valid JSON at {self._place(self.position)}: {reason}")


_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_SCALAR = re.compile(
    r"true|false|null|NaN|-?Infinity|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?", re.ASCII
)
_CONSTANTS = {"true": True, "false": False, "null": None}
