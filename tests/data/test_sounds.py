"""Sounds as recorders, phones and programs write them: read rightly, or refused in a sentence."""

import builtins
import struct
import sys

import numpy as np
import pytest

from tests.data import made
from tests.data.test_importing import import_
from tinyml.data.audio import hear, read_sound
from tinyml.data.wav import read_wav
from tinyml.errors import DataError

RATE_HZ = 8000
GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
TONE = 0.25 * np.sin(np.arange(4000) / 7)  # rms 0.177
COUNTS = np.round(TONE * 32768).astype("<i2")


def chunk(name, body, size=None):
    return (
        name
        + struct.pack("<I", len(body) if size is None else size)
        + body
        + b"\0" * (len(body) % 2)
    )


def header(tag, bits, channels=1, extra=b""):
    block = channels * bits // 8
    body = struct.pack("<HHIIHH", tag, channels, RATE_HZ, RATE_HZ * block, block, bits)
    return chunk(b"fmt ", body + extra)


def riff(*chunks, name=b"RIFF", size=None):
    body = b"WAVE" + b"".join(chunks)
    return name + struct.pack("<I", len(body) if size is None else size) + body


def extensible(tag, bits):
    return header(0xFFFE, bits, extra=struct.pack("<HHIH", 22, bits, 4, tag) + GUID_TAIL)


def large(data):
    """RF64, whose lengths stand in a chunk of their own."""
    sizes = chunk(b"ds64", struct.pack("<QQQI", 0, len(data), 0, 0))
    data_chunk = chunk(b"data", data, 0xFFFFFFFF)
    return riff(sizes, header(1, 16), data_chunk, name=b"RF64", size=0xFFFFFFFF)


PLAIN = COUNTS.tobytes()
FLOATS = TONE.astype("<f4").tobytes()
LEFT = np.round(TONE * 2048).astype("<i2") * 16  # 12 bits in the upper part of two bytes
THREE = (np.round(TONE * 2**23).astype("<i4") & 0xFFFFFF).view(np.uint8).reshape(-1, 4)[:, :3]
KINDS = {
    "float32": riff(header(3, 32, extra=b"\0\0"), chunk(b"data", FLOATS)),
    "float64": riff(header(3, 64), chunk(b"data", TONE.astype("<f8").tobytes())),
    "extensible float": riff(extensible(3, 32), chunk(b"data", FLOATS)),
    "extensible": riff(extensible(1, 16), chunk(b"data", PLAIN)),
    "24 bits": riff(header(1, 24), chunk(b"data", THREE.tobytes())),
    "12 bits": riff(
        chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, RATE_HZ, 2 * RATE_HZ, 2, 12)),
        chunk(b"data", LEFT.tobytes()),
    ),
    "odd chunks before": riff(
        chunk(b"bext", b"1234567"), header(1, 16), chunk(b"guan", b"x" * 33), chunk(b"data", PLAIN)
    ),
    "a list behind": riff(header(1, 16), chunk(b"data", PLAIN), chunk(b"LIST", b"INFOxx")),
    "RF64": large(PLAIN),
}
WITHOUT_LENGTH = {
    "empty header": riff(header(1, 16), chunk(b"data", PLAIN, 0), size=0),
    "empty data, whole file": riff(header(1, 16), chunk(b"data", PLAIN, 0)),
    "in_strips": riff(header(1, 16), chunk(b"data", PLAIN, 0xFFFFFFFF), size=0xFFFFFFFF),
    "in_strips by SoX": riff(header(1, 16), chunk(b"data", PLAIN, 0x7FFFF000), size=0x7FFFF024),
    "half a sample at the end": riff(
        header(1, 16), chunk(b"data", PLAIN + b"x", 0xFFFFFFFF), size=0xFFFFFFFF
    )[:-1],
}


def heard(place, content, **options):
    path = place / "a.wav"
    path.write_bytes(content)
    return read_wav(path, **options)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_the_sound_that_was_written(kind, tmp_path):
    found = heard(tmp_path, KINDS[kind])
    assert (found.rate_hz, found.samples.shape, found.notes) == (RATE_HZ, (4000, 1), ())
    tolerance = 8 if kind == "12 bits" else 1
    assert np.abs(found.samples[:, 0].astype(int) - COUNTS).max() <= tolerance


@pytest.mark.parametrize("kind", WITHOUT_LENGTH)
def test_a_header_without_the_length_means_all_there_is(kind, tmp_path):
    found = heard(tmp_path, WITHOUT_LENGTH[kind])
    assert "its header does not say the length; all 4,000 samples are used" in found.notes[0]
    np.testing.assert_array_equal(found.samples[:, 0], COUNTS)


def test_a_sound_without_samples_stays_empty(tmp_path):
    content = riff(header(1, 16), chunk(b"data", b""), chunk(b"LIST", b"INFOxx"))
    assert not len(heard(tmp_path, content).samples)


# Codes and what they stand for, of tables 1a and 2a of G.711 (13 and 14 bits, here in 16).
@pytest.mark.parametrize(
    ("tag", "codes", "values"),
    [
        (6, [0xD5, 0x55, 0xAA, 0x2A, 0x80], [8, -8, 32256, -32256, 5504]),
        (7, [0xFF, 0x7F, 0x80, 0x00, 0xE7], [0, 0, 32124, -32124, 260]),
    ],
)
def test_companded_sounds_are_expanded(tag, codes, values, tmp_path):
    found = heard(tmp_path, riff(header(tag, 8), chunk(b"data", bytes(codes))))
    assert found.samples[:, 0].tolist() == values


def test_companded_sounds_are_as_a_decoder_expands_them(tmp_path):
    soundfile = pytest.importorskip("soundfile", reason="needs soundfile: pip install '.[train]'")
    for tag, name in ((6, "ALAW"), (7, "ULAW")):
        path = tmp_path / f"{name}.wav"
        path.write_bytes(riff(header(tag, 8), chunk(b"data", bytes(range(256)))))
        wanted = soundfile.read(path, dtype="int16")[0]
        np.testing.assert_array_equal(read_wav(path).samples[:, 0], wanted)


def floats(*values):
    return riff(header(3, 32), chunk(b"data", np.array(values, "<f4").tobytes()))


WRONG = {
    "cut": (riff(header(1, 16), chunk(b"data", PLAIN))[:-1000], "4,000 samples, but 3,500 are"),
    "nothing": (b"\0" * 512, "is empty: nothing was written"),
    "no samples": (riff(header(1, 16)), "ends before its samples"),
    "no format": (riff(chunk(b"data", PLAIN)), "before its format"),
    "no rate": (riff(chunk(b"fmt ", bytes(16)), chunk(b"data", PLAIN)), "0 channels and 0 samples"),
    "text": (b"t,x\n1,2\n3,4\n5,6\n", "is not a WAV file, which begins with RIFF"),
    "not a number": (floats(0.1, float("nan")), "not finite, value 2 of 2"),
    "16 bits as floats": (floats(0, 12000), "--sound-full-scale 32768"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_with_a_sound_is_said(case, tmp_path):
    content, words = WRONG[case]
    with pytest.raises(DataError, match=words):
        heard(tmp_path, content)


def test_options_are_a_way_in(tmp_path):
    cut = heard(tmp_path, WRONG["cut"][0], keep_cut=True)
    assert len(cut.samples) == 3500 and "3,500 are there" in cut.notes[0]
    scaled = heard(tmp_path, floats(0, 12000, -32768), full_scale=32768)
    assert scaled.samples[:, 0].tolist() == [0, 12000, -32768]


@pytest.mark.parametrize("changed", ["float", "cut", "unsaid"])
def test_sounds_come_in_by_the_command(changed, tmp_path):
    options = {"float": ("--sound-full-scale", 0.5), "cut": ("--keep-cut-sounds",), "unsaid": ()}
    made.sounds(tmp_path / "in")
    noise = np.random.default_rng(5).normal(0, 0.1, 4000)
    plain = np.round(noise * 32768).astype("<i2").tobytes()
    content = {
        "float": riff(header(3, 32), chunk(b"data", noise.astype("<f4").tobytes())),
        "cut": riff(header(1, 16), chunk(b"data", plain))[:-80],
        "unsaid": riff(header(1, 16), chunk(b"data", plain, 0), size=0),
    }[changed]
    (tmp_path / "in" / "hiss" / "0.wav").write_bytes(content)
    found = import_(tmp_path, "hum", tmp_path / "in", *options[changed])
    assert found["recordings"] == 8
    kept, _ = read_sound(tmp_path / "datasets" / "hum" / "hiss" / "0.wav")
    assert abs(kept.std() / 32768 - (0.2 if changed == "float" else 0.1)) < 0.01
    notes = " ".join(found["notes"])
    assert {"float": "", "cut": "3,960 are there", "unsaid": "does not say the length"}[
        changed
    ] in notes


@pytest.mark.parametrize("suffix", ["flac", "ogg", "mp3", "aiff"])
def test_compressed_sounds_are_decoded(suffix, tmp_path):
    soundfile = pytest.importorskip("soundfile", reason="needs soundfile: pip install '.[train]'")
    if suffix.upper() not in soundfile.available_formats():
        pytest.skip(f"this libsndfile cannot write {suffix}")
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, np.concatenate([TONE, TONE]), RATE_HZ)
    found = hear(path)
    assert found.rate_hz == RATE_HZ
    assert abs(found.samples.std() / 32768 - TONE.std()) < 0.01
    if suffix in ("flac", "aiff"):
        assert np.abs(found.samples[:4000, 0].astype(int) - COUNTS).max() <= 1


def test_what_a_decoder_gives_beyond_full_scale_is_clipped(tmp_path):
    """Compressed noise overshoots; its sign must not turn."""
    soundfile = pytest.importorskip("soundfile", reason="needs soundfile: pip install '.[train]'")
    noise = np.random.default_rng(0).normal(0, 0.99, 48000).clip(-1, 1)
    soundfile.write(tmp_path / "a.ogg", noise, 48000)
    true = soundfile.read(tmp_path / "a.ogg", dtype="float64")[0]
    assert np.abs(true).max() > 1.2
    found = hear(tmp_path / "a.ogg").samples[:, 0] / 32768
    assert np.abs(found - true.clip(-1, 1)).max() < 1e-3


def test_without_a_decoder_the_command_that_installs_it_is_said(tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name == "soundfile":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.delitem(sys.modules, "soundfile", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    place = made.sounds(tmp_path / "in")
    (place / "hum" / "9.flac").write_bytes(b"fLaC")
    with pytest.raises(
        DataError, match=r"9\.flac is compressed and needs a decoder; to install it, type: .*pip"
    ):
        import_(tmp_path, "hum", place)


def test_sounds_that_no_library_here_decodes_name_a_converter(tmp_path):
    (tmp_path / "a.m4a").write_bytes(b"....ftypM4A ")
    with pytest.raises(DataError, match=r"ffmpeg -i .*a\.m4a .*a\.wav"):
        import_(tmp_path, "hum", tmp_path / "a.m4a")
