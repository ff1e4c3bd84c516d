"""The demonstration site and a real Chromium, made once for every test that needs them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from generator import plugin

# No test asserts how long anything takes: a machine that does much else may take its time.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

ROOT = Path(__file__).parents[1]
CHROMIUM = (
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or "/usr/bin/chromium"
)
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""So that Chromium itself asks nobody for anything: whatever is then requested, a page asked for."""


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the demonstration site; of the processes that run tests, one makes it for all.

    `make test` has just built it strictly, and says where.
    """
    if given := os.environ.get("CANDOUR_DEMONSTRATION"):
        return Path(given).absolute()
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    site = folder / "demonstration" / "site"
    with FileLock(folder / "demonstration.lock"):
        if not site.exists():
            plugin.build_site(ROOT / "mkdocs.yml", site_dir=site, workers=2)
    return site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return Chromium, started once."""
    if not Path(CHROMIUM).exists():
        pytest.skip("Chromium is missing: install the system's package chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield started
        started.close()
