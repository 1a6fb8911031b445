"""What arrived: files, folders and archives become plain files in a private work folder, each looked through once.

Nothing inside an archive decides where it is written, how large it may grow, or how deep it goes.
"""

from __future__ import annotations

import gzip
import hashlib
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from concord.evidence.extracts.files import explaining_disk
from concord.kernel.errors import BadInput, ConcordError, Where
from concord.kernel.names import did_you_mean

BLANKS = " \t\u00a0"
"""What may stand around a value unseen: a blank, a tab, a no-break space."""

_CHUNK = 1 << 20
_JUNK = {".ds_store", "thumbs.db", "desktop.ini"}
_DOCUMENTS = {"license", "licence", "readme", "copying", "notice", "changelog", "authors", "contributing", "makefile"}
_NOT_DATA = {".txt", ".md", ".pdf", ".html", ".htm", ".docx", ".png", ".jpg", ".jpeg", ".gif", ".svg"}
_ARCHIVES = (".zip", ".gz", ".7z", ".rar", ".tar", ".tgz")
SHAPEFILE_PARTS = (".dbf", ".shx", ".prj", ".cpg", ".sbn", ".sbx", ".qix", ".qpj", ".shp.xml")
"""Files that belong to a shapefile, beside its .shp."""
_R_HEADS = (b"RDX", b"RDA", b"X\n")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an archive may unfold to. A member over `generous_bytes` may not be packed tighter than `ratio`."""

    members: int = 50_000
    member_bytes: int = 16 << 30
    total_bytes: int = 128 << 30
    generous_bytes: int = 64 << 20
    ratio: int = 200


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file to receive, not yet opened. `name` is what people call it; `file_name` its last part.

    `size` is what it says it is long, and with `outer` as long as it may be. `beside` are the other files of a
    shapefile, by how their names end.
    `refusal` is why it cannot be opened at all; `skipped` why it is no data.
    """

    name: str
    file_name: str
    open: Callable[[], BinaryIO]
    size: int
    outer: Outer | None = None
    beside: tuple[tuple[str, Callable[[], BinaryIO]], ...] = ()
    refusal: ConcordError | None = None
    skipped: str | None = None


@dataclass(frozen=True, slots=True)
class Outer:
    """An archive, copied to the work folder as it came."""

    name: str
    path: Path
    sha256: str
    suffix: str


def survey(paths: Sequence[Path], work: Path, limits: Limits) -> list[Arrival]:
    """Every file to receive from files, folders and zip archives, in a settled order. Raises BadInput for a path
    that does not exist and for an empty folder; an archive that cannot be opened is one refused arrival."""
    found: list[Arrival] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.is_file() and not p.is_symlink())
            if not inside:
                raise BadInput(f"The folder {path.name} holds no files.", where=Where(file=path))
            parts = _parts_of_shapefiles(str(file) for file in inside)
            for file in inside:
                if str(file) not in parts:
                    found += _one(file, work, limits, inside=path)
        elif path.is_file():
            found += _one(path, work, limits, inside=None)
        else:
            siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
            raise BadInput(
                f"There is no file {path.name}.",
                where=Where(file=path),
                next_step=did_you_mean(path.name, siblings) if len(siblings) < 200 else "Check the path.",
            )
    return found


def _one(path: Path, work: Path, limits: Limits, *, inside: Path | None) -> Iterator[Arrival]:
    name = str(path.relative_to(inside)) if inside else path.name
    size = path.stat().st_size
    skipped = _not_data(name) if inside else None
    with path.open("rb") as stream:
        magic = stream.read(4)
    if magic[:2] == b"PK" and not skipped and not _is_document(path):
        yield from _archive(path, name, work, limits)
        return
    if magic[:2] == b"\x1f\x8b" and not skipped and not _is_r(path):
        yield _gzip(path, name, work, limits)
        return
    beside = _beside(path) if path.suffix.lower() == ".shp" else ()
    yield Arrival(name, path.name, lambda: path.open("rb"), size, beside=beside, skipped=skipped)


def _beside(path: Path) -> tuple[tuple[str, Callable[[], BinaryIO]], ...]:
    """The other files of a shapefile, found by its name whatever the case of their ends."""
    found: list[tuple[str, Callable[[], BinaryIO]]] = []
    for other in sorted(path.parent.iterdir()):
        end = other.name[len(path.stem) :].lower()
        if other.name.startswith(path.stem) and end in SHAPEFILE_PARTS:
            found.append((end, _opened(other)))
    return tuple(found)


def _opened(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _parts_of_shapefiles(names: Iterable[str]) -> set[str]:
    """Those of the names that belong to a .shp among them, which stands for them all."""
    listed = list(names)
    stems = {name[:-4] for name in listed if name.lower().endswith(".shp")}
    ends = {(name, end) for name in listed for end in SHAPEFILE_PARTS if name.lower().endswith(end)}
    return {name for name, end in ends if name[: -len(end)] in stems}


def _is_document(path: Path) -> bool:
    """Whether a zip file is one document (a workbook, perhaps) rather than an archive of files."""
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
            return "[Content_Types].xml" in names or (
                "mimetype" in names and package.read("mimetype")[:50].startswith(b"application/vnd.oasis")
            )
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error):
        return False


def _is_r(path: Path) -> bool:
    """Whether a packed file is an R workspace, which is always packed, rather than a packed file of another kind."""
    try:
        with gzip.open(path) as stream:
            return stream.read(4).startswith(_R_HEADS)
    except (OSError, EOFError, zlib.error):
        return False


def _keep_outer(path: Path, name: str, work: Path, suffix: str) -> Outer:
    """Copies an archive as it came, so that it cannot change while it is read."""
    copy = work / f"outer-{len(list(work.glob('outer-*')))}{suffix}"
    with path.open("rb") as source, explaining_disk(work), copy.open("wb") as target:
        hasher = hashlib.sha256()
        while chunk := source.read(_CHUNK):
            hasher.update(chunk)
            target.write(chunk)
    return Outer(name, copy, hasher.hexdigest(), suffix)


def _gzip(path: Path, name: str, work: Path, limits: Limits) -> Arrival:
    """The one file in a gzip file, which does not say how long it is: it may not be longer than the limits."""
    outer = _keep_outer(path, name, work, ".gz")
    packed = path.stat().st_size
    allowed = min(limits.member_bytes, max(limits.generous_bytes, limits.ratio * packed))
    inner = path.name[:-3] if path.name.lower().endswith(".gz") else path.name
    refusal = None
    if inner.lower().endswith(".tar") or path.name.lower().endswith(".tgz"):
        refusal = BadInput(
            f"{path.name} is a tar archive.",
            where=Where(file=path),
            next_step="Unpack it and load the files in it, or send them in a zip archive.",
        )
    return Arrival(
        name,
        inner,
        lambda: gzip.open(outer.path, "rb"),
        allowed,
        outer=outer,
        refusal=refusal,  # type: ignore[arg-type,return-value]
    )


def _not_data(name: str) -> str | None:
    parts = PurePosixPath(name.replace("\\", "/"))
    if "__MACOSX" in parts.parts or parts.name.lower() in _JUNK or parts.name.startswith((".", "~$")):
        return "left there by an operating system"
    if parts.suffix.lower() in _NOT_DATA or parts.name.lower() in _DOCUMENTS:
        return "a document, not data"
    return None


def _archive(path: Path, name: str, work: Path, limits: Limits) -> Iterator[Arrival]:
    outer = _keep_outer(path, name, work, ".zip")
    copy = outer.path

    def refused(error: BadInput) -> Arrival:
        return Arrival(name, path.name, lambda: copy.open("rb"), copy.stat().st_size, refusal=error)

    cut = BadInput(
        f"The archive {name} cannot be opened: it is damaged or was cut short.",
        where=Where(file=path),
        why="The list of files at the end of a zip archive is missing or broken.",
        next_step="Fetch or export it again and compare its size with the supplier's.",
    )
    try:
        archive = zipfile.ZipFile(copy)
        members = [m for m in archive.infolist() if not m.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError):
        yield refused(cut)
        return
    trouble = _unfit(members, name, path, limits)
    if trouble is not None:
        yield refused(trouble)
        return
    parts = _parts_of_shapefiles(m.filename for m in members)
    for member in sorted(members, key=lambda m: m.filename):
        if member.filename in parts:
            continue
        beside = [
            (end, _opener(archive, m))
            for m in members
            for end in SHAPEFILE_PARTS
            if m.filename in parts and m.filename.lower() == member.filename[:-4].lower() + end
        ]
        doubtful = [m for m in members if m.filename in parts and m.filename[:-4] == member.filename[:-4]]
        yield Arrival(
            name=f"{name}/{member.filename}",
            file_name=PurePosixPath(member.filename.replace("\\", "/")).name,
            open=_opener(archive, member),
            size=member.file_size,
            outer=outer,
            beside=tuple(beside),
            refusal=next((p for m in (member, *doubtful) if (p := _unsafe(m, name, limits))), None),
            skipped=_not_data(member.filename),
        )


def _unfit(members: list[zipfile.ZipInfo], name: str, path: Path, limits: Limits) -> BadInput | None:
    """Why an archive as a whole is not taken, or None."""
    if not members:
        return BadInput(
            f"The archive {name} is empty.", where=Where(file=path), next_step="Ask the supplier to send it again."
        )
    if len(members) > limits.members or sum(m.file_size for m in members) > limits.total_bytes:
        return BadInput(
            f"The archive {name} unfolds to {len(members):,} files and "
            f"{sum(m.file_size for m in members) / 1e9:,.1f} GB, more than Concord accepts at once.",
            where=Where(file=path),
            next_step=f"Send at most {limits.members:,} files and {limits.total_bytes / 1e9:,.0f} GB in one archive.",
        )
    return None


def _opener(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Callable[[], BinaryIO]:
    return lambda: archive.open(member)  # type: ignore[return-value]


def _unsafe(member: zipfile.ZipInfo, archive: str, limits: Limits) -> BadInput | None:
    """Why a member of an archive is not opened, or None."""
    path = PurePosixPath(member.filename.replace("\\", "/"))
    where = Where(file=f"{archive}/{member.filename}")
    if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
        return BadInput(
            "A file in the archive has a path that leads out of the archive.",
            where=where,
            why="Its name is absolute or climbs with “..”. No honest export makes such names.",
            next_step="Do not unpack this archive. Ask the supplier where it comes from.",
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        return BadInput("A file in the archive is a link to another place.", where=where)
    if member.flag_bits & 0x1:
        return BadInput(
            "A file in the archive is locked with a password.",
            where=where,
            next_step="Unlock it, and send it by a channel that is itself encrypted.",
        )
    if path.suffix.lower() in _ARCHIVES:
        return BadInput(
            "An archive lies inside the archive.",
            where=where,
            next_step="Unpack the outer archive and load the inner one by itself.",
        )
    packed = max(member.compress_size, 1)
    if member.file_size > limits.member_bytes or (
        member.file_size > limits.generous_bytes and member.file_size / packed > limits.ratio
    ):
        return BadInput(
            f"A file in the archive unfolds to {member.file_size / 1e6:,.0f} MB from {packed / 1e6:,.1f} MB.",
            where=where,
            why="That is how an archive made to fill a disk looks.",
            next_step="If it is genuine, unpack it and load the file itself.",
        )
    return None


def clear(folder: Path) -> None:
    """Removes a work folder and whatever is in it."""
    shutil.rmtree(folder, ignore_errors=True)
