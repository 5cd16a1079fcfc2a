"""Tables as people have them: each is read rightly, or refused with the option that answers."""

import json
import math

import numpy as np
import pytest

from tests.data.made_tables import COUNT, minutes, read, readings, rows_of, table
from tests.data.test_importing import import_, tinyml
from tinyml import data
from tinyml.data.importing.tables import from_text_fast
from tinyml.errors import DataError

# -- silently wrong once


def test_a_target_is_resampled_as_the_channels_are(tmp_path):
    values = readings(3000)
    path = table(tmp_path, [f"{i},{v},{v}" for i, v in enumerate(values)])
    [one] = read(path, resample_hz=0.1)
    np.testing.assert_array_equal(one.values[:, 0], one.targets)
    assert one.values[5, 0] == pytest.approx(np.mean(values[45:55]), abs=0.3)


def test_resampling_does_not_bridge_a_hole_of_one_channel(tmp_path):
    def b(i):
        return "" if 300 <= i < 900 or i < 60 else f"{math.sin(i / 30) + 1:.4f}"

    rows = [f"{10 * i},{math.sin(i / 30):.4f},{b(i)},{math.sin(i / 30):.4f}" for i in range(1800)]
    path = table(tmp_path, rows, head="t,a,b,y")
    [one] = read(path, resample_hz=0.01)
    holes = np.isnan(one.values).sum(axis=0)
    assert holes[0] == 0 and 64 <= holes[1] <= 67
    assert np.isnan(one.values[:5, 1]).all(), "a late start is no constant"


@pytest.mark.parametrize("word", ["-999", "-999.00", "n/a", "#N/A", "NAN", "unavailable", "null"])
def test_words_and_numbers_for_missing_values(word, tmp_path):
    rows = rows_of(range(COUNT))
    rows[7] = f"7,{word},3"
    [one] = read(table(tmp_path, rows), missing=("-999",))
    assert np.isnan(one.values[7, 0]) and np.isnan(one.values).sum() == 1


def test_a_suspected_sentinel_is_noted(tmp_path):
    rows = rows_of(range(COUNT))
    rows[7] = "7,-999.0,3"
    [one] = read(table(tmp_path, rows))
    assert any("-999 in 1 rows" in note and "--missing-value" in note for note in one.notes)


@pytest.mark.parametrize("decimal", ["", ","])
def test_thousands_are_no_fractions(decimal, tmp_path):
    rows = [f"{i};{['1.250', '999', '1.013'][i % 3]};{i % 40},5" for i in range(COUNT)]
    [one] = read(table(tmp_path, rows, head="t;lux;y"), decimal=decimal)
    assert one.values[:3, 0].tolist() == [1250, 999, 1013]


def test_marks_that_say_nothing_are_asked_for(tmp_path):
    rows = [f"{i};{['1.250', '999', '1.013'][i % 3]};{i % 40}" for i in range(COUNT)]
    path = table(tmp_path, rows, head="t;lux;y")
    with pytest.raises(DataError, match=r"'1\.250' can be read .* --decimal \. or --decimal ,"):
        read(path)
    assert read(path, decimal=".")[0].values[0, 0] == 1.25
    assert read(path, decimal=",")[0].values[0, 0] == 1250


def test_a_point_under_a_decimal_comma_is_refused(tmp_path):
    path = table(tmp_path, [f"{i};1.25;2,5" for i in range(COUNT)], head="t;x;y")
    with pytest.raises(DataError, match=r"'x' has '1\.25', which is not a number"):
        read(path, decimal=",")


@pytest.mark.parametrize("cell", ['"1,250.5"', "1'250.5", "1 250.5"])
def test_thousands_under_a_decimal_point(cell, tmp_path):
    [one] = read(table(tmp_path, [f"{i},{cell},{i % 7}.5" for i in range(COUNT)]))
    assert (one.values == 1250.5).all()


@pytest.mark.parametrize("between", ["", "aX,aY"])
def test_empty_lines_and_repeated_headers_are_boundaries(between, tmp_path):
    rng = np.random.default_rng(3)
    for label in ("circle", "punch"):
        rows = []
        for gesture in range(24):
            rows += [between] * bool(gesture)
            rows += [f"{x:.3f},{y:.3f}" for x, y in rng.normal(0, 1, (119, 2))]
        table(tmp_path / "in", rows, f"{label}.csv", "aX,aY")
    found = import_(tmp_path, "gestures", tmp_path / "in", "--rate", 119)
    assert (found["recordings"], found["sessions"]) == (48, 48)
    assert "24 recordings, each one a session" in found["notes"][0]
    for part in data.load("gestures", near=tmp_path).parts.values():
        assert part.spans.max() < 119


def test_empty_lines_between_all_rows_and_at_the_end_are_none(tmp_path):
    rows = [line for row in rows_of(range(COUNT)) for line in (row, "")]
    [one] = read(table(tmp_path, [*rows, "", ""]))
    assert len(one.values) == COUNT


def test_an_empty_line_where_time_goes_on_is_no_boundary(tmp_path):
    rows = rows_of(range(COUNT))
    [one] = read(table(tmp_path, [*rows[:100], "", *rows[100:]]))
    assert len(one.values) == COUNT


def test_a_clock_is_no_channel(tmp_path):
    rows = [f"{16 * i},{x:.3f},1.5" for i, x in enumerate(readings())]
    path = table(tmp_path, rows, head="timestamp,ax,y")
    [one] = read(path, time=(), rate_hz=62.5)
    assert one.channels == ("ax",)
    assert any("'timestamp', which goes up by 16" in note for note in one.notes)


def test_a_ramp_that_is_no_clock_by_its_name_is_noted(tmp_path):
    path = table(tmp_path, [f"{i},{i / 10:.1f},2" for i in range(COUNT)], head="t,heat,y")
    [one] = read(path)
    assert one.channels == ("heat",) and any("'heat' goes up by 0.1" in n for n in one.notes)


def test_two_columns_of_one_name_are_kept_apart(tmp_path):
    path = table(tmp_path, [f"{i},1.5,2.5,{i % 9}" for i in range(COUNT)], head="t,x,x,y")
    [one] = read(path)
    assert one.channels == ("x.1", "x.2") and one.values[0].tolist() == [1.5, 2.5]


def test_a_file_without_a_header_is_asked_about(tmp_path):
    rows = rows_of(range(COUNT))
    path = table(tmp_path, rows[1:], head=rows[0])
    with pytest.raises(DataError, match=r"first line has numbers.*--columns A,B,C.*--no-header"):
        read(path)
    [one] = read(path, no_header=True, time=("c1",), target="c3", time_unit="s")
    [named] = read(path, columns=("t", "x", "y"))
    assert len(one.values) == len(named.values) == COUNT


def test_labels_with_quotes_and_commas_survive(tmp_path):
    words = ['say ""hi""', "a, b"]
    rows = [f'{i},{x},"{words[i % 100 // 50]}"' for i, x in enumerate(readings(1000))]
    path = table(tmp_path, rows, head="t,x,what")
    found = import_(tmp_path, "words", path, "--time", "t", "--label", "what", "--window", 8)
    assert found["labels"] == ["a, b", 'say "hi"']


def test_duplicate_times_are_named(tmp_path):
    path = table(tmp_path, rows_of([i // 2 for i in range(COUNT)]))
    with pytest.raises(DataError, match=r"150 duplicate times.*--rate HZ.*--resample HZ"):
        read(path)
    [one] = read(path, resample_hz=0.5)
    assert not np.isnan(one.values).any()


def test_times_that_are_only_rounded_are_regular(tmp_path):
    [one] = read(table(tmp_path, rows_of([round(1.5 * i) for i in range(COUNT)])))
    assert len(one.values) == COUNT and one.rate_hz == pytest.approx(1 / 1.5, rel=0.01)


def test_bursts_have_no_false_holes(tmp_path):
    times = [16 * (i // 3) + 2 * (i % 3) + (i // 9) % 2 for i in range(3000)]
    path = table(tmp_path, rows_of(times), head="ms,x,y")
    [one] = read(path, time=("ms",), resample_hz=25)
    assert not np.isnan(one.values).any()


# -- loggers


def test_a_line_that_was_cut_is_left_out(tmp_path):
    path = table(tmp_path, rows_of(range(COUNT)))
    path.write_text(path.read_text() + "300,2")
    [one] = read(path)
    assert len(one.values) == COUNT and any("is incomplete" in note for note in one.notes)


def test_zeros_of_a_logger_without_power(tmp_path):
    path = table(tmp_path, rows_of(range(COUNT)))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:100], b"\0" * 512, *lines[100:], b"\0" * 200]))
    with pytest.raises(
        DataError, match=r"line 101 is damaged: it contains zero bytes.*--skip-bad-rows"
    ):
        read(path)
    [one] = read(path, skip_bad_rows=True)
    assert len(one.values) == COUNT and np.isnan(one.values[99, 0])
    assert one.understood.damaged_lines == [101]


def test_a_capture_of_a_serial_monitor(tmp_path):
    rows = [f"12:{i // 60:02}:{i % 60:02}.{i % 9:03} -> {500 + i % 20},{300 + i % 7}"
            for i in range(COUNT)]  # fmt: skip
    path = table(tmp_path, ["WiFi connected", *rows], "capture.txt", "rst:0x1 (POWERON),boot:0x13")
    [one] = read(path, columns=("time", "a", "b"), time=("time",), target="b")
    assert one.channels == ("a",) and one.rate_hz == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize(
    "line", ["ms={},ax={},y={}", "ms:{} ax:{} y:{}", "ms = {}; ax = {}; y = {}"]
)
def test_lines_of_names_and_values(line, tmp_path):
    rows = [line.format(20 * i, x, i % 7) for i, x in enumerate(readings())]
    path = table(tmp_path, [*rows[:50], "mpu: reset", *rows[50:]], "capture.txt", "booting ...")
    with pytest.raises(DataError, match=r"line 52 has 1 cells, but .* 3; .*--skip-bad-rows"):
        read(path, time=("ms",))
    [one] = read(path, time=("ms",), skip_bad_rows=True)
    assert (one.channels, one.rate_hz, len(one.values)) == (("ax",), 50, COUNT)


@pytest.mark.parametrize(
    "head",
    ["# station 7\n# BME280\nt,x,y", "Station 7\nt,x,y\ns,degC,W", "# t,x,y", "sep=,\nt,x,y"],
    ids=["comments", "title and units", "commented header", "named delimiter"],
)
def test_lines_above_the_data(head, tmp_path):
    [one] = read(table(tmp_path, rows_of(range(COUNT)), head=head))
    assert one.channels == ("x",) and len(one.values) == COUNT
    assert one.units == (("degC",) if "degC" in head else ("",))


@pytest.mark.parametrize(
    ("separator", "name"), [(" ", "log.txt"), ("\t", "log.dat"), ("|", "log.log"), (";", "log.csv")]
)
def test_what_parts_the_cells_is_found(separator, name, tmp_path):
    rows = rows_of(range(COUNT), separator)
    [one] = read(table(tmp_path, rows, name, separator.join(("t", "x", "y"))))
    assert one.channels == ("x",) and len(one.values) == COUNT


@pytest.mark.parametrize(
    ("encoding", "end"), [("utf-16", "\n"), ("utf-8-sig", "\r\n"), ("utf-8", "\r")]
)
def test_encodings_and_ends_of_lines(encoding, end, tmp_path):
    rows = [row.replace(",", ";").replace(".", ",") for row in rows_of(range(COUNT))]
    path = table(tmp_path, rows, head="t;Temperatur (°C);y", encoding=encoding, end=end)
    [one] = read(path)
    assert (one.channels, one.units) == (("Temperatur",), ("°C",))


def test_columns_that_are_empty_or_count_rows(tmp_path):
    rows = [f"{i},{row}," for i, row in enumerate(rows_of(range(COUNT)))]
    [one] = read(table(tmp_path, rows, head=",t,x,y,"))
    assert one.channels == ("x",)


def test_several_sensors_in_one_table(tmp_path):
    rows = [f"{30 * i + 14 * (i % 2)},n{i % 2},{x},3" for i, x in enumerate(readings())]
    path = table(tmp_path, rows, head="t,node,x,y")
    with pytest.raises(DataError, match="give --session node"):
        read(path)
    assert [one.session.name for one in read(path, session="node")] == ["n0", "n1"]


def test_names_with_colons_are_channels(tmp_path):
    path = table(tmp_path, rows_of(range(COUNT)), head="t,adc:0,y")
    found = import_(tmp_path, "colons", path, "--time", "t", "--target", "y", "--channel", "adc:0")
    assert found["channels"][0]["name"] == "adc:0"


# -- one value that is far from all others


@pytest.mark.parametrize(
    ("options", "count"),
    [(("--scale-by", "quantiles"), 0.002), (("--clip", "x:0:100"), 0.002)],
)
def test_a_spike_does_not_set_the_scale(options, count, tmp_path):
    rows = rows_of(range(2000))
    rows[700] = "700,65535,3"
    path = table(tmp_path, rows)
    plain = import_(tmp_path, "plain", path, "--time", "t", "--target", "y", "--force-leaky-split")
    assert plain["channels"][0]["scale"] == 5
    assert any("one count is 5" in note and "--clip" in note for note in plain["notes"])
    found = import_(tmp_path, "mended", path, "--time", "t", "--target", "y", *options)
    assert found["channels"][0]["scale"] <= 0.01


# -- large files


@pytest.mark.parametrize("odd", ["", "\n", "# note\n", "9,broken,3\n", '"9",2,3\n'])
def test_large_files_are_read_as_small_ones_are(odd, tmp_path, monkeypatch):
    pytest.importorskip("pyarrow", reason="needs pyarrow: pip install '.[train]'")
    rows = rows_of(range(COUNT))
    rows[5], rows[6] = "5,NaN,3", "6,n/a,3"
    path = table(tmp_path, rows)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:200], odd, *lines[200:]]))
    slow = _outcome(path)
    monkeypatch.setattr(from_text_fast, "_SMALLEST_BYTES", 0)
    assert _outcome(path) == slow


def _outcome(path):
    try:
        return [(r.values.tobytes(), r.targets.tobytes()) for r in read(path)]
    except DataError as error:
        return str(error)


# -- inspect

INSPECTED = {
    "plain": (rows_of(range(COUNT)), "t,x,y", ["--time", "t", "--target", "y"]),
    "days": (
        rows_of(minutes("25/03/2024,{h:02}:{m:02}")),
        "day,clock,x,y",
        ["--time", "day", "--time", "clock", "--target", "y"],
    ),
    "classes": (
        [f"{i},{x},{'on' if i % 60 < 30 else 'off'}" for i, x in enumerate(readings())],
        "t,x,state",
        ["--time", "t", "--label", "state"],
    ),
    "sentinel": (
        [*rows_of(range(COUNT))[:-1], "299,-999,3"],
        "t,x,y",
        ["--time", "t", "--target", "y", "--missing-value", "-999", "--missing", "cut"],
    ),
}


def inspected(*arguments):
    return json.loads(tinyml("data", "inspect", *arguments, "--json"))


@pytest.mark.parametrize("case", INSPECTED)
def test_inspect_gives_the_import_that_reads_it(case, tmp_path):
    rows, head, wanted = INSPECTED[case]
    path = table(tmp_path, rows, head=head)
    found = inspected(path, "--picture", tmp_path / "p.svg")
    assert found["import"] == ["data", "import", "NAME", str(path), *wanted]
    assert "<svg" in (tmp_path / "p.svg").read_text()
    typed = ["mine" if argument == "NAME" else argument for argument in found["import"]]
    assert tinyml(*typed, "--project", tmp_path)


def test_inspect_says_why_there_is_no_import(tmp_path):
    path = table(tmp_path, rows_of(minutes("04/03/2024 {h:02}:{m:02}")))
    found = inspected(path)
    assert found["import"] is None and "--day-first or --month-first" in found["why"]
    told = inspected(path, "--month-first")
    assert told["import"][4:] == ["--month-first", "--time", "t", "--target", "y"]
    assert told["files"][0]["time_form"] == "month first" and told["why"] is None


def test_inspect_prints_it_for_people(tmp_path):
    path = table(tmp_path, rows_of(range(COUNT)))
    shown = tinyml("data", "inspect", path)
    assert "To import it: tinyml data import NAME" in shown and "1 samples per second" in shown


def test_inspect_says_nothing_twice(tmp_path):
    times = [f"{1970 if i < 100 else 2024}-01-01T{i // 60:02}:{i % 60:02}:00" for i in range(COUNT)]
    notes = inspected(table(tmp_path, rows_of(times)))["notes"]
    assert len(notes) == len(set(notes)) > 1


@pytest.mark.parametrize("row", ['"{i}",{i},{x},0', "{i},{x},5,3"])
def test_a_header_that_is_a_name_short_is_refused(row, tmp_path):
    values = readings()
    path = table(tmp_path, [row.format(i=i, x=round(x)) for i, x in enumerate(values)])
    with pytest.raises(DataError, match=r"has 3 names \(t, x, y\) for 4 cells.*--columns"):
        read(path)


def test_a_comma_at_the_end_of_each_row_is_no_column(tmp_path):
    [one] = read(table(tmp_path, [f"{row}," for row in rows_of(range(COUNT))]), time_unit="s")
    assert len(one.values) == COUNT


def test_two_tables_in_one_file_are_refused(tmp_path):
    second = [f"{i},{i},{i},{i}" for i in range(COUNT)]
    path = table(tmp_path, [*rows_of(range(120)), "t,p,y,r", *second])
    with pytest.raises(DataError, match=r"line 2 and 119 further lines have other columns"):
        read(path)
