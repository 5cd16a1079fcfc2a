"""Collecting from running nodes: nothing lost, nothing twice, whatever ends the collector."""

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.nodes import build_node, native, shipped_model
from tinyml.collect import Collector, PortStatus, Store
from tinyml.device import Node, Record
from tinyml.errors import StoreError


@pytest.fixture(scope="module")
def image() -> Path:
    return build_node("host", shipped_model())


def feed(port: str, count: int) -> list[Record]:
    with Node(port) as node:
        samples = bytes(node.info().feed_bytes)
        return [node.feed(samples, tag=tag) for tag in range(count)]


def unmended(records: list[Record]) -> list[tuple]:
    """All but the wall time, which the store mends."""
    return [
        (r.device_id, r.boot_id, r.sequence, r.monotonic_ms, r.model_hash, r.tag, r.output)
        for r in records
    ]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tinyml", "collect", *arguments]


def test_the_command_collects_everything_once(image: Path, tmp_path: Path) -> None:
    with native(image, tmp_path / "storage") as port:
        fed = feed(port, 70)
        store = str(tmp_path / "store.sqlite")
        for expected_new, end in ((70, ("--once",)), (0, ("--for", "3"))):
            arguments = command(port, "--store", store, *end, "--json")
            done = subprocess.run(arguments, capture_output=True, text=True, check=True)
            document = json.loads(done.stdout)
            assert (document["new"], document["missing"]) == (expected_new, 0)
            assert document["ports"][0]["device_id"] == fed[0].device_id
    with Store(store) as opened:
        stored = opened.records()
    assert unmended(stored) == unmended(fed)
    now = time.time()
    assert all(r.wall_time is not None and now - 600 < r.wall_time <= now for r in stored)


def test_a_port_where_nobody_answers_in_time_is_named(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    silent, nothing = os.ttyname(theirs), str(tmp_path / "nothing")
    arguments = command(silent, nothing, "--store", str(tmp_path / "store.sqlite"), "--for", "0.5")
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    for end in (ours, theirs):
        os.close(end)
    assert done.returncode == 1
    assert f"the node at {silent} does not answer" in done.stderr
    assert f"there is no port {nothing}" in done.stderr
    assert "Traceback" not in done.stderr


def test_killed_collectors_lose_nothing_and_store_nothing_twice(
    image: Path, tmp_path: Path
) -> None:
    seed = 20261124
    print(f"seed {seed}")
    chance = random.Random(seed)
    store = str(tmp_path / "store.sqlite")
    Store(store).close()
    left_behind = [0]
    with native(image, tmp_path / "storage") as port:
        fed = feed(port, 1000)
        for _ in range(5):
            collector = subprocess.Popen(
                command(port, "--store", store, "--json"),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            target = min(left_behind[-1] + chance.randint(1, 150), len(fed))
            wait_for(lambda wanted=target: count_in(store) >= wanted, pause=0.0)
            time.sleep(chance.uniform(0, 0.003))
            collector.send_signal(signal.SIGKILL)
            collector.wait()
            left_behind.append(count_in(store))
        assert 0 < left_behind[1] < len(fed), "the first was killed in the middle"
        subprocess.run(command(port, "--store", store, "--once"), check=True)
        with Store(store) as opened:
            assert unmended(opened.records()) == unmended(fed)
            assert opened.gaps() == []


def count_in(store: str) -> int:
    """Records in the file, by another way than the store's own."""
    with contextlib.closing(sqlite3.connect(store)) as database:
        (count,) = database.execute("SELECT count(*) FROM records").fetchone()
    return int(count)


def test_ctrl_c_ends_cleanly(image: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "store.sqlite")
    with native(image, tmp_path / "storage") as port:
        fed = feed(port, 5)
        Store(store).close()
        arguments = command(port, "--store", store, "--json")
        collector = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        wait_for(lambda: count_in(store) == len(fed))
        collector.send_signal(signal.SIGINT)
        output, _ = collector.communicate(timeout=30)
        assert collector.returncode == 0
        assert json.loads(output)["new"] == len(fed)


def wait_for(condition: Callable[[], bool], seconds: float = 30.0, pause: float = 0.05) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(pause)


def test_a_lost_port_is_opened_again(image: Path, tmp_path: Path) -> None:
    link = tmp_path / "port"
    seen: list[list[PortStatus]] = []
    with Store(tmp_path / "store.sqlite") as store:
        collector = Collector(store, [str(link)], on_change=seen.append, poll_s=0.05)
        thread = threading.Thread(target=collector.run, kwargs={"count": 6})
        thread.start()
        wait_for(lambda: any(s[0].problem and "no port" in s[0].problem for s in seen))
        for _ in range(2):
            with native(image, tmp_path / "storage") as port:
                feed(port, 3)
                wanted = store_count(store) + 3
                link.symlink_to(port)
                wait_for(lambda w=wanted: store_count(store) >= w)
                link.unlink()
        thread.join(30)
        assert not thread.is_alive()
        assert [r.sequence for r in store.records()] == [1, 2, 3, 4, 5, 6]
        assert len({r.boot_id for r in store.records()}) == 2
        assert store.gaps() == []


def store_count(store: Store) -> int:
    return len(store.records())


def test_several_ports_share_a_store_and_a_dead_one_holds_up_nobody(
    image: Path, tmp_path: Path
) -> None:
    with native(image, tmp_path / "a") as port, Store(tmp_path / "store.sqlite") as store:
        feed(port, 4)
        dead = str(tmp_path / "nothing")
        good, bad = Collector(store, [port, dead]).run(once=True)
        assert (good.added.new, good.problem) == (4, None)
        assert bad.problem is not None
        assert "there is no port" in bad.problem


def test_a_node_without_storage_starts_a_new_log_at_each_boot(image: Path, tmp_path: Path) -> None:
    with native(image, None) as port, Store(tmp_path / "store.sqlite") as store:
        for _ in range(2):
            feed(port, 4)
            (status,) = Collector(store, [port]).run(once=True)
            with Node(port) as node:
                node.reset()
        assert status.added.new == 4
        assert [record.sequence for record in store.records()] == [1, 2, 3, 4, 1, 2, 3, 4]
        assert store.gaps() == []


def test_overwritten_records_are_counted_as_missing(image: Path, tmp_path: Path) -> None:
    with native(image, None) as port, Store(tmp_path / "store.sqlite") as store:
        fed = feed(port, 400)  # more than the log in RAM holds
        Collector(store, [port]).run(once=True)
        stored = store.records()
        assert 0 < len(stored) < len(fed)
        assert unmended(stored) == unmended(fed[-len(stored) :])
        assert sum(gap.missing for gap in store.gaps()) == len(fed) - len(stored)


def test_a_failing_store_ends_collecting_with_its_reason(image: Path, tmp_path: Path) -> None:
    with native(image, tmp_path / "storage") as port, Store(tmp_path / "store.sqlite") as store:
        feed(port, 1)
        with sqlite3.connect(store.name) as database:
            database.execute("DROP TABLE records")
        with pytest.raises(StoreError, match="no such table"):
            Collector(store, [port]).run()


def test_a_clock_that_is_set_meanwhile_has_its_place_in_the_store(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, shift = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + shift[0])
    with native(image, tmp_path / "storage") as port, Store(tmp_path / "store.sqlite") as store:
        feed(port, 2)
        setting = threading.Timer(1.5, lambda: shift.__setitem__(0, 7200.0))
        setting.start()
        Collector(store, [port], poll_s=0.05).run(seconds=4)
        setting.join()
        [jump] = store.clock_jumps()
        assert jump.seconds == pytest.approx(7200, abs=1)
        assert 0 < jump.after.monotonic_ms - jump.before.monotonic_ms < 1000
        times = [record.wall_time or 0 for record in store.records()]
    assert all(abs(real() + 7200 - moment) < 60 for moment in times)
