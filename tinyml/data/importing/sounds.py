"""Sound files as recordings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tinyml.data.audio import hear, one_channel, resample
from tinyml.data.catalogue import Session
from tinyml.data.importing.places import Source
from tinyml.data.importing.recording import FULL_SCALE, SOUND_SCALE, Options, Recording
from tinyml.data.wav import Sound
from tinyml.errors import DataError


def read_recorded_sound(source: Source, options: Options, session: Session) -> Recording:
    """One sound, of one channel, at its own rate or the one that is asked for."""
    heard = hear(source.path, full_scale=options.sound_full_scale, keep_cut=options.keep_cut_sounds)
    rate_hz = heard.rate_hz
    try:
        sound = one_channel(source.path, heard, options.sound_channel)
    except DataError as error:
        hint = ": --sound-channel 1" if "choose one" in str(error) else ""
        raise DataError(f"{error}{hint}") from error
    if not len(sound):
        raise DataError(f"{source.path} has no samples; record it again, or leave it out")
    if options.rate_hz and rate_hz != options.rate_hz:
        raise DataError(
            f"{source.path} has {rate_hz} samples per second, but --rate says "
            f"{options.rate_hz:g}; give --resample HZ to use one rate for all"
        )
    if options.resample_hz:
        sound, rate_hz = resampled(sound, rate_hz, options.resample_hz, source.path.name)
    recording = of_sound(str(source.path), source.name, sound, rate_hz, session)
    return replace(recording, notes=heard.notes)


def of_sound(where: str, name: str, sound: Sound, rate_hz: float, session: Session) -> Recording:
    """A recording of these samples."""
    return Recording(
        where=where,
        name=name,
        channels=("sound",),
        units=(FULL_SCALE,),
        rate_hz=float(rate_hz),
        values=sound[:, np.newaxis].astype(np.float64) * SOUND_SCALE,
        targets=None,
        session=session,
        sound=True,
    )


def resampled(sound: Sound, rate_hz: int, wanted_hz: float, where: str) -> tuple[Sound, int]:
    """At ``wanted_hz``, which must be a whole number and not faster than recorded."""
    if wanted_hz != int(wanted_hz) or wanted_hz > rate_hz:
        raise DataError(
            f"{where} has {rate_hz} samples per second; --resample {wanted_hz:g} must be "
            "a whole number, at most that rate: what was not recorded cannot be added"
        )
    return resample(sound, rate_hz, int(wanted_hz)), int(wanted_hz)
