"""The ears on synthetic voices with the real recogniser; time is the audio clock."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soxr

from legsup_voice.audio import HEAR_BLOCK, HEAR_RATE, SPEAK_BLOCK, SPEAK_RATE, Samples
from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips
from legsup_voice.evaluation.bench import EVERYTHING, Listener, intent_of
from legsup_voice.hearing.attention import Attention, Situation
from legsup_voice.hearing.deciding import Kind, table
from legsup_voice.hearing.ears import Ears, VoiceActivity
from legsup_voice.hearing.endpointing import LONGEST
from legsup_voice.hearing.interpreter import Interpreter
from legsup_voice.protocol.commands import Command
from legsup_voice.protocol.events import Heard, Rejected
from legsup_voice.soundfiles import read
from legsup_voice.speaking.voice import Voice

VOICES = Path(__file__).parents[2] / "legsup_voice" / "simulation" / "voices"
PHRASES = [clip for clip in clips.manifest(VOICES / "manifest.tsv") if "af_heart" in clip.path.name]


def voice(text: str, name: str = "af_heart") -> Samples:
    return read(VOICES / f"{text.replace(' ', '_')}-{name}.flac", HEAR_RATE)


def quiet(seconds: float) -> Samples:
    noise = np.random.default_rng(1).standard_normal(int(seconds * HEAR_RATE))
    return (noise * clips.FLOOR).astype(np.float32)


def hear(
    ears: Ears, samples: Samples, attention: Attention = EVERYTHING
) -> Iterator[Heard | Rejected | VoiceActivity]:
    silence = np.zeros(SPEAK_BLOCK, np.float32)
    whole = len(samples) // HEAR_BLOCK * HEAR_BLOCK
    for block in samples[:whole].reshape(-1, HEAR_BLOCK):
        yield from ears.listen(block, silence, attention)


def words(
    ears: Ears, samples: Samples, attention: Attention = EVERYTHING
) -> list[Heard | Rejected]:
    return [each for each in hear(ears, samples, attention) if not isinstance(each, VoiceActivity)]


def said(*parts: str | float) -> Samples:
    """Phrases with seconds of quiet between them."""
    laid = [quiet(part) if isinstance(part, float) else voice(part) for part in parts]
    return np.concatenate([quiet(0.5), *laid, quiet(1.0)])


def test_every_phrase_of_a_synthetic_voice_is_heard(listener: Listener, ears: Ears) -> None:
    missed = {
        clip.text
        for clip in PHRASES
        if [
            intent_of(each.report)
            for each in listener.hear(clips.quiet_around(read(clip.path, HEAR_RATE)))
        ]
        != [ears.spoken.meaning(clip.text)]
    }
    assert not missed


def known_after(ears: Ears, text: str, attention: Attention) -> float:
    """Return the seconds from the end of `text` until it is heard."""
    heard, silence = said(text), np.zeros(SPEAK_BLOCK, np.float32)
    for number, block in enumerate(heard[: len(heard) // HEAR_BLOCK * HEAR_BLOCK].reshape(-1, 320)):
        for report in ears.listen(block, silence, attention):
            if isinstance(report, Heard):
                return (number + 1) * HEAR_BLOCK / HEAR_RATE - report.speech_end
    pytest.fail(f"{text} was not heard")


@pytest.mark.parametrize(
    ("text", "limit"), [("stop", 0.28), ("how much longer", 0.5), ("dizzy", 0.28), ("next", 0.5)]
)
def test_a_command_is_known_soon_after_its_end(text: str, limit: float) -> None:
    assert 0 < known_after(Ears(), text, EVERYTHING) <= limit


@pytest.mark.parametrize("text", ["stop", "i feel dizzy"])
def test_what_is_urgent_is_known_sooner_while_a_line_sounds(text: str) -> None:
    line = Attention(frozenset(Command), "Let your hands rest.")
    assert 0 < known_after(Ears(echo=False), text, line) <= 0.16


def test_speech_end_is_where_the_voice_ends() -> None:
    (report,) = words(Ears(), said("blood pressure"))
    length = len(voice("blood pressure")) / HEAR_RATE
    assert report.speech_end == pytest.approx(0.5 + length, abs=0.2)


def test_how_long_is_not_split_from_left_by_a_short_pause(ears: Ears) -> None:
    first = said("how long")[:-HEAR_RATE]
    whole = words(ears, np.concatenate([first, said("time left")[HEAR_RATE // 2 :]]))
    assert not [each for each in whole if isinstance(each, Heard) and each.text == "how long"]


def test_two_commands_after_another_are_two(ears: Ears) -> None:
    found = words(ears, said("pause", 1.0, "resume"))
    assert [each.text for each in found] == ["pause", "resume"]


def test_a_command_that_is_not_taken_now_is_rejected(ears: Ears) -> None:
    (report,) = words(ears, said("louder"), Attention(frozenset({Command.STOP})))
    assert report == Rejected("louder", "not now", report.speech_end)


def strict(situation: Situation) -> Ears:
    """Ears that take nothing in one situation."""
    usual = table()
    never = usual.thresholds | {situation: dict.fromkeys(Kind, 99.0)}
    decisions = usual.model_copy(update={"thresholds": never})
    return Ears(echo=False, interpreter=partial(Interpreter, decisions=decisions))


@pytest.mark.parametrize(
    ("situation", "attention"),
    [
        (Situation.IDLE, Attention(frozenset(Command), idle=True)),
        (Situation.SPEAKING, Attention(frozenset(Command), speaking="Let your arms rest.")),
        (Situation.QUESTION, Attention(frozenset(Command), asks=frozenset({Command.NO}))),
        (Situation.SESSION, Attention(frozenset(Command))),
    ],
)
def test_each_situation_has_its_own_thresholds(
    ears: Ears, situation: Situation, attention: Attention
) -> None:
    def heard(listening: Ears) -> list[str]:
        return [e.text for e in words(listening, said("stop"), attention) if isinstance(e, Heard)]

    assert heard(ears) == ["stop"]
    assert heard(strict(situation)) == []


def test_the_voice_is_reported_when_it_begins_and_ends(ears: Ears) -> None:
    changes = [each for each in hear(ears, said("louder")) if isinstance(each, VoiceActivity)]
    assert [each.active for each in changes] == [True, False]
    assert changes[0].at < changes[1].at


def test_our_own_words_are_dropped_while_we_speak(ears: Ears) -> None:
    line = Attention(frozenset(Command), "Say “louder” or “quieter”, as you like.")
    (report,) = words(ears, said("louder"), line)
    assert report == Rejected("louder", "own voice", report.speech_end)


@pytest.mark.parametrize("text", ["stop", "i feel dizzy", "glaucoma"])
def test_what_is_urgent_passes_while_we_speak(ears: Ears, text: str) -> None:
    (report,) = words(ears, said(text), Attention(frozenset(Command), "Draw your knees in."))
    assert isinstance(report, Heard)


def test_other_commands_wait_until_we_have_spoken(ears: Ears) -> None:
    (report,) = words(ears, said("louder"), Attention(frozenset(Command), "Draw your knees in."))
    assert report == Rejected("louder", "not now", report.speech_end)


def test_with_a_headset_every_command_is_heard_while_we_speak(ears: Ears) -> None:
    """What the microphone hears while we speak can't be we: it hears nothing of us."""
    text = "Say “louder” or “quieter”, as you like."
    line = Voice().clip(text, "setup")
    microphone = np.concatenate([quiet(4.0), said("louder")])
    blocks = len(microphone) // HEAR_BLOCK
    speaker = np.resize(line, blocks * SPEAK_BLOCK).reshape(-1, SPEAK_BLOCK)
    found: list[Heard | Rejected | VoiceActivity] = []
    for number in range(blocks):
        heard = microphone[number * HEAR_BLOCK : (number + 1) * HEAR_BLOCK]
        found += ears.listen(heard, speaker[number], Attention(frozenset(Command), text))
    assert [each.text for each in found if isinstance(each, Heard)] == ["louder"]


def test_a_long_utterance_is_no_command_and_costs_no_decoding(ears: Ears) -> None:
    talk = np.concatenate([voice("what are the benefits")] * 4)
    assert len(talk) > LONGEST * HEAR_RATE
    (report,) = words(ears, np.concatenate([quiet(0.5), talk, quiet(1.0)]))
    assert report == Rejected("", "unknown", report.speech_end)


def test_after_a_reset_half_a_word_is_forgotten(ears: Ears) -> None:
    assert words(ears, said("louder")[: HEAR_RATE * 3 // 4]) == []
    ears.reset()
    assert words(ears, quiet(1.5)) == []


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(HEAR_RATE * 2, np.float32),
        np.ones(HEAR_RATE * 2, np.float32),
        np.full(HEAR_RATE * 2, 0.2, np.float32),
        np.tile(np.array([1, -1] * 40, np.float32), HEAR_RATE // 40),
    ],
    ids=["silence", "stuck", "offset", "clipping"],
)
def test_sound_without_a_voice_gives_nothing(ears: Ears, samples: Samples) -> None:
    assert [each for each in words(ears, samples) if isinstance(each, Heard)] == []


def own_phrases(folder: Path, command: str, phrase: str) -> Path:
    own = folder / "phrases.yaml"
    own.write_text(f'intents:\n- command: {command}\n  phrases: ["{phrase}"]\n')
    return own


def test_own_phrases_are_heard(tmp_path: Path) -> None:
    own = own_phrases(tmp_path, "stop", "no more legs please")
    assert Ears(None, own).spoken.meaning("no more legs please") is not None


@pytest.mark.parametrize("phrase", ["namaste my friend", "tadasana please"])
def test_words_that_the_model_lacks_are_heard_by_their_sound(tmp_path: Path, phrase: str) -> None:
    listener = Listener(Ears(None, own_phrases(tmp_path, "stop", phrase)))
    clip = soxr.resample(Voice().clip(phrase, "setup"), SPEAK_RATE, HEAR_RATE)
    found = [each.report for each in listener.hear(clips.quiet_around(clip))]
    assert [(each.command, each.text) for each in found if isinstance(each, Heard)] == [
        (Command.STOP, phrase)
    ]


@pytest.mark.parametrize(
    ("command", "phrase", "message"),
    [
        ("louder", "stopp at", 'sounds too much like "stop'),
        ("skip", "zo", "too short"),
        ("louder", "paws", 'sounds too much like "pause", which means pause'),
    ],
)
def test_own_phrases_that_can_not_be_told_apart_are_refused(
    tmp_path: Path, command: str, phrase: str, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        Ears(None, own_phrases(tmp_path, command, phrase))
