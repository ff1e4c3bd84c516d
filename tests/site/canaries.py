"""Canaries: hidden figures that nobody can mistake, a release that holds them, and a scan that finds them.

Small counts are nothing to look for: every page is full of 3 and 7. So each hidden cell also holds figures of
seven digits or more that stand nowhere else and that any spelling gives away: what the few are a part of, a
value supplied with them, or a number in the remark.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import random
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from pathlib import Path

import pyarrow.parquet as pq

from tests.packages import METRICS, Row, Rows, package_tables, write_package

PROPORTION, RATE, MEAN = METRICS
PERIODS = {f"2025-q{quarter}": quarter for quarter in range(1, 4)}
PRACTICES_IN_AN_AREA = 12
SIGNIFICANT_DIGITS = 7
"""A number printed with so many digits is unmistakable."""
RATE_MULTIPLIER = 10**9
MOST_DECIMALS = 18


@dataclass(frozen=True)
class Canary:
    """One hidden cell and its unmistakable figures."""

    metric_id: str
    organisation_code: str
    period: str
    figures: tuple[float, ...]
    """The last is the number in the remark."""


def write_release(
    folder: Path, *, practices: int, canaries: int, published_on: str = "2025-11-20"
) -> tuple[Canary, ...]:
    """Write a valid release of so many practices to the folder, of whose cells so many have to be hidden.

    What is drawn depends on the folder's name alone. A third of these cells each are shares of few patients
    (or with few exceptions), rates of few events among less than a thousand patients, and means over fewer
    than ten persons asked.
    """
    draw = random.Random(folder.name)
    codes = [f"Z{number:05}" for number in range(1, practices + 1)]
    areas = [f"ZA{number}" for number in range(1, -(-practices // PRACTICES_IN_AN_AREA) + 1)]
    cells = [(metric_id, code, period) for metric_id in METRICS for code in codes for period in PERIODS]
    hidden = set(draw.sample(cells, canaries))
    figures = _Figures(draw)
    rows: Rows = []
    planted = []
    for cell in cells:
        row = figures.hidden_row(cell) if cell in hidden else figures.plain_row(cell)
        rows.append({**_BLANK, **dict(zip(_KEY, cell, strict=True)), **row})
        if cell in hidden:
            planted.append(Canary(*cell, figures.unmistakable(cell[0], row)))
    write_package(
        folder,
        metrics=_metrics,
        organisations=_organisations(codes, areas),
        memberships=None,
        observations=rows,
        candour={"release": folder.name, "publication_date": published_on},
    )
    return tuple(planted)


def find_canaries(texts: Iterable[tuple[str, str]], canaries: Iterable[Canary]) -> dict[Canary, list[str]]:
    """Return the canaries of which a figure stands in one of the texts (place, text), with the places."""
    spellings: dict[str, list[Canary]] = {}
    for canary in canaries:
        for figure in canary.figures:
            for spelling in spellings_of(figure):
                spellings.setdefault(spelling, []).append(canary)
    found: dict[Canary, list[str]] = {}
    for place, text in texts:
        for number in numbers_in(text).intersection(spellings):
            for canary in spellings[number]:
                found.setdefault(canary, []).append(f"{place}: {number}")
    return found


def spellings_of(figure: float) -> set[str]:
    """Return the figure as digits and point, in full and at every rounding that is still unmistakable."""
    exact = Decimal(repr(figure))
    spellings = {repr(figure), f"{exact:f}", repr(figure).removesuffix(".0")}
    for decimals in range(MOST_DECIMALS):
        for rounding in (ROUND_HALF_UP, ROUND_DOWN):
            text = f"{exact.quantize(Decimal(1).scaleb(-decimals), rounding=rounding):f}"
            if len(text.replace(".", "").strip("0")) >= SIGNIFICANT_DIGITS:
                spellings |= {text, text.rstrip("0").rstrip(".") if "." in text else text}
    return spellings


def numbers_in(text: str) -> set[str]:
    """Return every number in the text, as digits and point, without separators of thousands."""
    plain = _SEPARATOR.sub("", _ESCAPE.sub(" ", text))
    return {number.lower() for number in _NUMBER.findall(plain)} | set(_NUMBER.findall(text))


def texts_in(folder: Path, *, without: Iterable[Path] = ()) -> Iterator[tuple[str, str]]:
    """Yield every text below the folder with its place, names of files among them, unpacked and decoded.

    Files below the folders `without` are left out.
    """
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(other) for other in without):
            place = path.relative_to(folder).as_posix()
            yield place, place
            yield from _texts_of(place, path.read_bytes())


def _texts_of(place: str, content: bytes) -> Iterator[tuple[str, str]]:
    if content.startswith(b"\x1f\x8b"):
        yield from _texts_of(f"{place} (unpacked)", gzip.decompress(content))
    elif content.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield place, " ".join((archive.comment.decode("latin-1"), *archive.namelist()))
            for name in archive.namelist():
                yield from _texts_of(f"{place}/{name}", archive.read(name))
    elif content.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(content))
        yield place, str(table.schema.to_string(show_schema_metadata=True, truncate_metadata=False))
        for name in table.column_names:
            yield f"{place}, {name}", " ".join(str(cell) for cell in table.column(name).unique().to_pylist())
    else:
        text = _decoded(content)
        yield place, text
        for number, encoded in enumerate(_BASE64.findall(text)):
            try:
                yield from _texts_of(f"{place}, data {number}", base64.b64decode(encoded, validate=True))
            except binascii.Error:
                continue


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")


class _Figures:
    """Draws figures, each only once."""

    def __init__(self, draw: random.Random) -> None:
        self._draw = draw
        self._drawn: set[int] = set()

    def hidden_row(self, cell: tuple[str, str, str]) -> Row:
        """Return a row that disclosure control has to hide, with a remark that holds a number of its own."""
        few = self._draw.randint(1, 7)
        note = f"Form {self._whole(10**7, 10**8)}"
        if cell[0] == PROPORTION:
            denominator = self._whole()
            # Few exceptions tell as much as few cases.
            numerator = few if self._draw.random() < 0.5 else denominator - few
            return {"numerator": str(numerator), "denominator": str(denominator), "note": note}
        if cell[0] == RATE:
            while True:
                denominator = self._draw.choice(_PRIMES)
                value = few * RATE_MULTIPLIER // denominator
                if value not in self._drawn:
                    break
            self._drawn.add(value)
            return {"numerator": str(few), "denominator": str(denominator), "note": note}
        lower, value, upper = sorted(self._whole() for _ in range(3))
        return {
            "base": str(self._draw.randint(1, 9)),
            "value": f"{value}.37",
            "lower": f"{lower}.29",
            "upper": f"{upper}.81",
            "standard_deviation": f"{self._whole()}.53",
            "note": note,
        }

    def plain_row(self, cell: tuple[str, str, str]) -> Row:
        """Return a row that may be shown, of ordinary figures."""
        if cell[0] == PROPORTION:
            return {"numerator": str(self._draw.randint(20, 300)), "denominator": "420"}
        if cell[0] == RATE:
            # Far above the rates of few among hundreds, so that none is met by chance.
            return {"numerator": str(self._draw.randint(200, 500)), "denominator": "2000"}
        value = self._draw.randint(100_000, 200_000)
        return {"base": "60", "value": str(value), "lower": str(value - 9_000), "upper": str(value + 9_000)}

    def unmistakable(self, metric_id: str, row: Row) -> tuple[float, ...]:
        """Return the figures of a hidden row that stand nowhere else, those that follow from counts too."""
        note = float(row["note"].removeprefix("Form "))
        if metric_id == MEAN:
            names = ("value", "lower", "upper", "standard_deviation")
            return (*(float(row[name]) for name in names), note)
        numerator, denominator = int(row["numerator"]), int(row["denominator"])
        if metric_id == RATE:
            return (numerator * RATE_MULTIPLIER / denominator, numerator / denominator, note)
        value = numerator * 100 / denominator
        counts = [float(count) for count in (numerator, denominator) if count >= 10**6]
        return (*counts, value, value / 100, note)

    def _whole(self, low: int = 2 * 10**6, high: int = 10**7) -> int:
        """Return a whole number not drawn before, and no multiple of five: rounding gives none."""
        while True:
            number = self._draw.randrange(low, high)
            if number not in self._drawn and number % 5:
                self._drawn.add(number)
                return number


def _metrics(rows: Rows) -> Rows:
    changes: Mapping[str, Row] = {
        PROPORTION: {"decimals": "4"},
        RATE: {"decimals": "0", "multiplier": str(RATE_MULTIPLIER), "unit": "per 1,000,000,000 patients"},
        MEAN: {"decimals": "2", "disclosure": "people", "range_high": "99999999", "unit": "steps"},
    }
    return [{**row, **changes[row["metric_id"]]} for row in rows]


def _organisations(codes: list[str], areas: list[str]) -> Rows:
    practice, *_, area, country = package_tables()["organisations"]
    return [
        *(
            {
                **practice,
                "organisation_code": code,
                "name": f"Surgery {code}",
                "parent_code": areas[number // PRACTICES_IN_AN_AREA],
            }
            for number, code in enumerate(codes)
        ),
        *({**area, "organisation_code": code, "name": f"Area {code}"} for code in areas),
        country,
    ]


_KEY = ("metric_id", "organisation_code", "period")
_BLANK = dict.fromkeys(
    (
        *_KEY,
        *("numerator", "denominator", "base", "value", "lower", "upper", "standard_deviation", "note"),
    ),
    "",
)

_PRIMES = [number for number in range(301, 1_000) if all(number % factor for factor in range(2, 32))]

_ESCAPE = re.compile(r"\\[bfnrt]")
_SEPARATOR = re.compile(
    r"(?<=\d)(?:[,'_ \u00a0\u2009\u202f]|&nbsp;|&thinsp;|&#160;|&#8239;|\\u00a0|\\u202f|%2C)(?=\d{3}(?!\d))"
)
_NUMBER = re.compile(r"(?<!\d)(?<!\d\.)\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?!\d)")
_BASE64 = re.compile(r"base64,([A-Za-z0-9+/]{16,}={0,2})")
