"""How small numbers are protected, class by class: the policy of a publication."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generator.model.vocabulary import DisclosureClass


class Rule(StrEnum):
    """What is done with counts of people, from the strictest rule to none."""

    HIDE = "hide"
    """Small counts are hidden, the others rounded."""
    ROUND_ALL = "round_all"
    """Every count is rounded; small ones are shown as one step of the rounding."""
    OPEN = "open"
    """Nothing is done."""


_STRICTEST_FIRST = tuple(Rule)


@dataclass(frozen=True)
class DisclosurePolicy:
    """One publication's rules of disclosure control; the defaults are the strictest."""

    people: Rule = Rule.HIDE
    """The rule for metrics of class `people`."""
    events: Rule = Rule.HIDE
    """The rule for metrics of class `events` where the denominator is small."""
    hide_up_to: int = 7
    """Counts from 1 to this one are small."""
    round_to: int = 5
    """The step that counts are rounded to."""
    minimum_base: int = 10
    """A survey result on fewer respondents is hidden."""
    events_open_from: int = 1000
    """A metric of class `events` is open where its denominator has at least this many persons."""
    dominance: float = 0.9
    """A total over hidden counts is hidden if its largest contributor has at least this share of it."""

    def rule_for(self, disclosure: DisclosureClass) -> Rule:
        """Return the rule for a class of metrics; figures published unprotected before stay open."""
        return {
            DisclosureClass.PEOPLE: self.people,
            DisclosureClass.EVENTS: self.events,
            DisclosureClass.OPEN: Rule.OPEN,
        }[disclosure]

    def weaknesses(self, other: DisclosurePolicy) -> tuple[str, ...]:
        """Return the names of the settings in which this policy protects less than the other one."""
        weaker = {
            "people": _STRICTEST_FIRST.index(self.people) > _STRICTEST_FIRST.index(other.people),
            "events": _STRICTEST_FIRST.index(self.events) > _STRICTEST_FIRST.index(other.events),
            "hide_up_to": self.hide_up_to < other.hide_up_to,
            "round_to": self.round_to < other.round_to,
            "minimum_base": self.minimum_base < other.minimum_base,
            "events_open_from": self.events_open_from < other.events_open_from,
            "dominance": self.dominance > other.dominance,
        }
        return tuple(name for name, is_weaker in weaker.items() if is_weaker)
