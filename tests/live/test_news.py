"""What a sound server tells by itself, so that it need not be asked all the time."""

from pathlib import Path

import pytest

from legsup_voice.devices.pulse import SoundServer, is_silent
from tests.live.rooms import skip_where_missing
from tests.live.virtual import PipeWireRoom, Room, until

pytestmark = pytest.mark.live


@pytest.mark.parametrize("kind", [Room, PipeWireRoom])
def test_only_what_changes_is_news(
    kind: type[Room], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_where_missing(kind)
    with kind(tmp_path) as room:
        monkeypatch.setenv("PULSE_SERVER", room.environment["PULSE_SERVER"])
        server = SoundServer()
        assert not server.has_news(), "nobody has been asked yet"

        def speaker_is_silent() -> bool:
            (ours,) = (d for d in server.devices("speaker") if d.name == "legsup_speaker")
            return is_silent(ours.gain_db)

        assert not speaker_is_silent()
        until(lambda: not server.has_news(), "the end of the room's own news")
        for _ in range(20):
            speaker_is_silent()
        assert not server.has_news(), "to look is no change"
        room.pactl("set-sink-mute", "legsup_speaker", "1")
        until(server.has_news, "the news of a muted speaker", 5)
        assert speaker_is_silent()
    until(server.has_news, "the news that the server has gone", 5)
    assert not server.has_news()
