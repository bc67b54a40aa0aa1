"""Gives back what only the start needs.

After loading, 50 of 164 MB are pages of libraries, of which a session that waits needs some 15 and
one that listens 35. The system would take the others back itself, but only when it runs short.
"""

import contextlib
import ctypes
import gc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_M_ARENA_MAX, _M_MMAP_THRESHOLD, _M_TRIM_THRESHOLD = -8, -3, -1  # malloc.h
_MADV_DONTNEED = 4  # sys/mman.h

_MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-.. \S+ \S+ \d+ +/")
"""The head of an entry of smaps: a file's pages that are read or run, and never written."""


_LARGE = 2**18
"""Bytes; more than what is needed for a block of the sound card, which takes a tenth of the time
that asking the system for its memory would."""


def keep_the_heap_small() -> None:
    """Let all threads take memory from one place, and what is large from the system, each piece.

    glibc's own heaps for each thread keep 5 MB more. And what is large would come from the heap,
    too, once such a piece was free: then all that an utterance or a sound needs for a while stays
    between what is kept, 11 MB in a hold.
    """
    _ask_libc("mallopt", _M_ARENA_MAX, 1)
    _ask_libc("mallopt", _M_MMAP_THRESHOLD, _LARGE)
    _ask_libc("mallopt", _M_TRIM_THRESHOLD, _LARGE)


def give_back_memory() -> None:
    """Return to the system what loading took for a while.

    What is there now stays to the end, so the garbage collector needs not look at its 60,000
    objects: that takes 27 ms here, and so perhaps seven blocks of a Pi's sound.
    """
    gc.collect()
    gc.freeze()
    trim()
    for start, end in _unwritten():
        _ask_libc("madvise", ctypes.c_void_p(start), ctypes.c_size_t(end - start), _MADV_DONTNEED)


def trim() -> None:
    """Return what the heap has free; glibc would keep it."""
    _ask_libc("malloc_trim", 0)


def _unwritten() -> Iterator[tuple[int, int]]:
    """Yield where this process has files that it can't write to, and hasn't: libraries, most.

    Each page of them comes back from the file when it is used. What was written to, as a library's
    table of addresses is once, lies in memory or in the swap.
    """
    where: tuple[int, int] | None = None
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/smaps").read_text(encoding="utf-8").splitlines():
            if not line[:1].isupper():
                head = _MAPPING.match(line)
                where = (int(head[1], 16), int(head[2], 16)) if head else None
            elif line.startswith("Anonymous:") and line.split()[1] != "0":
                where = None
            elif line.startswith("Swap:") and where and line.split()[1] == "0":
                yield where


def _ask_libc(function: str, *arguments: Any) -> None:  # noqa: ANN401
    with contextlib.suppress(OSError, AttributeError):  # another C library
        getattr(ctypes.CDLL("libc.so.6"), function)(*arguments)
