"""The demonstration site, built once for every test that looks at a finished site."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import plugin

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the demonstration site."""
    return plugin.build_site(
        ROOT / "mkdocs.yml", site_dir=tmp_path_factory.mktemp("demonstration") / "site", workers=2
    )
