"""The adversary: what could be worked out of hidden counts from everything published, release upon release.

Nothing here trusts disclosure control: what is published and the rules become limits of unknown counts
(`knowledge`), and for every hidden count the values that remain are found with a linear programme and
confirmed with whole numbers (`worlds`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from generator.errors import CandourError, ExitStatus, Finding
from generator.model.policy import DisclosurePolicy
from generator.statistics.adversary.attacked import AttackedRelease, periods_of
from generator.statistics.adversary.knowledge import Question, gather_knowledge
from generator.statistics.worlds import Asked, FalseKnowledgeError, find_ranges
from generator.workers import ordered_map


@dataclass(frozen=True)
class Exposed:
    """A hidden count that readers can work out, or nearly."""

    metric_id: str
    organisation_code: str
    breakdown_id: str
    period: str
    release: int
    """Place of the release in which it is hidden."""
    count: str
    low: float
    high: float
    """Of the values that count, none outside low and high is possible. Never printed."""
    is_small: bool
    is_undecided: bool
    """The search was given up: taken as exposed."""


def attack(
    releases: Sequence[AttackedRelease],
    *,
    policy: DisclosurePolicy | None = None,
    is_linked: bool = True,
    workers: int = 1,
) -> list[Exposed]:
    """Return every hidden count that is not safe, given all releases, oldest first.

    A small count is safe if it may have all values but one of those that are hidden (6 of 1 to 7), any other
    if it may have two. `is_linked`: the reader looks across trees and breakdowns too.

    Raises:
        CandourError: What is published does not follow from the raw figures by the rules.
    """
    keys = list(periods_of(releases))
    shared = (releases, policy or DisclosurePolicy(), is_linked)
    parts = ordered_map(_attack, keys, shared=shared, workers=workers)
    return [exposed for part in parts for exposed in part]


def attack_releases(
    releases: Sequence[AttackedRelease], *, policy: DisclosurePolicy | None = None, workers: int = 1
) -> list[Finding]:
    """Return a finding for every hidden count that is not safe: the place, never a value.

    The code tells how it is worked out: within one tree and breakdown of one release, by linking trees or
    breakdowns, or from the difference between releases.
    """
    exposed = attack(releases, policy=policy, workers=workers)
    if not exposed:
        return []
    alone: set[tuple[int, str, str, str, str, str]] = set()
    simple: set[tuple[int, str, str, str, str, str]] = set()
    for number, release in enumerate(releases):
        for places, is_linked in ((alone, True), (simple, False)):
            found = attack([release], policy=policy, is_linked=is_linked, workers=workers)
            places.update((number, *_place(each)) for each in found)
    findings = []
    for each in exposed:
        place = (each.release, *_place(each))
        code = "SDC_LINKED" if place in alone else "SDC_DIFF_RELEASE"
        if place in simple:
            code = "SDC_RECOVERABLE"
        if each.is_undecided:
            code = "SDC_UNDECIDED"
        findings.append(_finding(each, code, releases))
    return findings


_REASONS = {
    "SDC_RECOVERABLE": "can be worked out from totals of its areas",
    "SDC_LINKED": "can be worked out from areas of several trees, or from groups of patients, together",
    "SDC_DIFF_RELEASE": "can be worked out from this release and others together",
    "SDC_UNDECIDED": "may be hidden well, but the search for a proof was given up",
}
_ADVICE = "Hide more beside it, or do not publish the release: see docs/methods/disclosure.md."


def _finding(each: Exposed, code: str, releases: Sequence[AttackedRelease]) -> Finding:
    release = releases[each.release].directory.descriptor.release
    return Finding(
        "results",
        None,
        each.count,
        f"metric {each.metric_id}, {each.organisation_code}, {each.breakdown_id}, {each.period}, "
        f"release {release}: the count {_REASONS[code]}",
        code=code,
        advice=_ADVICE,
        status=ExitStatus.DISCLOSURE,
    )


def _place(each: Exposed) -> tuple[str, str, str, str, str]:
    return each.metric_id, each.organisation_code, each.breakdown_id, each.period, each.count


def _attack(
    shared: tuple[Sequence[AttackedRelease], DisclosurePolicy, bool], key: tuple[str, str]
) -> list[Exposed]:
    """Return the hidden counts of one metric and period that are not safe.

    Each release is attacked alone as well: who has only one does not know what the others contradict.
    """
    releases, policy, is_linked = shared
    exposed = _attack_together(releases, policy, key, is_linked=is_linked)
    if len(releases) > 1:
        known = {(each.release, *_place(each)) for each in exposed}
        for number, release in enumerate(releases):
            alone = _attack_together([release], policy, key, is_linked=is_linked)
            exposed += [
                replace(each, release=number) for each in alone if (number, *_place(each)) not in known
            ]
    return exposed


def _attack_together(
    releases: Sequence[AttackedRelease], policy: DisclosurePolicy, key: tuple[str, str], *, is_linked: bool
) -> list[Exposed]:
    metric_id, period = key
    knowledge = gather_knowledge(releases, metric_id, period, policy, is_linked=is_linked)
    asked = {
        question.total: _ask(question, policy)
        for question in sorted(
            knowledge.questions, key=lambda question: (question.is_small, not question.is_untold)
        )
    }
    try:
        ranges = find_ranges(knowledge.counts, asked)
    except FalseKnowledgeError as error:
        raise CandourError(
            "SDC_UNDECIDED",
            f"what is published of metric {metric_id} in {period} does not follow from the figures given",
            "Compute the release anew from the same packages, with the same configuration.",
            ExitStatus.DISCLOSURE,
        ) from error
    return [
        Exposed(
            metric_id,
            question.organisation,
            question.breakdown,
            period,
            question.release,
            question.count,
            *ranges[question.total].ends,
            question.is_small,
            ranges[question.total].is_undecided,
        )
        for question in knowledge.questions
        if not asked[question.total].is_met(*ranges[question.total].ends)
    ]


def _ask(question: Question, policy: DisclosurePolicy) -> Asked:
    """Return what a count must be able to be: a small one all small values but one, any other one of two.

    Of a count that the reader knows to be small only small values count.
    """
    if not question.is_small:
        return Asked(1.0)
    up_to = policy.minimum_base - 1.0 if question.count == "base" else float(policy.hide_up_to)
    return Asked(up_to - 2) if question.is_untold else Asked(up_to - 2, 1.0, up_to)
