"""Lists of recordings: what they may hold, and one sentence when they hold else."""

from pathlib import Path

import pytest

from legsup_voice.errors import UserError
from legsup_voice.evaluation import clips

HEAD = "path\tkind\ttext\n"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    return tmp_path / "list.tsv"


def test_a_list_may_begin_with_a_byte_order_mark(listed: Path) -> None:
    listed.write_text(f"{HEAD}a.wav\t\tstop\n", encoding="utf-8-sig")
    (clip,) = clips.manifest(listed)
    assert clip == clips.Clip(listed.parent / "a.wav", "command", "stop", "")


def test_a_kind_that_is_none_is_named_with_its_line(listed: Path) -> None:
    listed.write_text(f"{HEAD}a.wav\ttalk\tstop\nb.wav\tfoo\tstop\n")
    with pytest.raises(UserError, match=rf"{listed}, line 3: 'foo' is none of command, talk"):
        clips.manifest(listed)


def test_a_name_that_no_file_can_have_is_told(listed: Path) -> None:
    listed.write_text(f"{HEAD}a\0.wav\ttalk\tstop\n")
    with pytest.raises(UserError, match=r"no file .*to hear: its name can't be a file's\."):
        clips.contents(clips.manifest(listed)[0].path)
