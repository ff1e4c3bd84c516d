"""The story: from package folders to a site, step by step. Each step is a room's; this page only tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator import importers, loading, publishing, rendering, statistics
from generator.errors import CandourError, Finding
from generator.importers.report import ImportReport
from generator.model.pages import Shell, SiteFile
from generator.model.release import Descriptor, Publication
from generator.model.settings import BuildSettings
from generator.model.trace import Trace
from generator.rendering import Edition, PageReference
from generator.rendering.finder import TextEntry
from generator.rendering.stamping import CutShell
from generator.workers import ordered_map

PAGES_AT_A_TIME = 50

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """A release that passed every check, calculated and indexed: pages can be made of it."""

    edition: Edition
    notes: tuple[Finding, ...]
    workers: int

    @property
    def descriptor(self) -> Descriptor:
        """What the release says about itself."""
        return self.edition.book.descriptor

    def templates(self) -> list[tuple[str, int]]:
        """Return the pairs of template and depth for which the theme must render a shell."""
        return rendering.shells_needed()


@dataclass
class Written:
    """What a build wrote: numbers of pages by template, and bytes by part of the site."""

    pages: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)


def import_package(source: str, files: Sequence[Path], to: Path) -> ImportReport:
    """Turn a published source's own files into a data package."""
    return importers.import_source(source, files, to)


def check(paths: Sequence[Path], *, workers: int) -> list[Finding]:
    """Return everything that is wrong with these packages, releases or folders of releases, and notes."""
    return loading.check(paths, workers=workers)


def prepare(settings: BuildSettings, report: Progress) -> Prepared:
    """Load and check a release, protect and calculate its results, and index them for rendering.

    Raises:
        FindingsError: The release does not pass the checks.
        CandourError: There is no such release.
    """
    folders = loading.find_releases(settings.datapackages)
    folder = _chosen(folders, settings)
    report(f"Checking {folder.name}")
    release, notes = loading.read_release(folder, workers=settings.workers)
    report(f"Calculating {len(release.observations):,} observations")
    tables = statistics.compute_tables(release)
    earlier = tuple(loading.describe_release(other) for other in reversed(folders[: folders.index(folder)]))
    report(f"Drawing {len(release.directory.metrics):,} metrics")
    edition = Edition.of(
        Publication(release.directory, tables, earlier),
        audience=settings.audience,
        links=settings.links,
        templates_folder=settings.templates,
    )
    return Prepared(edition, tuple(notes), settings.workers)


def write_site(
    prepared: Prepared,
    shells: Mapping[tuple[str, int], Shell],
    site_dir: Path,
    report: Progress,
    *,
    documents: Sequence[TextEntry] = (),
) -> Written:
    """Make every data page and every file beside it, and write them; then the search index.

    `documents` are the hand-written pages, which full-text search finds too.
    """
    edition = prepared.edition
    references = edition.pages()
    report(f"Writing {len(references):,} pages")
    cut = {key: rendering.cut(shell) for key, shell in shells.items()}
    chunks = [
        references[start : start + PAGES_AT_A_TIME] for start in range(0, len(references), PAGES_AT_A_TIME)
    ]
    written = Written()
    for pages, sizes in ordered_map(
        _write_pages, chunks, shared=(edition, cut, site_dir), workers=prepared.workers
    ):
        written.pages.update(pages)
        written.bytes.update(sizes)
    for file in edition.shared_files():
        written.bytes[file.path.split("/", 1)[0]] += publishing.write_file(site_dir, file)
    report("Indexing for search")
    publishing.write_full_text(site_dir, edition.text_stubs(list(documents)))
    return written


def trace(settings: BuildSettings, code: str, metric_id: str, period: str, breakdown_id: str) -> Trace:
    """Return the file, rows and columns that a printed number comes from.

    Raises:
        CandourError: There is no such organisation, metric, period or result.
    """
    folder = _chosen(loading.find_releases(settings.datapackages), settings)
    release, _ = loading.read_release(folder, workers=settings.workers)
    release = statistics.only_metric(release, metric_id)
    tables = statistics.compute_tables(release)
    return statistics.trace_result(release, tables, code, metric_id, period, breakdown_id)


def _chosen(folders: Sequence[Path], settings: BuildSettings) -> Path:
    if not folders:
        raise CandourError(
            "CFG_NO_RELEASE",
            f"there is no data package in {settings.datapackages.name}/",
            "Put one there, or import one: candour import --list",
        )
    if not settings.release:
        return folders[-1]
    for folder in folders:
        if folder.name == settings.release:
            return folder
    known = ", ".join(folder.name for folder in folders)
    raise CandourError("CFG_NO_RELEASE", f'there is no release "{settings.release}"', f"There are: {known}.")


def _write_pages(
    shared: tuple[Edition, Mapping[tuple[str, int], CutShell], Path], references: Sequence[PageReference]
) -> tuple[Counter[str], Counter[str]]:
    edition, shells, site_dir = shared
    pages: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for reference in references:
        page = edition.make_page(reference)
        html = rendering.stamp(shells[page.template, page.depth], page)
        file = SiteFile(f"{page.address}index.html", html.encode())
        sizes["pages"] += publishing.write_file(site_dir, file)
        pages[page.template] += 1
        for download in edition.downloads_of(reference):
            sizes["downloads"] += publishing.write_file(site_dir, download)
    return pages, sizes
