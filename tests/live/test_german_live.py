"""Live: German, refused until it has been shown to be heard; then heard and spoken."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import soundfile
import soxr

from legsup_voice.audio import HEAR_RATE, SPEAK_RATE
from legsup_voice.content import content
from legsup_voice.hearing import readiness
from legsup_voice.live import way_out
from legsup_voice.speaking.voice import Voice
from tests.hearing import german
from tests.live.sessions import clip
from tests.live.virtual import LegsUp, Room, heard_share, until

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Room]:
    with Room(tmp_path_factory.mktemp("room")) as made:
        settings = made.folder / "config" / "legsup_voice" / "config.toml"
        settings.parent.mkdir(parents=True)
        model = german.model(made.folder / "model")
        settings.write_text(f'language = "de"\nmodel = "{model}"\n', encoding="utf-8")
        yield made


def test_german_is_refused_until_it_was_shown_to_be_heard(room: Room) -> None:
    with LegsUp(room) as program:
        assert program.process.wait(60) == 2
        assert "German isn't ready here" in program.messages
    (said, _), *_ = way_out.UNABLE
    until(lambda: heard_share(room.heard, clip(said, "de")) > 0.8, "why, in German", 20)


def test_german_that_is_ready_is_heard_and_spoken(
    room: Room, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LEGSUP_DATA", room.environment["LEGSUP_DATA"])
    readiness.note_ready("de", room.folder / "model")
    voice = Voice(language="de")
    voice.render_all(content("de").spoken(), lambda _done, _of: None)  # else the start takes long
    start = tmp_path / "start.wav"
    said = soxr.resample(voice.clip("lass uns anfangen", "setup"), SPEAK_RATE, HEAR_RATE)
    soundfile.write(start, said, HEAR_RATE)
    room.record()
    with LegsUp(room) as program:
        program.wait_for(lambda: program.of("said"), "the first line", 120)
        room.say(start)
        program.wait_for(lambda: program.of("heard", command="start"), "the start", 15)
        program.wait_for(lambda: len(program.of("said")) > 1, "the question", 30)
        (first, *_), heard = program.of("say"), room.heard
    assert first["text"] in content("de").lines["idle.begin"].say
    assert heard_share(heard, voice.clip(first["text"], "setup")) > 0.8
