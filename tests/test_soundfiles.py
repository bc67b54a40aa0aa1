"""Sound files as people have them, damaged and made to hurt: samples, or one sentence at once."""

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from legsup_voice.audio import HEAR_RATE
from legsup_voice.errors import UserError
from legsup_voice.soundfiles import read

CASES = Path(__file__).parent / "cases" / "wav"
TONE = (0.3 * np.sin(np.arange(HEAR_RATE) / 5)).astype(np.float32)


def sentence(path: Path) -> str:
    with pytest.raises(UserError) as caught:
        read(path, HEAR_RATE)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rate_1.wav", "its header says 1 Hz"),
        ("float_nan.wav", "samples that are not numbers"),
        ("header_only.wav", "holds no sound"),
    ],
)
def test_what_is_no_sound_is_one_sentence(name: str, words: str) -> None:
    assert words in sentence(CASES / name)


def test_a_file_cut_short_is_read_as_far_as_it_goes() -> None:
    assert len(read(CASES / "truncated_odd.wav", HEAR_RATE)) > HEAR_RATE / 10


def test_of_two_channels_wired_in_reverse_one_is_heard() -> None:
    samples = read(CASES / "stereo_phase.wav", HEAR_RATE)
    assert np.abs(samples).max() > 0.1


def test_the_louder_channel_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.stack([0.1 * TONE, TONE], axis=1), HEAR_RATE, subtype="FLOAT")
    assert np.array_equal(read(path, HEAR_RATE), TONE)


@pytest.mark.parametrize("name", [b"caf\xe9.wav", "été.wav".encode(), b"a\nb.wav"])
def test_a_file_may_have_any_name(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    soundfile.write(os.fsencode(path), TONE, HEAR_RATE, format="WAV")
    assert len(read(path, HEAR_RATE)) == len(TONE)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def raw(path: Path) -> None:
    path.write_bytes(np.random.default_rng(1).bytes(100_000))


def nothing(path: Path) -> None:
    path.touch()


def lying_wav(path: Path) -> None:
    """A header that promises two gigabytes in 65,535 channels."""
    body = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 65535, 384_000, 1 << 31, 65534, 16)
    data = struct.pack("<4sI", b"data", 0x7FFFFFF0) + bytes(4000)
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 0x7FFFFFFF, b"WAVE") + body + data)


def lying_flac(path: Path) -> None:
    """A header that promises 2^36-1 samples, of a file that has a second of them."""
    soundfile.write(path, TONE, HEAR_RATE, format="FLAC")
    data = bytearray(path.read_bytes())
    data[21] |= 0x0F
    data[22:26] = b"\xff\xff\xff\xff"
    path.write_bytes(data)


def hours_of_flac(path: Path) -> None:
    """Silence packs so well that hours at a high rate are some kilobytes a minute."""
    with soundfile.SoundFile(path, "w", 96_000, 8, format="FLAC") as file:
        for _ in range(40):
            file.write(np.zeros((96_000 * 2, 8), np.int16))


SCRIPT = """
import resource, sys
from pathlib import Path
from legsup_voice.errors import UserError
from legsup_voice.soundfiles import read
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    print(len(read(Path(sys.argv[1]), 16_000)))
except UserError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("make", [fifo, folder, raw, nothing, lying_wav, lying_flac, hours_of_flac])
def test_no_file_eats_the_machine(tmp_path: Path, make: Callable[[Path], None]) -> None:
    """In 20 s of processor time, and no more memory than its samples need."""
    path = tmp_path / "a.wav"
    make(path)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    *said, megabytes = done.stdout.splitlines()
    assert len(said) == 1
    assert int(megabytes) < 100


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/dev/null"])
def test_a_device_is_no_file(path: str) -> None:
    assert "it is no file" in sentence(Path(path))


@pytest.mark.parametrize("path", ["none.wav", "a" * 5000, "nul\0.wav", "a.wav/b"])
def test_no_file_is_one_sentence(path: str) -> None:
    assert "there is no such file" in sentence(Path(path))


def small(form: str) -> bytes:
    """Return a tenth of a second as a file of this format."""
    import io

    file = io.BytesIO()
    soundfile.write(file, TONE[:1600], HEAR_RATE, format=form)
    return file.getvalue()


FORMS = {form: small(form) for form in ("WAV", "FLAC", "OGG")}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.sampled_from(sorted(FORMS)),
    changes=st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=6),
    length=st.integers(0, 4000),
)
def test_whatever_a_damaged_file_is_it_is_finite_samples_or_a_sentence(
    tmp_path: Path, form: str, changes: list[tuple[int, int]], length: int
) -> None:
    data = bytearray(FORMS[form][: max(4, len(FORMS[form]) - length)])
    for at, value in changes:
        data[at % len(data)] = value
    path = tmp_path / "a"
    path.write_bytes(data)
    try:
        samples = read(path, HEAR_RATE)
    except UserError:
        return
    assert np.isfinite(samples).all()
    assert samples.dtype == np.float32


def test_more_than_an_hour_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    rate = 2_000
    for seconds, fits in ((3_599, True), (3_601, False)):
        soundfile.write(path, np.zeros(seconds * rate, np.int16), rate)
        if fits:
            assert len(read(path, rate)) == seconds * rate
        else:
            with pytest.raises(UserError, match="longer than an hour"):
                read(path, rate)
