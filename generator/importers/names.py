"""Names and addresses as a reader expects them, where the publisher writes capitals only.

This changes how a name is displayed, never who is meant; the import report says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable


def _words(*lines: str) -> frozenset[str]:
    return frozenset(word for line in lines for word in line.split())


_ALWAYS_CAPITALS = _words(
    "APMS BMI CCG CFH CHP CIC CIO EMC GMS GP HCRC ICB ICS II III IV IX LLP NHS PCC PCN PCRC PCT PHC PHCC",
    "PMS PO SAS STP UEA UK USA VI VII VIII XI XII",
)
_SMALL_WORDS = _words("and at by de en for in la le next of on over the to under upon via with")
_SHORTENED_WORDS = _words(
    "BLD BLDG BLVD BR CL CNT CNTR CNTRL CR CRS CRT CT CTR CTRL CTRS CWM DR DRS DWN FL FLR FLRS GDNS GR GRN",
    "GRP GRT GRV GT HGHTS HLTH HND HSE HSP HT HTH JNR LN LTD MDDX MDW MDWS MED MKT MR MRKT MRS MS MSRS NG NR",
    "NTH PK PL PR PRCT PTN PTNR PTNRS RD SCH SGR SHR SNR SQ SRGY ST STH STN STR SVC SVCS TCE TR VLG WD WK "
    "WLK",
    "WST",
)
"""Words without a vowel that are shortened words, not initials."""
_TITLES = ("dr", "drs", "dr.", "drs.", "mr", "mrs", "ms")

_TOKEN = re.compile(r"[A-Za-z]+(?:'[A-Za-z]+)*'?|\d+[A-Za-z]*|[^A-Za-z\d]+")
_ORDINAL = re.compile(r"\d+(ST|ND|RD|TH)", re.IGNORECASE)
_MISSING_SPACE = re.compile(r",(?=[^\s,])|(?<=[A-Za-z]{2}\.)(?=[A-Za-z]{2})|(?<=\b[A-Z]\.)(?=[A-Z][A-Z]{2})")
_SPACES = re.compile(r"\s+")


def display_name(name: str) -> str:
    """Return the name in capitals and small letters where it is all capitals, else with its spaces tidied.

    Initials, organisational abbreviations, Roman numerals, ordinals and apostrophes keep their form:
    "DR M FATEH'S PRACTICE" becomes "Dr M Fateh's Practice".
    """
    tidy = _SPACES.sub(" ", name).strip(" ,")
    if not tidy.isupper():
        return tidy
    return _recase(_MISSING_SPACE.sub(lambda match: ", " if match[0] == "," else " ", tidy))


def display_address(lines: Iterable[str]) -> str:
    """Return the lines of an address as one text with commas, without blank and repeated lines."""
    parts: list[str] = []
    for line in lines:
        part = display_name(line)
        if part and part not in parts[-1:]:
            parts.append(part)
    return ", ".join(parts)


def _recase(name: str) -> str:
    tokens = _TOKEN.findall(name)
    words = [token for token in tokens if token[0].isalnum()]
    recased: list[str] = []
    position = 0
    for index, token in enumerate(tokens):
        if not token[0].isalnum():
            recased.append(token)
            continue
        before = words[position - 1].lower() if position else ""
        after = words[position + 1] if position + 1 < len(words) else ""
        # "STOKE-ON-TRENT" has a small word in the middle, "THE OVER-WYRE" has not.
        leads_compound = tokens[index + 1 : index + 2] == ["-"] and tokens[index - 1] != "-"
        starts_part = position == 0 or leads_compound or not set(tokens[index - 1]) <= set(" -")
        recased.append(_recase_word(token, before=before, after=after, starts_part=starts_part))
        position += 1
    return "".join(recased)


def _recase_word(word: str, *, before: str, after: str, starts_part: bool) -> str:
    if word[0].isdigit():
        return word.lower() if _ORDINAL.fullmatch(word) else word
    if word == "GPS":
        return "GPs"
    bare = word.rstrip("'")
    if bare in _ALWAYS_CAPITALS or len(bare) == 1 or _is_initials(bare, before, after):
        return word
    follows_number = before[:1].isdigit() and word == "THE"  # 19 The Green
    if not starts_part and not follows_number and word.lower() in _SMALL_WORDS:
        return word.lower()
    if re.fullmatch(r"[DLO]'[A-Z]{2,}.*", word):  # O'Brien, D'Arcy
        return word[:2] + word[2:].capitalize()
    if re.fullmatch(r"MC[A-Z]{3,}.*", word):
        return "Mc" + word[2:].capitalize()
    return word.capitalize()


def _is_initials(word: str, before: str, after: str) -> bool:
    if "'" in word or word in _SHORTENED_WORDS:
        return False
    if not set(word) & set("AEIOUY"):
        return len(word) <= 4
    # "DR AA ANSARI": two letters between a title and a further name are initials.
    return (
        len(word) == 2 and before in _TITLES and bool(after) and after not in ("AND", "PRACTICE", "PARTNERS")
    )
