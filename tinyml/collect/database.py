"""Opening a database, and saying in one sentence why it could not be opened, read or written."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from tinyml.errors import StoreError
from tinyml.full_disk import has_space
from tinyml.install import extra_command

_BUSY_TIMEOUT_S: Final = 30.0  # how long to wait for another process that is writing
_OPENING_LOCK: Final = 0x74696E79  # a PostgreSQL advisory lock's number
_WRITES: Final = "tinyml_writes"  # execution option of a connection that is going to write

_FULL: Final = (
    "cannot grow because the disk is full; free some space and start again. What is stored is safe"
)
# What SQLite says -> what the user reads. In this order: the first that occurs decides.
_SQLITE_REASONS: Final = {
    "file is not a database": "is not a record store; give another file",
    "malformed": "is damaged; restore it from a copy, or give another file",
    "readonly": "is read-only; change its permissions or copy it to a folder where you may write",
    "read-only": "is read-only; change its permissions or copy it to a folder where you may write",
    "disk is full": _FULL,
    "locked": "is in use by another program; close that program and try again",
    "unable to open": "cannot be opened; check that its folder exists and that you may write there",
}


def url_of(name: str | Path) -> URL:
    """A database URL from a URL or the path of an SQLite file."""
    text = str(name)
    if not text:  # SQLite would keep everything in memory, and forget it at the end
        raise StoreError("the store's name is empty; give a file or a postgresql:// URL")
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise StoreError(f"{text!r} is not a store; give a file or a postgresql:// URL") from error
    # What the plain name stands for differs between versions of SQLAlchemy.
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def sqlite_path(url: URL) -> Path | None:
    """The file of an SQLite URL; None where the store is no file."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def open_engine(url: URL) -> Engine:
    """An engine for ``url``; nothing is opened yet."""
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(url)
        engine = create_engine(url, connect_args={"timeout": _BUSY_TIMEOUT_S})
    except NoSuchModuleError as error:
        raise StoreError(f"a store cannot be in a {url.drivername!r} database; give a file or a "
"postgresql:// URL") from error  # fmt: skip
    except ModuleNotFoundError as error:
        raise StoreError(
            f"the driver for {url.get_backend_name()} is not installed ({error.name}); for"
            f" PostgreSQL: {extra_command('postgres')}"
        ) from error
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun by _begin_sqlite
    # WAL lets a report read while a collector writes. synchronous=FULL, because a node may
    # overwrite what it believes to be stored: a commit must outlive a power cut of the laptop.
    for setting in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {setting}").close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and writes later fails at once where another writer came in
    # between; taking the write lock first makes it wait instead.
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def transaction(engine: Engine, name: str, *, writes: bool = False) -> Iterator[Connection]:
    """A transaction, committed at the end; database errors come out as StoreError."""
    try:
        with engine.execution_options(**{_WRITES: writes}).begin() as connection:
            yield connection
    except DBAPIError as error:
        raise StoreError(_sentence(name, error)) from error


def lock_opening(connection: Connection) -> None:
    """Until the transaction ends, others who call this wait: two that open a new store at once
    would both make its tables. SQLite's transactions that write wait for each other anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_OPENING_LOCK)))


def _sentence(name: str, error: DBAPIError) -> str:
    original: Any = error.orig
    text = " ".join(str(original).split())
    if isinstance(original, sqlite3.Error):
        for words, reason in _SQLITE_REASONS.items():
            if words in text:
                return f"{name} {reason}"
        # Its files beside the database fail on a full disk, too, and it says less of them.
        if not has_space(Path(name)):
            return f"{name} {_FULL}"
    return f"the store {name} failed: {text}"
