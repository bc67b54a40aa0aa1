"""Keeps the computer from going to sleep while somebody is in the pose, where systemd can."""

import contextlib
import shutil
import subprocess

_COMMAND = (
    "systemd-inhibit",
    "--what=sleep:handle-lid-switch",
    "--who=legsup_voice",
    "--why=Somebody lies with the legs up the wall",
    "cat",  # ends with our end of its input, however we end
)


class Awake:
    """Asks for no sleep and takes it back."""

    def __init__(self) -> None:
        self._inhibitor: subprocess.Popen[bytes] | None = None

    def keep(self, awake: bool) -> None:
        """Keep the computer awake from now on, or no longer."""
        if self._inhibitor is not None:
            self._inhibitor.poll()  # where it isn't allowed it has ended: leave no zombie
        if awake == (self._inhibitor is not None):
            return
        inhibitor, self._inhibitor = self._inhibitor, None
        if inhibitor is not None:
            inhibitor.kill()
            inhibitor.communicate()
        elif program := shutil.which(_COMMAND[0]):
            with contextlib.suppress(OSError):
                self._inhibitor = subprocess.Popen(  # noqa: S603 - fixed words
                    (program, *_COMMAND[1:]),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
