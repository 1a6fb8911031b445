"""The work of `concord load police_uk` as a good analyst would write it with pandas: read, check, set aside, write.

One file at a time, whole columns at once, the contract's own lists. It keeps no receipts, versions or agreements, and
may lose everything when it is killed. usage: load_pandas.py CONTRACT.toml OUT FILE…
"""

from __future__ import annotations

import hashlib
import json
import sys
import tomllib
from pathlib import Path

import pandas as pd

STREET = "street"


def main(contract: Path, out: Path, files: list[Path]) -> None:
    table = tomllib.loads(contract.read_text())["tables"][STREET]
    fields = table["fields"]
    crime_types = set(fields["crime_type"]["values"])
    outcomes = set(fields["last_outcome_category"]["values"])
    forces = table["partition_recode"]
    out.mkdir(parents=True, exist_ok=True)
    manifest = []
    for file in files:
        frame = pd.read_csv(file, dtype=str, keep_default_na=False)
        for column in frame.columns:
            frame[column] = frame[column].str.strip(" \t\u00a0")
        frame = frame.mask(frame == "")
        month = pd.to_datetime(frame["Month"], format="%Y-%m", errors="coerce")
        longitude = pd.to_numeric(frame["Longitude"], errors="coerce")
        latitude = pd.to_numeric(frame["Latitude"], errors="coerce")
        faults = {
            "Crime ID: form": frame["Crime ID"].notna() & ~frame["Crime ID"].str.fullmatch("[0-9a-f]{64}", na=False),
            "Month: blank or no month": month.isna(),
            "Month: not the file's": month.notna() & (month.dt.strftime("%Y-%m") != file.name[:7]),
            "Reported by: blank": frame["Reported by"].isna(),
            "Longitude: no number": frame["Longitude"].notna() & longitude.isna(),
            "Longitude: out of range": longitude.notna() & ~longitude.between(-9.0, 2.5),
            "Latitude: no number": frame["Latitude"].notna() & latitude.isna(),
            "Latitude: out of range": latitude.notna() & ~latitude.between(49.0, 61.5),
            "One coordinate only": frame["Longitude"].isna() != frame["Latitude"].isna(),
            "LSOA code: form": frame["LSOA code"].notna()
            & ~frame["LSOA code"].str.fullmatch("[A-Z0-9]{8,9}", na=False),
            "One of LSOA code and name only": frame["LSOA code"].isna() != frame["LSOA name"].isna(),
            "Crime type: blank or unknown": ~frame["Crime type"].isin(crime_types),
            "Outcome: unknown": frame["Last outcome category"].notna() & ~frame["Last outcome category"].isin(outcomes),
        }
        bad = pd.DataFrame(faults)
        wrong = bad.any(axis=1)
        if wrong.any():
            reasons = bad[wrong].apply(lambda row: "; ".join(row.index[row]), axis=1)
            frame[wrong].assign(row=frame.index[wrong] + 2, reasons=reasons).to_csv(out / f"{file.stem}-faults.csv")
        sound = pd.DataFrame(
            {
                "crime_id": frame["Crime ID"],
                "month": month.dt.date,
                "reported_by": frame["Reported by"],
                "falls_within": frame["Falls within"],
                "longitude": longitude,
                "latitude": latitude,
                "location": frame["Location"],
                "lsoa_code": frame["LSOA code"],
                "lsoa_name": frame["LSOA name"],
                "crime_type": frame["Crime type"],
                "last_outcome_category": frame["Last outcome category"],
                "context": frame["Context"],
                "force": frame["Reported by"].map(forces),
            }
        )[~wrong]
        target = out / f"{file.stem}.parquet"
        sound.to_parquet(target, compression="zstd", index=False)
        manifest.append(
            {
                "file": file.name,
                "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
                "part": hashlib.sha256(target.read_bytes()).hexdigest(),
                "rows": len(frame),
                "accepted": len(sound),
            }
        )
    (out / "manifest.json").write_text(json.dumps(manifest))
    print(sum(entry["rows"] for entry in manifest), sum(entry["accepted"] for entry in manifest))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(line) for line in sys.stdin.read().splitlines()])
