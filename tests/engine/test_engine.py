"""The engine joins ears, session and mixer on one clock (a real session, scripted ears)."""

from pathlib import Path

import numpy as np
import pytest

from legsup_voice.audio import BLOCKS_PER_SECOND, SPEAK_BLOCK, SPEAK_RATE
from legsup_voice.protocol.commands import Bed, Command
from legsup_voice.protocol.events import Rejected
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.log import CommandHeard, LineBegun, SpeechRejected, Trouble, wire
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.simulation.faults import full_disk
from tests.engine.scripted import Stage


def test_the_clock_is_the_number_of_blocks() -> None:
    stage = Stage().play(2.0)
    assert stage.engine.now == pytest.approx(2.0)
    assert all(block.shape == (SPEAK_BLOCK,) for block in stage.heard)


def test_a_line_is_logged_where_its_sound_is() -> None:
    stage = Stage().play(6.0)
    (begun,) = [record for record in stage.log if isinstance(record, LineBegun)]
    (over,) = stage.over()
    sound = np.flatnonzero(np.abs(np.concatenate(stage.heard)) > 1e-4) / SPEAK_RATE
    assert sound[0] == pytest.approx(begun.start, abs=0.002)
    assert sound[-1] == pytest.approx(over.end, abs=0.002)
    assert (over.cut, over.lost) == (False, 0.0)


def test_sound_that_never_left_the_speaker_is_counted_as_lost() -> None:
    stage = Stage().play(0.5)
    stage.lost = SPEAK_BLOCK
    stage.play(0.3)
    stage.lost = 0
    stage.play(4.0)
    (over,) = stage.over()
    heard_from = next(r.start for r in stage.log if isinstance(r, LineBegun))
    expected = min(over.end, 0.8) - max(heard_from, 0.5)
    assert over.lost == pytest.approx(expected, abs=0.02)


def test_the_ears_get_the_speaker_block_that_sounded_while_they_listened() -> None:
    stage = Stage().play(3.0)
    for sounded, told in zip(stage.heard, stage.ears.speaker[1:], strict=False):
        assert np.array_equal(sounded, told)


def test_a_line_may_echo_for_a_moment_after_its_end() -> None:
    """An answer that begins later than that is never taken for an echo."""
    stage = Stage().play(6.0)
    (over,) = stage.over()
    told = [(i / BLOCKS_PER_SECOND, a.speaking) for i, a in enumerate(stage.ears.attention)]
    within = [text for at, text in told if over.end + 0.02 < at < over.end + 0.28]
    after = [text for at, text in told if at > over.end + 0.34]
    assert within
    assert all(within)
    assert after
    assert not any(after)


def test_the_ears_are_told_what_counts_and_whether_a_session_is_under_way() -> None:
    stage = Stage().play(1.0)
    assert stage.ears.attention[-1].idle
    assert Command.START in stage.ears.attention[-1].accepts
    stage.hear(Command.START).play(12.0)
    assert not stage.ears.attention[-1].idle
    assert Command.NO in stage.ears.attention[-1].accepts
    assert Command.START not in stage.ears.attention[-1].accepts


def test_what_is_heard_is_logged_before_what_it_leads_to() -> None:
    stage = Stage().play(6.0).hear(Command.START, confidence=0.93, speech_end=5.8)
    kinds = [record.kind for record in stage.log]
    assert kinds[-3:] == ["heard", "state", "say"]
    heard = next(record for record in stage.log if isinstance(record, CommandHeard))
    assert wire(heard) == {
        "t": pytest.approx(6.0),
        "kind": "heard",
        "command": "start",
        "text": "start",
        "confidence": 0.93,
        "speech_end": 5.8,
    }


def test_other_talk_is_logged_and_leads_nowhere() -> None:
    stage = Stage().play(6.0)
    stage.ears.due.append(Rejected("the weather", "unknown", 5.9))
    stage.play(0.1)
    assert [r for r in stage.log if isinstance(r, SpeechRejected)]
    assert stage.states() == [State.IDLE]


def test_stop_ends_the_line_within_a_block() -> None:
    stage = Stage().hear(Command.START).play(0.6)
    before = len(stage.over())
    stage.hear(Command.STOP).play(0.1)
    cut = stage.over()[before]
    heard = next(r for r in reversed(stage.log) if isinstance(r, CommandHeard))
    assert cut.cut
    assert cut.end - heard.t <= 0.3


def test_a_fault_is_logged_once_and_the_session_says_it() -> None:
    stage = Stage().play(6.0)
    stage.engine.fault(Fault.MICROPHONE_LOST)
    stage.play(1.0)
    assert [r.what for r in stage.log if isinstance(r, Trouble)] == ["microphone lost"]
    assert "fault.microphone" in stage.lines()


def test_goodbye_is_said_whole_before_the_engine_has_finished() -> None:
    stage = Stage().play(6.0).hear(Command.QUIT)
    assert not stage.engine.finished
    stage.play(4.0)
    assert stage.engine.finished
    assert [over.cut for over in stage.over() if over.line == "idle.goodbye"] == [False]


ANSWERS = {
    State.IDLE: Command.START,
    State.SCREENING: Command.NO,
    State.SETUP: Command.NEXT,
    State.HOLD: Command.STOP,
    State.SITTING: Command.NO,
}
"""What someone says in each state who is well and comes down as soon as the legs are up."""


def into_done(stage: Stage) -> Stage:
    """Talk through a whole session, an answer whenever one is taken and nothing is being said."""
    for _ in range(600):
        state = stage.engine.session.state
        answer = ANSWERS.get(state)
        if state is State.DONE:
            return stage
        if answer in stage.engine.session.accepts and not stage.engine.speaking:
            assert answer is not None
            stage.hear(answer)
        stage.play(0.5)
    raise AssertionError(f"DONE was not reached: {stage.states()}, {stage.lines()[-6:]}")


def test_a_session_that_could_not_be_stored_is_told_as_a_line_of_the_session(
    tmp_path: Path,
) -> None:
    """Every rule of the session holds for it: "stop" silences it, "repeat" says it again."""
    journal = Journal(tmp_path / "journal.db", wait=30.0)
    stage = Stage(journal, minutes=0.5, breathing="belly")
    with full_disk():
        into_done(stage).play(12.0)
    journal.close()
    assert stage.lines().count("done.journal") == 1
    assert [r.what for r in stage.log if isinstance(r, Trouble)] == [Fault.JOURNAL.value]


def test_a_session_that_was_stored_says_nothing_of_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db", wait=30.0)
    stage = into_done(Stage(journal, minutes=0.5, breathing="belly")).play(12.0)
    journal.close()
    assert "done.journal" not in stage.lines()


def test_the_bed_sounds_only_where_it_belongs() -> None:
    stage = Stage(bed=Bed.NOISE).play(8.0)
    assert not np.any(stage.heard[-1])
    stage.hear(Command.START).play(8.0).hear(Command.YES).play_until(State.REFUSED).play(20.0)
    assert not np.any(stage.heard[-1])
    stage.hear(Command.YES).play_until(State.SEATED).play(3.0)
    assert np.any(stage.heard[-1])
