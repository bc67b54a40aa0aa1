"""Vosk alone, with its own thresholds: how a language is heard that has no verifier. In English."""

from pathlib import Path

import pytest

from legsup_voice.audio import HEAR_RATE
from legsup_voice.evaluation import bench, clips
from legsup_voice.evaluation.clips import quiet_around
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.interpreter import Interpreter
from legsup_voice.protocol.events import Heard
from legsup_voice.soundfiles import read

SPEECH = Path(__file__).parents[3] / "shared" / "speech"
SITUATIONS = ("idle", "session", "question")


@pytest.fixture(scope="module")
def listener() -> bench.Listener:
    def alone(compiled: object, recogniser: object, _: object) -> Interpreter:
        return Interpreter(compiled, recogniser, None)  # type: ignore[arg-type]

    return bench.Listener(Ears(interpreter=alone))


@pytest.mark.people
def test_commands_are_heard_or_not_but_not_as_others(listener: bench.Listener) -> None:
    """Of 160 clips of people that no model had heard: 85 % right, none as another, when written."""
    work = bench.chosen(clips.manifest(SPEECH / "manifest.tsv"), 40)
    reader = Ears().spoken
    right, other = 0, []
    for clip in (each for each in work if each.kind == "command"):
        found = listener.hear(quiet_around(read(clip.path, HEAR_RATE)))
        heard = [bench.intent_of(each.report) for each in found if isinstance(each.report, Heard)]
        right += heard == [reader.meaning(clip.text)]
        other += [clip.path.name for intent in heard if intent != reader.meaning(clip.text)]
    assert right >= 0.75 * 40
    assert len(other) <= 1, other


@pytest.mark.people
def test_other_talk_is_seldom_a_command(listener: bench.Listener) -> None:
    work = bench.chosen(clips.manifest(SPEECH / "manifest.tsv"), 20)
    talk = [each for each in work if each.kind == "talk"]
    false = dict.fromkeys(SITUATIONS, 0)
    for clip in talk:
        samples = quiet_around(read(clip.path, HEAR_RATE))
        for name in SITUATIONS:
            found = listener.hear(samples, bench.attention_in(name))
            false[name] += any(isinstance(each.report, Heard) for each in found)
    assert len(talk) == 20
    assert false["idle"] == 0
    assert max(false.values()) <= 2, false
