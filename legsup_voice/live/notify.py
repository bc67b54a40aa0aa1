"""Tells systemd that the program is ready and alive.

The protocol is one datagram to a socket named in the environment; the packages for it either need a
C compiler and libsystemd's headers, or have not been touched in years.
"""

import contextlib
import os
import socket


def is_service() -> bool:
    """Tell whether systemd started us with `Type=notify`, and will again when we end."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


class ServiceManager:
    """systemd if it started us with `Type=notify`, else nobody."""

    def __init__(self) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self.there = is_service()
        """Whether it started us, and will again."""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def tell(self, message: str) -> None:
        """Send `READY=1`, `WATCHDOG=1` or `STOPPING=1`; nobody has to listen."""
        if self._address:
            with contextlib.suppress(OSError):
                self._socket.sendto(message.encode(), self._address)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
