"""The mutants outside the session still fit the code; `script/mutants.py` tries them."""

from pathlib import Path

import pytest

from script.mutants import HERE, Mutant, arguments, mutants

MUTANTS = mutants()


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_changes_what_is_there(mutant: Mutant, tmp_path: Path) -> None:
    (tmp_path / mutant.file).parent.mkdir(parents=True)
    whole = (HERE / mutant.file).read_text(encoding="utf-8")
    (tmp_path / mutant.file).write_text(whole, encoding="utf-8")
    assert mutant.apply(tmp_path) == whole
    broken = (tmp_path / mutant.file).read_text(encoding="utf-8")
    assert broken != whole
    compile(broken, mutant.file, "exec")


def test_there_are_many_with_names_of_their_own_and_tests_that_are_there() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 45
    for mutant in MUTANTS:
        file, *names = arguments(mutant.test)
        tests = (HERE / file).read_text(encoding="utf-8")
        for word in " ".join(names).replace("-k", "").split():
            assert word in ("and", "or", "PulseAudio") or word in tests, mutant.name
