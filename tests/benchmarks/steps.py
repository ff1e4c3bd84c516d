"""What is measured: each step of the work and the plain thing it is held against, in processes of their own.

A step is a function of a `Job` that returns its `Measurement`. Steps hand values on as files in the job's
folder, so that the time and memory of one never count for another.
"""

from __future__ import annotations

import json
import pickle
import resource
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")

FRICTIONLESS_ROWS = 20_000
SAMPLED_PAGES = 300
REPEATED_BELOW_SECONDS = 1.0
"""Steps that take less are run three times, and the fastest counts: short times are mostly noise."""
SHELL_BYTES = 10_000
"""Size of the stand-in for what the theme puts around a page."""


@dataclass(frozen=True)
class Job:
    """One run of the benchmark: where the release lies and where steps leave what others need."""

    release: Path
    folder: Path
    workers: int

    def save(self, name: str, value: object) -> None:
        """Keep a value for later steps."""
        with (self.folder / f"{name}.pickle").open("wb") as file:
            pickle.dump(value, file, protocol=pickle.HIGHEST_PROTOCOL)

    def load(self, name: str) -> Any:
        """Return what an earlier step kept."""
        with (self.folder / f"{name}.pickle").open("rb") as file:
            return pickle.load(file)


class Clock(NamedTuple):
    """How long work took: on the clock on the wall, and of all processors together."""

    seconds: float
    processor: float


@dataclass(frozen=True)
class Measurement:
    """How long a step took, for how much."""

    clock: Clock
    amount: int
    unit: str
    remark: str = ""


def read_with_pyarrow(job: Job) -> Measurement:
    """Read the observations with pyarrow.csv alone, guessing types as it likes."""
    from pyarrow import csv

    clock, table = _timed(lambda: csv.read_csv(job.release / "observations.csv"))
    return Measurement(clock, table.num_rows, "rows")


def read_release(job: Job) -> Measurement:
    """Read, screen and check the whole release, as every build does."""
    from generator import loading

    clock, (release, _) = _timed(lambda: loading.read_release(job.release, workers=job.workers))
    job.save("release", release)
    return Measurement(clock, len(release.observations), "rows")


def validate_with_frictionless(job: Job) -> Measurement:
    """Let frictionless validate the first rows against the shipped schema, key included."""
    from frictionless import Resource, Schema

    document = json.loads((job.release / "datapackage.json").read_text(encoding="utf-8"))
    schema = next(item["schema"] for item in document["resources"] if item["name"] == "observations")
    sample = job.folder / "sample.csv"
    with (job.release / "observations.csv").open("rb") as file:
        sample.write_bytes(
            b"".join(line for line, _ in zip(file, range(FRICTIONLESS_ROWS + 1), strict=False))
        )
    sampled = Resource(path=sample.name, basepath=str(job.folder), schema=Schema.from_descriptor(schema))
    clock, report = _time_once(sampled.validate)
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:3]
    return Measurement(clock, FRICTIONLESS_ROWS, "rows")


def group_with_pandas(job: Job) -> Measurement:
    """Sum both counts by metric, period and today's parent with one plain groupby."""
    release = job.load("release")
    organisations = release.directory["organisations"].set_index("organisation_code")
    rows = release.observations

    def group() -> int:
        parent = rows["organisation_code"].map(organisations["parent_code"])
        keys = [rows["metric_id"], rows["period"], parent]
        return len(rows.groupby(keys, observed=True)[["numerator", "denominator"]].sum())

    clock, _ = _timed(group)
    return Measurement(clock, len(rows), "rows")


def compute_tables(job: Job) -> Measurement:
    """Protect and calculate every result."""
    from generator.model.release import Publication

    release = job.load("release")
    measurement, tables = _compute(release, job.workers)
    job.save("publication", Publication(release.directory, tables))
    return measurement


def compute_a_tenth(job: Job) -> Measurement:
    """Protect and calculate the results of a tenth as many practices, with areas in proportion."""
    from generator import loading
    from tests.benchmarks.england import write_england

    kinds = job.load("release").directory["organisations"]["kind"]
    folder = job.folder / "tenth"
    write_england(folder, max(10, int((kinds == "practice").sum()) // 10))
    release, _ = loading.read_release(folder, workers=job.workers)
    measurement, _ = _compute(release, job.workers)
    return measurement


def index_and_draw(job: Job) -> Measurement:
    """Index the results for rendering and draw every plate."""
    publication = job.load("publication")
    clock, edition = _timed(lambda: _edition_of(publication))
    return Measurement(clock, len(edition.book.metrics), "metrics")


def make_pages(job: Job) -> Measurement:
    """Make a sample of the organisations' pages, in one process, and keep them."""
    edition = _edition_of(job.load("publication"))
    references = [page for page in edition.pages() if page.template == "organisation"]
    sample = references[:: max(1, len(references) // SAMPLED_PAGES)][:SAMPLED_PAGES]
    edition.make_page(sample[-1])  # Templates are compiled with the first page.
    clock, pages = _time_once(lambda: [edition.make_page(reference) for reference in sample])
    job.save("pages", pages)
    size = sum(len(page.body) for page in pages) / len(pages) / 1000
    return Measurement(clock, len(pages), "pages", f"{size:,.0f} KB each")


def fill_trivial_template(job: Job) -> Measurement:
    """Render pages of the same size from a Jinja template that only lists ready-made cells."""
    from jinja2 import Environment

    sizes = [len(page.body) for page in job.load("pages")]
    text = "<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>"
    template = Environment(autoescape=True).from_string(f"{{% for row in rows %}}{text}{{% endfor %}}")
    cells = ["A cell of plain text"] * 6
    length = len(template.render(rows=[cells]))

    def render() -> int:
        return sum(len(template.render(rows=[cells] * (size // length))) for size in sizes)

    clock, _ = _timed(render)
    return Measurement(clock, len(sizes), "pages")


def stamp_pages(job: Job) -> Measurement:
    """Join the sampled pages into a shell of the theme's size."""
    from generator import rendering
    from generator.model.pages import Shell
    from generator.rendering.stamping import fill, token_page

    pages = job.load("pages")
    filling = fill(token_page("organisation", 2))
    entries = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title in filling.contents)
    padding = "<!-- theme -->\n" * (SHELL_BYTES // 30)
    html = (
        f'<title>{filling.title}</title><meta name="description" content="{filling.description}">'
        f"{filling.alternates}{padding}<ul>{entries}</ul>{filling.content}{padding}"
    )
    shell = rendering.cut(Shell("organisation", 2, html))
    clock, _ = _timed(lambda: [rendering.stamp(shell, page) for page in pages])
    return Measurement(clock, len(pages), "pages", "stand-in for the theme's shell")


def join_strings(job: Job) -> Measurement:
    """Put the same number of bytes before and after each sampled page."""
    pages = job.load("pages")
    padding = "<!-- theme -->\n" * (SHELL_BYTES // 30)
    clock, _ = _timed(lambda: ["".join((padding, page.body, padding)) for page in pages])
    return Measurement(clock, len(pages), "pages")


def copy_site(job: Job) -> Measurement:
    """Copy the finished site: the time that the same files cost any program that writes them."""
    site, copy = job.folder / "site", job.folder / "site-copy"
    clock, _ = _time_once(lambda: shutil.copytree(site, copy))
    shutil.rmtree(copy)
    return Measurement(clock, count_pages(site), "pages")


def count_pages(site: Path) -> int:
    """Return how many pages a finished site has."""
    return sum(1 for _ in site.rglob("index.html"))


def _compute(release: Any, workers: int) -> tuple[Measurement, Any]:
    from generator import statistics

    clock, tables = _timed(lambda: statistics.compute_tables(release, workers=workers))
    remark = f"{len(tables.results):,} results with areas"
    return Measurement(clock, len(release.observations), "rows", remark), tables


def _edition_of(publication: Any) -> Any:
    from generator.model.vocabulary import Audience
    from generator.rendering import Edition

    templates = Path(__file__).parents[2] / "site_templates"
    return Edition.of(publication, audience=Audience.PUBLIC, links={}, templates_folder=templates)


def _timed(work: Callable[[], Result]) -> tuple[Clock, Result]:
    """Return how long the work took, and its result."""
    clock, result = _time_once(work)
    for _ in range(2 if clock.seconds < REPEATED_BELOW_SECONDS else 0):
        again, _ = _time_once(work)
        clock = Clock(min(clock.seconds, again.seconds), min(clock.processor, again.processor))
    return clock, result


def _time_once(work: Callable[[], Result]) -> tuple[Clock, Result]:
    begin, used = time.perf_counter(), _processor_seconds()
    result = work()
    return Clock(time.perf_counter() - begin, _processor_seconds() - used), result


def _processor_seconds() -> float:
    """Return what this process, all its threads, and the processes it has waited for have used."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


STEPS: dict[str, Callable[[Job], Measurement]] = {
    step.__name__: step
    for step in (
        read_with_pyarrow,
        read_release,
        validate_with_frictionless,
        group_with_pandas,
        compute_tables,
        compute_a_tenth,
        index_and_draw,
        make_pages,
        fill_trivial_template,
        stamp_pages,
        join_strings,
        copy_site,
    )
}


if __name__ == "__main__":
    step, release_folder, job_folder, processes = sys.argv[1:]
    measured = STEPS[step](Job(Path(release_folder), Path(job_folder), int(processes)))
    print(json.dumps(asdict(measured)))
