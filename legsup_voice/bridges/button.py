"""`legsup bridge button`: one button that begins a session, or ends it by the slow exit.

For whoever can't be heard, or doesn't want to speak: a switch on a pin of the Raspberry Pi, or any
key, pedal or remote control that the kernel knows as an input device. The button can do nothing
else, so it needs no look: where nothing is under way it begins, else it asks to come down, and on
the way down it means nothing. A light on another pin follows the state.
"""

import logging
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import ioctl
from pathlib import Path
from threading import Thread
from typing import Protocol

from legsup_voice.bridges import guide
from legsup_voice.errors import UserError

DEBOUNCE = 0.05
"""Seconds; the contacts of a switch bounce for some milliseconds."""

BLINK = (0.5, 0.5)
"""Seconds on and off."""

AGAIN = 1.0
"""Seconds until an input device that was unplugged is looked for again."""

_EVENT = struct.Struct("llHHi")
"""struct input_event of linux/input.h: a time, type, code and value."""

_EV_KEY = 1
_PRESSED = 1  # 0 is released, 2 repeated
_EVIOCGRAB = 0x40044590
"""_IOW('E', 0x90, int) of linux/input.h: what is pressed goes to nobody else."""

log = logging.getLogger(__name__)


class Light(Protocol):
    """A light on a pin."""

    def on(self) -> None:
        """Shine."""
        ...

    def off(self) -> None:
        """Be dark."""
        ...

    def blink(self, on_time: float, off_time: float) -> None:
        """Blink until told otherwise."""
        ...


def press(socket: Path | None = None) -> None:
    """Begin a session; where one is under way, ask for the slow exit."""
    try:
        if not guide.ask({"command": "start"}, socket)["ok"]:
            answer = guide.ask({"command": "stop"}, socket)
            if not answer["ok"]:
                log.info("The button was pressed: %s", answer["why"])
    except guide.NoGuideError as error:
        log.warning("The button was pressed: %s", error)


def show(message: guide.Message | None, light: Light) -> None:
    """Let `light` follow: dark when idle, on in the hold, else blinking."""
    if message is None or message["state"] == "IDLE":
        light.off()
    elif message["state"] in ("HOLD", "PAUSED"):
        light.on()
    else:
        light.blink(*BLINK)


def button(*, gpio: int | None, key: Path | None, code: int | None, led: int | None) -> None:
    """Watch the button on a pin or an input device, until the process is ended.

    `code` is the number of the only key that counts (linux/input-event-codes.h).

    Raises:
        UserError: neither is given, a pin can't be used, or the device can't be opened.
    """
    switch = None if gpio is None else watch_pin(gpio, press)
    if key is not None:
        _check(key)
        Thread(target=_watch_keys, args=(key, code, press), daemon=True).start()
    if switch is None and key is None:
        raise UserError("Name the button: --gpio with its pin, or --key with its input device.")
    light = None if led is None else light_on(led)
    for message in guide.follow_always():
        if light is not None and (message is None or message["kind"] in ("hello", "status")):
            show(message, light)


def watch_pin(pin: int, pressed: Callable[[], None]) -> object:
    """Call `pressed` whenever the switch between `pin` (Broadcom's number) and ground is closed.

    The switch is watched as long as what is returned is kept.

    Raises:
        UserError: there is no gpiozero, or no such pin.
    """
    with _using(pin):
        from gpiozero import Button

        switch = Button(pin, bounce_time=DEBOUNCE)
    switch.when_pressed = pressed
    return switch


def light_on(pin: int) -> Light:
    """Return the light between `pin` and ground.

    Raises:
        UserError: there is no gpiozero, or no such pin.
    """
    with _using(pin):
        from gpiozero import LED

        light: Light = LED(pin)
    return light


def presses(device: Path, code: int | None, *, grab: bool = True) -> Iterator[None]:
    """Yield at every press of a key of the input device `device`, until it is unplugged.

    Raises:
        OSError: it can't be opened, or is gone.
    """
    with device.open("rb", buffering=0) as events:
        if grab:
            ioctl(events, _EVIOCGRAB, 1)
        while event := events.read(_EVENT.size):
            _, _, kind, key, value = _EVENT.unpack(event)
            if kind == _EV_KEY and value == _PRESSED and code in (None, key):
                yield


def _watch_keys(device: Path, code: int | None, pressed: Callable[[], None]) -> None:
    while True:
        try:
            for _ in presses(device, code):
                pressed()
        except OSError as error:
            log.info("The input device %s can't be read yet: %s.", device, error.strerror)
        time.sleep(AGAIN)


def _check(device: Path) -> None:
    try:
        device.open("rb", buffering=0).close()
    except OSError as error:
        raise UserError(f"The input device {device} can't be opened: {error.strerror}.") from error


@contextmanager
def _using(pin: int) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise UserError("A pin needs gpiozero: pip install 'legsup-voice[button]'.") from error
    except Exception as error:  # whatever the pins' own libraries raise
        raise UserError(f"Pin {pin} can't be used: {error}.") from error
