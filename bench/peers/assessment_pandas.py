"""A borough's analysis as a good analyst would write it: pandas, GeoPandas, PySAL, statsmodels, scipy and matplotlib.

Whole columns at once, the libraries' own functions, no loop that they would spare. It keeps no receipts, versions,
lineage or disclosure control. usage: assessment_pandas.py DATA OUT [EVENTS.csv]
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import esda
import geopandas as gpd
import libpysal
import matplotlib as mpl
import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.tsa.seasonal import STL

mpl.use("svg")
import matplotlib.pyplot as plt

warnings.filterwarnings("ignore")
BOROUGH = "Tower Hamlets"
TYPES = [
    "ARSON AND CRIMINAL DAMAGE", "BURGLARY", "DRUG OFFENCES", "POSSESSION OF WEAPONS", "PUBLIC ORDER OFFENCES",
    "ROBBERY", "SEXUAL OFFENCES", "THEFT", "VEHICLE OFFENCES", "VIOLENCE AGAINST THE PERSON",
]  # fmt: skip
MAPPED = ["BURGLARY", "POSSESSION OF WEAPONS", "ROBBERY", "VIOLENCE AGAINST THE PERSON"]
VIOLENCE = "VIOLENCE AGAINST THE PERSON"


def open_counts(data: Path, areas: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Counts by borough, type and month; counts by small area and type over the last twelve months."""
    folder = data / "mps_london_datastore"
    wide = [
        pd.read_parquet(folder / name)
        for name in ("recorded-crime-borough-historical.parquet", "recorded-crime-borough.parquet")
    ]
    monthly = pd.concat(
        frame.melt(["majortext", "minortext", "boroughname"], var_name="month", value_name="n") for frame in wide
    )
    monthly = monthly[monthly["majortext"].isin(TYPES) & monthly["boroughname"].isin(set(areas["borough"]))]
    monthly = monthly.groupby(["boroughname", "majortext", "month"])["n"].sum().unstack("month").fillna(0)
    small = pd.read_parquet(folder / "recorded-crime-lsoa.parquet")
    last = sorted(column for column in small.columns if column.isdigit())[-12:]
    small["n"] = small[last].sum(axis=1)
    by_area = small[small["major_category"].isin(MAPPED)].groupby(["lsoa_code", "major_category"])["n"].sum()
    return monthly, by_area.unstack().reindex(areas["LSOA21CD"]).fillna(0)


def event_counts(file: Path, areas: gpd.GeoDataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same from single events, each joined to the small area that it lies in."""
    events = pd.read_csv(file, parse_dates=["recorded_on"])
    points = gpd.GeoDataFrame(events, geometry=gpd.points_from_xy(events["easting"], events["northing"]), crs=areas.crs)
    joined = gpd.sjoin(points, areas[["LSOA21CD", "borough", "geometry"]], how="inner", predicate="within")
    joined["month"] = joined["recorded_on"].dt.strftime("%Y%m")
    monthly = joined.groupby(["borough", "type", "month"]).size().unstack("month").fillna(0)
    monthly = monthly[monthly.index.get_level_values("borough") != "City of London"]
    last = sorted(monthly.columns)[-12:]
    recent = joined[joined["month"].isin(last) & joined["type"].isin(MAPPED)]
    by_area = recent.groupby(["LSOA21CD", "type"]).size().unstack().reindex(areas["LSOA21CD"]).fillna(0)
    return monthly, by_area


def poisson_limits(n: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Garwood's exact limits under ten events, Byar's from ten."""
    tail, z = (1 - level) / 2, stats.norm.ppf((1 + level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(n < 10, stats.chi2.ppf(tail, 2 * n) / 2, n * (1 - 1 / (9 * n) - z / (3 * np.sqrt(n))) ** 3)
    high = np.where(
        n < 10,
        stats.chi2.ppf(1 - tail, 2 * n + 2) / 2,
        (n + 1) * (1 - 1 / (9 * (n + 1)) + z / (3 * np.sqrt(n + 1))) ** 3,
    )
    return np.where(n == 0, 0.0, low), high


def ratio(a: float, n: float, b: float, m: float) -> list[float]:
    value, step = (a / n) / (b / m), np.exp(stats.norm.ppf(0.975) * np.sqrt(1 / a + 1 / b))
    return [value, value / step, value * step]


def main(data: Path, out: Path, events: Path | None) -> None:
    out.mkdir(parents=True, exist_ok=True)
    areas = gpd.read_file(data / "boundaries" / "london_lsoa.gpkg").sort_values("LSOA21CD").reset_index(drop=True)
    areas["borough"] = areas["LSOA21NM"].str.replace(r" \d{3}[A-Z]$", "", regex=True)
    monthly, by_area = event_counts(events, areas) if events else open_counts(data, areas)

    census = pd.read_csv(data / "population" / "Census_2021_ethnicity_UTLA.csv")
    census = census[census["Upper tier local authorities Code"].str.startswith("E09")]
    name = "Upper tier local authorities"  # the file says “W&sworth”: every “and” in its names was turned into “&”
    census = census.assign(**{name: census[name].str.replace("&", "and").str.replace(" Upon ", " upon ")})
    people = census.groupby(name)["Observation"].sum()
    year = monthly[sorted(monthly.columns)[-12:]].sum(axis=1).unstack(1)
    residents = people.reindex(year.index).to_numpy()
    low, high = poisson_limits(year.to_numpy())
    rates = np.stack([year.to_numpy(), low, high]) * 1000 / residents[:, None]
    here = year.index.get_loc(BOROUGH)
    ratios = [
        ratio(year[kind].iloc[here], residents[here], year[kind].sum() - year[kind].iloc[here],
              residents.sum() - residents[here])
        for kind in year.columns
    ]  # fmt: skip

    weights = libpysal.weights.Queen.from_dataframe(areas, use_index=False, silence_warnings=True)
    gi, gi_p, moran, moran_p, hot = [], [], [], [], []
    for kind in MAPPED:
        values = by_area[kind].to_numpy(dtype=float)
        local = esda.G_Local(values, weights, transform="B", star=True, permutations=999, seed=1)
        cluster = esda.Moran_Local(values, weights, permutations=999, seed=1)
        gi.append(local.Zs)
        gi_p.append(local.p_sim)
        moran.append(cluster.Is)
        moran_p.append(cluster.p_sim)
        hot.append(int((stats.false_discovery_control(2 * stats.norm.sf(np.abs(local.Zs))) < 0.05).sum()))

    trend, season = [], []
    for values in monthly.to_numpy(dtype=float):
        found = STL(
            values, period=12, seasonal=21, trend=21, low_pass=13, seasonal_deg=0, seasonal_jump=3, trend_jump=3,
            low_pass_jump=2,
        ).fit(inner_iter=2, outer_iter=0)  # fmt: skip
        trend.append(found.trend)
        season.append(found.seasonal)

    search = pd.read_csv(
        data / "tower_hamlets_extracts" / "met_stop_and_search_TH_to_2023-12.csv", parse_dates=["Date"]
    )
    search = search[search["Date"].dt.year == 2023]
    given = search["Self-defined ethnicity"].str.split(" - ").str[0].str.split("/").str[0]
    searched = given.value_counts()
    something = (search["Outcome"] != "A no further action disposal").groupby(given).mean()
    groups = census[census["Upper tier local authorities"] == BOROUGH].copy()
    groups["broad"] = groups["Ethnic group"].str.split(" ").str[0].str.rstrip(":,")
    lives = groups.groupby("broad")["Observation"].sum()
    disproportion = {g: ratio(searched[g], lives[g], searched["White"], lives["White"]) for g in ("Asian", "Black")}

    knives = pd.read_parquet(data / "mps_london_datastore" / "monthly-crime-dashboard.parquet")
    knives = knives[(knives["borough_snt"] == BOROUGH) & (knives["crime_subtype"] == "Knife Crime")
                    & (knives["measure"] == "Offences")].groupby("month_year")["count"].sum()  # fmt: skip
    women = pd.read_parquet(data / "mps_london_datastore" / "vawg-offences.parquet")
    women = women[women["borough_name"] == BOROUGH].groupby("recorded_date_months")["count"].sum()

    charts(out, monthly, year, rates, ratios, here, areas, by_area, gi, trend, season, searched, lives, something,
           disproportion, knives, women)  # fmt: skip
    np.savez(out / "numbers.npz", rates=rates, ratios=np.array(ratios), gi=np.array(gi), gi_p=np.array(gi_p),
             moran=np.array(moran), moran_p=np.array(moran_p), hot=np.array(hot), trend=np.array(trend),
             season=np.array(season), searches=np.array([disproportion["Asian"], disproportion["Black"]]),
             found=np.array([something["Asian"], something["Black"], something["White"]]),
             knives=knives.to_numpy(), women=women.to_numpy())  # fmt: skip
    (out / "done.json").write_text(json.dumps({"series": len(trend), "areas": len(areas)}))


def charts(out, monthly, year, rates, ratios, here, areas, by_area, gi, trend, season, searched, lives, something,
           disproportion, knives, women) -> None:  # fmt: skip
    """Thirteen charts as SVG."""

    def save(name: str) -> None:
        plt.savefig(out / f"{name}.svg", bbox_inches="tight")
        plt.close()

    kind = list(year.columns).index(VIOLENCE)
    row = monthly.index.get_loc((BOROUGH, VIOLENCE))
    values = monthly.iloc[row].to_numpy()[-36:]
    moves = np.abs(np.diff(values))
    moves = moves[moves < 3.267 * moves.mean()]
    mean, reach = values.mean(), 2.66 * moves.mean()
    plt.figure(figsize=(8, 4))
    plt.plot(values)
    plt.axhspan(mean - reach, mean + reach, alpha=0.2)
    save("trend")
    order = np.argsort(rates[0][:, kind])
    plt.figure(figsize=(8, 9))
    plt.errorbar(rates[0][order, kind], range(len(order)), xerr=[rates[0][order, kind] - rates[1][order, kind],
                 rates[2][order, kind] - rates[0][order, kind]], fmt="o")  # fmt: skip
    plt.yticks(range(len(order)), year.index[order])
    save("rates")
    plt.figure(figsize=(8, 5))
    n = year[VIOLENCE].to_numpy() / rates[0][:, kind] * 1000
    plt.scatter(n, rates[0][:, kind])
    grid = np.linspace(n.min(), n.max(), 100)
    average = year[VIOLENCE].sum() / n.sum()
    for tail in (0.025, 0.001):
        plt.plot(grid, 1000 * stats.poisson.ppf(tail, average * grid) / grid)
        plt.plot(grid, 1000 * stats.poisson.ppf(1 - tail, average * grid) / grid)
    save("funnel")
    plt.figure(figsize=(8, 5))
    array = np.array(ratios)
    plt.errorbar(array[:, 0], range(len(array)), xerr=[array[:, 0] - array[:, 1], array[:, 2] - array[:, 0]], fmt="o")
    plt.xscale("log")
    plt.yticks(range(len(array)), year.columns)
    save("ratios")
    mine = (areas["borough"] == BOROUGH).to_numpy()
    for place, name in enumerate(MAPPED):
        frame = areas[mine].assign(n=by_area[name].to_numpy()[mine], z=gi[place][mine])
        frame.plot(column="n", scheme=None, legend=True, figsize=(8, 8), edgecolor="white")
        save(f"map-{place}")
    _, parts = plt.subplots(3, 1, figsize=(8, 6))
    for part, line in zip(parts, (monthly.iloc[row], trend[row], season[row]), strict=True):
        part.plot(np.asarray(line))
    save("seasons")
    names = ["Asian", "Black", "White"]
    plt.figure(figsize=(8, 3))
    plt.barh(names, [1000 * searched[g] / lives[g] for g in names])
    save("searches")
    plt.figure(figsize=(8, 3))
    both = np.array([disproportion[g] for g in ("Asian", "Black")])
    plt.errorbar(both[:, 0], [0, 1], xerr=[both[:, 0] - both[:, 1], both[:, 2] - both[:, 0]], fmt="o")
    plt.yticks([0, 1], ["Asian", "Black"])
    save("search-ratios")
    for name, line in (("knives", knives), ("women", women)):
        plt.figure(figsize=(8, 4))
        plt.plot(line.index[-36:], line.to_numpy()[-36:])
        save(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)
