"""Printed numbers lead back to their rows, and their rows give the same text."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_printed_numbers_agree_with_the_rows_they_are_traced_to(demonstration: Path) -> None:
    """The independent script of tests/acceptance draws them, and runs `candour trace` on each."""
    run = subprocess.run(
        [
            sys.executable,
            "tests/acceptance/recompute.py",
            str(demonstration),
            "--package",
            "datapackages/2026-q2",
            "--numbers",
            "60",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    agreeing = re.search(r"^(\d+) of \1 printed numbers agree", run.stdout, re.MULTILINE)
    assert agreeing, run.stdout
    assert int(agreeing[1]) >= 30, "most of the numbers drawn must be checked"
