"""From a file to a `Document`: the kind is told by its ending and proved by its first bytes."""

from __future__ import annotations

from pathlib import Path

from concord.kernel.errors import BadInput, Environment, Where
from concord.strategy.proofread.document import Document

LARGEST = 50 * 1024 * 1024
KINDS = {".txt": "plain text", ".md": "Markdown", ".markdown": "Markdown", ".docx": "Word", ".pdf": "PDF"}
_PDF, _ZIP, _OLE = b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read(path: Path) -> Document:
    """The draft in `path`. Raises BadInput for a file that cannot be read as what it says it is,
    Environment where the machine refuses to hand it over."""
    data = _bytes(path)
    ending = path.suffix.lower()
    if ending not in KINDS:
        raise BadInput(
            f"{path.name} is not a kind of draft that can be proofread.",
            where=Where(file=path),
            why=f"Its name ends in “{path.suffix}”." if path.suffix else "Its name has no ending that says what it is.",
            next_step="Save the draft as .docx, .pdf, .md or .txt and try again."
            + (" Word can open a .doc and save it as .docx." if ending == ".doc" else ""),
        )
    _prove(path, ending, data)
    # Each reader pulls in its own library: a text file should not wait for Word's or PDF's.
    if ending == ".docx":
        from concord.strategy.proofread.readers import word

        return word.read(path, data)
    if ending == ".pdf":
        from concord.strategy.proofread.readers import pdf

        return pdf.read(path, data)
    from concord.strategy.proofread.readers import text

    return text.read(path, data)


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise BadInput(
            f"{path} is a folder.", where=Where(file=path), next_step="Name one draft: a .docx, .pdf, .md or .txt file."
        )
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise BadInput(
                f"{path.name} is {size / 1048576:.0f} MB, more than proofreading will read ({LARGEST // 1048576} MB).",
                where=Where(file=path),
                next_step="Take out the pictures, or split the draft into parts.",
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise BadInput(
            f"There is no file {path}.",
            where=Where(file=path),
            next_step="Check the name and the folder, and try again.",
        ) from None
    except OSError as problem:
        raise Environment(
            f"{path.name} could not be read.",
            where=Where(file=path),
            why=problem.strerror or str(problem),
            next_step="Check that you may read the file, or copy it somewhere you can.",
        ) from problem
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xfe\xff"):
        raise BadInput(
            f"{path.name} is empty.", where=Where(file=path), next_step="Save the draft again, and check that it opens."
        )
    return data


def _prove(path: Path, ending: str, data: bytes) -> None:
    """The first bytes must agree with the name's ending."""
    start = data[:1024].lstrip()
    if data.startswith(_OLE):
        raise BadInput(
            f"{path.name} is protected by a password, or is in Word's old .doc form.",
            where=Where(file=path),
            next_step="Open it in Word, remove the password, save it as .docx and try again.",
        )
    is_pdf, is_zip = start.startswith(_PDF) or _PDF in data[:1024], data.startswith(_ZIP)
    wanted = KINDS[ending]
    if is_pdf and ending != ".pdf":
        raise BadInput(
            f"{path.name} is named as {wanted} but holds a PDF.",
            where=Where(file=path),
            next_step="Rename it so that it ends in .pdf and try again.",
        )
    if is_zip and ending in (".txt", ".md", ".markdown", ".pdf"):
        raise BadInput(
            f"{path.name} is named as {wanted} but holds a zip archive.",
            where=Where(file=path),
            why="Word files are zip archives inside.",
            next_step="If it is a Word document, rename it so that it ends in .docx; otherwise unpack it and name "
            "the draft itself.",
        )
    if ending == ".pdf" and not is_pdf:
        raise BadInput(
            f"{path.name} is named as PDF but is not one.",
            where=Where(file=path),
            why="It does not begin as every PDF does.",
            next_step="Export the draft to PDF again, or give the Word file.",
        )
    if ending == ".docx" and not is_zip:
        raise BadInput(
            f"{path.name} is named as Word but is not a Word document.",
            where=Where(file=path),
            why="A .docx file is a package that begins in a set way; this one does not.",
            next_step="Open it in the program that made it and save it as .docx, or give the text as .txt.",
        )
