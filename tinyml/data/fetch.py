"""Files of a data set: from a mirror folder, the cache, or their original source.

A mirror holds ``<data set>/<file>``, ``<data set>/<file>.gz``, or the files of a data set in
``<data set>/*.tar.gz``. Downloads go to
``<cache>/<data set>/<file>.part`` first, resume where they stopped, and get their name only once
the checksum is right.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import os
import tarfile
import urllib.error
import urllib.request
import zipfile
import zlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from tinyml import tools
from tinyml.data.catalogue import Entry, SourceFile
from tinyml.errors import ChecksumError, DataError, DownloadError
from tinyml.files import replace_file, write_atomically
from tinyml.full_disk import full_disk, is_full_disk
from tinyml.progress import Progress, silent
from tinyml.resources import folder

# Called with the file's name, the bytes that are here and the bytes of the whole file.

_BLOCK_BYTES: Final = 1 << 16
_TIMEOUT_S: Final = 30


def cache_folder() -> Path:
    """Where downloads are kept: $TINYML_DATA_HOME, or tinyml/ in the user's cache folder."""
    given = os.environ.get("TINYML_DATA_HOME")
    if given:
        return Path(given).expanduser()
    return tools.cache_folder() / "data"


def mirror_folder() -> Path | None:
    """A folder with copies of the data: $TINYML_DATA_MIRROR, or one beside a checkout; or None."""
    given = os.environ.get("TINYML_DATA_MIRROR")
    if given is not None:
        if given and not Path(given).is_dir():
            raise DataError(f"TINYML_DATA_MIRROR is {given}, which is not a folder")
        return Path(given) if given else None
    beside = folder("datasets").parent.parent / "shared" / "datasets"
    return beside if beside.is_dir() else None


def fetch(entry: Entry, progress: Progress = silent) -> dict[str, Path]:
    """Paths of the data set's files by name, each checked against its sha256.

    Raises DownloadError where a file cannot be had, ChecksumError where it is another one.
    """
    return {file.name: _fetch_file(entry, file, progress) for file in entry.files}


def is_here(entry: Entry) -> bool:
    """Whether :func:`fetch` needs no network."""
    return all(_find(entry, file) is not None for file in entry.files)


def _find(entry: Entry, file: SourceFile) -> Path | None:
    """A copy of the file that is already on this machine, perhaps packed."""
    if entry.place is not None:
        own = entry.place / file.name
        return own if own.is_file() else None
    mirror = mirror_folder()
    places = [cache_folder() / entry.name / file.name]
    if mirror is not None:
        places += [mirror / entry.name / file.name, mirror / entry.name / f"{file.name}.gz"]
    return next((place for place in places if place.is_file()), None) or _archive(entry, file)


def _archive(entry: Entry, file: SourceFile) -> Path | None:
    """The mirror's archive that holds the file."""
    mirror = mirror_folder()
    if mirror is None:
        return None
    archives = sorted((mirror / entry.name).glob("*.tar.gz"))
    return next((place for place in archives if file.name in _contents(place)), None)


@lru_cache(maxsize=2)
def _contents(archive: Path) -> dict[str, bytes]:
    """The files in an archive by their path in it."""
    try:
        with tarfile.open(archive) as packed:
            files = ((member, packed.extractfile(member)) for member in packed if member.isfile())
            return {
                member.name.removeprefix("./"): file.read()
                for member, file in files
                if file is not None
            }
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise DataError(f"{archive} is not a complete archive ({error}); copy it again") from error


def _fetch_file(entry: Entry, file: SourceFile, progress: Progress) -> Path:
    found = _find(entry, file)
    if found is None and entry.place is not None:
        raise DataError(
            f"{entry.place / file.name} is missing; put it back, or remove it from "
            f"{entry.name}.toml"
        )
    if found is None:
        return _download(file, cache_folder() / entry.name / file.name, progress)
    if found.suffix == ".gz" and found.name != Path(file.name).name:
        unpacked = cache_folder() / entry.name / file.name
        data = (
            _contents(found)[file.name]
            if found.suffixes[-2:] == [".tar", ".gz"]
            else _unpack(found)
        )
        _require_sum(hashlib.sha256(data).hexdigest(), file, found)
        write_atomically(unpacked, data)
        return unpacked
    _require_sum(_sha256(found), file, found)
    return found


def _unpack(path: Path) -> bytes:
    try:
        with gzip.open(path) as packed:
            return packed.read()
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a complete gzip file ({error}); copy it again") from error


def _download(file: SourceFile, target: Path, progress: Progress) -> Path:
    part = target.with_name(f"{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (part.is_file() and part.stat().st_size == file.bytes):
            _receive(file, part, progress)
        actual = _sha256(part)
        if actual != file.sha256:
            # A damaged beginning would spoil every resumption.
            part.unlink()
            _require_sum(actual, file, file.url)
        replace_file(part, target)
    except http.client.IncompleteRead as error:
        raise _interrupted(file, part, "the connection was closed too early") from error
    except urllib.error.URLError as error:
        raise _interrupted(file, part, str(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        if is_full_disk(error):
            raise full_disk(part) from error
        raise _interrupted(file, part, str(error)) from error
    return target


def _receive(file: SourceFile, part: Path, progress: Progress) -> None:
    """Append to ``part`` what is still missing of the file."""
    have = part.stat().st_size if part.is_file() else 0
    if have > file.bytes:
        part.unlink()
        have = 0
    address, _, member = file.url.partition("#")
    if member:
        _receive_member(file, address, member, part)
        return
    request = urllib.request.Request(address)
    if have:
        request.add_header("Range", f"bytes={have}-")
    with contextlib.closing(urllib.request.urlopen(request, timeout=_TIMEOUT_S)) as answer:
        resumed = answer.status == http.HTTPStatus.PARTIAL_CONTENT
        with part.open("ab" if resumed else "wb") as output:
            done = have if resumed else 0
            while block := answer.read(_BLOCK_BYTES):
                output.write(block)
                done += len(block)
                progress(file.name, done, file.bytes)
    if done < file.bytes:
        raise OSError(f"the connection was closed after {done:,} of {file.bytes:,} bytes")


def _receive_member(file: SourceFile, address: str, member: str, part: Path) -> None:
    """Write ``member`` of the ZIP archive at ``address``; its size is unknown, so all at once."""
    with contextlib.closing(urllib.request.urlopen(address, timeout=_TIMEOUT_S)) as answer:
        content = answer.read()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part.write_bytes(archive.read(member))
    except (zipfile.BadZipFile, KeyError, zlib.error) as error:
        raise DataError(f"{address} is not an archive with {member} ({error})") from error


def _interrupted(file: SourceFile, part: Path, reason: str) -> DownloadError:
    kept = part.stat().st_size if part.is_file() else 0
    return DownloadError(
        f"{file.url} could not be downloaded ({reason}); {kept:,} of {file.bytes:,} "
        "bytes are kept. Type the same command again to continue, or set "
        "TINYML_DATA_MIRROR to a folder with a copy"
    )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _require_sum(actual: str, file: SourceFile, where: Path | str) -> None:
    if actual != file.sha256:
        raise ChecksumError(
            f"{where} has the wrong checksum: sha256 {actual[:16]}..., but the catalogue "
            f"expects {file.sha256[:16]}...; the file is damaged or another version. "
            "Delete or replace it"
        )
