"""What stands on the sheets of a PDF that Chromium printed: enough of the format for that, and no more."""

from __future__ import annotations

import re
import unicodedata
import zlib


def sheets_of(printed: bytes) -> list[str]:
    """Return the text of each sheet in the order it was drawn in, margins first, with single spaces."""
    objects = {int(number): body for number, body in _OBJECT.findall(printed)}
    letters = {
        number: _letters(_stream(objects[int(found[1])]))
        for number, body in objects.items()
        if (found := re.search(rb"/ToUnicode (\d+) 0 R", body))
    }
    sheets = (body for body in objects.values() if re.match(rb"<</Type /Page\s", body))
    return [_text(body, objects, letters) for body in sheets]


def _text(sheet: bytes, objects: dict[int, bytes], letters: dict[int, dict[int, str]]) -> str:
    content = re.search(rb"/Contents (\d+) 0 R", sheet)
    assert content, "a sheet without anything on it"
    fonts = {name: letters.get(int(number), {}) for name, number in re.findall(rb"/(F\d+) (\d+) 0 R", sheet)}
    font: dict[int, str] = {}
    drawn: list[str] = []
    for name, moved, glyphs in _DRAWING.findall(_stream(objects[int(content[1])])):
        if name:
            font = fonts[name]
        elif moved:
            drawn.append(" ")
        else:
            codes = (int(glyphs[at : at + 4], 16) for at in range(0, len(glyphs), 4))
            drawn.extend(font.get(code, "") for code in codes)
    return " ".join(unicodedata.normalize("NFKC", "".join(drawn)).split())


def _letters(table: bytes) -> dict[int, str]:
    """Return the letters of a font by the numbers of its glyphs."""
    letters: dict[int, str] = {}
    for several, block in re.findall(rb"beginbf(char|range)\n(.*?)endbf", table, re.DOTALL):
        for line in block.splitlines():
            codes = [bytes.fromhex(code.decode()) for code in re.findall(rb"<([0-9A-F]+)>", line)]
            first, text = int.from_bytes(codes[0], "big"), codes[-1].decode("utf-16-be")
            last = int.from_bytes(codes[1], "big") if several == b"range" else first
            letters |= {
                code: text[:-1] + chr(ord(text[-1]) + code - first) for code in range(first, last + 1)
            }
    return letters


def _stream(body: bytes) -> bytes:
    return zlib.decompressobj().decompress(body.split(b"stream\n", 1)[1])


_OBJECT = re.compile(rb"(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_DRAWING = re.compile(rb"/(F\d+) [\d.]+ Tf|(Tm)\n|<([0-9A-F]+)> Tj")
