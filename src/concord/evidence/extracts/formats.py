"""What kind of file this is, told by its bytes and never by its name."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from concord.evidence.extracts.arrivals import Arrival, Limits
from concord.evidence.extracts.staging import Profile
from concord.kernel.errors import BadInput, Where

Reader = Literal["text", "workbook", "parquet", "r", "map"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file Concord reads: which reader takes it, what people call it, and how its name ends in `landing/`."""

    reader: Reader
    called: str
    suffix: str


TEXT = Kind("text", "a CSV file", ".csv")
XLSX = Kind("workbook", "an Excel workbook", ".xlsx")
XLSB = Kind("workbook", "a binary Excel workbook", ".xlsb")
XLS = Kind("workbook", "an old Excel workbook", ".xls")
ODS = Kind("workbook", "an OpenDocument workbook", ".ods")
PARQUET = Kind("parquet", "a Parquet file", ".parquet")
R_DATA = Kind("r", "an R workspace", ".rda")
GEOPACKAGE = Kind("map", "a GeoPackage", ".gpkg")
SHAPEFILE = Kind("map", "a shapefile", ".shp")
GEOJSON = Kind("map", "a GeoJSON file", ".geojson")

READS = (
    "Concord reads CSV, Excel and OpenDocument workbooks, Parquet, R workspaces, GeoPackage, shapefiles and GeoJSON."
)

_NOT_READ = (
    (b"%PDF", "a PDF document"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"CONCORD-SEALED", "a file that Concord sealed"),
)
R_HEADS = (b"RDX2\n", b"RDX3\n", b"RDA2\n", b"RDA3\n", b"X\n\x00\x00\x00")
"""How R workspaces (`.rda`, `.RData`) and single objects (`.rds`) begin, once unpacked."""
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
"""How files packed by gzip, bzip2 and xz begin; R packs its own files with any of them."""
_SHAPEFILE, _OLD_OFFICE = b"\x00\x00\x27\x0a", b"\xd0\xcf\x11\xe0"
_LOCKED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
"""In the directory of the compound file into which Office puts a workbook that has a password (MS-OFFCRYPTO 1.3.2)."""
_MARKS = b"\xef\xbb\xbf \r\n\t"


def kind_of(arrival: Arrival, profile: Profile, staged: Path, limits: Limits) -> Kind:
    """The kind of a staged file. Raises BadInput for an empty file and for any kind that is not read."""
    head, name = profile.head, arrival.file_name
    if profile.size == 0 or not head.strip(_MARKS):
        raise BadInput(
            f"{name} is empty.",
            where=Where(file=arrival.name),
            next_step="Ask the supplier to export it again and resend it.",
        )
    if head.startswith(b"PAR1"):
        return PARQUET
    if head.startswith(b"PK"):
        return _zipped_office(arrival, staged, limits)
    if head.startswith(_OLD_OFFICE):
        if _LOCKED_PACKAGE in staged.read_bytes():
            raise locked(arrival)
        return XLS
    if head.startswith(b"SQLite format 3"):
        if head[68:72] in (b"GPKG", b"GP10", b"GP11"):
            return GEOPACKAGE
        raise _not_read(arrival, "an SQLite database")
    if head.startswith(_SHAPEFILE):
        return SHAPEFILE
    if head.startswith(R_HEADS) or (head.startswith(PACKED) and _r_name(name)):
        return R_DATA
    start = head.lstrip(_MARKS)[:1]
    if start in (b"{", b"["):
        if b'"FeatureCollection"' in head or name.lower().endswith(".geojson"):
            return GEOJSON
        raise _not_read(arrival, "JSON")
    if start == b"<":
        raise _page(arrival, head)
    called = next((kind for magic, kind in _NOT_READ if head.startswith(magic)), None)
    if head.startswith(PACKED):
        called = "a packed file of another kind than gzip"
    if head[257:262] == b"ustar":
        called = "a tar archive"
    # Text never holds zero bytes, but one or two may be damage to a row; a binary file is full of them.
    if called is None and head.count(0) * 10 > len(head) and utf_16(head) is None:
        called = "a binary file"
    if called is not None:
        raise _not_read(arrival, called)
    return TEXT


def utf_16(head: bytes) -> str | None:
    """Which UTF-16 a file is in: by its mark or, without one, by a zero beside each of its first letters."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    start = head[:200]
    if len(start) >= 8 and start[0] != 0 and not any(start[1::2]) and all(start[0::2]):
        return "utf-16-le"
    if len(start) >= 8 and start[0] == 0 and not any(start[0::2]) and all(start[1::2]):
        return "utf-16-be"
    return None


def _r_name(name: str) -> bool:
    return name.lower().endswith((".rda", ".rdata", ".rds"))


def _not_read(arrival: Arrival, called: str) -> BadInput:
    return BadInput(
        f"{arrival.file_name} is {called}, not a CSV file or another kind of data that Concord reads.",
        where=Where(file=arrival.name),
        why=READS,
        next_step="Export the data as CSV (UTF-8, commas, one heading row) or as an Excel workbook, and load that.",
    )


def _page(arrival: Arrival, head: bytes) -> BadInput:
    """A web page, a feed of XML, or either under the name of a workbook."""
    disguised = arrival.file_name.lower().endswith((".xls", ".xlsx"))
    called = "a web page or XML"
    if b"Excel.Sheet" in head or b"schemas-microsoft-com:office:spreadsheet" in head:
        called = "a workbook in the XML form of Excel 2003"
    elif disguised:
        called = "a web page or XML under the name of a workbook"
    return BadInput(
        f"{arrival.file_name} is {called}, not a CSV file.",
        where=Where(file=arrival.name),
        why="Some systems export web pages and call them .xls; Excel opens them, after a warning."
        if disguised
        else None,
        next_step="Open it in Excel, save it as an Excel workbook (.xlsx), and load that."
        if disguised or "Excel" in called
        else "Export the data as CSV (UTF-8, commas, one heading row) and load that.",
    )


def _zipped_office(arrival: Arrival, staged: Path, limits: Limits) -> Kind:
    """Which workbook a zip file is. Raises BadInput for other documents, and for one that unfolds to too much."""
    try:
        with zipfile.ZipFile(staged) as package:
            members = {m.filename: m for m in package.infolist()}
            declared = package.read("mimetype")[:100] if "mimetype" in members else b""
    except (zipfile.BadZipFile, OSError, ValueError, KeyError, NotImplementedError, RuntimeError) as error:
        raise BadInput(
            f"{arrival.file_name} cannot be opened: it is damaged or was cut short.",
            where=Where(file=arrival.name),
            why=str(error),
            next_step="Fetch or export it again.",
        ) from error
    unfolded = sum(m.file_size for m in members.values())
    if unfolded > limits.member_bytes or (
        unfolded > limits.generous_bytes and unfolded > limits.ratio * max(profile_size(staged), 1)
    ):
        raise BadInput(
            f"{arrival.file_name} unfolds to {unfolded / 1e6:,.0f} MB from {profile_size(staged) / 1e6:,.1f} MB.",
            where=Where(file=arrival.name),
            why="That is how a workbook made to fill a disk looks.",
            next_step="If it is genuine, save the sheet as CSV and load that.",
        )
    if "xl/workbook.bin" in members:
        return XLSB
    if "xl/workbook.xml" in members or any(m.lower() == "xl/workbook.xml" for m in members):
        return XLSX
    if b"opendocument.spreadsheet" in declared:
        if "META-INF/manifest.xml" in members and _ods_is_locked(staged):
            raise locked(arrival)
        return ODS
    if "[Content_Types].xml" in members or b"opendocument" in declared:
        raise BadInput(
            f"{arrival.file_name} is an Office document (a letter or slides, perhaps), not a workbook or a CSV file.",
            where=Where(file=arrival.name),
            why=READS,
            next_step="Save the table as a workbook or as CSV (UTF-8) and load that.",
        )
    raise BadInput(
        "An archive lies inside the archive.",
        where=Where(file=arrival.name),
        next_step="Unpack the outer archive and load the inner one by itself.",
    )


def profile_size(staged: Path) -> int:
    return staged.stat().st_size


def _ods_is_locked(staged: Path) -> bool:
    with zipfile.ZipFile(staged) as package:
        return b"encryption-data" in package.read("META-INF/manifest.xml")


def locked(arrival: Arrival) -> BadInput:
    return BadInput(
        f"{arrival.file_name} is locked with a password.",
        where=Where(file=arrival.name),
        next_step="Save it without the password, and send it by a channel that is itself encrypted.",
    )
