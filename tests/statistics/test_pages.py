from __future__ import annotations

from pathlib import Path

import pytest

from generator.model.vocabulary import Absence, Kind
from tests.statistics.specs import SPEC, as_markdown

METHODS = Path(__file__).parents[2] / "docs" / "methods"
PAGE_OF = {"protection": "disclosure", "causes": "change", "dispersion": "outliers"}


@pytest.mark.parametrize("name", sorted(path.stem for path in SPEC.glob("*.csv")))
def test_the_methods_page_prints_the_rules_that_are_tested(name: str) -> None:
    page = (METHODS / f"{PAGE_OF.get(name, name)}.md").read_text(encoding="utf-8")

    assert as_markdown(name) in page


def test_every_kind_and_every_absence_is_explained() -> None:
    index, absence = ((METHODS / name).read_text(encoding="utf-8") for name in ("index.md", "absence.md"))

    assert all(f"| {kind} |" in index for kind in Kind)
    assert all(f"| `{word}` |" in absence for word in Absence)
