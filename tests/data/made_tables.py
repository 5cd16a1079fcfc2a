"""Tables such as people have, and how tests read them."""

import numpy as np

from tinyml.data.importing import Options, read_recordings

COUNT = 300


def table(place, rows, name="log.csv", head="t,x,y", encoding="utf-8", end="\n"):
    path = place / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((end.join([head, *rows]) + end).encode(encoding))
    return path


def readings(count=COUNT, seed=1):
    return np.random.default_rng(seed).uniform(20, 30, count).round(2).tolist()


def rows_of(times, separator=","):
    values = readings(len(times))
    return [
        separator.join([str(t), f"{x:.2f}", str(round(3 * x))])
        for t, x in zip(times, values, strict=True)
    ]


def read(path, **options):
    return read_recordings([path], Options(**{"time": ("t",), "target": "y", **options}))


def minutes(form, count=COUNT):
    return [form.format(h=i // 60, m=i % 60) for i in range(count)]
