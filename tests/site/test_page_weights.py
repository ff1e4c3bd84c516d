"""RND_BUDGET: pages of a whole country stay light, so that they open on a phone with a poor connection."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import yaml

from generator import plugin
from tests.benchmarks.england import write_england

pytestmark = pytest.mark.slow

FEW = 60
"""Practices: a page is as heavy as its 40 metrics and 14 quarters, however many others there are."""


def test_pages_of_forty_metrics_and_fourteen_quarters_are_light(tmp_path: Path) -> None:
    write_england(tmp_path / "datapackages" / "2026-q2", FEW)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "about.md").write_text("# About\n")
    configuration = {
        "site_name": "Care quality",
        "site_url": "https://example.org/",
        "theme": {"name": "material"},
        "plugins": [{"candour": {"workers": 2}}],
    }
    (tmp_path / "mkdocs.yml").write_text(yaml.safe_dump(configuration))

    site = plugin.build_site(tmp_path / "mkdocs.yml")

    weights = {
        kind: max(
            (path.stat().st_size, len(gzip.compress(path.read_bytes(), 6))) for path in site.glob(pattern)
        )
        for kind, pattern in (
            ("organisation", "organisations/*/index.html"),
            ("metric", "metrics/*/index.html"),
        )
    }
    print(weights)  # noqa: T201 - shown with -s
    assert weights["organisation"][0] <= 200_000
    assert weights["organisation"][1] <= 25_000
    assert weights["metric"][0] <= 200_000
