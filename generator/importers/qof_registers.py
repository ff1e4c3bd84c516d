"""QOF registers as metrics: the words a reader sees, and one version of a metric for each definition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from generator.importers.qof_layouts import Year
from generator.model.vocabulary import BenchmarkKind, Direction, DisclosureClass, Frequency, Kind

PUBLICATIONS_URL = (
    "https://digital.nhs.uk/data-and-information/publications/statistical/"
    "quality-and-outcomes-framework-achievement-prevalence-and-exceptions-data"
)


@dataclass(frozen=True)
class Domain:
    """A group of registers on the scorecard."""

    domain_id: str
    title: str
    description: str


@dataclass(frozen=True)
class Register:
    """The words of one register. A reader sees all of them."""

    metric_id: str
    title: str
    question: str
    description: str
    why_it_matters: str
    numerator_label: str
    domain_id: str
    decimals: int = 1
    caveat: str = ""


def words_of(descriptions: Mapping[str, str]) -> dict[str, Register]:
    """Return the words of every group that has some, by group code.

    A group we have written no words for is worded after the publisher's description of it.
    """
    described = {group: _clean(text) for group, text in descriptions.items() if _clean(text)}
    return {group: _worded_after(text) for group, text in described.items()} | dict(REGISTERS)


def build_metrics(
    list_types: pd.DataFrame, words: Mapping[str, Register], descriptions: Mapping[str, str]
) -> pd.DataFrame:
    """Return METRICS (as text): one row for each register, and one more for each change of its list type.

    Args:
        list_types: group, year, list_type, one row for each group and year.
        words: the words of each group.
        descriptions: what the publisher calls each group, where that is known.
    """
    first, last = list_types["year"].min(), list_types["year"].max()
    rows: list[dict[str, str]] = []
    for group, by_year in list_types.sort_values(["group", "year"]).groupby("group"):
        versions = _versions(
            dict(zip(by_year["year"].to_list(), by_year["list_type"].to_list(), strict=True))
        )
        rows += [
            _metric(words[str(group)], list_type, _clean(descriptions.get(str(group), "")))
            | {
                "version": str(number),
                "valid_from": "" if start == first else Year(start).start.isoformat(),
                "valid_to": "" if end == last else Year(end).end.isoformat(),
                "breaks_series": "true" if number > 1 else "false",
            }
            for number, (list_type, start, end) in enumerate(versions, start=1)
        ]
    positions = {domain.domain_id: position for position, domain in enumerate((*DOMAINS, OTHER))}
    rows.sort(key=lambda row: (positions[row["domain_id"]], row["metric_id"], int(row["version"])))
    return pd.DataFrame(rows)


def build_domains(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return DOMAINS (as text) of those domains that have a metric."""
    used = set(metrics["domain_id"])
    domains = [domain for domain in (*DOMAINS, OTHER) if domain.domain_id in used]
    return pd.DataFrame(
        {
            "domain_id": [domain.domain_id for domain in domains],
            "title": [domain.title for domain in domains],
            "description": [domain.description for domain in domains],
            "position": [str(position) for position in range(1, len(domains) + 1)],
        }
    )


def _versions(list_types: Mapping[int, str]) -> list[tuple[str, int, int]]:
    """Return list type, first and last year of each stretch of years with one list type, oldest first."""
    versions: list[tuple[str, int, int]] = []
    for year, list_type in list_types.items():
        if versions and versions[-1][0] == list_type:
            versions[-1] = (list_type, versions[-1][1], year)
        else:
            versions.append((list_type, year, year))
    return versions


def _worded_after(description: str) -> Register:
    in_sentence = description[0].lower() + description[1:]
    return Register(
        f"{re.sub('[^a-z0-9]+', '-', description.lower()).strip('-')}-prevalence",
        description,
        f"How many patients here are on the register for {in_sentence}?",
        f"Patients on the practice's QOF register for {in_sentence}.",
        "It shows how many patients with this condition the practice looks after.",
        "patients on the register",
        OTHER.domain_id,
    )


def _metric(register: Register, list_type: str, group_description: str) -> dict[str, str]:
    is_named_otherwise = group_description.casefold() not in ("", register.title.casefold())
    official_name = f'QOF calls this group "{group_description}".' if is_named_otherwise else ""
    return {
        "metric_id": register.metric_id,
        "title": register.title,
        "question": register.question,
        "description": " ".join(filter(None, (register.description, official_name))),
        "why_it_matters": register.why_it_matters,
        "numerator_label": register.numerator_label,
        "denominator_label": LIST_TYPES.get(list_type, f"registered patients (list {list_type})"),
        "kind": Kind.PROPORTION,
        "unit": "%",
        "multiplier": "100",
        "decimals": str(register.decimals),
        "direction": Direction.NEUTRAL,
        "domain_id": register.domain_id,
        "applies_to": "practice",
        "benchmark": BenchmarkKind.COUNTRY,
        # NHS Digital publishes these counts itself, unprotected.
        "disclosure": DisclosureClass.OPEN,
        "frequency": Frequency.YEAR,
        "source_name": "Quality and Outcomes Framework (QOF), NHS Digital",
        "source_url": PUBLICATIONS_URL,
        "caveats": " ".join(filter(None, (_CAVEAT, register.caveat))),
    }


def _clean(text: str) -> str:
    return "".join(
        character if unicodedata.category(character)[0] != "C" else "-" for character in text
    ).strip()


_CAVEAT = (
    "This counts patients whose condition is known and recorded by the practice. Others may have it without "
    "knowing. A high or low figure is not a sign of good or poor care: it depends most on how old the "
    "practice's patients are and where they live."
)

LIST_TYPES = {
    "TOTAL": "registered patients",
    "06OV": "registered patients aged 6 and over",
    "15OV": "registered patients aged 15 and over",
    "16OV": "registered patients aged 16 and over",
    "17OV": "registered patients aged 17 and over",
    "18OV": "registered patients aged 18 and over",
    "45OV": "registered patients aged 45 and over",
    "50OV": "registered patients aged 50 and over",
    "30_74": "registered patients aged 30 to 74",
}

HEART, DIABETES, LUNGS, MIND, CANCER, BONES, LIFESTYLE = DOMAINS = (
    Domain(
        "heart-and-circulation",
        "Heart and circulation",
        "How many patients live with conditions of the heart and the blood vessels.",
    ),
    Domain(
        "diabetes-and-kidneys",
        "Diabetes and kidneys",
        "How many patients live with diabetes, are close to it, or have kidney disease.",
    ),
    Domain("lungs", "Lungs", "How many patients live with conditions that make breathing harder."),
    Domain(
        "mental-health-and-brain",
        "Mental health and brain",
        "How many patients live with conditions of the mind, the brain and learning.",
    ),
    Domain(
        "cancer-and-palliative-care",
        "Cancer and palliative care",
        "How many patients have had cancer, or need care and comfort near the end of life.",
    ),
    Domain(
        "bones-and-joints", "Bones and joints", "How many patients live with weak bones or swollen joints."
    ),
    Domain(
        "lifestyle-and-prevention",
        "Lifestyle and prevention",
        "How many patients have a condition that healthy living can help to prevent.",
    ),
)
OTHER = Domain(
    "other-registers", "Other registers", "How many patients are on the practice's other registers."
)

REGISTERS: Mapping[str, Register] = {
    "AF": Register(
        "atrial-fibrillation-prevalence",
        "Atrial fibrillation",
        "How many patients here have an irregular heartbeat (atrial fibrillation)?",
        "Patients whose record says they have atrial fibrillation, a heartbeat that is irregular and often "
        "fast.",
        "Atrial fibrillation makes a stroke more likely. Medicine can prevent most of these strokes.",
        "patients with atrial fibrillation",
        HEART.domain_id,
    ),
    "CHD": Register(
        "coronary-heart-disease-prevalence",
        "Coronary heart disease",
        "How many patients here have coronary heart disease?",
        "Patients whose record says they have coronary heart disease: the arteries that feed the heart are "
        "narrowed.",
        "It can cause chest pain and heart attacks. Treatment lowers the chance of another attack.",
        "patients with coronary heart disease",
        HEART.domain_id,
    ),
    "CVDPP": Register(
        "cardiovascular-disease-primary-prevention-prevalence",
        "Prevention of cardiovascular disease",
        "How many patients here with new high blood pressure have a high chance of heart disease or a "
        "stroke?",
        "Patients aged 30 to 74, newly found to have high blood pressure, whose chance of heart disease or "
        "a stroke in ten years was judged to be 20% or more.",
        "Finding these patients early lets the practice help them before they fall ill.",
        "patients with a high chance of heart disease or a stroke",
        HEART.domain_id,
        decimals=2,
        caveat="The register ended after 2019-20.",
    ),
    "HF": Register(
        "heart-failure-prevalence",
        "Heart failure",
        "How many patients here have heart failure?",
        "Patients whose record says they have heart failure: the heart does not pump as well as it should.",
        "Heart failure causes tiredness and breathlessness. With the right treatment people live longer and "
        "better.",
        "patients with heart failure",
        HEART.domain_id,
        decimals=2,
    ),
    "HYP": Register(
        "hypertension-prevalence",
        "High blood pressure",
        "How many patients here have high blood pressure?",
        "Patients whose record says they have high blood pressure (hypertension).",
        "High blood pressure is often not felt, but it can lead to a stroke or a heart attack. It can be "
        "treated.",
        "patients with high blood pressure",
        HEART.domain_id,
    ),
    "PAD": Register(
        "peripheral-arterial-disease-prevalence",
        "Peripheral arterial disease",
        "How many patients here have narrowed arteries in their legs?",
        "Patients whose record says they have peripheral arterial disease: the arteries of the legs are "
        "narrowed.",
        "It causes pain in walking, and it shows that a heart attack or a stroke is more likely.",
        "patients with peripheral arterial disease",
        HEART.domain_id,
        decimals=2,
    ),
    "STIA": Register(
        "stroke-and-transient-ischaemic-attack-prevalence",
        "Stroke and mini-stroke",
        "How many patients here have had a stroke or a mini-stroke?",
        "Patients whose record says they have had a stroke or a mini-stroke (transient ischaemic attack, "
        "TIA).",
        "After a stroke or a mini-stroke another one is more likely. Treatment lowers that chance.",
        "patients who have had a stroke or a mini-stroke",
        HEART.domain_id,
    ),
    "CKD": Register(
        "chronic-kidney-disease-prevalence",
        "Chronic kidney disease",
        "How many adults here have long-term kidney disease?",
        "Patients aged 18 and over whose record says they have chronic kidney disease of stages 3 to 5.",
        "Kidney disease is often not felt at first. Found early, it can be slowed down.",
        "patients with chronic kidney disease",
        DIABETES.domain_id,
    ),
    "DM": Register(
        "diabetes-mellitus-prevalence",
        "Diabetes",
        "How many patients here have diabetes?",
        "Patients aged 17 and over whose record says they have diabetes, of type 1 or type 2.",
        "Diabetes can harm eyes, feet, kidneys and heart. Good care from the practice helps to prevent this.",
        "patients with diabetes",
        DIABETES.domain_id,
    ),
    "NDH": Register(
        "non-diabetic-hyperglycaemia-prevalence",
        "High blood sugar, not yet diabetes",
        "How many adults here have high blood sugar, but not diabetes?",
        "Patients aged 18 and over whose blood sugar was found to be high, but not so high that it is "
        "diabetes (non-diabetic hyperglycaemia).",
        "These patients are more likely to get diabetes. A change of diet, more movement and less weight "
        "can prevent it.",
        "patients with high blood sugar that is not diabetes",
        DIABETES.domain_id,
        caveat="The register began in 2020-21.",
    ),
    "AST": Register(
        "asthma-prevalence",
        "Asthma",
        "How many patients here have asthma?",
        "Patients whose record says they have asthma and who were given medicine for it in the year.",
        "Asthma can be serious. With regular checks and the right inhaler most people can live well with it.",
        "patients with asthma",
        LUNGS.domain_id,
        caveat="From 2020-21 only patients aged 6 and over are counted, so earlier years cannot be compared.",
    ),
    "COPD": Register(
        "chronic-obstructive-pulmonary-disease-prevalence",
        "Chronic obstructive pulmonary disease",
        "How many patients here have the lung condition COPD?",
        "Patients whose record says they have chronic obstructive pulmonary disease (COPD), which makes "
        "breathing harder over time.",
        "COPD cannot be cured, but stopping smoking and good treatment slow it down.",
        "patients with COPD",
        LUNGS.domain_id,
    ),
    "DEM": Register(
        "dementia-prevalence",
        "Dementia",
        "How many patients here have dementia?",
        "Patients whose record says they have dementia.",
        "People with dementia and those who care for them need support, and a yearly review of their care.",
        "patients with dementia",
        MIND.domain_id,
        decimals=2,
    ),
    "DEP": Register(
        "depression-prevalence",
        "Depression",
        "How many adults here have had depression?",
        "Patients aged 18 and over whose record says they have been found to have depression since April "
        "2006.",
        "Depression is common and can be treated. It helps to notice it early.",
        "patients with depression",
        MIND.domain_id,
    ),
    "EP": Register(
        "epilepsy-prevalence",
        "Epilepsy",
        "How many adults here take medicine for epilepsy?",
        "Patients aged 18 and over who take medicine for epilepsy.",
        "With the right medicine most people with epilepsy can live without fits.",
        "patients treated for epilepsy",
        MIND.domain_id,
        decimals=2,
    ),
    "LD": Register(
        "learning-disability-prevalence",
        "Learning disability",
        "How many patients here have a learning disability?",
        "Patients whose record says they have a learning disability.",
        "People with a learning disability often have poorer health. A yearly health check helps.",
        "patients with a learning disability",
        MIND.domain_id,
        decimals=2,
        caveat="Some practices look after homes for people with learning disabilities.",
    ),
    "MH": Register(
        "mental-health-prevalence",
        "Severe mental illness",
        "How many patients here have a severe mental illness?",
        "Patients whose record says they have schizophrenia, bipolar disorder or another psychosis, or who "
        "take lithium.",
        "People with a severe mental illness are more often physically ill too, and need regular checks.",
        "patients with a severe mental illness",
        MIND.domain_id,
        decimals=2,
    ),
    "CAN": Register(
        "cancer-prevalence",
        "Cancer",
        "How many patients here have or have had cancer?",
        "Patients whose record says they were found to have cancer since April 2003. Most skin cancers are "
        "not counted: only melanoma is.",
        "People need support from their practice during and after treatment for cancer.",
        "patients with cancer",
        CANCER.domain_id,
        caveat="The register grows each year, because patients stay on it after they are well again.",
    ),
    "PC": Register(
        "palliative-care-prevalence",
        "Palliative care",
        "How many patients here need palliative care?",
        "Patients of any age who need palliative care: care and comfort when an illness cannot be cured.",
        "Patients who are known to need this care can be helped to live their last months as they wish.",
        "patients who need palliative care",
        CANCER.domain_id,
        decimals=2,
    ),
    "OST": Register(
        "osteoporosis-prevalence",
        "Osteoporosis",
        "How many patients aged 50 and over here have weak bones (osteoporosis)?",
        "Patients aged 50 and over who have broken a bone because it was weak (since April 2012, or since "
        "April 2014 from the age of 75) and whose record says they have osteoporosis.",
        "Treatment makes bones stronger and prevents further breaks.",
        "patients with osteoporosis",
        BONES.domain_id,
        decimals=2,
    ),
    "RA": Register(
        "rheumatoid-arthritis-prevalence",
        "Rheumatoid arthritis",
        "How many patients here have rheumatoid arthritis?",
        "Patients aged 16 and over whose record says they have rheumatoid arthritis, which makes joints "
        "swell and ache.",
        "Early treatment protects the joints. A yearly review checks how well it works.",
        "patients with rheumatoid arthritis",
        BONES.domain_id,
        decimals=2,
    ),
    "OB": Register(
        "obesity-prevalence",
        "Obesity",
        "How many adults here are recorded as very overweight?",
        "Patients aged 18 and over whose body mass index was measured in the year and is 30 or more.",
        "Being very overweight makes diabetes, heart disease and some cancers more likely.",
        "patients who are very overweight",
        LIFESTYLE.domain_id,
        caveat="Only patients who were weighed in the year can be counted. In 2020-21 far fewer were "
        "weighed because of the pandemic, so the fall in that year does not mean that fewer people "
        "are very overweight.",
    ),
}
