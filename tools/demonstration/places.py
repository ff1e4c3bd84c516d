"""Fernmark: its regions, areas, councils, towns, practices and hospitals. All of it is invented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

COUNTRY = "ZCO"

# Some names are awkward on purpose: accents, apostrophes, ampersands, great length, one name in two towns.


@dataclass(frozen=True)
class Area:
    """One row of ORGANISATIONS of kind area."""

    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True)
class Town:
    """Where practices are, and how its people live."""

    name: str
    area: str
    council: str
    latitude: float
    longitude: float
    outward_codes: tuple[str, ...]
    deprivation: float
    """Mean deprivation score of its practices, from about 8 (least deprived) to 45."""
    older: float
    """Share of people aged 65 and over."""


@dataclass(frozen=True)
class Practice:
    """One practice, before its figures."""

    code: str
    name: str
    town: str
    street: str
    sector: str
    """Outward code and first digit of the postcode's second half."""
    list_size: int
    deprivation: float = 0.0
    """Difference from its town's score."""
    older: float = 0.0
    """Difference from its town's share."""
    opened_on: date | None = None
    closed_on: date | None = None
    successor: str = ""
    languages: str = "English"
    is_accepting: bool = True


@dataclass(frozen=True)
class Hospital:
    """One hospital provider, or one site of a provider."""

    code: str
    name: str
    town: str
    street: str
    postcode: str
    beds: int
    has_emergency_department: bool = True
    does_planned_surgery: bool = True
    treats_cancer: bool = True
    parent: str = ""
    """Of a site: its provider."""
    share: float = field(default=1.0)
    """Of a site: its share of the provider's patients."""


AREAS = (
    Area("ZCO", "Fernmark", "", ""),
    Area("ZR1", "Upper Fernmark", "region", "ZCO"),
    Area("ZR2", "Lower Fernmark", "region", "ZCO"),
    Area("ZA1", "Amberdale", "icb", "ZR1"),
    Area("ZA2", "Bracken Vale", "icb", "ZR1"),
    Area("ZA3", "Clover Hills", "icb", "ZR1"),
    Area("ZA4", "Drumlin Coast", "icb", "ZR1"),
    Area("ZA5", "Mereside", "icb", "ZR2"),
    Area("ZA6", "Farrowdale", "icb", "ZR2"),
    Area("ZA7", "Lissing Plain", "icb", "ZR2"),
    Area("ZA8", "Hart Sound", "icb", "ZR2"),
    Area("ZL1", "Amber & Holt Council", "local-authority", "ZCO"),
    Area("ZL2", "Tarn and Clover Council", "local-authority", "ZCO"),
    Area("ZL3", "Ellery City and Coast Council", "local-authority", "ZCO"),
    Area("ZL4", "Mere and Farrow Council", "local-authority", "ZCO"),
    Area("ZL5", "South Sound Council", "local-authority", "ZCO"),
)

# The latitudes and longitudes lie in the open Atlantic, far from any land.
TOWNS = {
    town.name: town
    for town in (
        Town("Ambleford", "ZA1", "ZL1", 47.300, -33.820, ("ZN1", "ZN2"), 21, 0.18),
        Town("Hollin Bridge", "ZA1", "ZL1", 47.180, -33.700, ("ZN3",), 15, 0.22),
        Town("Westering", "ZA1", "ZL1", 47.410, -33.900, ("ZN4",), 12, 0.25),
        Town("Brackenholt", "ZA2", "ZL1", 47.220, -33.420, ("ZN5",), 18, 0.19),
        Town("Little Tarn", "ZA2", "ZL2", 47.380, -33.500, ("ZN6",), 11, 0.26),
        Town("Skelby", "ZA2", "ZL2", 47.100, -33.300, ("ZN7",), 27, 0.17),
        Town("Cloverwick", "ZA3", "ZL2", 47.250, -33.000, ("ZN8", "ZN9"), 23, 0.17),
        Town("Marlpit", "ZA3", "ZL2", 47.120, -33.120, ("ZN10",), 30, 0.16),
        Town("Honeywell Green", "ZA3", "ZL2", 47.400, -33.050, ("ZN11",), 9, 0.27),
        Town("Port Ellery", "ZA4", "ZL3", 47.200, -32.620, ("ZN12", "ZN13", "ZN14"), 38, 0.13),
        Town("Sandle Bay", "ZA4", "ZL3", 47.360, -32.550, ("ZN15",), 26, 0.28),
        Town("Gullsand", "ZA4", "ZL3", 47.060, -32.520, ("ZN16",), 33, 0.21),
        Town("Skerry Isle", "ZA4", "ZL3", 47.470, -32.410, ("ZN17",), 16, 0.33),
        Town("Merebank", "ZA5", "ZL4", 46.780, -33.800, ("ZN18",), 24, 0.18),
        Town("Fallowby", "ZA5", "ZL1", 46.900, -33.680, ("ZN19",), 17, 0.20),
        Town("Quern", "ZA5", "ZL4", 46.620, -33.880, ("ZN20",), 29, 0.17),
        Town("Farrow Mill", "ZA6", "ZL4", 46.800, -33.420, ("ZN21",), 35, 0.15),
        Town("Tanner's Cross", "ZA6", "ZL4", 46.920, -33.320, ("ZN22",), 22, 0.19),
        Town("Ironbeck", "ZA6", "ZL4", 46.660, -33.480, ("ZN23",), 44, 0.14),
        Town("Great Lissing", "ZA7", "ZL5", 46.780, -33.000, ("ZN24", "ZN25"), 14, 0.21),
        Town("Lissing St Anne", "ZA7", "ZL5", 46.880, -33.100, ("ZN26",), 10, 0.24),
        Town("Nether Pool", "ZA7", "ZL5", 46.640, -32.920, ("ZN27",), 19, 0.22),
        Town("Hartsound", "ZA8", "ZL5", 46.750, -32.580, ("ZN28", "ZN29"), 31, 0.16),
        Town("Pennick", "ZA8", "ZL3", 46.900, -32.660, ("ZN30",), 20, 0.20),
        Town("Saltmarket", "ZA8", "ZL5", 46.600, -32.500, ("ZN31",), 36, 0.18),
    )
}

# Special organisations, named where figures.py and surprises.py need them.
CLOSED = "ZD0017"
MERGED, SUCCESSOR = "ZD0042", "ZD0041"
NEW = "ZD0064"
SILENT = "ZD0029"
TINY = "ZD0032"
UNIVERSITY = "ZD0026"
MOVED = "ZD0016"
"""Moved from one area to another on the first day of April 2025."""
RENAMED = "ZD0039"
"""Has another name from the second release on."""

PRACTICES = (
    Practice("ZD0001", "Ambleford Bridge Surgery", "Ambleford", "4 Bridge Street", "ZN1 1", 9840, 4),
    Practice("ZD0002", "The Market Square Practice", "Ambleford", "17 Market Square", "ZN1 2", 11260, 1),
    Practice(
        "ZD0003",
        "Drs Okonjo-Lindqvist & Partners",
        "Ambleford",
        "62 Mill Lane",
        "ZN2 4",
        7430,
        -3,
        languages="English, Swedish, Yoruba",
    ),
    Practice("ZD0004", "Amber Park Health Centre", "Ambleford", "Amber Park, Park Road", "ZN2 5", 13980, 6),
    Practice("ZD0005", "Hollin Bridge Medical Centre", "Hollin Bridge", "1 Station Road", "ZN3 1", 10350),
    Practice("ZD0006", "The Old Mill Surgery", "Hollin Bridge", "The Old Mill, Weir Lane", "ZN3 7", 5210, -4),
    Practice("ZD0007", "Westering Family Practice", "Westering", "28 High Street", "ZN4 2", 8120),
    Practice("ZD0008", "St Cadoc's Surgery", "Westering", "3 St Cadoc's Hill", "ZN4 6", 4980, -2, 0.03),
    Practice("ZD0009", "Brackenholt Health Centre", "Brackenholt", "40 Holt Road", "ZN5 1", 12470, 3),
    Practice(
        "ZD0010", "Orchard House Surgery", "Brackenholt", "Orchard House, Russet Lane", "ZN5 3", 6890, -4
    ),
    Practice("ZD0011", "Vale View Medical Practice", "Brackenholt", "9 Vale View", "ZN5 8", 8660, 1),
    Practice("ZD0012", "Little Tarn Surgery", "Little Tarn", "2 Tarnside", "ZN6 1", 5540),
    Practice("ZD0013", "Lakeside Practice", "Little Tarn", "51 Lake Road", "ZN6 4", 6130, 2, 0.01),
    Practice(
        "ZD0014",
        "Skelby Road Surgery",
        "Skelby",
        "118 Skelby Road",
        "ZN7 2",
        7710,
        4,
        languages="English, Polish",
    ),
    Practice("ZD0015", "Skelby & Moorfoot Group Practice", "Skelby", "7 Moorfoot Way", "ZN7 5", 14820, 2),
    Practice(
        "ZD0016", "The Chantry Practice", "Skelby", "Chantry Court, Abbey Street", "ZN7 9", 6040, -3, 0.02
    ),
    Practice(
        "ZD0017",
        "Clover Street Surgery",
        "Cloverwick",
        "33 Clover Street",
        "ZN8 1",
        3120,
        8,
        closed_on=date(2025, 6, 30),
    ),
    Practice("ZD0018", "Cloverwick Health Centre", "Cloverwick", "10 Guildhall Road", "ZN8 3", 15640, 5),
    Practice(
        "ZD0019", "The Hawthorns Medical Centre", "Cloverwick", "The Hawthorns, Ring Road", "ZN9 2", 9930, -2
    ),
    Practice("ZD0020", "Café Row Surgery", "Cloverwick", "14 Café Row", "ZN9 6", 4470, 3),
    Practice("ZD0021", "Marlpit Surgery", "Marlpit", "5 Pit Lane", "ZN10 1", 8350, 2),
    Practice(
        "ZD0022", "The Kilns Practice", "Marlpit", "Unit 2, The Kilns, Potter Street", "ZN10 4", 7080, 5
    ),
    Practice("ZD0023", "Honeywell Green Surgery", "Honeywell Green", "The Green", "ZN11 1", 6720, 0, 0.01),
    Practice("ZD0024", "Beehive Lane Practice", "Honeywell Green", "8 Beehive Lane", "ZN11 5", 5890, -1),
    Practice(
        "ZD0025",
        "Quayside Medical Centre",
        "Port Ellery",
        "22 North Quay",
        "ZN12 1",
        12890,
        6,
        languages="English, Portuguese, Somali, Urdu",
    ),
    Practice(
        "ZD0026",
        "Ellery University Health Service",
        "Port Ellery",
        "Students' Union Building, Campus Way",
        "ZN13 3",
        16250,
        -14,
        -0.11,
        languages="English, French, Mandarin, Spanish",
    ),
    Practice("ZD0027", "Harbour View Surgery", "Port Ellery", "71 Harbour Street", "ZN12 6", 8240, 4),
    Practice(
        "ZD0028",
        "Renée Duval Health Centre",
        "Port Ellery",
        "145 Tram Road",
        "ZN14 2",
        10970,
        9,
        languages="English, Arabic, French, Romanian",
        is_accepting=False,
    ),
    Practice("ZD0029", "Ropewalk Surgery", "Port Ellery", "60 The Ropewalk", "ZN14 7", 5760, 7),
    Practice("ZD0030", "Sandle Bay Practice", "Sandle Bay", "19 Promenade", "ZN15 1", 9110, 0, 0.02),
    Practice("ZD0031", "Gullsand Surgery", "Gullsand", "3 Dune Road", "ZN16 2", 6580, 1),
    Practice("ZD0032", "Skerry Isle Surgery", "Skerry Isle", "Harbour House", "ZN17 1", 212, 0, 0.02),
    Practice("ZD0033", "Merebank Health Centre", "Merebank", "2 Mere Street", "ZN18 1", 13350, 4),
    Practice("ZD0034", "Mere Lane Surgery", "Merebank", "88 Mere Lane", "ZN18 4", 7890, 2),
    Practice("ZD0035", "The Old Mill Surgery", "Merebank", "Old Mill Yard", "ZN18 8", 6210, -5),
    Practice("ZD0036", "Fallowby Medical Centre", "Fallowby", "11 Church Road", "ZN19 1", 10480, 1),
    Practice("ZD0037", "Fallow Field Surgery", "Fallowby", "Fallow Field, Long Lane", "ZN19 5", 5330, -3),
    Practice("ZD0038", "Quern Lane Surgery", "Quern", "27 Quern Lane", "ZN20 1", 8790, 3),
    Practice("ZD0039", "Quern Hill Practice", "Quern", "6 Hill Top", "ZN20 4", 7240, -6),
    Practice("ZD0040", "St Brannoc's & St Olave's Surgery", "Quern", "1 Priory Place", "ZN20 9", 4860, 5),
    Practice("ZD0041", "Farrow Mill Medical Group", "Farrow Mill", "15 Spindle Street", "ZN21 1", 11840, 2),
    Practice(
        "ZD0042",
        "Weavers' Row Surgery",
        "Farrow Mill",
        "9 Weavers' Row",
        "ZN21 3",
        3980,
        6,
        closed_on=date(2025, 12, 31),
        successor="ZD0041",
    ),
    Practice(
        "ZD0043",
        "Farrow Mill Health and Wellbeing Centre",
        "Farrow Mill",
        "200 Shuttle Road",
        "ZN21 8",
        9620,
        0,
        languages="English, Bengali, Gujarati, Polish",
    ),
    Practice("ZD0044", "Tanner's Cross Surgery", "Tanner's Cross", "The Cross", "ZN22 1", 7980),
    Practice(
        "ZD0045", "O'Hanlon & D'Arcy Family Doctors", "Tanner's Cross", "36 Bark Street", "ZN22 6", 5670, 3
    ),
    Practice("ZD0046", "Ironbeck Health Centre", "Ironbeck", "50 Forge Road", "ZN23 1", 12160, 4),
    Practice("ZD0047", "Foundry Street Surgery", "Ironbeck", "101 Foundry Street", "ZN23 4", 6450, 7),
    Practice("ZD0048", "Beckside Practice", "Ironbeck", "12 Beckside", "ZN23 7", 8030, -5),
    Practice("ZD0049", "Great Lissing Surgery", "Great Lissing", "5 Minster Street", "ZN24 1", 11390, 2),
    Practice(
        "ZD0050",
        "The Great Lissing and Surrounding Villages Community Family Health and Wellbeing Partnership",
        "Great Lissing",
        "Partnership House, Lissing Business Park, Eastern Approach Road",
        "ZN25 3",
        18740,
        0,
    ),
    Practice("ZD0051", "Lissing Park Medical Centre", "Great Lissing", "70 Park Avenue", "ZN24 6", 9270, -3),
    Practice("ZD0052", "Cathedral Close Practice", "Great Lissing", "18 Cathedral Close", "ZN24 9", 7560, -4),
    Practice("ZD0053", "St Anne's Surgery", "Lissing St Anne", "4 Well Walk", "ZN26 1", 6310),
    Practice(
        "ZD0054", "Bellfounder's Yard Surgery", "Lissing St Anne", "Bellfounder's Yard", "ZN26 4", 4750, 2
    ),
    Practice("ZD0055", "Nether Pool Surgery", "Nether Pool", "25 Pool Street", "ZN27 1", 8410, 3),
    Practice("ZD0056", "Pool Meadow Practice", "Nether Pool", "2 Meadow Way", "ZN27 5", 6970, -4, 0.02),
    Practice("ZD0057", "Hartsound Medical Centre", "Hartsound", "1 Sound Road", "ZN28 1", 14310, 3),
    Practice("ZD0058", "Lighthouse Road Surgery", "Hartsound", "94 Lighthouse Road", "ZN28 5", 7620, 5),
    Practice("ZD0059", "South Strand Practice", "Hartsound", "43 South Strand", "ZN29 2", 9050, -6, 0.03),
    Practice(
        "ZD0060", "Netmakers Surgery", "Hartsound", "7 Net Loft Lane", "ZN29 6", 5480, 4, is_accepting=False
    ),
    Practice("ZD0061", "Pennick Health Centre", "Pennick", "30 Commons Road", "ZN30 1", 9760, 1),
    Practice("ZD0062", "Harbourview Surgery", "Pennick", "16 Creek Lane", "ZN30 4", 5940, -3),
    Practice("ZD0063", "Saltmarket Surgery", "Saltmarket", "12 Salters' Row", "ZN31 1", 8870, 2),
    Practice(
        "ZD0064",
        "New Quay Health Centre",
        "Hartsound",
        "Unit 1, New Quay Square",
        "ZN29 9",
        3150,
        2,
        -0.06,
        opened_on=date(2024, 10, 1),
        languages="English, Tamil, Ukrainian",
    ),
)

HOSPITALS = (
    Hospital("ZP1", "Amberdale General Hospital", "Ambleford", "Infirmary Road", "ZN2 9AA", 520),
    Hospital("ZP2", "Bracken Vale District Hospital", "Brackenholt", "Hospital Lane", "ZN5 9AB", 310),
    Hospital(
        "ZP3",
        "Cloverwick and Marlpit Hospitals",
        "Cloverwick",
        "Trust Headquarters, Guildhall Road",
        "ZN8 9AD",
        610,
    ),
    Hospital("ZP4", "Port Ellery University Hospital", "Port Ellery", "1 Campus Way", "ZN13 9AE", 980),
    Hospital(
        "ZP5",
        "Drumlin Coast Community Hospital",
        "Sandle Bay",
        "Cliff Road",
        "ZN15 9AF",
        84,
        treats_cancer=False,
    ),
    Hospital("ZP6", "Merebank General Hospital", "Merebank", "Mere Street", "ZN18 9AG", 560),
    Hospital("ZP7", "Farrowdale Infirmary", "Farrow Mill", "Infirmary Square", "ZN21 9AH", 690),
    Hospital("ZP8", "Great Lissing Hospital", "Great Lissing", "Minster Street", "ZN24 9AJ", 540),
    Hospital("ZP9", "Hartsound Hospital", "Hartsound", "Sound Road", "ZN28 9AL", 480),
    Hospital(
        "ZPA",
        "St Brannoc's Women & Children's Hospital",
        "Port Ellery",
        "88 Harbour Street",
        "ZN12 9AN",
        190,
    ),
    Hospital(
        "ZPB",
        "The Old Quay Orthopaedic Hospital",
        "Hartsound",
        "Old Quay",
        "ZN29 9AP",
        130,
        has_emergency_department=False,
        treats_cancer=False,
    ),
    Hospital(
        "ZPC",
        "Fernmark Heart & Lung Centre",
        "Great Lissing",
        "2 Cathedral Close",
        "ZN24 9AQ",
        220,
        has_emergency_department=False,
    ),
    Hospital("ZPD", "Ironbeck Memorial Hospital", "Ironbeck", "Forge Road", "ZN23 9AR", 290),
    Hospital("ZPE", "Quern Vale Hospital", "Quern", "Vale Road", "ZN20 9AS", 430),
)
SPECIALIST_HOSPITALS = ("ZPB", "ZPC")
OUTLIER_HOSPITAL = "ZPE"
TWO_SITES = "ZP3"
SITES = (
    Hospital(
        "ZP301",
        "Cloverwick Hospital",
        "Cloverwick",
        "Guildhall Road",
        "ZN8 9AD",
        390,
        parent="ZP3",
        share=0.64,
    ),
    Hospital(
        "ZP302", "Marlpit Hospital", "Marlpit", "Potter Street", "ZN10 9AT", 220, parent="ZP3", share=0.36
    ),
)


@dataclass(frozen=True)
class Service:
    """One row of SERVICES."""

    service_id: str
    title: str
    programme: str
    description: str


@dataclass(frozen=True)
class Provision:
    """One row of PROVISIONS."""

    provider: str
    service_id: str
    patients: int
    """About how many patients a year."""
    start: date | None = None
    end: date | None = None
    site: str = ""


MEDICINE = "Internal medicine and infection"
WOMEN_AND_CHILDREN = "Women and children"
SERVICES = (
    Service(
        "kidney-transplant",
        "Kidney transplant",
        MEDICINE,
        "Replaces kidneys that have stopped working with a kidney from a donor, and looks after people for"
        " life.",
    ),
    Service(
        "hiv-care",
        "HIV care",
        MEDICINE,
        "Treats and supports adults who live with HIV, so that they stay well and cannot pass it on.",
    ),
    Service(
        "severe-asthma",
        "Severe asthma",
        MEDICINE,
        "Helps people whose asthma stays hard to control although they use their inhalers as they should.",
    ),
    Service(
        "newborn-intensive-care",
        "Newborn intensive care",
        WOMEN_AND_CHILDREN,
        "Cares for babies who are born very early or very ill, together with their families.",
    ),
    Service(
        "childrens-cystic-fibrosis",
        "Children's cystic fibrosis",
        WOMEN_AND_CHILDREN,
        "Looks after children and teenagers with cystic fibrosis, with checks through the year and help at"
        " home.",
    ),
)
PROVISIONS = (
    Provision("ZP4", "kidney-transplant", 128),
    Provision("ZP6", "kidney-transplant", 54),
    Provision("ZP7", "kidney-transplant", 96),
    Provision("ZP8", "kidney-transplant", 71),
    Provision("ZP1", "hiv-care", 340),
    Provision("ZP3", "hiv-care", 210, site="ZP301"),
    Provision("ZP4", "hiv-care", 1120),
    Provision("ZP6", "hiv-care", 165),
    Provision("ZP7", "hiv-care", 480),
    Provision("ZP8", "hiv-care", 260),
    Provision("ZP9", "hiv-care", 46, end=date(2025, 3, 31)),
    Provision("ZP1", "severe-asthma", 150),
    Provision("ZP2", "severe-asthma", 130),
    Provision("ZP3", "severe-asthma", 190, site="ZP301"),
    Provision("ZP4", "severe-asthma", 420),
    Provision("ZP6", "severe-asthma", 210),
    Provision("ZP7", "severe-asthma", 230),
    Provision("ZP8", "severe-asthma", 90, start=date(2025, 4, 1)),
    Provision("ZP9", "severe-asthma", 240),
    Provision("ZPB", "severe-asthma", 60, end=date(2024, 9, 30)),
    Provision("ZPC", "severe-asthma", 610),
    Provision("ZPD", "severe-asthma", 160),
    Provision("ZPE", "severe-asthma", 200),
    Provision("ZP1", "newborn-intensive-care", 230),
    Provision("ZP3", "newborn-intensive-care", 190, site="ZP302"),
    Provision("ZP6", "newborn-intensive-care", 260),
    Provision("ZP8", "newborn-intensive-care", 210),
    Provision("ZP9", "newborn-intensive-care", 180),
    Provision("ZPA", "newborn-intensive-care", 540),
    Provision("ZP7", "childrens-cystic-fibrosis", 84),
    Provision("ZPA", "childrens-cystic-fibrosis", 146),
    Provision("ZPC", "childrens-cystic-fibrosis", 118),
)
