"""Files such as people bring along, made small."""

import json
import wave
from datetime import datetime, timedelta

import cbor2
import numpy as np

CLASSES = {"rest": 0.0, "walk": 4.0, "run": 12.0}  # Hz
RATE_HZ = 50


def motion(hertz, count, seed):
    """Two axes in g, ``[count][2]``: a tone, and noise that is another each time."""
    rng = np.random.default_rng(seed)
    phase = 2 * np.pi * hertz * np.arange(count) / RATE_HZ + rng.uniform(0, 6)
    return np.stack([np.sin(phase), np.cos(phase)], axis=-1) + rng.normal(0, 0.1, (count, 2))


def csv_files(place, sessions=3, count=400, **changes):
    """A plain CSV a class and session: t, ax, ay."""
    place.mkdir(parents=True, exist_ok=True)
    for label, hertz in CLASSES.items():
        for session in range(sessions):
            seed = 10 * session + int(hertz)
            write_csv(place / f"{label}.{session}.csv", motion(hertz, count, seed), **changes)
    return place


def write_csv(path, values, header="t,ax,ay", rate_hz=RATE_HZ):
    rows = [f"{i / rate_hz:.4f},{x:.5f},{y:.5f}" for i, (x, y) in enumerate(values)]
    path.write_text("\n".join([header, *rows]) + "\n")


def logger_csv(path, sessions=4, count=300):
    """One table of a data logger: semicolons, decimal commas, dates, labels that change."""
    rows = ["when;ax;ay;state;who"]
    for session in range(sessions):
        start = datetime(2026, 3, 1 + session, 8)
        for number, (label, hertz) in enumerate(CLASSES.items()):
            values = motion(hertz, count, 100 + 10 * session + number)
            for i, (x, y) in enumerate(values):
                moment = start + timedelta(milliseconds=20 * (number * count + i))
                cells = (f"{x:.4f}".replace(".", ","), f"{y:.4f}".replace(".", ","))
                rows.append(f"{moment.isoformat()};{cells[0]};{cells[1]};{label};person {session}")
    path.write_text("\n".join(rows) + "\n", encoding="latin-1")
    return path


def write_wav(path, values, rate_hz=8000, width=2):
    """``values`` [samples][channels] from -1 to 1 in samples of ``width`` bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = np.round(np.asarray(values) * (2 ** (8 * width - 1) - 1)).astype(np.int64)
    if width == 1:
        whole += 128
    octets = np.stack([(whole >> (8 * i)) & 255 for i in range(width)], axis=-1)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(whole.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(octets.astype(np.uint8).tobytes())


def sounds(place, width=2, channels=1, rate_hz=8000):
    """Half a second of a hum and of a hiss, four of each, in folders of their names."""
    for number in range(4):
        rng = np.random.default_rng(number)
        time = np.arange(rate_hz // 2) / rate_hz
        hum = 0.3 * np.sin(2 * np.pi * (100 + number) * time) + rng.normal(0, 0.001, len(time))
        hiss = rng.normal(0, 0.1, len(time)).clip(-1, 1)
        for label, mono in (("hum", hum), ("hiss", hiss)):
            values = np.stack([mono] + [np.zeros_like(mono)] * (channels - 1), axis=-1)
            write_wav(place / label / f"{number}.wav", values, rate_hz, width)
    return place


def acquisition(values, interval_ms=20.0, sensors=(("ax", "g"), ("ay", "g"))):
    """Edge Impulse's data acquisition format, unsigned."""
    return {
        "protected": {"ver": "v1", "alg": "none", "iat": 1564128599},
        "signature": "0" * 64,
        "payload": {
            "device_name": "ac:87:a3:0a:2d:1b",
            "device_type": "DISCO-L475VG-IOT01A",
            "interval_ms": interval_ms,
            "sensors": [{"name": name, "units": unit} for name, unit in sensors],
            "values": np.asarray(values).tolist(),
        },
    }


def export(place, kind="json"):
    """An export of Edge Impulse: training and testing, each with an info.labels."""
    for part, numbers in (("training", range(4)), ("testing", range(4, 6))):
        (place / part).mkdir(parents=True, exist_ok=True)
        files = []
        for label, hertz in CLASSES.items():
            for number in numbers:
                content = acquisition(motion(hertz, 200, 1000 * number + int(hertz)))
                name = f"{number}.{label}.{kind}"  # the labels are in info.labels alone
                data = json.dumps(content).encode() if kind == "json" else cbor2.dumps(content)
                (place / part / name).write_bytes(data)
                known = {"type": "label", "label": label}
                files.append({"path": name, "category": part, "label": known})
        text = json.dumps({"version": 1, "files": files})
        (place / part / "info.labels").write_text(text)
    return place
