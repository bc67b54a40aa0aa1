"""What comes out of the mixer, sample by sample."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legsup_voice.audio import SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.content import content
from legsup_voice.protocol.actions import Breathe, Say
from legsup_voice.protocol.breathing import Breathing, Phase
from legsup_voice.protocol.events import CueStarted, LineEnded, LineStarted
from legsup_voice.speaking.breath import kept
from legsup_voice.speaking.loudness import loudness, true_peak
from legsup_voice.speaking.mixer import Mixer
from legsup_voice.speaking.voice import Voice
from tests.speaking.listening import LINES, Listener, line, voice

BELLY = Breathing("belly", (Phase("in", 5000), Phase("out", 5000)), cycles=12, fade_cycles=3)
BLOCK_SECONDS = SPEAK_BLOCK / SPEAK_RATE


def index(seconds: float) -> int:
    """Return the sample at a reported time; reported times fall on samples."""
    sample = seconds * SPEAK_RATE
    assert sample == pytest.approx(round(sample), abs=1e-3)
    return round(sample)


def tone_part(samples: Samples, frequency: float) -> float:
    """Return the amplitude of one frequency in `samples`."""
    turn = np.exp(-2j * np.pi * frequency * np.arange(len(samples)) / SPEAK_RATE)
    return float(2 * np.abs(np.mean(samples * turn)))


def test_nothing_to_say_is_digital_silence() -> None:
    listener = Listener()
    listener.play(1.0)
    assert not listener.sound.any()
    assert not listener.mixer.queued


def calls(mixer: Mixer) -> int:
    """Return how many functions of Python's own a block takes."""
    count = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event == "call"

    before = sys.getprofile()
    sys.setprofile(note)
    mixer.block()
    sys.setprofile(before)
    return count


def test_silence_costs_next_to_nothing() -> None:
    """Most of a session is silence."""
    listener = Listener()
    assert calls(listener.mixer) < 10
    listener.mixer.say(line(2))
    assert calls(listener.mixer) > 10
    listener.play_out()
    listener.play(1.0)
    assert calls(listener.mixer) < 10


def test_a_start_waits_for_no_breathing_and_a_hold_finds_it_made() -> None:
    kept.cache_clear()
    listener = Listener()
    assert kept.cache_info().misses == 0
    listener.mixer.prepare()
    made = kept.cache_info().misses
    for name, pattern in content().breathing.patterns.items():
        phases = tuple(Phase(cue, round(length * 1000)) for cue, length in pattern.phases)
        listener.mixer.breathe(Breathe(Breathing(name, phases, cycles=2, fade_cycles=0)))
    assert kept.cache_info().misses == made > 0


def test_a_line_is_its_clip_at_the_reported_time() -> None:
    listener = Listener()
    listener.play(0.5)
    listener.mixer.say(line(2))
    listener.play_out()
    listener.play(0.5)
    clip = voice().clip(*LINES[2])
    (started,), (ended,) = listener.of(LineStarted), listener.of(LineEnded)
    assert started.start == 0.5
    assert index(ended.end) - index(started.start) == len(clip)
    assert not ended.cut
    assert np.array_equal(listener.sound[index(started.start) : index(ended.end)], clip)
    assert not listener.sound[index(ended.end) :].any()


def test_a_line_is_over_when_its_sound_has_left_the_speaker() -> None:
    """The speaker is three blocks behind, and loses 700 samples in the line's second half."""
    mixer = Mixer(voice())
    mixer.say(line(2, gap=0.0))
    length, ended = len(voice().clip(*LINES[2])), []
    lost = {40: 480, 41: 220}
    for number in range(400):
        mixer.block()
        if number >= 3:
            told = mixer.settle(lost.get(number - 3, 0))
            assert bool(told) == (0 <= (number - 2) * SPEAK_BLOCK - length < SPEAK_BLOCK)
            ended += told
    (event,) = ended
    assert event.lost == pytest.approx(700 / SPEAK_RATE)
    assert event.end == pytest.approx(length / SPEAK_RATE)


def test_lines_keep_order_and_gaps() -> None:
    listener = Listener()
    for number, gap in ((2, 0.3), (3, 0.7), (6, 0.0)):
        listener.mixer.say(line(number, gap=gap))
    listener.play_out()
    started, ended = listener.of(LineStarted), listener.of(LineEnded)
    assert [event.line for event in started] == ["test.2", "test.3", "test.6"]
    assert started[1].start - ended[0].end == pytest.approx(0.7, abs=1e-4)
    assert started[2].start == pytest.approx(ended[1].end, abs=1e-4)


@pytest.mark.parametrize("safety", [False, True])
def test_hush_ends_the_line_within_one_block_without_a_click(safety: bool) -> None:
    listener = Listener()
    listener.mixer.say(line(0, safety=safety))
    listener.mixer.say(line(1))
    listener.play(2.0)
    listener.mixer.hush()
    listener.play(1.0)
    (ended,) = listener.of(LineEnded)
    assert ended.cut
    assert 2.0 < ended.end <= 2.0 + BLOCK_SECONDS
    assert not listener.sound[index(ended.end) :].any()
    assert not listener.mixer.queued
    assert len(listener.of(LineStarted)) == 1
    clip = voice().clip(*LINES[0])
    steepest = np.abs(np.diff(clip)).max()
    assert np.abs(np.diff(listener.between(1.9, 2.1))).max() <= steepest


def test_what_is_said_after_a_hush_sounds() -> None:
    listener = Listener()
    listener.mixer.say(line(0))
    listener.play(1.0)
    listener.mixer.hush()
    listener.mixer.say(line(3, gap=0.1))
    listener.play_out()
    first, second = listener.of(LineEnded)
    assert (first.cut, second.cut) == (True, False)
    assert listener.of(LineStarted)[1].start == pytest.approx(first.end + 0.1, abs=1e-4)


def test_a_hush_also_ends_the_line_whose_last_words_are_on_their_way() -> None:
    mixer = Mixer(voice())
    mixer.say(line(3))
    while mixer.queued:
        mixer.block()
    mixer.hush()
    (ended,) = [event for _ in range(400) for event in mixer.settle(0)]
    assert ended.cut


def test_a_hush_in_silence_changes_nothing() -> None:
    listener = Listener()
    listener.mixer.hush()
    listener.mixer.say(line(3))
    listener.play_out()
    assert not listener.of(LineEnded)[0].cut


def test_volume_turns_ordinary_lines_but_never_safety_lines() -> None:
    listener = Listener()
    listener.mixer.set_volume(-9.0)
    listener.mixer.say(line(1))
    listener.mixer.say(line(1, safety=True))
    listener.play_out()
    (quiet, safe), (quiet_end, safe_end) = listener.of(LineStarted), listener.of(LineEnded)
    clip = voice().clip(*LINES[1])
    assert np.array_equal(listener.sound[index(safe.start) : index(safe_end.end)], clip)
    assert loudness(listener.between(quiet.start, quiet_end.end)) == pytest.approx(-27.0, abs=0.1)


def test_the_quietest_volume_can_still_be_heard() -> None:
    listener = Listener()
    listener.mixer.set_volume(-99.0)
    listener.mixer.say(line(0))
    listener.play_out()
    assert loudness(listener.sound) > -18.0 - 20.0


def test_the_loudest_volume_is_louder_and_does_not_clip() -> None:
    listener = Listener()
    listener.mixer.set_volume(99.0)
    listener.mixer.breathe(Breathe(BELLY))
    listener.mixer.say(line(0))
    listener.play_out()
    assert true_peak(listener.sound) <= -2.0
    assert loudness(listener.sound) > -15.5


@pytest.mark.parametrize("index_of_line", [0, 2])
@pytest.mark.parametrize(("gain_db", "reached"), [(3.0, 3.0), (5.0, 5.0), (6.0, 5.3), (12.0, 5.3)])
def test_louder_is_heard_as_louder(gain_db: float, reached: float, index_of_line: int) -> None:
    """The limiter makes up for the peaks it takes, up to where speech has nothing left to give."""
    listener = Listener()
    listener.mixer.say(replace(line(index_of_line, safety=True), gain_db=gain_db))
    listener.play_out()
    assert true_peak(listener.sound) <= -2.0
    assert reached - 0.4 <= loudness(listener.sound) + 18.0 <= gain_db + 0.3


def test_an_ordinary_line_is_ducked_for_the_person_and_a_safety_line_is_not() -> None:
    listener = Listener()
    clip = voice().clip(*LINES[0])
    for safety in (False, True):
        listener.mixer.duck(True)
        listener.mixer.say(line(0, safety=safety, gap=0.0))
        listener.play_out()
    (ordinary, safe) = (index(event.start) for event in listener.of(LineStarted))
    ordinary_sound = listener.sound[ordinary + 4800 : ordinary + len(clip)]
    ratio = np.linalg.norm(ordinary_sound) / np.linalg.norm(clip[4800:])
    assert 20 * np.log10(ratio) == pytest.approx(-15.0, abs=0.5)
    assert np.array_equal(listener.sound[safe : safe + len(clip)], clip)
    listener.mixer.duck(False)
    listener.mixer.say(line(2, gap=1.0))
    listener.play_out()
    clip = voice().clip(*LINES[2])
    assert np.array_equal(
        listener.sound[index(listener.of(LineStarted)[2].start) :][: len(clip)], clip
    )


def test_breathing_under_speech_is_quieter_but_not_moved() -> None:
    alone, under = Listener(), Listener()
    for listener in (alone, under):
        listener.mixer.breathe(Breathe(BELLY))
        listener.play(5.7)
    under.mixer.say(line(0))
    for listener in (alone, under):
        listener.play(14.3)
    assert alone.of(CueStarted) == under.of(CueStarted)
    clip = voice().clip(*LINES[0])
    start = index(under.of(LineStarted)[0].start)
    background = under.sound[start + 4800 : start + len(clip)] - clip[4800:]
    same = alone.sound[start + 4800 : start + len(clip)]
    lowered = np.linalg.norm(background) / np.linalg.norm(same)
    assert 20 * np.log10(lowered) == pytest.approx(-12.0, abs=0.5)
    assert np.array_equal(under.sound[-SPEAK_RATE:], alone.sound[-SPEAK_RATE:])


def test_breathing_fades_out_when_stopped_and_is_then_silent() -> None:
    listener = Listener()
    listener.mixer.breathe(Breathe(BELLY))
    listener.play(11.0)
    listener.mixer.stop_breathing(10.0)
    listener.play(12.0)
    assert loudness(listener.between(16.0, 19.0)) < loudness(listener.between(6.0, 9.0)) - 4
    assert not listener.between(21.02, 23.0).any()


def test_breathing_stops_within_a_block() -> None:
    listener = Listener()
    listener.mixer.breathe(Breathe(BELLY))
    listener.play(7.0)
    listener.mixer.stop_breathing(0.0)
    listener.play(1.0)
    assert not listener.sound[round((7.0 + BLOCK_SECONDS) * SPEAK_RATE) :].any()
    assert np.abs(np.diff(listener.between(6.9, 7.1))).max() < 0.05
    assert len(listener.of(CueStarted)) == 2


def test_a_new_pattern_replaces_the_one_before() -> None:
    listener = Listener()
    listener.mixer.breathe(Breathe(BELLY))
    listener.play(3.0)
    slower = Breathing("slower", (Phase("in", 6000), Phase("out", 6000)), cycles=2)
    listener.mixer.breathe(Breathe(slower))
    listener.play(30.0)
    assert [event.start for event in listener.of(CueStarted)] == [0.0, 3.0, 9.0, 15.0, 21.0]
    assert not listener.between(27.0, 33.0).any()


@pytest.mark.parametrize("phases", [(), (Phase("in", 5000), Phase("out", 5000))])
def test_no_breaths_are_no_cues(phases: tuple[Phase, ...]) -> None:
    listener = Listener()
    listener.mixer.breathe(Breathe(Breathing("none", phases, cycles=0)))
    listener.play(1.0)
    assert not listener.events
    assert not listener.sound.any()


Step = tuple[str, float]

steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.integers(0, len(LINES) - 1)),
        st.tuples(st.just("safety"), st.integers(0, len(LINES) - 1)),
        st.tuples(st.just("hush"), st.just(0)),
        st.tuples(st.just("breathe"), st.integers(1, 3)),
        st.tuples(st.just("stop breathing"), st.sampled_from([0.0, 0.5])),
        st.tuples(st.just("volume"), st.sampled_from([-40.0, -6.0, 0.0, 6.0, 40.0])),
        st.tuples(st.just("duck"), st.integers(0, 1)),
        st.tuples(st.just("bed"), st.integers(0, 1)),
        st.tuples(st.just("play"), st.sampled_from([0.02, 0.1, 0.5, 2.0])),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_whatever_is_asked_every_line_started_ends_once_and_nothing_clips(
    asked: list[Step],
) -> None:
    listener = Listener()
    said = 0
    for kind, value in asked:
        said += kind in ("say", "safety")
        do(listener, kind, value)
    listener.mixer.stop_breathing(0.0)
    listener.play_out()
    started, ended = listener.of(LineStarted), listener.of(LineEnded)
    assert [event.line for event in started] == [event.line for event in ended]
    assert len(started) <= said
    times = [
        time for pair in zip(started, ended, strict=True) for time in (pair[0].start, pair[1].end)
    ]
    assert times == sorted(times)
    if not any(kind == "hush" for kind, _ in asked):
        assert len(started) == said
        assert not any(event.cut for event in ended)
    if asked:
        listener.play(0.1)
        assert np.abs(listener.sound).max() < 0.794


def do(listener: Listener, kind: str, value: float) -> None:
    """Ask the mixer for one thing."""
    mixer = listener.mixer
    match kind:
        case "say" | "safety":
            mixer.say(line(int(value), safety=kind == "safety"))
        case "hush":
            mixer.hush()
        case "breathe":
            phases = (Phase("in", 1000), Phase("hold", 500), Phase("out", 1500))
            mixer.breathe(Breathe(Breathing("any", phases, cycles=int(value))))
        case "stop breathing":
            mixer.stop_breathing(value)
        case "volume":
            mixer.set_volume(value)
        case "duck":
            mixer.duck(bool(value))
        case "bed":
            mixer.play_bed(bool(value))
        case _:
            listener.play(value)


class NoVoice(Voice):
    """Every clip is damaged, and nothing can be rendered."""

    def clip(self, text: str, pace: str) -> Samples:
        raise MemoryError


def test_a_line_that_cannot_be_made_is_said_otherwise_and_ends_nothing(tmp_path: Path) -> None:
    mixer = Mixer(NoVoice(tmp_path))
    mixer.say(Say("exit.warning", "Come down slowly.", "setup", safety=True))
    mixer.say(Say("hold.halfway", "Half of it is over.", "hold"))
    blocks, sounded = [], []
    while mixer.queued:
        block, events = mixer.block()
        blocks.append(block)
        sounded += [event.line for event in events if isinstance(event, LineStarted)]
    assert sounded == ["exit.warning", "hold.halfway"]
    assert np.abs(np.concatenate(blocks)).max() > 0.2, "the warning comes with the package"


def test_the_way_out_is_in_memory_before_it_is_needed(tmp_path: Path) -> None:
    """Nothing is rendered, so nothing is kept, and nothing is read: there is nothing to read."""
    voice = Voice(voice="espeak")
    Mixer(voice)
    voice.cache = tmp_path / "gone"
    for text, pace in content().way_out():
        assert len(voice.clip(text, pace))
    assert not voice.cache.exists()
