"""The one place where a session is put together: live, in a simulated room and in long runs."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from legsup_voice.content import content
from legsup_voice.engine.engine import Engine, Hearing
from legsup_voice.errors import UserError
from legsup_voice.protocol.actions import Record
from legsup_voice.protocol.choices import Choices
from legsup_voice.protocol.commands import Bed, Pattern
from legsup_voice.protocol.faults import Fault
from legsup_voice.protocol.log import LogRecord
from legsup_voice.records.journal import Journal
from legsup_voice.session.session import Session
from legsup_voice.session.settings import Settings
from legsup_voice.speaking.cue_words import Cues
from legsup_voice.speaking.lead_in import KeepAwake
from legsup_voice.speaking.mixer import Mixer
from legsup_voice.speaking.voice import Voice


def settings_of(**given: object) -> Settings:
    """Return the settings of a session.

    Raises:
        UserError: one can't be that; it is called by the name of its option.
    """
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"--{first['loc'][0]}: {first['msg']}.") from error


def put_together(
    settings: Settings,
    ears: Hearing,
    voice: Voice,
    log: Callable[[LogRecord], None],
    journal: Journal | None = None,
    *,
    remember: Callable[[Choices], None] = lambda _: None,
    silence: Callable[[], None] = lambda: None,
    bed: Bed | Path = Bed.NONE,
    breaths: Mapping[Pattern, Sequence[float] | None] | None = None,
    cues: Cues = Cues.SOUNDS,
    keep_awake: KeepAwake = KeepAwake.OFF,
    volume_db: float = 0.0,
    interrupted: bool = False,
) -> Engine:
    """Return an engine with a new session in it, in IDLE.

    Every record goes to `journal` before it goes to `log`, so that a state is on the disk before
    the sound that announces it. What the journal can't keep is a fault that the session is told.
    What is said is in the language of `voice`.
    `interrupted`: somebody may lie in the pose from before, whatever the journal says.
    """
    said = content(voice.language).with_breaths(breaths or {})
    session = Session(settings, said)
    session.volume = volume_db or session.volume  # else the one of last time
    mixer = Mixer(voice, bed, cues, keep_awake)
    mixer.set_volume(session.volume)

    def take(record: LogRecord) -> None:
        if journal is not None:
            journal.log(record, session.in_pose)
        log(record)

    def keep(outcome: Record) -> None:
        if journal is not None:
            journal.record(outcome)
            if journal.trouble:
                engine.fault(Fault.JOURNAL)

    engine = Engine(
        session,
        ears,
        mixer,
        take,
        record=keep,
        remember=remember,
        silence=silence,
        interrupted=interrupted or (journal is not None and journal.interrupted),
    )
    return engine
