"""What the parent asks of a disk, which may hang: another process asks, and gets a moment only."""

import json
import os
import time
from collections.abc import Callable
from typing import Any

from legsup_voice.config import journal_path, load_config
from legsup_voice.live.heartbeat import Forked
from legsup_voice.protocol.states import State
from legsup_voice.records.journal import Journal
from legsup_voice.speaking.way_out import ENGLISH

ANSWER = 3.0
"""Seconds a disk gets to tell what is set, or whether the last session broke off in the pose."""


def speaker_and_language() -> tuple[str | None, str]:
    """Return what the user has set; what can't be read keeps nobody silent."""
    speaker, language = _soon(_configured) or (None, ENGLISH)
    return speaker, language


def someone_may_lie() -> bool:
    """Return whether the last session broke off in the pose, or nothing certain is known of it."""
    return not _soon(_nobody_lies)


def note_the_end() -> None:
    """Keep that the way down has been said to its end: the next start need not say it again."""
    _soon(_keep_the_end)


def _configured() -> tuple[str | None, str]:
    config = load_config()
    return config.speaker, config.language


def _nobody_lies() -> bool:
    journal = Journal(journal_path())
    journal.close()
    return not journal.interrupted


def _keep_the_end() -> None:
    journal = Journal(journal_path())
    journal.state(State.LEAVING, 0.0, in_pose=True)
    journal.state(State.IDLE, 0.0, in_pose=False)
    journal.close()


def _soon(task: Callable[[], Any]) -> Any:  # noqa: ANN401 -- what JSON holds
    """Return what `task` does; None where a disk hangs, or kills it, or it can't be done."""
    try:
        process = Forked()
    except OSError:  # there is no room for another process
        return None
    if not process.pid:
        try:
            process.end.sendall(json.dumps(task()).encode())
            os._exit(0)
        finally:
            os._exit(1)
    answer = b""
    while not (ended := process.ended()) and process.silent() < ANSWER:
        answer += process.beats()
        time.sleep(0.01)
    answer += process.beats()
    process.kill()
    return json.loads(answer) if ended and process.status == 0 else None
