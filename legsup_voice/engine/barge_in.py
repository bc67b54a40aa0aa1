"""Barge-in: the voice yields when the person speaks over it.

It is ducked at once, on voice activity alone. When what was said is a command, the session silences
the line and replies; when it was other talk, the line starts again from its beginning, so that
nothing of it is lost; a clatter only ducks it. Safety lines don't yield: only "stop" and symptoms
silence them.
"""

from legsup_voice.hearing.ears import VoiceActivity
from legsup_voice.protocol.events import Rejected
from legsup_voice.speaking.mixer import Mixer

RESUME_SECONDS = 2.0
"""From the beginning of the person's voice until the interrupted line starts again."""

LEAST_GAP = 0.5
"""Seconds of silence between the person's last word and the line that starts again."""

SHORTEST_TALK = 0.3
"""Seconds; dishes and an exercise bike are taken for a voice that lasts up to 0.29 s."""


class BargeIn:
    """Follows the person's voice and ducks, or restarts, the line that sounds."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._since = self._began = 0.0
        self._over_a_line = False
        self._other_talk = False

    def voice(self, voice: VoiceActivity, now: float) -> None:
        """Hear at `now` seconds that the person's voice began or ended."""
        if voice.active:
            self._since, self._began = now, voice.at
            self._over_a_line = self._mixer.yielding
            self._other_talk = False
            if self._over_a_line:
                self._mixer.duck(True)
            return
        self._mixer.duck(False)
        if self._over_a_line and self._other_talk and voice.at >= self._began + SHORTEST_TALK:
            self._mixer.restart(max(LEAST_GAP, self._since + RESUME_SECONDS - now))

    def rejected(self, rejected: Rejected) -> None:
        """What the person said was no command; words of our own are nobody's talk."""
        self._other_talk = rejected.why != "own voice"
