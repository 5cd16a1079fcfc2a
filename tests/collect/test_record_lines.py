"""`tinyml data record PORT --lines`: bytes over a socket or a serial line become a data set."""

import contextlib
import json
import os
import socket
import sys
import threading
import time

import numpy as np
import pytest

from tests.data.test_importing import tinyml
from tinyml.collect import lines as module
from tinyml.data.catalogue import read_entry
from tinyml.errors import DataError, NoAnswerError, PortError

STEP_S = 0.004


@contextlib.contextmanager
def sketch(*texts, step_s=STEP_S, stays=True):
    """A port at which a program prints these, one each few milliseconds."""
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve():
        with contextlib.suppress(OSError):
            connection, _ = server.accept()
            with connection:
                for text in texts:
                    connection.sendall(text if isinstance(text, bytes) else text.encode())
                    time.sleep(step_s)
                if stays:
                    done.wait(20)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"socket://127.0.0.1:{server.getsockname()[1]}"
    finally:
        done.set()
        server.close()
        thread.join()


def rows(count, first=0, form="{t},{x:.2f},{y:.2f}\r\n", step_ms=4):
    for n in range(first, first + count):
        yield form.format(t=n * step_ms, x=np.sin(n / 5), y=n % 7)


def record(port, place, *more):
    command = ("data", "record", port, "room", "--lines", "--label", "on", "--session", "s",
               "--project", place, "--json")  # fmt: skip
    return json.loads(tinyml(*command, *more))


def kept(place, name="s-on.csv"):
    return np.loadtxt(place / "datasets" / "room" / name, delimiter=",", skiprows=1)


def test_rows_with_a_header_and_their_own_time(tmp_path):
    texts = ["ets Jul 29 2019\r\n", "ms,ax,ay\r\n", *rows(120)]
    with sketch(*texts) as port:
        found = record(port, tmp_path, "--samples", 100)
    assert [channel["name"] for channel in found["channels"]] == ["ax", "ay"]
    assert (found["recorded_samples"], found["lost"], found["restarts"]) == (100, 0, 0)
    assert found["sample_rate_hz"] == found["measured_rate_hz"] == 250
    np.testing.assert_allclose(kept(tmp_path)[:, 1], np.arange(100) % 7)
    [file] = read_entry(tmp_path / "datasets" / "room.toml").files
    assert (file.session.label, file.session.name) == ("on", "s")
    assert any("text, the first is 'ets" in note for note in found["notes"])


def test_lost_lines_are_missing_by_the_programs_time(tmp_path):
    texts = ["ms,ax,ay\n", *rows(60), *rows(60, 65)]
    with sketch(*texts) as port:
        found = record(port, tmp_path, "--samples", 110)
    values = kept(tmp_path)
    assert found["lost"] == 5 and np.isnan(values[60:65]).all() and len(values) == 115


def test_damaged_lines_are_missing_without_a_time(tmp_path):
    texts = [*rows(50, form="{x:.2f} {y:.2f}\n"), "0.3\n", *rows(50, 51, form="{x:.2f} {y:.2f}\n")]
    with sketch("\n", *texts) as port:
        found = record(port, tmp_path, "--samples", 100, "--rate", 200,
                       "--channel", "a:g", "--channel", "b")  # fmt: skip
    assert (found["lost"], found["gaps"], found["sample_rate_hz"]) == (1, 1, 200)
    assert np.isnan(kept(tmp_path)[50]).all() and found["channels"][0]["unit"] == "g"
    assert any("1 lines lacked a piece" in note for note in found["notes"])


@pytest.mark.parametrize("form", ["ax={x:.2f} ay={y}\n", '{{"ax": {x:.2f}, "ay": {y}}}\n'])
def test_the_real_rate_is_measured_where_the_program_has_no_time(form, tmp_path):
    with sketch("booting\n", *rows(200, form=form), step_s=0.01) as port:
        found = record(port, tmp_path, "--seconds", 1.5)
    assert 30 < found["measured_rate_hz"] < 110, "a busy machine sleeps longer"
    assert found["sample_rate_hz"] == float(f"{found['measured_rate_hz']:.3g}")


def test_a_restart_begins_a_new_piece(tmp_path):
    texts = ["ms,ax,ay\n", *rows(60), "rst:0x1 (POWERON_RESET)\n", "ms,ax,ay\n", *rows(60)]
    with sketch(*texts) as port:
        found = record(port, tmp_path, "--samples", 110)
    assert found["restarts"] == 1
    assert [len(kept(tmp_path, f"s-on-{n}.csv")) for n in (1, 2)] == [60, 50]


def test_a_restart_without_a_word_is_seen_by_the_time(tmp_path):
    with sketch("ms,ax,ay\n", *rows(60), *rows(60)) as port:
        assert record(port, tmp_path, "--samples", 110)["restarts"] == 1
    assert [len(kept(tmp_path, f"s-on-{n}.csv")) for n in (1, 2)] == [60, 50]


def test_sessions_join_as_those_of_a_node_do(tmp_path):
    for session in ("mon", "tue", "wed"):
        for label in ("on", "off"):
            with sketch("ms,ax,ay\n", *rows(80), step_s=0.001) as port:
                found = record(port, tmp_path, "--samples", 60, "--window", 20,
                               "--session", session, "--label", label)  # fmt: skip
    assert (found["recordings"], found["sessions"], found["labels"]) == (6, 3, ["on", "off"])
    words = "the lines have no column 'ax'; they have ms, az"
    other = sketch("ms,az\n", *rows(20, form="{t},{x}\n"))
    with other as port, pytest.raises(DataError, match=words):
        record(port, tmp_path, "--samples", 10)


def test_what_is_not_known_is_asked_with_the_first_rows(tmp_path):
    with sketch(*rows(300)) as port, pytest.raises(DataError, match="3 numbers and no names; name"):
        record(port, tmp_path)
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"$GPGGA,1,2,N*47\r\n$GPRMC,123519,A*6A\r\n" * 9, "it is a GPS receiver"),
        (b"AT\r\nOK\r\n+CSQ: 17,0\r\nOK\r\n" * 3, "it is a modem"),
        (bytes(range(128, 256)) * 3, "baud rate is another .* give --baud"),
        (b"hello\nworld\n" * 30, "none that repeats with numbers in it; the first is 'hello'"),
        (b"", "nothing arrived at .* in "),
    ],
)
def test_what_is_no_sketch_is_named(text, words, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE_S", 1.0)
    with sketch(text) as port, pytest.raises(NoAnswerError, match=words):
        record(port, tmp_path)
    assert not list(tmp_path.rglob("*.part"))


def test_who_forgets_the_option_is_reminded(tmp_path):
    command = ("data", "record", "PORT", "room", "--label", "on", "--project", tmp_path)
    with sketch("ms,ax,ay\n", *rows(4000)) as port:
        there = [port if word == "PORT" else word for word in command]
        with pytest.raises(NoAnswerError, match="prints rows of numbers: add --lines"):
            tinyml(*there)


def test_a_port_that_goes_away_keeps_what_was_recorded(tmp_path):
    words = r"went away.* The 60 samples .* are kept"
    short = sketch("ms,ax,ay\n", *rows(60), stays=False)
    with short as port, pytest.raises(PortError, match=words):
        record(port, tmp_path)
    assert len(kept(tmp_path)) == 60


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
def test_a_serial_line_is_read_at_its_baud_rate(tmp_path):
    import pty
    import tty

    master, slave = pty.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    going = threading.Event()

    def talk():
        for n, row in enumerate(rows(2000)):
            if going.is_set():
                return
            os.write(master, ("starting\r\n" if n == 0 else "").encode() + row.encode())
            time.sleep(STEP_S)

    thread = threading.Thread(target=talk)
    thread.start()
    # The header may have gone by before the port was open; then the options name the columns.
    names = ("--channel", "t", "--channel", "ax", "--channel", "ay", "--time", "t")
    try:
        found = record(os.ttyname(slave), tmp_path, "--samples", 80, "--baud", 9600, *names)
    finally:
        going.set()
        thread.join()
        os.close(master)
        os.close(slave)
    assert (found["recorded_samples"], found["sample_rate_hz"]) == (80, 250)
