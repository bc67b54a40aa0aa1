"""The acoustic model's folder: found, checked before Vosk sees it, loaded.

Vosk ends the whole process when a file of a model is broken, so what can be checked is checked
first: the bundled one by its digests (15 ms, a tenth of a second on a Pi 4), any other by its
files' beginnings and by being loaded once in a process of its own.
"""

import contextlib
import hashlib
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from legsup_voice.errors import UserError
from legsup_voice.files import see_file

BUNDLED = "legsup-en"
PARTS = (
    *("am/final.mdl", "conf/mfcc.conf", "conf/model.conf"),
    *("graph/Gr.fst", "graph/HCLr.fst", "graph/disambig_tid.int", "graph/words.txt"),
)
"""The files of the bundled model that Vosk reads."""

SUMS = "SHA256SUMS"
"""Beside them: what `sums` returned when the model was made."""

UNKNOWN = "[unk]"
"""The word that stands for any other speech; without it a model rejects nothing by itself."""

PROBE_WORD = "stop"
"""What the probe listens for where a model lacks `UNKNOWN`: an empty grammar ends the process."""

PROBE_SECONDS = 120
"""Longest time a model may take to load in the probe: large ones need about a minute on a Pi."""

log = logging.getLogger(__name__)

_FST_MAGIC = bytes.fromhex("d6fdb27e")
_FETCH = """
import sys, vosk
class Loader(vosk.Model):
    def __init__(self): pass
    def __del__(self): pass
print(Loader().get_model_by_name(sys.argv[1]))
"""
_PROBE = """
import sys, vosk
vosk.SetLogLevel(-2)
model = vosk.Model(sys.argv[1])
word = sys.argv[2] if model.vosk_model_find_word(sys.argv[2]) >= 0 else sys.argv[3]
recogniser = vosk.KaldiRecognizer(model, 16000, '["%s"]' % word)
recogniser.AcceptWaveform(bytes(32000))
recogniser.FinalResult()
"""


@contextlib.contextmanager
def _left_out(*names: str) -> Iterator[None]:
    """Let an import find something empty in place of the modules `names`, and leave nothing of it.

    Vosk imports what only its downloader and its subtitles use: a library for the network, where
    nothing goes to the network, and 8 MB of the 150 that a Pi is to give. We load models from
    folders; what fetches one is a process of its own, with all of Vosk (`_FETCH`). This runs once,
    when the program starts and no other thread imports anything.
    """
    absent = [name for name in names if name not in sys.modules]
    stand_in = ModuleType("stand_in")
    vars(stand_in).update(tqdm=None, urlretrieve=None)
    sys.modules.update(dict.fromkeys(absent, stand_in))
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]


with _left_out("requests", "srt", "tqdm", "urllib.request"):
    import vosk as vosk  # the recogniser takes it from here


def bundled(name: str) -> Path:
    """Return the folder `name` of the models that come with the package, or with a checkout."""
    package = Path(__file__).resolve().parents[1]
    packaged = package / "models" / name
    return packaged if packaged.is_dir() else package.parent / "models" / name


def find(model: Path | str | None) -> Path:
    """Return the folder of `model`: a folder, or a model's name; None is the bundled one.

    Raises:
        UserError: there is no such folder, and Vosk has no model of that name.
    """
    if model is None or model == BUNDLED:
        return bundled(BUNDLED)
    try:
        folder = Path(model).expanduser()
    except RuntimeError as error:  # ~nobody
        raise UserError(f"There is no model folder {model}: there is no such user.") from error
    if folder.exists():
        return folder
    if not str(model).startswith("vosk-model"):
        raise UserError(
            f"There is no model folder {folder}; give a folder, or the name of a Vosk model such "
            "as vosk-model-small-en-us-0.15."
        )
    return _fetched(str(model))


def _fetched(name: str) -> Path:
    """Let Vosk's own loader find or fetch a model, in a process that it may end as it likes."""
    done = _python(_FETCH, name, timeout=None)
    folder = Path((done.stdout.strip().splitlines() or [""])[-1]) if done else Path()
    if done is None or done.returncode != 0 or folder == Path() or not folder.is_dir():
        raise UserError(
            f"The Vosk model {name} is not on this computer and could not be fetched; check the "
            "name and the network, or give a model's folder."
        )
    return folder


def knows(model: Any, word: str) -> bool:  # noqa: ANN401 - the package has no types
    """Tell whether the loaded `model` knows `word`.

    It is asked itself: official models keep their words inside `Gr.fst`.
    """
    return bool(model.vosk_model_find_word(word) >= 0)


def check(folder: Path) -> None:
    """See that `folder` is a Vosk model that takes a runtime grammar.

    Raises:
        UserError: it isn't; says what is missing.
    """
    if not folder.is_dir():
        raise UserError(f"The model {folder} is not a folder; unpack it first.")
    inner = "graph/" if (folder / "graph").is_dir() else ""
    if (folder / f"{inner}HCLG.fst").exists():
        raise UserError(
            f"The model {folder} has a fixed graph, which can't take a list of commands; "
            "use a small Vosk model with HCLr.fst and Gr.fst."
        )
    acoustic = "am/final.mdl" if (folder / "am").is_dir() else "final.mdl"
    config = "conf/mfcc.conf" if (folder / "conf").is_dir() else "mfcc.conf"
    starts = {acoustic: b"\0B", config: b""}
    starts |= {f"{inner}HCLr.fst": _FST_MAGIC, f"{inner}Gr.fst": _FST_MAGIC}
    for name, start in starts.items():
        _check_file(folder, name, start)


def check_whole(folder: Path) -> None:
    """See that the model that comes with the package is as it was made.

    Raises:
        UserError: it isn't.
    """
    try:
        whole = sums(folder) == (folder / SUMS).read_bytes()
    except OSError:
        whole = False
    if not whole:
        raise broken(folder)


def broken(path: Path) -> UserError:
    """Return the sentence that a part of the package can't be used."""
    return UserError(
        f"{path}, a part of hearing, is missing or broken: install legsup-voice again."
    )


def packaged(path: Path) -> str:
    """Return the text in a file of the package.

    Raises:
        UserError: it is missing or broken.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise broken(path) from error


def sums(folder: Path) -> bytes:
    """Return the SHA-256 of each of the model's `PARTS` as `sha256sum` would list them.

    Raises:
        OSError: a part can't be read.
    """
    lines = []
    for name in PARTS:
        with (folder / name).open("rb") as file:
            lines.append(f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {name}\n")
    return "".join(lines).encode()


def _check_file(folder: Path, name: str, start: bytes) -> None:
    try:
        see_file(folder / name)  # a pipe would be waited for, by Vosk too
        with (folder / name).open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise UserError(
            f"{folder} is not a Vosk model: its file {name} can't be read ({error.strerror})."
        ) from error
    if not head or not head.startswith(start):
        raise UserError(f"The Vosk model {folder} is broken: its file {name} is damaged.")


def load(model: Path | str | None) -> Any:  # noqa: ANN401 - the package has no types
    """Return the loaded model; None is the bundled one.

    Raises:
        UserError: it is missing, broken, or no Vosk model.
    """
    folder = find(model)
    if folder == bundled(BUNDLED):
        check_whole(folder)
    else:
        check(folder)
        probe = _python(_PROBE, str(folder), UNKNOWN, PROBE_WORD, timeout=PROBE_SECONDS)
        if probe is None or probe.returncode != 0:
            raise UserError(
                f"Vosk can't load the model {folder}: its files are broken or don't fit."
            )
    vosk.SetLogLevel(-2)
    loaded = vosk.Model(str(folder))
    if not knows(loaded, UNKNOWN):
        log.warning(
            "The model %s has no %s: by itself it takes any talk for a command.", folder, UNKNOWN
        )
    return loaded


def _python(
    script: str, *arguments: str, timeout: float | None
) -> "subprocess.CompletedProcess[str] | None":
    """Run a script in a Python of its own; None when it took too long."""
    try:
        return subprocess.run(  # noqa: S603
            [sys.executable, "-P", "-c", script, *arguments],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout,
        )
    except subprocess.TimeoutExpired:
        return None
