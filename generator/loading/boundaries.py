"""Boundaries: GeoJSON or TopoJSON to one feature for each organisation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from generator.errors import Finding
from generator.loading.faults import fault
from generator.loading.strict_json import read_json
from generator.model.tables import CODE_PATTERN

MAXIMUM_BYTES = 20_000_000
POLYGONS = ("Polygon", "MultiPolygon")

Position = Sequence[float]
Ring = list[Position]


def read_boundaries(content: bytes, file: str) -> tuple[dict[str, Any], list[Finding]]:
    """Return the GeoJSON feature of each organisation_code, and what is wrong with the file.

    TopoJSON is unrolled. A feature's other properties are left out.
    """
    document, findings = read_json(content, file, invalid="GEO_INVALID", maximum=MAXIMUM_BYTES)
    if document is None or findings:
        return {}, findings
    try:
        features = list(_features(document))
    except (AttributeError, TypeError, KeyError, ValueError, IndexError):
        # Whatever is malformed this far inside has no better name than this.
        return {}, [fault("GEO_INVALID", file, "no whole FeatureCollection or Topology of polygons")]
    boundaries: dict[str, Any] = {}
    for position, (properties, geometry) in enumerate(features):
        column = f"features[{position}]"
        code = properties.get("organisation_code") if isinstance(properties, dict) else None
        if not isinstance(code, str) or not re.fullmatch(CODE_PATTERN, code):
            findings.append(
                fault("GEO_INVALID", file, "no organisation_code among its properties", column=column)
            )
            continue
        if code in boundaries:
            findings.append(
                fault("GEO_INVALID", file, "a second feature of one organisation", column=column, value=code)
            )
            continue
        if reason := _find_bad_geometry(geometry):
            findings.append(fault("GEO_INVALID", file, reason, column=column, value=code))
            continue
        boundaries[code] = {
            "type": "Feature",
            "properties": {"organisation_code": code},
            "geometry": geometry,
        }
    if not features:
        findings.append(fault("GEO_INVALID", file, "no features"))
    return boundaries, findings


def _features(document: Any) -> Iterator[tuple[Any, Any]]:
    """Yield properties and geometry of each feature."""
    if document["type"] == "FeatureCollection":
        for feature in document["features"]:
            yield feature.get("properties"), feature["geometry"]
    elif document["type"] == "Topology":
        arcs = list(_arcs(document))
        for collection in document["objects"].values():
            for shape in collection.get("geometries", [collection]):
                yield shape.get("properties"), _unrolled(shape, arcs)
    else:
        raise ValueError("neither a FeatureCollection nor a Topology")


def _arcs(topology: Any) -> Iterator[Ring]:
    """Yield the arcs as positions, quantised differences added up."""
    transform = topology.get("transform")
    for arc in topology["arcs"]:
        if transform is None:
            yield [[float(place[0]), float(place[1])] for place in arc]
            continue
        (scale_x, scale_y), (move_x, move_y) = transform["scale"], transform["translate"]
        x = y = 0
        positions: Ring = []
        for step in arc:
            x, y = x + step[0], y + step[1]
            positions.append([x * scale_x + move_x, y * scale_y + move_y])
        yield positions


def _unrolled(shape: Any, arcs: list[Ring]) -> dict[str, Any]:
    """Return a TopoJSON geometry as GeoJSON. A negative index is an arc walked backwards."""

    def ring(indices: list[int]) -> Ring:
        positions: Ring = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            positions.extend(arc[1:] if positions else arc)
        return positions

    if shape["type"] == "Polygon":
        return {"type": "Polygon", "coordinates": [ring(indices) for indices in shape["arcs"]]}
    if shape["type"] == "MultiPolygon":
        parts = [[ring(indices) for indices in polygon] for polygon in shape["arcs"]]
        return {"type": "MultiPolygon", "coordinates": parts}
    raise ValueError("no polygon")


def _find_bad_geometry(geometry: Any) -> str:
    """Return what is wrong with a geometry; empty where nothing is."""
    if not isinstance(geometry, dict) or geometry.get("type") not in POLYGONS:
        return "no Polygon and no MultiPolygon"
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons:
        return "no coordinates"
    for polygon in polygons:
        if not isinstance(polygon, list) or not polygon:
            return "a polygon without a ring"
        for ring in polygon:
            if not isinstance(ring, list) or len(ring) < _SHORTEST_RING:
                return "a ring of fewer than four positions"
            if not all(_is_position(place) for place in ring):
                return "a position that is no longitude and latitude"
            if ring[0] != ring[-1]:
                return "a ring that is not closed"
    return ""


def _is_position(place: Any) -> bool:
    return (
        isinstance(place, list)
        and len(place) >= 2  # longitude and latitude; a height may follow
        and all(isinstance(number, int | float) and not isinstance(number, bool) for number in place)
        and -180 <= place[0] <= 180  # degrees
        and -90 <= place[1] <= 90  # degrees
    )


_SHORTEST_RING = 4
