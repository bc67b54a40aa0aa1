"""What no template writes out, or what sounds like something else, is heard by its words."""

from pathlib import Path

import pytest

from legsup_voice.audio import HEAR_RATE
from legsup_voice.evaluation import bench, clips
from legsup_voice.hearing.attention import Attention
from legsup_voice.hearing.grammar.intent import Intent
from legsup_voice.protocol.commands import Command, Condition, Symptom
from legsup_voice.protocol.events import Heard
from legsup_voice.soundfiles import read

SENTENCES = Path(__file__).parent / "sentences"
MEANT = {
    "yep_had_it_for_years-bf_alice": Intent(Command.YES),
    "i_forgot_to_mention_that_i_was_treated_for_glaucoma-bf_alice": Intent(
        Command.CONDITION, condition=Condition.GLAUCOMA
    ),
    "no_ive_never_had_anything_like_that_touch_wood-bm_george": Intent(Command.NO),
    "oh_no_my_calf_has_just_gone_into_a_terrible_spasm-am_liam": Intent(
        Command.SYMPTOM, symptom=Symptom.CRAMP
    ),
    "okay_thats_me_sorted_what_comes_next-bf_isabella": Intent(Command.NEXT),
    "the_dog_was_barking_could_you_say_that_again-bm_daniel": Intent(Command.REPEAT),
}


def test_every_sentence_is_tried() -> None:
    assert {path.stem for path in SENTENCES.glob("*.flac")} == MEANT.keys()


@pytest.mark.parametrize("name", sorted(MEANT))
def test_a_sentence_is_heard_where_its_command_is_taken(
    listener: bench.Listener, name: str
) -> None:
    said = clips.quiet_around(read(SENTENCES / f"{name}.flac", HEAR_RATE))
    (found,) = listener.hear(said, bench.EVERYTHING)
    assert isinstance(found.report, Heard)
    assert bench.intent_of(found.report) == MEANT[name]


def test_it_is_nothing_where_its_command_is_not_taken(listener: bench.Listener) -> None:
    said = read(SENTENCES / "okay_thats_me_sorted_what_comes_next-bf_isabella.flac", HEAR_RATE)
    stop_only = Attention(frozenset({Command.STOP}))
    (found,) = listener.hear(clips.quiet_around(said), stop_only)
    assert not isinstance(found.report, Heard)
    assert found.report.why == "not now"
