"""What can go wrong, said so that its reader can mend it: findings, errors and exit statuses."""

from __future__ import annotations

import json
import re
import traceback
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

SHOWN_PER_CODE = 20
"""How many findings of one code are printed; all are counted and all stand in the JSON report."""


class ExitStatus(IntEnum):
    """What the command tells the shell."""

    FINE = 0
    USAGE = 2
    INPUT = 3
    DISCLOSURE = 4
    RENDERING = 5
    PUBLISHING = 6
    INTEGRITY = 7
    APPROVAL = 8
    OUR_BUG = 70
    TRY_AGAIN = 75
    INTERRUPTED = 130
    TERMINATED = 143


class Severity(StrEnum):
    """Whether a finding stops the work."""

    ERROR = "error"
    NOTE = "note"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth a note, at one place.

    A check yields it with place and reason only; the runner adds code and advice.
    """

    file: str
    """Path below the folder that was checked, or the resource's name until the runner resolves it."""
    row: int | None
    """Row as a spreadsheet counts: the header is row 1. None where the finding is about no single row."""
    column: str
    """Name of the column, or of the descriptor key; empty where the finding is about no single column."""
    reason: str
    """What was found, in plain words, without the cell's value."""
    value: str = ""
    """The cell, shown only where that discloses nothing, or where `--show-values` asks on a terminal."""
    code: str = ""
    advice: str = ""
    status: ExitStatus = ExitStatus.INPUT
    severity: Severity = Severity.ERROR
    byte: int | None = None
    """Offset in the file, for faults below the level of rows."""
    other_rows: tuple[int, ...] = ()
    """Further rows the finding is about (the other half of a duplicate, say)."""
    private: bool = False
    """The value belongs to a metric of class people or events and must not reach a public log."""


class CandourError(Exception):
    """A failure with a stable code, a plain message, advice and an exit status."""

    def __init__(
        self, code: str, message: str, advice: str = "", status: ExitStatus = ExitStatus.USAGE
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.advice = advice
        self.status = status


class FindingsError(CandourError):
    """Input that was refused, with every finding."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        errors = [finding for finding in self.findings if finding.severity is Severity.ERROR]
        # Integrity outranks input: a changed file is a graver matter than a wrong one.
        status = max((finding.status for finding in errors), default=ExitStatus.INPUT)
        super().__init__("CHECK", f"{len(errors):,} finding(s)", "Mend them and run again.", status)


def exit_status_of(findings: Iterable[Finding]) -> ExitStatus:
    """Return the exit status for these findings: 0 when all are notes."""
    errors = [finding.status for finding in findings if finding.severity is Severity.ERROR]
    return max(errors, default=ExitStatus.FINE)


def escape_text(text: str, length: int = 80) -> str:
    """Return the text safe to print: cut short, with unseen and control characters as code points."""
    shown = "".join(
        f"\\u{ord(character):04x}" if unicodedata.category(character)[0] == "C" else character
        for character in text[: length + 1]
    )
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def format_findings(findings: Iterable[Finding], *, show_values: bool = False) -> str:
    """Return the findings as text: the first 20 of each code, then how many more there are."""
    lines: list[str] = []
    for code, group in _by_code(findings).items():
        lines += [
            f"{code} {_place(finding)}: {_reason(finding, show_values)}" for finding in group[:SHOWN_PER_CODE]
        ]
        if len(group) > SHOWN_PER_CODE:
            lines.append(
                f"{code}: {len(group):,} in all, the first {SHOWN_PER_CODE} are shown. --format json has all."
            )
        if group[0].advice:
            lines.append(f"       {group[0].advice}")
    return "\n".join(lines)


def findings_as_json(findings: Iterable[Finding], *, show_values: bool = False) -> str:
    """Return every finding as a JSON document with counts by code."""
    groups = _by_code(findings)
    document = {
        "counts": {code: len(group) for code, group in groups.items()},
        "findings": [
            {
                "code": finding.code,
                "severity": str(finding.severity),
                "status": int(finding.status),
                "file": escape_text(finding.file, 200),
                "row": finding.row,
                "other_rows": list(finding.other_rows),
                "byte": finding.byte,
                "column": escape_text(finding.column),
                "reason": finding.reason,
                "value": escape_text(finding.value) if show_values or not finding.private else None,
                "advice": finding.advice,
            }
            for group in groups.values()
            for finding in group
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False)


def stack_of(error: BaseException) -> str:
    """Return where a bug of ours struck and what kind it is, without its message: that may hold a figure."""
    lines: list[str] = []
    link: BaseException | None = error
    while link is not None:
        frames = [
            f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
            for frame in traceback.extract_tb(link.__traceback__)
        ]
        # A worker's own stack comes as text, with the message below it.
        frames += [line for line in str(link).splitlines() if _FRAME.fullmatch(line)]
        lines = [*frames, type(link).__name__, *lines]
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n".join(lines)


def complete(finding: Finding, **details: object) -> Finding:
    """Return the finding with further details filled in."""
    return replace(finding, **details)  # type: ignore[arg-type]  # the caller names fields of Finding


def _by_code(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.code].append(finding)
    return dict(groups)


def _place(finding: Finding) -> str:
    place = escape_text(finding.file, 200)
    if finding.row is not None:
        rows = (finding.row, *finding.other_rows)
        place += f", row{'s' if len(rows) > 1 else ''} " + " and ".join(str(row) for row in rows)
    if finding.byte is not None:
        place += f", byte {finding.byte}"
    return place + (f", {escape_text(finding.column)}" if finding.column else "")


def _reason(finding: Finding, show_values: bool) -> str:
    if not finding.value:
        return finding.reason
    if finding.private and not show_values:
        return f"{finding.reason} (shown on request)"
    return f'{finding.reason}: "{escape_text(finding.value)}"'


_FRAME = re.compile(r'  File "[^"]+", line \d+, in [\w.<>]+')
"""How Python writes a frame of a stack."""
