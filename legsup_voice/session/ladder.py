"""The ladders of variations: each "easier" or "harder" gives the next one."""

from typing import TYPE_CHECKING

from legsup_voice.protocol.commands import Command

if TYPE_CHECKING:
    from legsup_voice.session.session import Session


def climb(session: "Session", command: Command) -> str:
    """Return the next line of the ladder that may be said in this state; the last one stays."""
    setup = session.content.setup
    ladder = setup.easier if command is Command.EASIER else setup.harder
    rungs = [rung.line for rung in ladder.rungs("pose" if session.in_pose else "standing")]
    rung = session.rungs.get(command, 0)
    session.rungs[command] = rung + 1
    return rungs[min(rung, len(rungs) - 1)]
