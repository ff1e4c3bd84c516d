"""Nothing hidden leaves the workshop: rows 68 to 70 of the fault table.

The whole site is built as a publisher builds it, and every byte of it and of the log is searched for figures
that disclosure control has to hide. The same search finds them all where it is switched off.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from generator.errors import ExitStatus
from tests.packages import METRICS
from tests.site.canaries import Canary, find_canaries, numbers_in, spellings_of, texts_in, write_release

OPEN = [{"people": "open", "events": "open"}]
ORGANISATION = "Z00001"


class Workshop:
    """A publisher's folder with a release and the one that it corrects, and what a publisher does in it."""

    def __init__(self, folder: Path, *, practices: int, canaries: int, disclosure: Any = None) -> None:
        self.folder = folder
        releases = folder / "datapackages"
        self.canaries = write_release(releases / "2025-q3", practices=practices, canaries=canaries)
        self.earlier = write_release(
            releases / "2025-q3-first", practices=practices, canaries=canaries, published_on="2025-11-13"
        )
        (folder / "tmp").mkdir()
        (folder / "docs").mkdir()
        (folder / "docs" / "about.md").write_text("# About\n")
        # The figures of the two releases have nothing to do with each other.
        options: dict[str, Any] = {"workers": 2, "sanity": {"country_figure": 10**9}}
        if disclosure is not None:
            options["disclosure"] = disclosure
        configuration = {
            "site_name": "Care",
            "site_url": "https://example.org/quality/",
            "theme": {"name": "material"},
            "plugins": [{"candour": options}],
        }
        (folder / "mkdocs.yml").write_text(yaml.safe_dump(configuration))

    def run(self, *arguments: str, status: ExitStatus = ExitStatus.FINE) -> None:
        """Run a command as on a terminal, and keep what it prints."""
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                "import sys; from generator.cli import main; sys.exit(main())",
                *arguments,
            ],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(self.folder / "tmp")},
            capture_output=True,
            text=True,
            check=False,
        )
        name = f"{len(list(self.folder.glob('log-*')))}"
        (self.folder / f"log-{name}.txt").write_text(done.stdout + done.stderr)
        assert done.returncode == status, done.stdout + done.stderr

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every text that the commands left, site, logs and temporary files alike."""
        private = [self.folder / "datapackages", self.folder / ".candour" / "private"]
        return texts_in(self.folder, without=private)

    def found(self) -> dict[Canary, list[str]]:
        """Return the canaries that got out, with the places where they are."""
        return find_canaries(self.texts(), (*self.canaries, *self.earlier))


def test_few_canaries_are_not_found(tmp_path: Path) -> None:
    _assert_nothing_gets_out(tmp_path, practices=24, canaries=50)


@pytest.mark.slow
def test_few_canaries_are_found_where_nothing_is_protected(tmp_path: Path) -> None:
    _assert_everything_gets_out(tmp_path, practices=24, canaries=50)


@pytest.mark.slow
def test_of_a_thousand_canaries_none_is_found(tmp_path: Path) -> None:
    _assert_nothing_gets_out(tmp_path, practices=240, canaries=1_000)


@pytest.mark.slow
def test_all_thousand_are_found_where_nothing_is_protected(tmp_path: Path) -> None:
    _assert_everything_gets_out(tmp_path, practices=240, canaries=1_000)


def test_canaries_in_faulty_rows_are_not_in_the_log(tmp_path: Path) -> None:
    """CI logs are public: a check that refuses rows names their places only."""
    workshop = Workshop(tmp_path, practices=24, canaries=60)
    observations = tmp_path / "datapackages/2025-q3/observations.csv"
    header, *rows = observations.read_text().splitlines()
    # Each row twice, and each pair of counts the wrong way round.
    names = header.split(",")
    one, two = names.index("numerator"), names.index("denominator")
    swapped = []
    for row in rows:
        cells = row.split(",")
        cells[one], cells[two] = cells[two], cells[one]
        swapped.append(",".join(cells))
    observations.write_text("\n".join([header, *swapped, *swapped]) + "\n")
    descriptor = tmp_path / "datapackages/2025-q3/datapackage.json"
    document = json.loads(descriptor.read_text())
    for resource in document["resources"]:
        for key in ("hash", "bytes"):
            resource.pop(key, None)
    descriptor.write_text(json.dumps(document))

    workshop.run("check", "datapackages", "--format", "json", "--show-values", status=ExitStatus.INPUT)
    workshop.run("build", status=ExitStatus.INPUT)

    log = (tmp_path / "log-0.txt").read_text()
    assert '"VAL_RANGE"' in log
    assert '"KEY_DUPLICATE"' in log
    assert workshop.found() == {}


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (3048613.0, "3048613"),
        (3048613.0, "x 3,048,613 y"),
        (3048613.0, "3 048 613"),
        (3048613.0, "3\u00a0048\u00a0613"),
        (3048613.0, "3&nbsp;048&nbsp;613"),
        (3048613.0, "id=row3048613px"),
        (3048613.0, '"\\n3048613"'),
        (3048613.0, "3048613.0"),
        (3048613.37, "3,048,613"),
        (3048613.37, "3048613.4"),
        (3048613.37, "a, 3048613.37, b"),
        (3048613.37, "3048613.370"),
        (3009027.081243731, "3,009,027.08"),
        (3009027.081243731, "3009027.081243731"),
        (0.00016400911, "0.0001640091"),
        (0.00016400911, "0.00016400911"),
        (1.6400911e-05, "1.6400911e-05"),
    ],
)
def test_every_spelling_is_recognised(figure: float, text: str) -> None:
    assert numbers_in(text) & spellings_of(figure)


@pytest.mark.parametrize("text", ["13048613", "30486130", "1.3048613", "3,048,614", "3.0486", "0.3"])
def test_other_numbers_are_not(text: str) -> None:
    assert not numbers_in(text) & spellings_of(3048613.0)


def test_packed_files_are_searched(tmp_path: Path) -> None:
    """Else a canary in an archive would never be found, and the scan would prove nothing."""
    canary = Canary(METRICS[0], ORGANISATION, "2025-q1", (3048613.0,))
    table = pa.table({"denominator": [1.5, 3048613.0], "note": ["", "none"]})
    pq.write_table(table, tmp_path / "whole.parquet")
    (tmp_path / "page.html.gz").write_bytes(gzip.compress(b"<p>3,048,613</p>"))
    (tmp_path / "binary.dat").write_bytes(b"\xff\xfe 3048613 \x00")
    (tmp_path / "chart.svg").write_text('<image href="data:text/plain;base64,dmFsdWUgMzA0ODYxMy4=">')
    (tmp_path / "3048613.txt").write_text("nothing in it")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.write(tmp_path / "whole.parquet", "inner/whole.parquet")

    found = find_canaries(texts_in(tmp_path), [canary])

    assert {place.split(": ")[0] for place in found[canary]} == {
        "3048613.txt",
        "all.zip/inner/whole.parquet, denominator",
        "binary.dat",
        "chart.svg, data 0",
        "page.html.gz (unpacked)",
        "whole.parquet, denominator",
    }


def _assert_nothing_gets_out(folder: Path, *, practices: int, canaries: int) -> None:
    workshop = Workshop(folder, practices=practices, canaries=canaries)

    workshop.run("build")
    for canary in workshop.canaries[:: canaries // 2]:
        cell = (canary.organisation_code, canary.metric_id, canary.period)
        workshop.run("trace", *cell)

    assert len(workshop.canaries) == canaries
    assert len(list((folder / "site").rglob("*.html"))) > practices
    assert _hidden_cells(folder / "site") >= _cells(workshop.canaries)
    found = workshop.found()
    assert len(found) == 0, list(found.items())[:5]


def _assert_everything_gets_out(folder: Path, *, practices: int, canaries: int) -> None:
    """With protection switched off, so that it is known that the scan can fail."""
    workshop = Workshop(folder, practices=practices, canaries=canaries, disclosure=OPEN)

    workshop.run("build")

    assert _hidden_cells(folder / "site") == set()
    found = workshop.found()
    # The number in the remark alone would not show that figures are recognised.
    by_figure = {
        canary
        for canary, places in found.items()
        if canary in workshop.canaries
        and any(_number_of(place) not in spellings_of(canary.figures[-1]) for place in places)
    }
    assert len(by_figure) == canaries, set(workshop.canaries) - by_figure
    # A place is a file's path, then what is inside it.
    suffixes = {Path(re.split(r"[:, ]", place)[0]).suffix for places in found.values() for place in places}
    assert suffixes >= {".html", ".csv", ".parquet"}


def _number_of(place: str) -> str:
    return place.rsplit(": ", 1)[1]


def _hidden_cells(site: Path) -> set[tuple[str, str, str]]:
    """Return metric, organisation and period of each row that the published tables call hidden."""
    cells = set()
    for metric_id in METRICS:
        table = pq.read_table(site / "metrics" / metric_id / "results.parquet")
        columns = (table.column(name).to_pylist() for name in ("organisation_code", "period", "protection"))
        cells |= {
            (metric_id, code, period)
            for code, period, protection in zip(*columns, strict=True)
            if protection == "hidden"
        }
    return cells


def _cells(canaries: tuple[Canary, ...]) -> set[tuple[str, str, str]]:
    return {(canary.metric_id, canary.organisation_code, canary.period) for canary in canaries}
