"""Boundaries: every shape belongs to an organisation that is known."""

from __future__ import annotations

from collections.abc import Iterator

from generator.errors import Finding
from generator.loading.checks.registry import check
from generator.loading.draft import Draft


@check(
    "GEO_INVALID",
    title="Every boundary is that of a listed organisation",
    advice="Give each feature the organisation_code of an organisation of the package.",
    needs=("organisations",),
)
def boundaries_belong_to_organisations(draft: Draft) -> Iterator[Finding]:
    """Find the features whose organisation_code is not listed."""
    known = set(draft["organisations"]["organisation_code"])
    for code in draft.boundaries:
        if code not in known:
            yield Finding("boundaries", None, "organisation_code", "not listed in organisations", value=code)
