"""A finished site of a whole country's size, with few metrics and quarters so that it is made in minutes."""

from __future__ import annotations

from pathlib import Path

from generator import plugin
from tests.benchmarks.england import PRACTICES, RELEASE, write_england

ROOT = Path(__file__).parents[1]
TOPICS = ("Diabetes: all checks done", "Easy to reach by phone", "Days until an appointment")
"""Hidden where few have it; banded, and compared with similar practices; without counts."""
QUARTERS = 4
_CONFIGURATION = f"""INHERIT: {ROOT.as_posix()}/mkdocs.yml
docs_dir: {ROOT.as_posix()}/docs
theme:
  custom_dir: {ROOT.as_posix()}/site_templates/theme
# Hand-written pages link to pages of the demonstration; the links of a site are checked elsewhere.
strict: false
plugins:
  - candour:
      datapackages: datapackages
      workshop: public  # every figure is invented
"""


def write_england_site(folder: Path, practices: int = PRACTICES) -> Path:
    """Build the site of so many practices below a folder, and return its own folder."""
    write_england(
        folder / "datapackages" / RELEASE, practices, topics=TOPICS, quarters=QUARTERS, has_stories=True
    )
    (folder / "mkdocs.yml").write_text(_CONFIGURATION, encoding="utf-8")
    return plugin.build_site(folder / "mkdocs.yml", site_dir=folder / "site", workers=2)
