"""Tests of the training recipe, whose tools are the optional extra ``training``.

Files that need PyTorch are collected only where it can be imported: without the extra, the
product's own tests run and these are not there at all (they are not reported as skipped).
"""

import sys
from importlib.util import find_spec
from pathlib import Path

# The recipe isn't part of the installed package.
sys.path.insert(0, str(Path(__file__).parents[2]))

NEED_TORCH = [
    f"test_{name}.py" for name in ("export", "phone_network", "rivals", "trainer", "warmstart")
]
NEED_POCKETSPHINX = ["test_lexicon.py"]
NEED_KALDI_FBANK = ["test_kaldi_features.py"]

collect_ignore = [
    *(NEED_TORCH if find_spec("torch") is None else []),
    *(NEED_POCKETSPHINX if find_spec("pocketsphinx") is None else []),
    *(NEED_KALDI_FBANK if find_spec("kaldi_native_fbank") is None else []),
]
