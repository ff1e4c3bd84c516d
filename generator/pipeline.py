"""The story: from package folders to a site, step by step. Each step is a room's; this page only tells it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pandas as pd

from generator import importers, loading, publishing, rendering, statistics
from generator.errors import CandourError, Finding, FindingsError, Severity, format_findings
from generator.importers.report import ImportReport
from generator.model.pages import Shell, SiteFile
from generator.model.policy import DisclosurePolicy
from generator.model.release import (
    Descriptor,
    Directory,
    ProtectedTables,
    Publication,
    Release,
    SourceFile,
)
from generator.model.settings import BuildSettings
from generator.model.trace import Trace
from generator.model.vocabulary import Protection
from generator.rendering import Edition, PageReference
from generator.rendering.finder import TextEntry
from generator.rendering.stamping import CutShell
from generator.statistics.earlier import keep_for_later
from generator.statistics.sanity import find_surprises, judge_surprises
from generator.workers import ordered_map

PAGES_AT_A_TIME = 50

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """A release that passed every check, calculated and indexed: pages can be made of it."""

    edition: Edition
    notes: tuple[Finding, ...]
    workers: int
    kept: Path
    """Where texts lie that are the same in every build."""
    inputs: Mapping[Path, str]
    """The SHA-256 of every file it was made from, by path: none of them may be offered."""

    @property
    def descriptor(self) -> Descriptor:
        """What the release says about itself."""
        return self.edition.book.descriptor

    def templates(self) -> list[tuple[str, int]]:
        """Return the pairs of template and depth for which the theme must render a shell."""
        return rendering.shells_needed()


@dataclass(frozen=True)
class Attack:
    """What came of the attempt to work out hidden figures."""

    releases: int
    metrics: int
    hidden: int
    """Results that are hidden, all releases together."""
    findings: tuple[Finding, ...]


@dataclass
class Written:
    """What a build wrote: the files of data pages by template, and bytes by part of the site."""

    pages: dict[str, list[str]] = field(default_factory=dict)
    bytes: Counter[str] = field(default_factory=Counter)


def import_package(source: str, files: Sequence[Path], to: Path) -> ImportReport:
    """Turn a published source's own files into a data package."""
    return importers.import_source(source, files, to)


def check(paths: Sequence[Path], *, workers: int) -> list[Finding]:
    """Return everything that is wrong with these packages, releases or folders of releases, and notes."""
    return loading.check(paths, workers=workers)


def prepare(settings: BuildSettings, report: Progress, *, is_preview: bool = False) -> Prepared:
    """Load and check a release, protect and calculate its results, and index them for rendering.

    What moved too far since the previous release is told; unless it is only for a preview, it stops the
    build until somebody accepts it in the configuration.

    Raises:
        FindingsError: The release, or one before it, does not pass the checks, or moved too far.
        CandourError: There is no such release, or the policy does not fit the releases.
    """
    folders = loading.find_releases(settings.datapackages)
    *before, newest = _calculated(settings, folders, report)
    findings = _surprises(settings, folders, before, newest)
    if not is_preview and any(finding.severity is Severity.ERROR for finding in findings):
        raise FindingsError(findings)
    if findings:
        report(format_findings(findings))
    directory = newest.directory
    report(f"Drawing {len(directory.metrics):,} metrics")
    edition = Edition.of(
        Publication(
            directory,
            newest.tables,
            tuple(other.directory.descriptor for other in reversed(before)),
            policy=newest.policy,
            options=settings.methods,
        ),
        audience=settings.audience,
        links=settings.links,
        templates_folder=settings.templates,
        site_name=settings.site_name,
        site_url=settings.site_url,
    )
    inputs = {other.folder / file.path: file.sha256 for other in (*before, newest) for file in other.files}
    return Prepared(edition, (*newest.notes, *findings), settings.workers, settings.kept, inputs)


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
        for template, path in pages:
            written.pages.setdefault(template, []).append(path)
        written.bytes.update(sizes)
    keep = partial(publishing.kept_text, prepared.kept)
    for file in (*edition.shared_files(), *edition.frame_files(keep)):
        written.bytes[file.path.split("/", 1)[0]] += publishing.write_file(site_dir, file)
    report("Indexing for search")
    publishing.write_full_text(site_dir, edition.text_stubs(list(documents)))
    return written


def trace(settings: BuildSettings, code: str, metric_id: str, period: str, breakdown_id: str) -> Trace:
    """Return the file, rows and columns that a printed number comes from.

    Raises:
        CandourError: There is no such organisation, metric, period or result.
    """
    folders = loading.find_releases(settings.datapackages)
    *_, newest = _calculated(settings, folders, _in_silence, metric_id=metric_id)
    return statistics.trace_result(
        newest.release, newest.tables, code, metric_id, period, breakdown_id, policy=newest.policy
    )


def attack(settings: BuildSettings, report: Progress, *, metric_id: str = "") -> Attack:
    """Try to work out what a release and those before it hide, and return what came of it.

    `metric_id` restricts the attack to one metric.

    Raises:
        CandourError: There is no such release, or no such metric.
    """
    # The solver takes a moment to import, and nothing else needs it.
    from generator.statistics.adversary.attack import attack_releases
    from generator.statistics.adversary.attacked import AttackedRelease

    folders = loading.find_releases(settings.datapackages)
    releases = list(_calculated(settings, folders, report, metric_id=metric_id, keep_all=True))
    metrics = sorted({name for item in releases for name in item.observations["metric_id"].unique()})
    if not metrics:
        raise CandourError(
            "VERIFY_UNKNOWN",
            f'there are no figures of a metric "{metric_id}"',
            "The identifier is that of the metric's page.",
        )
    findings: list[Finding] = []
    hidden = 0
    for number, name in enumerate(metrics, start=1):
        report(f"Attacking {name}, {number} of {len(metrics)}")
        own = [
            AttackedRelease(
                item.directory,
                statistics.only_metric(item.release, name).observations,
                _only_metric(item.tables, name),
            )
            for item in releases
        ]
        hidden += sum(int((each.tables.results["protection"] == Protection.HIDDEN).sum()) for each in own)
        findings += attack_releases(own, policy=releases[-1].policy, workers=settings.workers)
    return Attack(len(releases), len(metrics), hidden, tuple(findings))


def refuse_inputs(prepared: Prepared, site_dir: Path) -> None:
    """Refuse a finished site that offers one of the files it was made from.

    Raises:
        CandourError: PUB_RAW_INPUT (4).
    """
    publishing.refuse_inputs(site_dir, prepared.inputs)


def refuse_faulty_pages(
    site_dir: Path, written: Written, others: Sequence[str], scripts: Iterable[str], *, is_strict: bool
) -> list[Finding]:
    """Look at finished pages, and refuse a site whose pages a browser would refuse, mend or miss parts of.

    Returns what is worth a note. `others` are the files of the pages that are no data pages, whose broken
    links count only if `is_strict`; `scripts` the texts of the theme's inline scripts.

    Raises:
        FindingsError: RND_CSP, RND_THIRD_PARTY, RND_HTML, RND_BUDGET, RND_SLUG, LINK_BROKEN (5).
    """
    findings = publishing.inspect(
        site_dir, written.pages, others, frozenset(scripts), follows_others=is_strict
    )
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise FindingsError(findings)
    return findings


@dataclass(frozen=True)
class _Calculated:
    """One release, loaded and calculated."""

    folder: Path
    publication: Publication
    """Of an earlier release what later ones are held against, unless all is wanted: figures take memory."""
    observations: pd.DataFrame
    """The raw figures; of an earlier release none, unless all is wanted."""
    files: tuple[SourceFile, ...]
    policy: DisclosurePolicy
    notes: tuple[Finding, ...]

    @property
    def directory(self) -> Directory:
        """Everything but figures."""
        return self.publication.directory

    @property
    def tables(self) -> ProtectedTables:
        """The protected tables."""
        return self.publication.tables

    @property
    def release(self) -> Release:
        """The release as it was loaded."""
        return Release(self.directory, self.observations, self.files)


def _calculated(
    settings: BuildSettings,
    folders: Sequence[Path],
    report: Progress,
    *,
    metric_id: str = "",
    keep_all: bool = False,
) -> Iterator[_Calculated]:
    """Yield the chosen release and all before it, oldest first, each calculated with those before it.

    `folders` are those of all releases. `metric_id` restricts the work to one metric.
    """
    chosen = _chosen(folders, settings)
    policies = settings.policies.in_force([folder.name for folder in folders])
    earlier: list[Publication] = []
    for folder, policy in zip(folders, policies, strict=True):
        is_earlier = folder != chosen
        report(f"Checking {folder.name}{', published before' if is_earlier else ''}")
        release, notes = _read(folder, settings, place=f"{folder.name}/" if is_earlier else "")
        if metric_id:
            release = statistics.only_metric(release, metric_id)
        report(f"Calculating {len(release.observations):,} observations")
        tables = statistics.compute_tables(
            release,
            earlier=tuple(earlier),
            policy=policy,
            options=settings.methods,
            workers=settings.workers,
        )
        publication, observations = Publication(release.directory, tables), release.observations
        if is_earlier:
            earlier.append(keep_for_later(release.directory, tables))
            if not keep_all:
                publication, observations = earlier[-1], observations.iloc[:0].copy()
        yield _Calculated(folder, publication, observations, release.files, policy, tuple(notes))
        if not is_earlier:
            return


def _read(folder: Path, settings: BuildSettings, *, place: str) -> tuple[Release, list[Finding]]:
    """Return a release and its notes; findings name files below this place."""
    try:
        return loading.read_release(folder, workers=settings.workers)
    except FindingsError as error:
        raise FindingsError(
            replace(finding, file=f"{place}{finding.file}") for finding in error.findings
        ) from error


def _surprises(
    settings: BuildSettings, folders: Sequence[Path], before: Sequence[_Calculated], newest: _Calculated
) -> list[Finding]:
    """Return what moved too far since the previous release, as findings, and what was accepted in vain."""
    found = find_surprises(newest.publication, before[-1].publication, settings.sanity) if before else []
    releases = [folder.name for folder in folders]
    return judge_surprises(newest.folder.name, found, settings.accepted, releases)


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


def _only_metric(tables: ProtectedTables, metric_id: str) -> ProtectedTables:
    """Return the tables with the results and groups of one metric, which is what an attacker looks at."""
    results, groups = (
        table[(table["metric_id"] == metric_id).to_numpy()]
        for table in (tables.results, tables.metric_periods)
    )
    return replace(tables, results=results, metric_periods=groups)


def _in_silence(line: str) -> None:
    del line


def _write_pages(
    shared: tuple[Edition, Mapping[tuple[str, int], CutShell], Path], references: Sequence[PageReference]
) -> tuple[list[tuple[str, str]], Counter[str]]:
    edition, shells, site_dir = shared
    pages: list[tuple[str, str]] = []
    sizes: Counter[str] = Counter()
    for reference in references:
        page = edition.make_page(reference)
        html = rendering.stamp(shells[page.template, page.depth], page)
        file = SiteFile(f"{page.address}index.html", html.encode())
        sizes["pages"] += publishing.write_file(site_dir, file)
        pages.append((page.template, file.path))
        for download in edition.downloads_of(reference):
            sizes["downloads"] += publishing.write_file(site_dir, download)
    return pages, sizes
