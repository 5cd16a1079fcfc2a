"""Where a study is kept, so that it goes on after an interruption and many workers share it."""

from __future__ import annotations

import itertools
import re
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import URL, create_engine, inspect
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from tinyml.collect.database import sqlite_path, url_of
from tinyml.errors import StoreError, TrainingError
from tinyml.install import extra_command

# A worker that has not been heard of for twice as long is taken for dead, and its trial for failed.
_HEARTBEAT_S: Final = 30
_ATTEMPTS: Final = 10
_BUSY_TIMEOUT_S: Final = 60.0
# Optuna's tables; more of the kind may come with its versions.
_TABLE: Final = re.compile(r"alembic_version|version_info|(study|trial)_\w+|studies|trials")


def optuna_module() -> Any:
    """Optuna, told to be quiet; TrainingError where it is not installed."""
    try:
        import optuna  # noqa: PLC0415 - only a search needs it
    except ImportError as error:
        raise TrainingError(
            f"searching needs Optuna ({error}); to install it, type: {extra_command('train')}"
        ) from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna


@contextmanager
def opened(name: str) -> Iterator[Any]:
    """An Optuna storage in an SQLite file or at a database URL; StoreError where it fails."""
    with said(name), quiet():
        storage = _connected(name)
        try:
            yield storage
        finally:
            storage.remove_session()
            storage.engine.dispose()


def _connected(name: str) -> Any:
    optuna = optuna_module()
    url = url_of(name)
    _require_own(url)
    options = {"connect_args": {"timeout": _BUSY_TIMEOUT_S}} if url.drivername == "sqlite" else {}
    for attempt in itertools.count(1):
        try:
            return optuna.storages.RDBStorage(
                url.render_as_string(hide_password=False),
                engine_kwargs=options,
                heartbeat_interval=_HEARTBEAT_S,
            )
        except (IntegrityError, ProgrammingError):
            # Another worker is making the same tables at this moment.
            if attempt == _ATTEMPTS:
                raise
            time.sleep(0.2 * attempt)
    raise AssertionError("not reached")


def _require_own(url: URL) -> None:
    """StoreError for an SQLite file that holds something else: Optuna would add its tables."""
    path = sqlite_path(url)
    if path is None or not path.is_file():
        return
    engine = create_engine(url)
    try:
        others = [name for name in inspect(engine).get_table_names() if not _TABLE.fullmatch(name)]
    finally:
        engine.dispose()
    if others:
        raise StoreError(
            f"{path} is not the storage of a search (it has the tables "
            f"{', '.join(others)}); give another --storage"
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna warns of what is new in it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def said(name: str) -> Iterator[None]:
    """Database errors come out as StoreError, in a sentence."""
    optuna = optuna_module()
    try:
        yield
    except (DBAPIError, optuna.exceptions.StorageInternalError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else (error.__cause__ or error)
        reason = " ".join(str(cause).split())
        raise StoreError(
            f"the study in {name} cannot be opened or written ({reason}); correct that "
            "and type the same command again: finished trials are kept"
        ) from error
    except ImportError as error:
        raise StoreError(
            f"the driver for {name} is not installed ({error}); for PostgreSQL: "
            f"{extra_command('postgres')}"
        ) from error
