"""Crime by ward from points that data.police.uk has moved: counted by area, because the points are no places."""

from __future__ import annotations

from typing import Any

import numpy as np

from concord.evidence.datasets.store import Store
from concord.evidence.findings import open_counts as counts
from concord.evidence.findings.build import Key, additive, with_total
from concord.evidence.findings.model import Finding
from concord.evidence.findings.question import Question
from concord.evidence.geography import BoundarySet, Geography, recognise_dataset, to_grid
from concord.kernel.errors import Usage
from concord.kernel.names import did_you_mean
from concord.kernel.periods import Period

NAME = "police_uk_areas"
DATASET, BOUNDARIES = "police_uk_points_extract", "boundary_ward_2024"
UNIVERSE = "crimes on data.police.uk, by published point"
DEFAULT = "Robbery"
METHOD = (
    "Crimes of the last twelve months held, each put into the ward of 2024 that its published point lies in, per 1,000 "
    "residents at Census 2021 with Poisson limits; wards marked where exact limits leave out what was expected at the "
    "borough's rate. The points are the nearest of the publisher's map points, street centres and public places, so "
    "that nothing smaller than an area is counted, and no density or distance is worked out from them."
)


def find(store: Store, partnership: Any, period: Period, *, crime_type: str = DEFAULT) -> Finding:
    """The twelve months to the end of `period`. Raises Usage for a type that the file does not have."""
    own = counts.borough(partnership)
    geography = Geography.of(partnership)
    version = store.latest(DATASET)
    points = recognise_dataset(version, partnership.measurement.snap_points)
    wards = BoundarySet.from_dataset(store.latest(BOUNDARIES))
    with Question(store, DATASET, BOUNDARIES, "census_2021_population", "lookup_lsoa_2021_to_ward_2024") as question:
        now = counts.held(question, DATASET, period)
        rows = question.rows(
            f"SELECT crime_type, longitude, latitude, count(*) FROM {DATASET} WHERE month BETWEEN $start AND $end "
            "AND longitude IS NOT NULL GROUP BY ALL ORDER BY ALL",
            {"start": now.start, "end": now.end},
        )
        types = sorted({str(kind) for kind, *_ in rows})
        if crime_type not in types:
            raise Usage(f"These points have no type “{crime_type}”", next_step=did_you_mean(crime_type, types))
        placed = to_grid(np.array([row[1] for row in rows]), np.array([row[2] for row in rows]))
        ward = wards.find(placed.easting, placed.northing)
        names = counts.ward_names(geography, own)
        found: dict[Key, int] = {}
        for (kind, _, _, n), place in zip(rows, ward, strict=True):
            if place >= 0 and wards.codes[place] in names:
                key = (str(kind), names[wards.codes[place]])
                found[key] = found.get(key, 0) + int(n)
        people = counts.residents_by_ward(question, geography, own)
        totals = {kind: sum(n for (k, _), n in found.items() if k == kind) for kind in types}
        tables = (
            counts.ward_table(
                f"{crime_type} by ward, {now.label}",
                counts.UNIT,
                {name: n for (kind, name), n in found.items() if kind == crime_type},
                people,
                now,
                universe=UNIVERSE,
                where=(("crime_type", (crime_type,)),),
            ),
            additive(
                "types",
                f"Crimes by type, {now.label}",
                counts.UNIT,
                (with_total("crime_type", "Type of crime", tuple(sorted(types, key=lambda kind: -totals[kind]))),),
                {(kind,): n for kind, n in totals.items()},
                universe=UNIVERSE,
            ),
        )
        return Finding(
            name=NAME,
            question=f"Where is {crime_type.lower()} recorded, as far as published points tell?",
            tables=tables,
            base="Crimes with a published point in one of the borough's wards",
            period=now,
            source="data.police.uk, as carried by another project; Census 2021",
            method=METHOD,
            lineage=question.lineage(NAME, METHOD, {"crime_type": crime_type}),
            cannot_say=(
                f"The points were looked at and are {points.verdict.value}: {points.why[:1].lower()}{points.why[1:]}"
                if points.snapped
                else "Whether these points were moved could not be told; they are counted by area all the same.",
                "Neither violence and sexual offences nor antisocial behaviour is in the file held.",
                "data.police.uk has no ages and no relationships: the local definition is undetermined for every row.",
                "The months are past; newer files of every type are too large for the carrier that held them.",
            ),
            source_class="open",
            synthetic=question.synthetic,
        )
