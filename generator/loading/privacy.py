"""Which findings would show a cell that must not reach a public log."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.errors import Finding
from generator.loading.draft import Draft
from generator.model.release import SOURCE_FILE, SOURCE_ROW
from generator.model.tables import OBSERVATION_KEY
from generator.model.vocabulary import DisclosureClass


def mark_private(findings: Sequence[Finding], draft: Draft) -> list[Finding]:
    """Return the findings, those that hold a cell of an observation marked private unless it may be shown.

    It may be shown where the metric is open, or where the cell is plainly a code. A row whose metric is not
    known counts as private.
    """
    observed = {file.path: place for place, file in enumerate(draft.files) if file.resource == "observations"}
    if not any(finding.value and finding.file in observed for finding in findings):
        return list(findings)
    private_rows = _private_rows(draft, set(observed.values()))
    marked = []
    for finding in findings:
        file = observed.get(finding.file)
        if file is None or not finding.value or finding.row in (None, HEADER_ROW):
            marked.append(finding)
            continue
        rows, is_private = private_rows.get(file, _NO_ROWS)
        place = int(np.searchsorted(rows, finding.row))
        known = place < len(rows) and rows[place] == finding.row
        hidden = (not known or bool(is_private[place])) and not _is_plainly_a_code(finding)
        marked.append(replace(finding, private=True) if hidden else finding)
    return marked


def _private_rows(draft: Draft, files: set[int]) -> dict[int, tuple[NDArray[np.int64], NDArray[np.bool_]]]:
    """Return, by file, its rows in order and whether each belongs to a metric that is not open."""
    metrics = draft.given["metrics"]
    protected = metrics["disclosure"] != DisclosureClass.OPEN
    is_open = set(metrics["metric_id"]) - set(metrics.loc[protected, "metric_id"])
    frame = draft.given["observations"]
    metric = frame["metric_id"].cat
    closed = np.array([text not in is_open for text in metric.categories], dtype=bool)
    is_private = closed[metric.codes.to_numpy()]
    file_of, row_of = frame[SOURCE_FILE].to_numpy(), frame[SOURCE_ROW].to_numpy()
    return {file: (row_of[file_of == file], is_private[file_of == file]) for file in sorted(files)}


def _is_plainly_a_code(finding: Finding) -> bool:
    """Return whether the cell is a key that no count or remark could be, even if columns were swapped."""
    return finding.column in OBSERVATION_KEY and _CODE.fullmatch(finding.value) is not None


HEADER_ROW = 1
"""What is said about the header decided for itself whether data stand in its place."""
_CODE = re.compile(r"(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9-]{1,20}")
_NO_ROWS: tuple[NDArray[np.int64], NDArray[np.bool_]] = (
    np.array([], dtype=np.int64),
    np.array([], dtype=bool),
)
