"""Times in tables: dates, clocks, zones and units are read rightly, or asked about."""

import numpy as np
import pytest

from tests.data.made_tables import COUNT, minutes, read, rows_of, table
from tinyml.errors import DataError

CLOCKS = {
    "UTC": (minutes("2024-03-04 {h:02}:{m:02}:00 UTC"), {}, "2024-03-04T00:00:00+00:00"),
    "offset": (minutes("2024-03-04 {h:02}:{m:02}:00+02"), {}, "2024-03-03T22:00:00+00:00"),
    "nanoseconds": (
        minutes("2024-03-04T{h:02}:{m:02}:00.123456789Z"), {}, "2024-03-04T00:00:00+00:00",
    ),
    "local": (minutes("2024-03-04 {h:02}:{m:02}"), {}, "2024-03-04T00:00:00"),
    "zone": (
        minutes("2024-03-04 {h:02}:{m:02}"), {"timezone": "+02:00"}, "2024-03-03T22:00:00+00:00",
    ),
    "dots": (minutes("04.03.2024 {h:02}:{m:02}"), {}, "2024-03-04T00:00:00"),
    "month first": (
        minutes("3/4/2024 {h}:{m:02}"), {"date_order": "month"}, "2024-03-04T00:00:00",
    ),
    "settled": (minutes("25/03/2024 {h:02}:{m:02}"), {}, "2024-03-25T00:00:00"),
    "AM": (minutes("13/03/2024 {h}:{m:02}:00 PM", 60 * 5), {}, "2024-03-13T12:00:00"),
    "month by name": (minutes("04-Mar-2024 {h:02}:{m:02}"), {}, "2024-03-04T00:00:00"),
    "format": (
        minutes("2024.064 {h:02}h{m:02}"),
        {"time_format": "%Y.%j %Hh%M"},
        "2024-03-04T00:00:00",
    ),
    "digits": (minutes("20240304{h:02}{m:02}00"), {}, "2024-03-04T00:00:00"),
    "since 1970": ([1709510400 + 60 * i for i in range(COUNT)], {}, "2024-03-04T00:00:00+00:00"),
    "ms since 1970": (
        [1000 * (1709510400 + 60 * i) for i in range(COUNT)], {}, "2024-03-04T00:00:00+00:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize("clock", CLOCKS)
def test_times_are_read_as_they_are_written(clock, tmp_path):
    times, options, started = CLOCKS[clock]
    [one] = read(table(tmp_path, rows_of(times)), **options)
    assert (one.session.started, one.rate_hz) == (started, pytest.approx(1 / 60, rel=1e-5))
    assert len(one.values) == COUNT


def test_a_log_over_midnight_settles_day_and_month(tmp_path):
    days = ["04/03/2024", "05/03/2024"]
    times = [f"{days[i // 144]} {i % 144 // 6:02}:{i % 6 * 10:02}" for i in range(288)]
    [one] = read(table(tmp_path, rows_of(times)))
    assert one.session.started.startswith("2024-03-04")


def test_day_and_month_are_asked_for(tmp_path):
    path = table(tmp_path, rows_of(minutes("04/03/2024 {h:02}:{m:02}")))
    with pytest.raises(DataError, match=r"'04/03/2024 00:00' .*--day-first or --month-first"):
        read(path)


def test_date_and_time_in_two_columns(tmp_path):
    path = table(tmp_path, rows_of(minutes("2024-03-04,{h:02}:{m:02}:00")), head="date,time,x,y")
    [one] = read(path, time=("date", "time"))
    assert one.session.started == "2024-03-04T00:00:00"


def test_a_time_of_day_goes_over_midnight(tmp_path):
    times = [f"{(23 * 60 + i) // 60 % 24:02}:{i % 60:02}:00" for i in range(COUNT)]
    [one] = read(table(tmp_path, rows_of(times)))
    assert len(one.values) == COUNT and one.session.started == ""


@pytest.mark.parametrize(
    ("name", "rate"), [("millis", 100), ("time_ms", 100), ("t_us", 100000), ("time (ms)", 100)]
)
def test_a_unit_stands_in_a_name(name, rate, tmp_path):
    path = table(tmp_path, rows_of(range(5000, 5000 + 10 * COUNT, 10)), head=f"{name},x,y")
    [one] = read(path, time=(name,))
    assert one.rate_hz == rate and any("--time-unit" in note for note in one.notes)


def test_a_unit_that_nothing_says_is_asked_for(tmp_path):
    path = table(tmp_path, rows_of(range(0, 16 * COUNT, 16)), head="timestamp,x,y")
    with pytest.raises(DataError, match=r"62\.5 Hz if milliseconds\. Give --time-unit"):
        read(path, time=("timestamp",))


def test_a_clock_that_was_not_set_is_noted(tmp_path):
    times = [f"{1970 if i < 100 else 2024}-01-01T{i // 60:02}:{i % 60:02}:00" for i in range(COUNT)]
    first, second = read(table(tmp_path, rows_of(times)))
    assert (first.session.started, second.session.started) == ("", "2024-01-01T01:40:00")
    assert any("100 rows" in note and "1970" in note for note in first.notes)


def test_the_end_of_summer_time(tmp_path):
    hours = [0, 1, 2, 2, 3, 4, 5]
    times = [f"2024-10-27T{h:02}:{m:02}:00" for h in hours for m in range(0, 60, 10)]
    path = table(tmp_path, rows_of(times))
    with pytest.raises(DataError, match="goes back by an hour, as at the end of summer time"):
        read(path)
    pytest.importorskip("zoneinfo").ZoneInfo("Europe/Berlin")
    [one] = read(path, timezone="Europe/Berlin")
    assert one.session.started == "2024-10-26T22:00:00+00:00" and len(one.values) == 42
    assert any("comes twice" in note for note in one.notes)


def test_the_newest_row_may_come_first(tmp_path):
    rows = rows_of(range(COUNT))
    [one] = read(table(tmp_path, rows[::-1]))
    assert one.values[0, 0] == float(rows[0].split(",")[1])


def test_an_hour_that_the_clock_skips_is_noted(tmp_path):
    hours = [0, 1, 3, 4, 5]
    times = [f"2024-03-31T{h:02}:{m:02}:00" for h in hours for m in range(0, 60, 10)]
    path = table(tmp_path, rows_of(times))
    [one] = read(path)
    assert any("line 14: the clock skips an hour" in n for n in one.notes)
    [mended] = read(path, timezone="Europe/Berlin")
    assert len(mended.values) == 30 and not np.isnan(mended.values).any()


def test_days_of_a_spreadsheet_are_asked_about(tmp_path):
    path = table(
        tmp_path, rows_of([f"{45355 + i / 1440:.6f}" for i in range(COUNT)]), head="date,x,y"
    )
    with pytest.raises(DataError, match="days since 1900; give --time-unit excel"):
        read(path, time=("date",))
    [one] = read(path, time=("date",), time_unit="excel")
    assert (one.session.started, len(one.values)) == ("2024-03-04T00:00:00", COUNT)
    assert one.rate_hz == pytest.approx(1 / 60, rel=1e-3)


@pytest.mark.parametrize("first", [739_000.25, 2_460_000.5])
def test_day_numbers_are_no_seconds(first, tmp_path):
    stamps = [f"{first + i / 1440:.6f}" for i in range(COUNT)]
    path = table(tmp_path, rows_of(stamps), head="date,x,y")
    with pytest.raises(DataError, match="days as MATLAB or astronomers count them"):
        read(path, time=("date",))


def test_times_beyond_all_dates_are_refused(tmp_path):
    first = 133_500_000_000_000_000  # as Windows counts 100 ns since 1601
    path = table(tmp_path, rows_of([first + i * 10_000_000 for i in range(COUNT)]))
    with pytest.raises(DataError, match=r"after the year 9999|--time-unit"):
        read(path)
