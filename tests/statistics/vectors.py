"""The reference cases kept beside the repository."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

VECTORS = Path(__file__).parents[3] / "shared" / "vectors"


def read_cases(name: str, *prefixes: str) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Return the cases of one file whose id begins with one of the prefixes, and the file's tolerance."""
    path = VECTORS / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the reference cases {path.name} are not beside the repository (shared/vectors)")
    document = json.loads(path.read_text(encoding="utf-8"))
    cases = [case for case in document["cases"] if case["id"].startswith(prefixes or ("",))]
    assert cases
    return cases, document["tolerance"]


def assert_agrees(case: dict[str, Any], got: dict[str, float], tolerance: dict[str, float]) -> None:
    """Assert that each number of a case is reproduced; null means no value."""
    within = {"rel": 0.0, "abs": 0.0, **tolerance, **case.get("tol", {})}
    expected = case.get("expect_right", case["expect"])
    for name, number in got.items():
        wanted = expected[name]
        if wanted is None:
            assert np.isnan(number), (case["id"], name)
        else:
            allowed = max(within["rel"] * max(abs(number), abs(wanted)), within["abs"])
            assert abs(number - wanted) <= allowed, (case["id"], name, number, wanted)
