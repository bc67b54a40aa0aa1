"""German by sound, from the setting to the way down, on a stand-in for a model (see `german`)."""

import json
from pathlib import Path

import pytest
import soundfile
import soxr

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE, Samples
from legsup_voice.commands.cli import main
from legsup_voice.errors import UserError
from legsup_voice.evaluation.bench import Listener, intent_of
from legsup_voice.evaluation.check import check
from legsup_voice.evaluation.clips import quiet_around
from legsup_voice.hearing import readiness
from legsup_voice.hearing.compiled import compiled
from legsup_voice.hearing.ears import Ears
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.commands import Command, Symptom
from legsup_voice.simulation.simulate import run_scenario
from legsup_voice.speaking.voice import Voice
from tests.hearing import german

SAID = {
    "mir ist schlecht": Intent(Command.SYMPTOM, symptom=Symptom.SICK),
    "mir ist schwindlig": Intent(Command.SYMPTOM, symptom=Symptom.DIZZY),
    "ich bekomme keine Luft": Intent(Command.SYMPTOM, symptom=Symptom.BREATH),
    "nein danke": Intent(Command.NO),
    "weiter": Intent(Command.NEXT),
    "lauter": Intent(Command.LOUDER),
    "Pause": Intent(Command.PAUSE),
    "ich muss aufstehen": Intent(Command.STOP),
}

SESSION = """
options: {language: de, model: MODEL, minutes: 1, breathing: belly, returning: true, until: 240}
steps:
  - {in: IDLE, wait: 6, say: lass uns anfangen}
  - {after: screening, wait: 1, repeat: true, say: nein danke}
  - {after: setup, wait: 2, repeat: true, say: bereit}
  - {in: HOLD, wait: 25, say: mir ist schlecht}
expect:
  - {state: HOLD}
  - {command: symptom, since: {state: HOLD}}
  - {line: exit.warning, since: {command: symptom, within: 3}}
  - {state: LYING}
"""


@pytest.fixture(autouse=True)
def _nothing_shown_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEGSUP_DATA", str(tmp_path / "data"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return german.model(tmp_path_factory.mktemp("german") / "model")


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Voice:
    return Voice(tmp_path_factory.mktemp("clips"), language="de")


def spoken(voice: Voice, text: str) -> Samples:
    clip: Samples = soxr.resample(voice.clip(text, "setup"), SPEAK_RATE, HEAR_RATE)
    return clip


def test_german_is_heard_by_the_recogniser_alone(model: Path, voice: Voice) -> None:
    ears = Ears(model, language="de")
    assert ears.verifier is None
    heard = {}
    for text in SAID:
        found = Listener(ears).hear(quiet_around(spoken(voice, text)))
        heard[text] = [intent for each in found if (intent := intent_of(each.report))]
    right = [text for text, intent in SAID.items() if heard[text] == [intent]]
    other = [text for text, intents in heard.items() if set(intents) - {SAID[text]}]
    assert len(right) >= len(SAID) - 2, heard
    assert not other, heard


def test_what_is_compiled_is_kept_by_language(tmp_path: Path) -> None:
    made = compiled(None, "de")
    assert made.phones is None
    assert compiled(None, "de").phrases == made.phrases
    assert compiled().phones is not None


def test_a_session_in_german_by_sound(model: Path, tmp_path: Path) -> None:
    scenario = tmp_path / "german.yaml"
    scenario.write_text(SESSION.replace("MODEL", str(model)), encoding="utf-8")
    outcome = run_scenario(scenario, tmp_path / "out")
    assert outcome.failed == []


def test_a_language_is_ready_when_its_folder_is_heard_and_not_before(
    model: Path, voice: Voice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    for text in ("mir ist schlecht", "weiter"):
        soundfile.write(folder / f"{text}.wav", spoken(voice, text), HEAR_RATE)
    with pytest.raises(UserError, match="German isn't ready here"):
        readiness.refuse_unready("de", model)
    assert check(folder, "de", str(model)) == 1
    told = capsys.readouterr().out
    assert "there is no recording of stop" in told
    assert "there are recordings of 0 lengths" in told
    with pytest.raises(UserError):
        readiness.refuse_unready("de", model)
    readiness.note_ready("de", model)
    readiness.refuse_unready("de", model)
    (model / "am" / "final.mdl").write_bytes((model / "am" / "final.mdl").read_bytes() + b"\0")
    assert not readiness.is_ready("de", model), "another model has to be shown again"


def test_a_session_in_a_language_that_is_not_ready_is_refused(
    model: Path, capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "config.toml"
    settings.write_text(f"language = 'de'\nmodel = {json.dumps(str(model))}\n", encoding="utf-8")
    monkeypatch.setenv("LEGSUP_CONFIG", str(settings))
    assert main(["doctor", "--json"]) == 1
    found = {each["check"]: each for each in json.loads(capfd.readouterr().out)}
    assert "isn't ready here" in found["model"]["fix"]


def test_a_name_that_is_no_command_is_a_sentence(model: Path, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "das Wetter ist schön.wav", [0.0] * 16000, HEAR_RATE)
    with pytest.raises(UserError, match="das Wetter ist schön"):
        check(tmp_path, "de", str(model))
    with pytest.raises(UserError, match="no recording"):
        check(tmp_path / "nothing", "de", str(model))
