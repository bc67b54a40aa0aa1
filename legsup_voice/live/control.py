"""The control socket: what goes on goes out, commands come in; the session never waits for it.

One thread serves all clients. It shares two bounded queues with the worker that runs the engine:
requests, which the worker decides between blocks, and messages, which the thread sends. Whatever a
client does, the worker does the same: a client that doesn't read is dropped, one that sends too
much is dropped, and the thread rests between turns, so that nobody can keep it, and with it the
interpreter, busy. The socket lies in a folder that only this user can enter; nothing here ever
listens on a network (safety rule 19).
"""

import contextlib
import json
import logging
import selectors
import socket
import stat
import time
from collections import deque
from dataclasses import dataclass, field
from os import getuid
from pathlib import Path
from threading import Thread

from pydantic import ValidationError

from legsup_voice import __version__
from legsup_voice.config import control_socket
from legsup_voice.engine.engine import Engine
from legsup_voice.live.captions import show_captions
from legsup_voice.live.outward import (
    HOLDING,
    SEEN_AS,
    Need,
    Request,
    Snapshot,
    caption,
    heard,
    refusal,
    seen,
)
from legsup_voice.private import private_folder
from legsup_voice.protocol.log import LogRecord, StateEntered
from legsup_voice.protocol.states import State

TURN = 0.01
"""Seconds the thread rests between turns: its share of the processor is small by construction."""

AT_A_TIME = 4096
"""Bytes read of one client in a turn."""

MOST_CLIENTS = 16
"""With one more, the one goes that has said nothing for longest."""
MOST_LINES = 50
"""Lines a client may send within `PER_SECONDS`; a person's house sends a few a minute."""
PER_SECONDS = 1.0
LONGEST_LINE = 1024
"""Bytes without a line's end after which a client is dropped."""

MOST_UNSENT = 64 * 1024
"""Bytes a client may leave unread, beside what the kernel keeps for it, before it is dropped."""

MOST_WAITING = 64
"""Requests not decided yet; the worker decides them every few milliseconds."""

MOST_MESSAGES = 1024
"""Messages not sent yet. Only a thread that hangs lets them grow; the oldest are forgotten."""

LAST_CAPTIONS = 1.0
"""Seconds the last captions get when the session has ended."""

log = logging.getLogger(__name__)

Message = dict[str, object]


@dataclass(eq=False)
class _Client:
    """One connection."""

    socket: socket.socket
    unread: bytearray = field(default_factory=bytearray)
    unsent: bytearray = field(default_factory=bytearray)
    captions: bool = False
    lines: int = 0
    since: float = 0.0


@dataclass(frozen=True)
class _Outgoing:
    """A message to `to`, or to everybody; `caption`: only to who asked for captions."""

    message: Message
    to: _Client | None = None
    caption: bool = False


class Control:
    """The socket at `path` and its clients; the worker calls `exchange` and `record`.

    Raises:
        OSError: the socket can't be made there.
    """

    def __init__(self, path: Path, *, tells_need: bool = False) -> None:
        self._path = path
        self._tells_need = tells_need
        self._need = Need()
        self._snapshot = Snapshot(0.0, State.IDLE, False, None, None, 0.0, None)
        self._hold_began: float | None = None
        self._last_hold: float | None = None
        self._state: object = None
        self._decided = 0.0
        self._requests: deque[tuple[_Client, Request]] = deque()
        self._messages: deque[_Outgoing] = deque(maxlen=MOST_MESSAGES)
        self._clients: dict[socket.socket, _Client] = {}
        self._closing = False
        self._listener = _listen(path)
        self._wakes, self._wake = socket.socketpair()
        for each in (self._listener, self._wakes, self._wake):
            each.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wakes, selectors.EVENT_READ)
        self._thread = Thread(target=self._serve, name="control", daemon=True)
        self._thread.start()

    # --- in the worker ---------------------------------------------------------------------

    def exchange(self, engine: Engine) -> None:
        """Give the engine what was asked for since the last block, and tell what has changed."""
        if self._requests and engine.now > self._decided:  # so that each sees what the last one did
            self._decided = engine.now
            client, request = self._requests.popleft()
            why = refusal(request, engine.session)
            if why is None:
                self._grant(request, engine)
            self._send({"ok": True} if why is None else {"ok": False, "why": why}, client)
        self._look(engine)

    def record(self, record: LogRecord) -> None:
        """Take a record of the event log."""
        if isinstance(record, StateEntered):
            self._time_the_hold(record)
        self._need.note(record)
        message = seen(record)
        if message is not None and not self._is_known(message):
            self._send(message)
        words = caption(record)
        if words is not None:
            self._send(words, caption=True)

    def close(self) -> None:
        """Take the socket away and let the clients go."""
        self._closing = True
        self._awake()
        self._thread.join(timeout=1.0)
        self._path.unlink(missing_ok=True)

    def _grant(self, request: Request, engine: Engine) -> None:
        if request.gain_db is not None:
            engine.set_volume(request.gain_db)
        else:
            engine.command(heard(request, engine.now))

    def _time_the_hold(self, record: StateEntered) -> None:
        if record.state in HOLDING:
            self._hold_began = record.t if self._hold_began is None else self._hold_began
        elif record.state is not State.LEAVING:
            self._hold_began = None
        elif self._hold_began is not None:  # which "continue" may take back
            self._last_hold = round(record.t - self._hold_began, 1)

    def _is_known(self, message: Message) -> bool:
        """Return whether it is the state that the outside sees already."""
        before = self._state
        self._state = message.get("state", before)
        return message["kind"] == StateEntered.kind and self._state == before

    def _look(self, engine: Engine) -> None:
        session = engine.session
        before = self._snapshot
        self._snapshot = Snapshot(
            engine.now,
            SEEN_AS.get(session.state, session.state),
            session.in_pose,
            session.hold_ends,
            self._last_hold,
            session.volume,
            self._need.there if self._tells_need else None,
        )
        if self._snapshot != before:
            self._send(self._snapshot.message("status"))

    def _send(self, message: Message, to: _Client | None = None, *, caption: bool = False) -> None:
        self._messages.append(_Outgoing(message, to, caption))
        self._awake()

    def _awake(self) -> None:
        with contextlib.suppress(OSError):  # it is woken already
            self._wake.send(b"\0")

    # --- in the thread ---------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._closing:
            try:
                self._turn()
            except Exception as error:  # whatever it is, the guide goes on and so do we
                log.error("The control socket failed: %s.", error)  # noqa: TRY400 -- a sentence will do
            time.sleep(TURN)
        self._send_waiting()
        for client in list(self._clients.values()):
            self._drop(client)
        for each in (self._listener, self._wakes, self._wake):
            each.close()

    def _turn(self) -> None:
        for key, events in self._selector.select():
            if key.fileobj is self._listener:
                self._accept()
            elif key.fileobj is self._wakes:
                self._wakes.recv(AT_A_TIME)
            elif key.data.socket in self._clients:
                if events & selectors.EVENT_WRITE:
                    self._flush(key.data)
                if events & selectors.EVENT_READ:
                    self._read(key.data)
        self._send_waiting()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # it has gone again, or there are too many open files
            return
        if len(self._clients) >= MOST_CLIENTS:  # whoever comes may want to say "stop"
            silent = min(self._clients.values(), key=lambda client: client.since)
            self._post(silent, {"ok": False, "why": "Too many others are connected."})
            self._drop(silent)
        connection.setblocking(False)
        client = _Client(connection, since=time.monotonic())
        self._clients[connection] = client
        self._selector.register(connection, selectors.EVENT_READ, client)
        hello = self._snapshot.message("hello") | {"version": __version__}
        self._post(client, hello)

    def _read(self, client: _Client) -> None:
        try:
            received = client.socket.recv(AT_A_TIME)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            self._drop(client)
            return
        client.unread += received
        *lines, rest = client.unread.split(b"\n")
        client.unread = rest
        if self._too_much(client, len(lines)) or len(rest) > LONGEST_LINE:
            self._post(client, {"ok": False, "why": "That is too much at once."})
            self._drop(client)
            return
        for line in lines:
            self._take(client, bytes(line))

    def _too_much(self, client: _Client, lines: int) -> bool:
        now = time.monotonic()
        if now - client.since > PER_SECONDS:
            client.since, client.lines = now, 0
        client.lines += lines
        return client.lines > MOST_LINES

    def _take(self, client: _Client, line: bytes) -> None:
        try:
            request = Request.model_validate_json(line)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            why = f"{where}: {first['msg']}." if where else f"{first['msg']}."
            self._post(client, {"ok": False, "why": why})
            return
        if request.captions is not None:
            client.captions = request.captions
        if request == Request(captions=client.captions):
            self._post(client, {"ok": True})
        elif len(self._requests) < MOST_WAITING:
            self._requests.append((client, request))
        else:
            self._post(client, {"ok": False, "why": "Too much waits already."})

    def _send_waiting(self) -> None:
        while self._messages:
            out = self._messages.popleft()
            receivers = list(self._clients.values()) if out.to is None else [out.to]
            for client in receivers:
                if client.captions or not out.caption:
                    self._post(client, out.message)

    def _post(self, client: _Client, message: Message) -> None:
        if client.socket not in self._clients:
            return  # it has gone
        client.unsent += json.dumps(message, ensure_ascii=False).encode() + b"\n"
        self._flush(client)

    def _flush(self, client: _Client) -> None:
        try:
            sent = client.socket.send(client.unsent)
            del client.unsent[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self._drop(client)
            return
        if len(client.unsent) > MOST_UNSENT:
            log.warning("A client of the control socket that does not read was dropped.")
            self._drop(client)
            return
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if client.unsent else 0)
        self._selector.modify(client.socket, wanted, client)

    def _drop(self, client: _Client) -> None:
        if self._clients.pop(client.socket, None) is not None:
            self._selector.unregister(client.socket)
            client.socket.close()


def open_control(
    stack: contextlib.ExitStack, *, captions: bool = False, tells_need: bool = False
) -> Control | None:
    """Return the control socket, closed with `stack`; None where there can't be one.

    `captions`: its first client prints them.
    """
    try:
        control = Control(control_socket(), tells_need=tells_need)
    except OSError as error:
        log.warning("Nothing outside can reach the guide: %s.", error.strerror or error)
        return None
    if captions:
        stack.callback(show_captions().join, LAST_CAPTIONS)
    stack.callback(control.close)
    return control


def _listen(path: Path) -> socket.socket:
    """Return a socket that listens at `path`, in a folder that only this user can enter.

    Only one guide runs at a time, so that a socket that is there already is a dead one's.

    Raises:
        OSError: it can't be made, or the folder is someone else's.
    """
    folder = private_folder(path.parent)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != getuid():
        raise OSError(f"{folder} is not a folder of this user")
    folder.chmod(0o700)
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener
