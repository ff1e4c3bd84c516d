"""Plant one fault at a time in a copy of a package, and see that `candour check` names it.

    python -m tests.acceptance.plant_faults PACKAGE

The package is a folder with one datapackage.json. Each fault has to end with exit status 3, and to be named
with its file and its row, column or byte. The descriptor's hashes are mended: only the fault itself is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Lines = list[bytes]


@dataclass(frozen=True)
class Fault:
    """One thing to do to a file, the code that has to name it, and what the finding has to say."""

    name: str
    file: str
    plant: Callable[[Lines], Lines]
    code: str
    says: str


def _cells(line: bytes) -> list[bytes]:
    return line.split(b",")


def _with_cell(row: int, column: str, text: bytes) -> Callable[[Lines], Lines]:
    def plant(lines: Lines) -> Lines:
        cells = _cells(lines[row - 1])
        cells[_cells(lines[0].strip()).index(column.encode())] = text
        return [*lines[: row - 1], b",".join(cells), *lines[row:]]

    return plant


def _swapped(first: str, second: str) -> Callable[[Lines], Lines]:
    def plant(lines: Lines) -> Lines:
        names = _cells(lines[0].strip())
        a, b = names.index(first.encode()), names.index(second.encode())
        names[a], names[b] = names[b], names[a]
        return [b",".join(names) + b"\n", *lines[1:]]

    return plant


def _latin1(lines: Lines) -> Lines:
    place = next(number for number, line in enumerate(lines) if number > 100 and b"e" in line)
    return [*lines[:place], lines[place].replace(b"e", b"\xe9", 1), *lines[place + 1 :]]


FAULTS = (
    Fault("a numerator above its denominator", "observations.csv", _with_cell(5001, "numerator", b"9999999"),
          "VAL_RANGE", "row 5001, numerator"),
    Fault("a duplicate key", "observations.csv", lambda lines: [*lines[:5001], lines[5000], *lines[5001:]],
          "KEY_DUPLICATE", "rows 5002 and 5001"),
    Fault("an unknown code", "observations.csv", _with_cell(5001, "organisation_code", b"QQ9999"),
          "REF_UNKNOWN_CODE", "row 5001, organisation_code"),
    Fault("a missing period", "periods.csv", lambda lines: [row for row in lines if b"2018-19" not in row],
          "VAL_PERIOD", "observations.csv, row"),
    Fault("NaN", "observations.csv", _with_cell(5001, "numerator", b"NaN"),
          "VAL_NONFINITE", "row 5001, numerator"),
    Fault("a Latin-1 byte", "organisations.csv", _latin1, "TAB_ENCODING", ", byte "),
    Fault("two swapped columns", "observations.csv", _swapped("numerator", "denominator"),
          "TAB_HEADER", "observations.csv, row 1"),
    Fault("a removed row", "observations.csv", lambda lines: [*lines[:5000], *lines[5001:]],
          "VAL_MISSING_ROW", "observations.csv"),
)  # fmt: skip


def check(package: Path, fault: Fault) -> str:
    """Return what is wrong with how the fault was named; empty where all is as it should be."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / package.name
        shutil.copytree(package, copy)
        file = copy / fault.file
        file.write_bytes(b"".join(fault.plant(file.read_bytes().splitlines(keepends=True))))
        _mend_hashes(copy)
        run = subprocess.run(
            [sys.executable, "-m", "generator.cli", "check", str(copy)],
            capture_output=True,
            text=True,
            check=False,
        )
    named = [line for line in run.stdout.splitlines() if line.startswith(fault.code) and fault.says in line]
    print(f"{fault.name}: exit {run.returncode}; {named[0] if named else run.stdout[:600]}")
    return "" if named and run.returncode == 3 else fault.name


def _mend_hashes(package: Path) -> None:
    path = package / "datapackage.json"
    descriptor = json.loads(path.read_text())
    for resource in descriptor["resources"]:
        content = (package / resource["path"]).read_bytes()
        resource["hash"], resource["bytes"] = f"sha256:{hashlib.sha256(content).hexdigest()}", len(content)
    path.write_text(json.dumps(descriptor))


def main() -> int:
    """Plant every fault and print how it was named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    options = parser.parse_args()
    missed = [name for fault in FAULTS if (name := check(options.package, fault))]
    print(f"{len(FAULTS) - len(missed)} of {len(FAULTS)} planted faults named as they should be.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
