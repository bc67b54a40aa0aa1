"""Whoever sends the guide far too much: answers to safety questions, and garbage."""

import os
import socket
import threading
from pathlib import Path

PAYLOADS = (b'{"command": "yes"}\n' * 1000, os.urandom(40_000), b"\n" * 20_000, b"[" * 9_000)


class Flood:
    """Clients that send without end, each its own; use it in a `with` statement."""

    def __init__(self, path: Path) -> None:
        self.lines = 0
        self._path = path
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(each,)) for each in PAYLOADS]

    def __enter__(self) -> "Flood":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, payload: bytes) -> None:
        while not self._over.is_set():
            try:
                with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                    client.settimeout(5)
                    client.connect(str(self._path))
                    for _ in range(100):
                        client.sendall(payload)
                        self.lines += payload.count(b"\n")
            except OSError:  # we were dropped
                continue


def memory(process: int | str = "self") -> float:
    """Return a process's resident memory in bytes."""
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE")
