"""Breaks one thing outside the session at a time and sees whether its test notices.

    python -m script.mutants [PART_OF_A_NAME_OR_FILE…]

Prints a Markdown table; the status is 1 when a mutant lived. Works on a copy of this folder. Tests
that are run once more when they fail are run once more here too.
"""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

HERE = Path(__file__).parents[1]
HEAD = """| what is broken | noticed by | |
|---|---|---|"""
PATIENCE = 400
"""Seconds a test may take: one that never ends has noticed too."""


@dataclass(frozen=True)
class Mutant:
    """`new` in place of `old`, which must be in `file` once; pytest is given `test`."""

    name: str
    file: str
    old: str
    new: str
    test: str

    def apply(self, folder: Path) -> str:
        """Break the copy in `folder`; return what the file was."""
        path = folder / self.file
        whole = path.read_text(encoding="utf-8")
        if (count := whole.count(self.old)) != 1:
            raise ValueError(f"{self.name}: {self.old!r} is in {self.file} {count}×")
        path.write_text(whole.replace(self.old, self.new), encoding="utf-8")
        return whole


def mutants() -> list[Mutant]:
    """Return all of them."""
    listed = YAML(typ="safe").load(Path(__file__).with_suffix(".yaml"))
    return [Mutant(**each) for each in listed]


def arguments(test: str) -> list[str]:
    """Return pytest's arguments: a file and, after -k, what its tests' names must match."""
    file, _, names = test.partition(" -k ")
    return [file, *(("-k", names.strip('"')) if names else ())]


def notices(mutant: Mutant, folder: Path) -> bool:
    """Return whether the test fails on the broken copy."""
    before = mutant.apply(folder)
    command = [sys.executable, "-m", "pytest", "-q", "-x", *arguments(mutant.test)]
    try:
        done = subprocess.run(  # noqa: S603 -- our own tests
            command, cwd=folder, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return True
    finally:
        (folder / mutant.file).write_text(before, encoding="utf-8")
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{mutant.name}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 1


def copy_to(folder: Path) -> None:
    """Copy what git knows of this folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],  # noqa: S607
        cwd=HERE,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(HERE / name, folder / name)


def main() -> int:
    """Try those whose name or file has one of the arguments in it, or all; print the table."""
    wanted = sys.argv[1:] or [""]
    lived = 0
    print(HEAD)  # noqa: T201
    with tempfile.TemporaryDirectory(prefix="legsup-") as temporary:
        folder = Path(temporary) / HERE.name
        folder.mkdir()
        copy_to(folder)
        for mutant in mutants():
            if any(part in f"{mutant.name} | {mutant.file}" for part in wanted):
                noticed = notices(mutant, folder)
                lived += not noticed
                what = "caught" if noticed else "**lived**"
                print(f"| {mutant.name} | `{mutant.test}` | {what} |", flush=True)  # noqa: T201
    return 1 if lived else 0


if __name__ == "__main__":
    sys.exit(main())
