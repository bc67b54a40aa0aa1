"""`python -m legsup_voice` is the command `legsup`.

Python looks for modules in the current folder first when started like this. Whatever lies there, a
`vosk.py` in somebody's downloads, is not ours to run, so the folder is taken off the list, unless
it is the one that this package is in.
"""

import os
import sys

_HOME = __file__.rsplit(os.sep, 2)[0]
if __name__ == "__main__" and not sys.flags.safe_path and sys.path[0] != _HOME:
    del sys.path[0]

import signal  # noqa: E402 -- only from where Python's own modules are

INTERRUPTED = 130


def _leave(*_: object) -> None:
    os._exit(INTERRUPTED)


def _unraisable(what: "sys.UnraisableHookArgs") -> None:
    """Ctrl-C, or the end of memory, may come where no exception can be raised, as in an import."""
    if issubclass(what.exc_type, KeyboardInterrupt):
        _leave()
    if issubclass(what.exc_type, MemoryError):
        return  # what is done next lacks it, too, and says so
    sys.__unraisablehook__(what)


def _open_standard_streams() -> None:
    """Where one was closed, open nothing there: a file of ours would get what others print."""
    for stream in range(3):
        try:
            os.fstat(stream)
        except OSError:  # the lowest number that is free is this one
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def _on_interrupt(before: object, after: object) -> None:
    if signal.getsignal(signal.SIGINT) is before:  # else it is ignored, as after `nohup`
        signal.signal(signal.SIGINT, after)  # type: ignore[arg-type]


def main() -> int:
    """Run the command; Ctrl-C ends it without a word at any moment."""
    _on_interrupt(signal.default_int_handler, _leave)
    _open_standard_streams()
    sys.unraisablehook = _unraisable
    # On more than one core NumPy's matrix products would start threads that wait for each other by
    # spinning, for matrices that one core has done before they are awake. NumPy looks at this when
    # it is imported; whoever imports us without the command decides for themselves.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from legsup_voice.commands.cli import main as work

    _on_interrupt(_leave, signal.default_int_handler)
    status = work()
    _on_interrupt(signal.default_int_handler, _leave)
    return status


if __name__ == "__main__":
    sys.exit(main())
