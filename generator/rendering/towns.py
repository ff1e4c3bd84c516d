"""The town of a postal address, which is how people tell two places of one name apart."""

from __future__ import annotations


def town_of(address: str) -> str:
    """Return the town of an address whose parts are separated by commas; empty where there is none.

    Postal addresses end in the town, or in a county after it. So the town is the last part that is neither a
    county nor has a figure in it (1 High Street); failing that, the last part.
    """
    parts = [part.strip() for part in address.split(",") if part.strip()]
    while len(parts) > 1 and parts[-1].casefold() in _COUNTIES:
        parts.pop()
    named = [part for part in parts if not any(character.isdigit() for character in part)]
    return (named or parts or [""])[-1]


_COUNTY_NAMES = """
avon; bedfordshire; beds; berkshire; berks; buckinghamshire; bucks; cambridgeshire; cambs; cheshire;
cleveland; co durham; cornwall; county durham; cumberland; cumbria; derbyshire; devon; dorset;
durham county; east riding; east riding of yorkshire; east sussex; east yorkshire; essex;
gloucestershire; glos; greater london; greater manchester; hampshire; hants; herefordshire;
hertfordshire; herts; humberside; huntingdonshire; isle of wight; kent; lancashire; lancs;
leicestershire; leics; lincolnshire; lincs; merseyside; middlesex; middx; norfolk; north east
lincolnshire; north humberside; north lincolnshire; north somerset; north yorkshire;
northamptonshire; northants; northumberland; nottinghamshire; notts; oxfordshire; oxon; rutland;
shropshire; somerset; south glos; south gloucestershire; south humberside; south yorkshire;
staffordshire; staffs; suffolk; surrey; sussex; teesside; tyne & wear; tyne and wear; warwickshire;
west midlands; west sussex; west yorkshire; westmorland; wiltshire; wilts; wirral; worcestershire;
worcs; yorkshire; clwyd; dyfed; gwent; gwynedd; mid glamorgan; powys; south glamorgan; west
glamorgan; county antrim; county armagh; county down; county fermanagh; county londonderry; county
tyrone; england; scotland; wales; northern ireland; united kingdom; uk
"""

_COUNTIES = frozenset(" ".join(name.split()) for name in _COUNTY_NAMES.split(";"))
"""Counties and countries, which end British postal addresses after the town."""
