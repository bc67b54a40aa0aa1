"""Whatever the surroundings are like, what leaves the program is a sentence, or nothing."""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from legsup_voice.config import load_config
from legsup_voice.speaking.voice import Voice

CASES = Path(__file__).parents[1] / "cases"
SCENARIO = Path(__file__).parents[1] / "scenarios" / "refused_silence.yaml"


def legsup(
    *arguments: str | bytes,
    shell: str = "",
    limit: Callable[[], None] | None = None,
    **environment: str,
) -> subprocess.CompletedProcess[bytes]:
    """Run the program; `shell` is what a shell would write after it."""
    command = [sys.executable, "-m", "legsup_voice", *arguments]
    if shell:
        command = ["/bin/sh", "-c", f'exec "$@" {shell}', "sh", *command]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, check=False, preexec_fn=limit
    )


def is_a_sentence(said: bytes) -> bool:
    """Return whether this is one line for people."""
    return said.startswith(b"legsup: ") and said.count(b"\n") == 1 and b"Traceback" not in said


@pytest.mark.parametrize("encoding", ["iso8859-1", "ascii", "cp1252"])
@pytest.mark.parametrize("command", ["commands", "history", "--help"])
def test_an_old_terminal_shows_what_it_can(encoding: str, command: str, tmp_path: Path) -> None:
    done = legsup(command, PYTHONIOENCODING=encoding, LEGSUP_DATA=str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert done.stdout.decode(encoding)


def test_a_file_name_that_is_no_text_is_told_of(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.wav"
    done = legsup("simulate", name, "--out", os.fsencode(tmp_path) + b"/\xe9")
    assert done.returncode == 2
    assert is_a_sentence(done.stderr), done.stderr


@pytest.mark.parametrize("shell", ["> /dev/full", "> /dev/full 2> /dev/full"])
def test_a_full_disk_is_told_of_where_it_can_be(shell: str) -> None:
    done = legsup("commands", shell=shell)
    assert done.returncode == 1
    assert not done.stderr or is_a_sentence(done.stderr)
    assert bool(done.stderr) == ("2>" not in shell)


@pytest.mark.parametrize("shell", [">&-", "2>&-", ">&- 2>&-"])
def test_without_a_terminal_it_runs_all_the_same(shell: str) -> None:
    done = legsup("commands", shell=shell)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_what_is_closed_at_the_start_becomes_no_file_of_ours(closed: str, tmp_path: Path) -> None:
    program = f"""
import os, sys
sys.argv = ["legsup", "diagram"]
from legsup_voice.__main__ import main
main()
with open({str(tmp_path / "file")!r}, "w") as file:
    print(file.fileno(), *(os.stat(stream).st_rdev for stream in range(3)), file=file)
"""
    command = ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", program]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    number, *devices = map(int, (tmp_path / "file").read_text().split())
    assert number > 2
    nothing = os.stat(os.devnull).st_rdev  # noqa: PTH116
    assert [devices[int(each[0])] for each in closed.split()] == [nothing] * len(closed.split())


@pytest.mark.parametrize("command", [["commands"], ["diagram"], ["guide", "start"]])
def test_a_reader_who_goes_is_no_fault(command: list[str], tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    given = [sys.executable, "-m", "legsup_voice", *command]
    there = os.environ | {"LEGSUP_DATA": str(tmp_path)}
    done = subprocess.run(given, stdout=write, stderr=subprocess.PIPE, env=there, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("home", ["", "/dev/null", "/nowhere/at/all"])
def test_without_a_home_there_is_a_table_or_a_sentence(home: str) -> None:
    done = legsup("history", HOME=home, XDG_DATA_HOME="", LEGSUP_DATA="")
    assert done.returncode == 0 or is_a_sentence(done.stderr), done.stderr


@pytest.mark.parametrize("megabytes", [60, 120, 200])
def test_too_little_memory_is_no_traceback(megabytes: int) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))

    done = legsup("hear", str(CASES / "wav" / "stereo_phase.wav"), limit=limit)
    assert done.returncode not in (0, -signal.SIGSEGV)
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("number", [5, 30, 150, 400])
def test_ctrl_c_while_it_loads_ends_it_without_a_word(number: int) -> None:
    """It comes so many imports after the program's first own line."""
    command = [sys.executable, "-X", "importtime", "-m", "legsup_voice", "hear", "none.wav"]

    def heed() -> None:  # what runs in the background, as these tests may, inherits to ignore it
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=heed
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        for line in program.stderr:
            if line.rstrip().endswith(b" signal"):
                break
        for _ in range(number):
            program.stderr.readline()
        program.send_signal(signal.SIGINT)
        rest = program.stderr.read().splitlines()
        assert program.stdout.read() == b""
    assert program.returncode == 130
    assert [line for line in rest if not line.startswith(b"import time:")] == []


def test_a_configuration_may_begin_with_a_byte_order_mark() -> None:
    assert load_config(CASES / "config" / "bom.toml").model_fields_set


def test_what_the_disk_did_not_take_is_known_to_be_missing(tmp_path: Path) -> None:
    lines = [("Nobody has recorded this.", "setup"), ("Nor this.", "setup")]
    voice = Voice(tmp_path / "cache")
    assert voice.missing(lines) == 2
    voice.render_all(lines[:1], lambda *_: None)
    assert voice.missing([*lines, *lines]) == 1
    nowhere = Voice(Path("/dev/null/cache"))
    nowhere.render_all(lines, lambda *_: None)
    assert nowhere.missing(lines) == 2


def small_files() -> None:
    """Let no file grow above 8 kB, as a disk that is nearly full."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (8_000, 8_000))


WRITTEN = {
    "simulate": ("out/speaker.wav", ["simulate", str(SCENARIO), "--out", "{folder}/out"]),
    "render.mp3": ("a.mp3", ["render", "{folder}/a.mp3", "--minutes", "0.5"]),
    "render.ogg": ("a.ogg", ["render", "{folder}/a.ogg", "--minutes", "0.5"]),
    "render.wav": ("a.wav", ["render", "{folder}/a.wav", "--minutes", "0.5"]),
    "guide": ("a.html", ["guide", "--html", "{folder}/a.html"]),
    "history": ("a.html", ["history", "--html", "{folder}/a.html"]),
    "plot": ("a.bmp", ["history", "--plot", "{folder}/a.bmp"]),
}


@pytest.mark.parametrize("what", WRITTEN)
def test_what_the_disk_does_not_take_is_named_and_the_old_file_stays(
    what: str, tmp_path: Path
) -> None:
    name, arguments = WRITTEN[what]
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("what was there before")
    given = [each.replace("{folder}", str(tmp_path)) for each in arguments]
    done = legsup(*given, limit=small_files, LEGSUP_DATA=str(tmp_path))
    assert done.returncode != 0
    assert is_a_sentence(done.stderr), done.stderr
    assert str(file).encode() in done.stderr
    assert b"File too large" in done.stderr
    if what != "simulate":
        assert file.read_text() == "what was there before"
        assert list(tmp_path.iterdir()) == [file]
