"""Files of a form go straight to a private folder of the home, never to a shared temporary one; hashed on the way."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from concord.evidence.extracts import uploads
from concord.evidence.extracts.files import explaining_disk
from concord.evidence.extracts.uploads import Sent

MOST_FILES = 20
LARGEST = 512 << 20
"""Bytes of all files of one upload together. Larger extracts are loaded on the server with `concord load`."""


class ToPrivateFolder(FileUploadHandler):
    """Keeps what arrives under `folder`; without a folder, or past a limit, it is let through and kept nowhere."""

    chunk_size = 1 << 20

    def __init__(self, folder: Path | None) -> None:
        super().__init__()
        self.folder = folder
        self.sent: list[Sent] = []
        self.bytes = 0
        self.too_many = self.too_large = False
        self._hash = hashlib.sha256()
        self._size = 0
        self._stream: BinaryIO | None = None
        self._path = Path()

    def new_file(self, *args: Any, **keywords: Any) -> None:
        super().new_file(*args, **keywords)
        self._hash, self._size, self._stream = hashlib.sha256(), 0, None
        if len(self.sent) >= MOST_FILES:
            self.too_many = True
        if self.folder is None or self.too_many or self.too_large or self.field_name != "files":
            raise SkipFile
        place = self.folder / "files" / str(len(self.sent))
        self._path = place / uploads.safe_name(self.file_name or "")
        with explaining_disk(self.folder):
            place.mkdir(parents=True, mode=0o700)
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(handle, "wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.bytes += len(raw_data)
        if self.bytes > LARGEST:
            self.too_large = True
            self._close()
            raise SkipFile
        if self._stream is not None:
            with explaining_disk(self._path):
                self._stream.write(raw_data)
            self._hash.update(raw_data)
            self._size += len(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self._stream is None:
            return None
        self._close()
        self.sent.append(Sent(self._path.name, self._size, self._hash.hexdigest()))
        return UploadedFile(io.BytesIO(), name=self._path.name, size=self._size)

    def upload_interrupted(self) -> None:
        self._close()

    def _close(self) -> None:
        if self._stream is not None:
            stream, self._stream = self._stream, None
            with explaining_disk(self._path):
                stream.close()
