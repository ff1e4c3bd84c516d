"""What pages are about, for machines: schema.org as JSON-LD of organisations, metrics and the site itself.

It says what the page says, from the same rows, and nothing of how good anybody is: search engines print such
marks without the doubt that belongs to them. Stamping puts the text where nothing can break out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from generator.model.metric import Metric
from generator.rendering.book import Book
from generator.rendering.records import Organisation
from generator.rendering.release_package import package_path

Node = dict[str, Any]

_TYPES = {"practice": "MedicalClinic", "site": "Hospital"}
"""Of kinds of organisations; any other is a MedicalOrganization."""

_LONGEST = 5_000
"""Characters of a description: what search engines take."""


@dataclass(frozen=True)
class LinkedData:
    """The JSON-LD of every page of one site."""

    book: Book
    site_name: str
    site_url: str
    """Ends in a slash. Where it is not known there are no addresses, and no data that consists of them."""
    invented: str = ""
    """What a description begins with where everything is invented, else nothing."""

    def of(self, template: str, keys: tuple[str, ...]) -> str:
        """Return the JSON of the page of this template about these keys; empty for most templates."""
        maker = self._makers.get(template)
        node = maker(*keys) if maker else None
        if not node:
            return ""
        if self.invented:
            node["description"] = f"{self.invented} {node.get('description', '')}".rstrip()
        return json.dumps(
            {"@context": "https://schema.org", **_filled(node)}, ensure_ascii=False, separators=(",", ":")
        )

    @property
    def _makers(self) -> Mapping[str, Callable[..., Node]]:
        return {
            "home": self._site,
            "organisation": self._organisation,
            "area": self._area,
            "metric": self._metric,
            "data": self._release,
        }

    def _site(self) -> Node:
        if not self.site_url:
            return {}
        return {
            "@type": "WebSite",
            "name": self.site_name,
            "url": self.site_url,
            "publisher": self._publisher,
            "potentialAction": {
                "@type": "SearchAction",
                "target": {
                    "@type": "EntryPoint",
                    "urlTemplate": f"{self.site_url}find/?q={{search_term_string}}",
                },
                "query-input": "required name=search_term_string",
            },
        }

    def _organisation(self, code: str) -> Node:
        organisation = self.book.organisations[code]
        return {
            "@type": _TYPES.get(organisation.kind, "MedicalOrganization"),
            "name": organisation.name,
            "identifier": organisation.code,
            "mainEntityOfPage": self._address(organisation.path),
            "url": organisation.website,
            "telephone": organisation.phone,
            "address": self._postal_address(organisation),
            "openingHours": organisation.opening_hours,
            "isAcceptingNewPatients": organisation.accepting_patients,
            "foundingDate": organisation.opened_on and organisation.opened_on.isoformat(),
            "dissolutionDate": organisation.closed_on and organisation.closed_on.isoformat(),
        }

    def _area(self, code: str) -> Node:
        area = self.book.organisations[code]
        return {
            "@type": "Country" if area.kind == "country" else "AdministrativeArea",
            "name": area.name,
            "identifier": area.code,
            "mainEntityOfPage": self._address(area.path),
        }

    def _metric(self, metric_id: str) -> Node:
        metric, descriptor, country = self.book.metrics[metric_id], self.book.descriptor, self.book.country
        page = f"metrics/{metric_id}/"
        return {
            "@type": "Dataset",
            "name": metric.title,
            "description": _description(metric),
            "identifier": metric_id,
            "url": self._address(page),
            "version": descriptor.release,
            "datePublished": descriptor.publication_date.isoformat(),
            "temporalCoverage": self._coverage.get(metric_id, ""),
            "spatialCoverage": country.name if country else "",
            "variableMeasured": metric.title,
            "measurementTechnique": metric.method,
            "isAccessibleForFree": True,
            **self._terms,
            "distribution": [
                self._download(f"{page}results.csv", "text/csv"),
                self._download(f"{page}results.parquet", "application/vnd.apache.parquet"),
            ]
            if self.site_url
            else [],
        }

    def _release(self) -> Node:
        descriptor, country = self.book.descriptor, self.book.country
        return {
            "@type": "Dataset",
            "name": descriptor.title or self.site_name,
            "description": (descriptor.description or descriptor.title)[:_LONGEST],
            "url": self._address("data/"),
            "version": descriptor.release,
            "datePublished": descriptor.publication_date.isoformat(),
            "spatialCoverage": country.name if country else "",
            "isAccessibleForFree": True,
            **self._terms,
            "distribution": [self._download(package_path(self.book), "application/zip")]
            if self.site_url
            else [],
        }

    def _download(self, path: str, media_type: str) -> Node:
        return {"@type": "DataDownload", "encodingFormat": media_type, "contentUrl": self._address(path)}

    @staticmethod
    def _postal_address(organisation: Organisation) -> Node:
        if not organisation.address and not organisation.postcode:
            return {}
        return {
            "@type": "PostalAddress",
            "streetAddress": organisation.address,
            "addressLocality": organisation.town,
            "postalCode": organisation.postcode,
        }

    @property
    def _publisher(self) -> Node:
        return {"@type": "Organization", "name": self.book.descriptor.publisher}

    @property
    def _terms(self) -> Node:
        licences = [licence.path or licence.title for licence in self.book.descriptor.licences]
        return {"creator": self._publisher, "license": licences[0] if len(licences) == 1 else licences}

    @cached_property
    def _coverage(self) -> Mapping[str, str]:
        """By metric: first and last day of what its figures describe, as ISO 8601 writes an interval."""
        periods = self.book.directory["periods"]
        starts, ends = (periods[name].dt.strftime("%Y-%m-%d").tolist() for name in ("start", "end"))
        days = dict(zip(periods["period"].tolist(), zip(starts, ends, strict=True), strict=True))
        results = self.book.publication.tables.results
        pairs = results.loc[results["value"].notna().to_numpy(), ["metric_id", "period"]].drop_duplicates()
        covered: dict[str, tuple[str, str]] = {}
        for metric_id, period in pairs.astype(str).itertuples(index=False, name=None):
            first, last = days[period]
            known = covered.get(metric_id, (first, last))
            covered[metric_id] = min(first, known[0]), max(last, known[1])
        return {metric_id: "/".join(span) for metric_id, span in covered.items()}

    def _address(self, path: str) -> str:
        return f"{self.site_url}{path}" if self.site_url else ""

    def warm(self) -> None:
        """Make the index now, so that workers need not make it each."""
        _ = self._coverage


def _description(metric: Metric) -> str:
    parts = (metric.question, metric.description, metric.why_it_matters)
    return " ".join(part for part in parts if part)[:_LONGEST]


def _filled(node: Node) -> Node:
    """Return the node without what is not known."""
    return {
        name: _filled(value) if isinstance(value, dict) else value
        for name, value in node.items()
        if value not in ("", None, [], {})
    }
