"""Files that people hand in or that we make: stored once by content, known by an id."""

import datetime as dt
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, BinaryIO
from uuid import UUID

from django.core.files import File as DjangoFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext_lazy as _

from karmayogi.registry.models import File

MOST_BYTES = 200 * 1024 * 1024
_PIECE = 1 << 16
_SIGNS: dict[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "application/zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "application/gzip": (b"\x1f\x8b",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "video/webm": (b"\x1aE\xdf\xa3",),
}


class FileTooLarge(Exception):
    """More bytes came than are taken; nothing was kept."""

    status = 413

    def __init__(self, most: int) -> None:
        says = _("The file is larger than {most} bytes. Make it smaller or split it.")
        super().__init__(says.format(most=f"{most:,}"))


class NotWhatItSays(Exception):
    """The file does not begin like a file of the type it claims; nothing was kept."""

    status = 400

    def __init__(self, name: str, media_type: str) -> None:
        says = _("{name} is not a file of type {media_type}. Save it again in that format.")
        super().__init__(says.format(name=name, media_type=media_type))


class KindNotTaken(Exception):
    """The file is of a kind that is not taken here; nothing was kept."""

    status = 400


class NoSuchFile(LookupError):
    """There is no such file, or it is not yours; the two are not told apart."""


@dataclass(frozen=True, slots=True)
class FileCard:
    """What is known of a file without opening it. `size` in bytes; `sha256` in hexadecimal."""

    id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    kept_at: dt.datetime


def keep(
    stream: BinaryIO,
    *,
    name: str,
    media_type: str,
    now: dt.datetime,
    owner: UUID | None = None,
    shared: bool = False,
    most_bytes: int = MOST_BYTES,
) -> FileCard:
    """Stores what `stream` gives and returns its card; the same file of the same owner gives the same card.

    `owner`: the person who may open it; `shared`: everyone signed in may. Raises `FileTooLarge` (counted on
    bytes read, whatever was announced) and `NotWhatItSays`.
    """
    name = name.replace("\\", "/").rsplit("/", 1)[-1][-200:] or "file"
    with tempfile.TemporaryFile() as spool:
        size, digest, start = _copy(stream, spool, most_bytes=most_bytes)
        if not start.startswith(_SIGNS.get(media_type, (b"",))):
            raise NotWhatItSays(name, media_type)
        if not default_storage.exists(_path(digest)):
            spool.seek(0)
            default_storage.save(_path(digest), DjangoFile(spool))
    row = File(
        sha256=digest, size=size, name=name, media_type=media_type, owner=owner, shared=shared, kept_at=now
    )
    File.objects.bulk_create([row], ignore_conflicts=True)
    return _card(File.objects.get(sha256=digest, name=name, media_type=media_type, owner=owner))


def kind_of(stream: BinaryIO, *, among: Iterable[str]) -> str:
    """The media type by what the file begins with, one of `among`; the stream stands at its start again.

    Neither its name nor what the browser announced counts. Raises `KindNotTaken`.
    """
    start = stream.read(16)
    stream.seek(0)
    for media_type in among:
        if start.startswith(_SIGNS[media_type]):
            return media_type
    raise KindNotTaken(_("This kind of file is not taken. Save it as PDF, JPEG or PNG and attach it again."))


def card(id: UUID) -> FileCard:
    """What is known of the file; raises `NoSuchFile`."""
    row = File.objects.filter(pk=id).first()
    if row is None:
        raise NoSuchFile(_("There is no such file."))
    return _card(row)


def open(id: UUID) -> IO[bytes]:
    """The bytes, to be closed by the caller; raises `NoSuchFile`."""
    stream: IO[bytes] = default_storage.open(_path(card(id).sha256), "rb")
    return stream


def digests_of(owner: UUID) -> list[str]:
    """The hashes of what a person owns."""
    return sorted(set(File.objects.filter(owner=owner).values_list("sha256", flat=True)))


def discard(digests: Iterable[str]) -> int:
    """Removes the bytes of these hashes where no file has them any more; how many. Call it after the commit."""
    wanted = set(digests)
    gone = wanted - set(File.objects.filter(sha256__in=wanted).values_list("sha256", flat=True))
    for digest in gone:
        default_storage.delete(_path(digest))
    return len(gone)


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk over the store found: hashes without a row, rows' hashes without bytes, paths that are no hash."""

    files: int
    strays: list[str]
    missing: list[str]
    foreign: list[str]


def walk() -> Walked:
    """Compares the store with the rows, whole. A file kept a moment ago may not have its row yet. For jobs."""
    stored, foreign = set(), []
    for path in _paths(""):
        digest = path.rsplit("/", 1)[-1]
        stored.add(digest) if path == _path(digest) else foreign.append(path)
    known = set(File.objects.values_list("sha256", flat=True).distinct())
    return Walked(len(stored), sorted(stored - known), sorted(known - stored), sorted(foreign))


def _paths(folder: str) -> Iterator[str]:
    if folder and not default_storage.exists(folder):
        return
    folders, names = default_storage.listdir(folder)
    yield from (f"{folder}/{name}" if folder else name for name in names)
    for each in folders:
        yield from _paths(f"{folder}/{each}" if folder else each)


def _copy(stream: BinaryIO, spool: IO[bytes], *, most_bytes: int) -> tuple[int, str, bytes]:
    digest, size, start = sha256(), 0, b""
    while piece := stream.read(_PIECE):
        start = start or piece[:16]
        size += len(piece)
        if size > most_bytes:
            raise FileTooLarge(most_bytes)
        digest.update(piece)
        spool.write(piece)
    return size, digest.hexdigest(), start


def _path(digest: str) -> str:
    return f"{digest[:2]}/{digest[2:4]}/{digest}"


def _card(row: File) -> FileCard:
    return FileCard(row.id, row.name, row.media_type, row.size, row.sha256, row.kept_at)
