"""Hands microphone and speaker to the guide for legs up the wall, and takes them back after.

The guide hears and speaks for itself; two listeners would answer each other. So OVOS sleeps and its
microphone is mute from before the guide's first word until its session is over or it is gone. OVOS
unmutes itself at `mycroft.stop` and when its own sound has ended; we say it again then.
"""

from threading import Lock, Thread

from ovos_bus_client.message import Message
from ovos_workshop.decorators import intent_handler
from ovos_workshop.skills import OVOSSkill

from . import guide

UNMUTING = ("mycroft.stop", "recognizer_loop:audio_output_end")


class LegsupSkill(OVOSSkill):  # type: ignore[misc] # an OVOS is rarely installed beside our tools
    """The skill; what it does to OVOS is undone whatever happens to the guide."""

    def initialize(self) -> None:
        """Watch what would unmute OVOS."""
        self._handed_over = False
        self._lock = Lock()
        for name in UNMUTING:
            self.add_event(name, self._mute_again)

    @intent_handler("start.intent")  # type: ignore[untyped-decorator]
    def handle_start(self, _message: Message) -> None:
        """Begin a session."""
        with self._lock:
            if self._handed_over:
                return
            self._handed_over = True
        Thread(target=self._accompany, name="legsup", daemon=True).start()

    def stop(self) -> bool:
        """Come down, slowly; OVOS stays mute until the guide is through."""
        return guide.stop(guide.control_socket())

    def shutdown(self) -> None:
        """Take the microphone back; the guide and the person on the floor go on."""
        self._take_back()

    def _accompany(self) -> None:
        self._hand_over()
        trouble = ""
        try:
            for _ in guide.begin(guide.control_socket()):
                pass
        except guide.NoGuideError:
            trouble = "no_guide"
        except guide.RefusedError:
            trouble = "refused"
        finally:
            self._take_back()
        if trouble:
            self.speak_dialog(trouble)

    def _hand_over(self) -> None:
        self.bus.emit(Message("recognizer_loop:sleep"))
        self.bus.emit(Message("mycroft.mic.mute"))

    def _take_back(self) -> None:
        with self._lock:
            if not self._handed_over:
                return
            self._handed_over = False
        self.bus.emit(Message("mycroft.mic.unmute"))
        self.bus.emit(Message("recognizer_loop:wake_up"))

    def _mute_again(self, _message: Message) -> None:
        if self._handed_over:
            self._hand_over()
