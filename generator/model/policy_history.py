"""Which policy of disclosure control held for which release, as the configuration says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from enum import StrEnum
from itertools import pairwise
from typing import Any

from generator.errors import CandourError, ExitStatus
from generator.model.policy import DisclosurePolicy

FROM = "from"
"""The key of an entry that names the release with which its policy begins."""


@dataclass(frozen=True)
class PolicyHistory:
    """The policies of a publication in their order; the defaults are the strictest, for all releases."""

    first: DisclosurePolicy = field(default_factory=DisclosurePolicy)
    later: tuple[tuple[str, DisclosurePolicy], ...] = ()
    """The release with which each further policy began. None protects less than the one before it."""

    @classmethod
    def from_configuration(cls, entries: object) -> PolicyHistory:
        """Return the history of the configuration's `disclosure`: a list of policies, the oldest first.

        What an entry does not name has its default, which is the strictest.

        Raises:
            CandourError: SDC_POLICY (4), with everything that is wrong with the entries.
        """
        faults = list(_faults(entries))
        if faults:
            raise _refused(faults)
        assert isinstance(entries, list), "anything else has been refused"
        policies = [_policy(entry) for entry in entries]
        for number, (before, policy) in enumerate(pairwise(policies), start=2):
            weaker = policy.weaknesses(before)
            if weaker:
                faults.append(f"entry {number} protects less than the one before it: {', '.join(weaker)}")
        if faults:
            raise _refused(faults)
        later = tuple((entry[FROM], policy) for entry, policy in zip(entries[1:], policies[1:], strict=True))
        return cls(policies[0], later)

    def in_force(self, releases: Sequence[str]) -> tuple[DisclosurePolicy, ...]:
        """Return the policy that held for each of the releases, all that there are, the oldest first.

        Raises:
            CandourError: SDC_POLICY (4), where a policy begins with a release that is not there, or before
                the one that precedes it.
        """
        begun = [name for name, _ in self.later]
        unknown = [name for name in begun if name not in releases]
        if unknown:
            raise _refused([f'there is no release "{name}" for a policy to begin with' for name in unknown])
        places = [releases.index(name) for name in begun]
        if any(after <= before for before, after in pairwise(places)):
            raise _refused(["the policies do not stand in the order of the releases they begin with"])
        policies = [self.first] * len(releases)
        for place, (_, policy) in zip(places, self.later, strict=True):
            policies[place:] = [policy] * (len(releases) - place)
        return tuple(policies)


def _faults(entries: object) -> Iterator[str]:
    """Yield what is wrong with each entry by itself."""
    if not isinstance(entries, list) or not entries:
        yield "`disclosure` is no list of policies"
        return
    for number, entry in enumerate(entries, start=1):
        if not isinstance(entry, Mapping):
            yield f"entry {number} is no policy"
            continue
        if number == 1 and FROM in entry:
            yield "entry 1 holds from the beginning: it has no `from`"
        if number > 1 and not (isinstance(entry.get(FROM), str) and entry[FROM]):
            yield f"entry {number} does not say as a text from which release on it holds"
        for name, value in entry.items():
            fault = "" if name == FROM else _fault_of(name, value)
            if fault:
                yield f"entry {number}: {fault}"


def _fault_of(name: object, value: object) -> str:
    """Return what is wrong with one setting, empty where nothing is."""
    default = _DEFAULTS.get(name)
    if isinstance(default, StrEnum):
        words = tuple(str(word) for word in type(default))
        return "" if value in words else f"{name} is none of {', '.join(words)}"
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else f"{name} is neither true nor false"
    if isinstance(default, int):
        is_count = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        return "" if is_count else f"{name} is no whole number of at least 1"
    if isinstance(default, float):
        is_share = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1
        return "" if is_share else f"{name} is no share between 0 and 1"
    return f'there is no setting "{name}"'


def _policy(entry: Mapping[str, Any]) -> DisclosurePolicy:
    settings = {name: type(_DEFAULTS[name])(value) for name, value in entry.items() if name != FROM}
    return DisclosurePolicy(**settings)


def _refused(faults: Sequence[str]) -> CandourError:
    return CandourError(
        "SDC_POLICY",
        "; ".join(faults),
        "Without a policy that can be relied on nothing is published. Mend `disclosure` in the configuration "
        "(docs/reference/configuration.md); without it the strictest rules hold. A later policy may only "
        "protect more.",
        ExitStatus.DISCLOSURE,
    )


_DEFAULTS: Mapping[object, Any] = {item.name: item.default for item in fields(DisclosurePolicy)}
