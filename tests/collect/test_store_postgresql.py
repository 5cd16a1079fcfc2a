"""The store in PostgreSQL: a real server, started for the test."""

import contextlib
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.collect.test_store import RECORD
from tests.support.tools import require_tool
from tinyml.collect import Added, Gap, Store
from tinyml.errors import StoreError
from tinyml.graph import load
from tinyml.model import Description
from tinyml.resources import folder


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    server = Path(require_tool("postgres")).resolve()
    # The server refuses to run as root, and pytest's own folders are closed to other users.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="tinyml-") as folder:
        if user:
            shutil.chown(folder, user)
        with running(server, Path(folder), user):
            yield f"postgresql://tinyml@/postgres?host={folder}"


@contextlib.contextmanager
def running(server: Path, place: Path, user: str | None) -> Iterator[None]:
    initdb = [str(server.with_name("initdb")), "-D", str(place / "data"), "-A", "trust"]
    subprocess.run([*initdb, "-U", "tinyml"], check=True, user=user, capture_output=True)
    options = ["-D", str(place / "data"), "-k", str(place), "-c", "listen_addresses="]
    process = subprocess.Popen([str(server), *options], user=user, stderr=subprocess.DEVNULL)
    ready = [str(server.with_name("pg_isready")), "-h", str(place), "-U", "tinyml"]
    try:
        while subprocess.run(ready, capture_output=True, check=False).returncode != 0:
            assert process.poll() is None, "the server did not start"
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)


def test_records_gaps_clocks_and_runs(url: str) -> None:
    records = [replace(RECORD, sequence=n) for n in (1, 2, 4)]
    with Store(url) as store:
        assert store.add(records, log_id=3) == Added(3, 0)
        store.note_clock(RECORD.device_id, RECORD.boot_id, monotonic_ms=2**40, wall_time=9.5)
        store.put_run("run", {"x": 1})
    with Store(url) as store:
        assert store.add(records, log_id=3) == Added(0, 3)
        assert store.records() == [replace(record, wall_time=9.5) for record in records]
        assert store.gaps() == [Gap(RECORD.device_id, RECORD.boot_id, 3, 3)]
        assert store.last_sequence(RECORD.device_id, 3) == 4
        assert [boot.duplicates for boot in store.boots()] == [3]
        assert (store.run_ids(), store.run("run").whole("x")) == (["run"], 1)


def test_models_are_kept_also_by_many_at_once(url: str) -> None:
    import psycopg

    with Store(url):
        pass
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE models")  # as in a store from before there was this table
    known = Description.of(load(folder("models") / "skab-pump" / "model.tflite"))
    together = threading.Barrier(4)

    def put(number: int) -> None:
        with Store(url) as store:
            assert store.models() in ({}, {known.hash: known})
            together.wait()
            store.put_model(known if number % 2 else replace(known, settings=None))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(put, range(4)))
    with Store(url) as store:
        assert store.models() == {known.hash: known}


def test_two_collectors_at_once_store_each_record_once(url: str) -> None:
    batches = [[replace(RECORD, boot_id=5, sequence=n) for n in range(k, k + 40)] for k in (1, 21)]
    results: list[Added] = []

    def collect(batch: list) -> None:
        with Store(url) as store:
            results.extend(store.add(batch[i : i + 5]) for i in range(0, 40, 5))

    threads = [threading.Thread(target=collect, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store(url) as store:
        assert len(store.records(boot_id=5)) == 60
    assert sum(added.new for added in results) == 60
    assert sum(added.duplicates for added in results) == 20


def test_a_new_store_may_be_opened_by_many_at_once(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE fresh")
    count = 8
    together = threading.Barrier(count)

    def opened(_: int) -> int:
        together.wait()
        with Store(url.replace("/postgres?", "/fresh?")) as store:
            return len(store.records())

    with ThreadPoolExecutor(count) as threads:
        assert list(threads.map(opened, range(count))) == [0] * count


def test_an_unreachable_server_is_one_sentence() -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    with pytest.raises(StoreError, match="failed") as caught:
        Store("postgresql://tinyml:secret@127.0.0.1:1/none")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)
