"""From protected tables to pages, charts, downloads and search entries. Nothing is calculated in this room.

`Edition.of` indexes a release and draws its plates; `pages` names every page and `make_page` makes one;
`downloads_of` and `shared_files` make what stands beside pages. `cut` and `stamp` join a page into its shell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from generator.model.pages import Page, SiteFile
from generator.model.release import Publication
from generator.model.vocabulary import Audience
from generator.rendering import (
    area_pages,
    downloads,
    explore,
    explore_control,
    explore_frame,
    explore_intervals,
    find_pages,
    metric_pages,
    quality_profiles,
    release_pages,
    scorecard,
    service_pages,
    services,
    site_pages,
)
from generator.rendering.book import Book
from generator.rendering.finder import TextEntry, finder_files, organisation_index, stub_pages
from generator.rendering.linked_data import LinkedData
from generator.rendering.plate_drawing import draw_plates
from generator.rendering.release_package import release_package
from generator.rendering.stamping import cut, stamp
from generator.rendering.templates import Templates

__all__ = ["Edition", "PageReference", "cut", "shells_needed", "stamp"]

_DEPTHS = {
    "home": 0,
    "find": 1,
    "compare": 1,
    "all": 1,
    "releases": 1,
    "data": 1,
    "organisation": 2,
    "metric": 2,
    "domain": 2,
    "service": 2,
    "services": 1,
    "service_definitions": 3,
    "programme": 2,
    "area": 2,
    "provider_service": 4,
    "metric_area": 4,
}
"""How deep the addresses of each page template lie."""


def shells_needed() -> list[tuple[str, int]]:
    """Return the pairs of template and depth for which the theme must render a shell."""
    return list(_DEPTHS.items())


@dataclass(frozen=True)
class PageReference:
    """One page that can be made: its template and the codes and identifiers that single it out."""

    template: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True)
class Edition:
    """One release in one language for one audience, ready to make pages of."""

    book: Book
    templates: Templates
    sheets: tuple[SiteFile, ...]
    """The plates' files."""
    linked_data: LinkedData

    @classmethod
    def of(
        cls,
        publication: Publication,
        *,
        audience: Audience,
        links: Mapping[str, str],
        templates_folder: Path,
        site_name: str = "",
        site_url: str = "",
    ) -> Edition:
        """Return the release indexed, with its plates drawn. Without `site_url` no page knows its address."""
        templates = Templates(templates_folder)
        labelled = {templates.words("places", f"link_{name}"): address for name, address in links.items()}
        kinds = {metric.applies_to for metric in publication.directory.metrics.values()}
        peer_names = {kind: templates.words("places", "peers", kind) for kind in sorted(kinds)}
        book = Book(publication, audience, labelled, templates.calendar, peer_names=peer_names)
        book.warm()
        book, sheets = draw_plates(book, templates)
        linked_data = LinkedData(
            book,
            site_name,
            site_url,
            templates.words("parts", "invented") if book.descriptor.demonstration else "",
        )
        linked_data.warm()
        return cls(book, templates, tuple(sheets), linked_data)

    def pages(self) -> list[PageReference]:
        """Return every data page, the costly ones first so that workers end together."""
        book = self.book
        with_services = [
            (code, service_id)
            for service_id in dict.fromkeys(
                metric.service_id for metric in book.metrics.values() if metric.service_id
            )
            for code in dict.fromkeys(
                row["organisation_code"] for row in book.rows_about("provisions", "service_id", service_id)
            )
        ]
        service_ids = [row["service_id"] for row in book.rows_of("services")]
        return [
            *(PageReference(name) for name in ("home", "find", "compare", "all", "releases", "data")),
            *(PageReference("metric", (metric_id,)) for metric_id in book.metrics),
            *(PageReference("domain", (domain.domain_id,)) for domain in book.domains),
            *(PageReference("service", (service_id,)) for service_id in service_ids),
            *(PageReference("service_definitions", (service_id,)) for service_id in service_ids),
            *(PageReference("programme", (item.programme_id,)) for item in services.programmes(book)),
            *(PageReference("services") for _ in service_ids[:1]),
            *(PageReference("area", (area.code,)) for area in book.areas),
            *(PageReference("organisation", (organisation.code,)) for organisation in book.scorecards),
            *(PageReference("provider_service", keys) for keys in with_services),
            *(
                PageReference("metric_area", (metric_id, code))
                for metric_id, codes in book.area_pages.items()
                for code in codes
            ),
        ]

    def make_page(self, reference: PageReference) -> Page:
        """Return one page."""
        page = _MAKERS[reference.template](self.book, self.templates, *reference.keys)
        return replace(page, linked_data=self.linked_data.of(reference.template, reference.keys))

    def downloads_of(self, reference: PageReference) -> list[SiteFile]:
        """Return the files that stand beside a page."""
        if reference.template == "organisation":
            return [downloads.organisation_csv(self.book, *reference.keys)]
        if reference.template == "metric":
            return [
                downloads.metric_csv(self.book, *reference.keys),
                downloads.metric_parquet(self.book, *reference.keys),
                *explore.chart_files(self.book, self.templates, *reference.keys),
            ]
        if reference.template == "metric_area":
            return list(explore_intervals.caterpillar_files(self.book, self.templates, *reference.keys))
        if reference.template == "provider_service":
            return list(explore_control.control_chart_files(self.book, self.templates, *reference.keys))
        return []

    def shared_files(self) -> Iterator[SiteFile]:
        """Yield the files that belong to no page: plates, the finder's files, lists, the whole release."""
        directory = self.book.directory
        yield from self.sheets
        yield from finder_files(
            directory["organisations"],
            directory["postcodes"],
            label_of=self._label_of,
            services={row["service_id"]: row["title"] for row in self.book.rows_of("services")},
            services_of=self.book.service_ids,
            other_areas_of=self.book.other_areas,
            happened_to=find_pages.happened_to(self.book, self.templates),
            words=find_pages.script_words(self.templates, "find", find_pages.FINDER_WORDS),
        )
        yield from organisation_index(directory["organisations"])
        yield release_package(self.book)

    def frame_files(self, keep: explore_frame.Keep) -> list[SiteFile]:
        """Return the frame in which charts are explored; none where no chart can be."""
        return explore_frame.frame_files(self.templates, keep) if self.book.plates else []

    def _label_of(self, kind: str, level: str) -> str:
        if kind == "area":
            return self.templates.words("places", "level_one", level)
        return self.templates.words("places", "kind", kind, self.book.kind_name(kind))

    def text_stubs(self, documents: list[TextEntry]) -> list[SiteFile]:
        """Return the stub pages of everything full-text search finds; documents are hand-written pages."""
        words, book = self.templates.words, self.book
        entries = [
            TextEntry(
                f"metrics/{metric.metric_id}/",
                metric.title,
                " ".join(
                    (metric.question, metric.description, metric.why_it_matters, metric.numerator_label)
                ),
                words("search", "metric"),
                f"{metric.question} {metric.description}",
            )
            for metric in book.metrics.values()
        ]
        entries += [
            TextEntry(
                f"domains/{domain.domain_id}/",
                domain.title,
                " ".join((domain.description, *(metric.title for metric in domain.metrics))),
                words("search", "domain"),
                domain.description,
            )
            for domain in book.domains
        ]
        entries += [
            TextEntry(
                f"services/{row['service_id']}/",
                row["title"],
                row["description"],
                words("search", "service"),
                row["description"],
            )
            for row in book.rows_of("services")
        ]
        return stub_pages([*entries, *documents])


_MAKERS: dict[str, Callable[..., Page]] = {
    "home": site_pages.home_page,
    "find": find_pages.find_page,
    "compare": find_pages.compare_page,
    "all": site_pages.all_page,
    "releases": release_pages.releases_page,
    "data": site_pages.data_page,
    "metric": metric_pages.metric_page,
    "metric_area": metric_pages.metric_area_page,
    "domain": metric_pages.domain_page,
    "service": service_pages.service_page,
    "services": service_pages.services_page,
    "service_definitions": service_pages.definitions_page,
    "programme": service_pages.programme_page,
    "area": area_pages.area_page,
    "organisation": scorecard.organisation_page,
    "provider_service": quality_profiles.provider_service_page,
}
