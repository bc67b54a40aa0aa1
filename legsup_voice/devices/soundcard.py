"""The sound card as the engine sees it: a block in, a block out, on a clock that never lies."""

import time
from collections.abc import Callable, Iterator

from legsup_voice.audio import Samples
from legsup_voice.devices import names
from legsup_voice.devices.port import Port, Watchdog
from legsup_voice.devices.pulse import SoundServer
from legsup_voice.devices.transport import Losses, Transport
from legsup_voice.errors import UserError
from legsup_voice.protocol.faults import Fault


def check(mic: str | None, speaker: str | None) -> None:
    """Look for both devices without opening them.

    Raises:
        UserError: one of them isn't there.
    """
    server = SoundServer()
    names.find("speaker", speaker, server)
    names.find("microphone", mic, server)
    server.close()


class SoundCard:
    """The microphone and the speaker by name, None for the system's default; opened when made.

    Raises:
        UserError: one of them isn't there or can't be opened.
    """

    def __init__(self, mic: str | None, speaker: str | None) -> None:
        self._server = SoundServer()
        self._speaker = Port("speaker", speaker, self._server)
        try:
            self._microphone = Port("microphone", mic, self._server)
        except UserError:
            self._speaker.drop()
            self._server.close()
            raise
        if self._microphone.hears(self._speaker):
            self._let_go()
            raise UserError("There is no microphone, only the speaker's own sound: connect one.")
        self._transport = Transport()
        self._lost = {Fault.SPEAKER_LOST: False, Fault.MICROPHONE_LOST: False}
        self._watchdog = Watchdog(self._speaker, self._microphone)

    def step(
        self,
        process: Callable[[Samples], Samples],
        settle: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Run `process` for every block that is due now; tell `settle` what became of each."""
        self._transport.run(
            self._speaker.stream,
            self._microphone.stream,
            time.monotonic(),
            process,
            settle,
            self._speaker.condition,
        )

    def faults(self) -> Iterator[Fault]:
        """Yield what has been lost, or has come back, since this was last asked."""
        now = time.monotonic()
        for port, lost, back in (
            (self._speaker, Fault.SPEAKER_LOST, Fault.SPEAKER_BACK),
            (self._microphone, Fault.MICROPHONE_LOST, Fault.MICROPHONE_BACK),
        ):
            is_lost = port.lost(now)
            if is_lost != self._lost[lost]:
                self._lost[lost] = is_lost
                yield lost if is_lost else back

    @property
    def speaker_name(self) -> str:
        """What the speaker is called, and at which rate it runs."""
        return self._speaker.description

    @property
    def microphone_name(self) -> str:
        """What the microphone is called, and at which rate it runs."""
        return self._microphone.description

    @property
    def losses(self) -> Losses:
        """What went wrong in the sound so far."""
        return self._transport.losses

    def close(self) -> None:
        """Let go of both devices."""
        self._watchdog.stop()
        self._let_go()

    def _let_go(self) -> None:
        self._speaker.drop()
        self._microphone.drop()
        self._server.close()
