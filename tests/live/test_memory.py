"""What a start gives back, in a process of its own that has loaded what a session has."""

import subprocess
import sys

LARGE = """
import re
from pathlib import Path
from legsup_voice.live.memory import keep_the_heap_small

def resident():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024

keep_the_heap_small()
had, kept = resident(), []
for _ in range(3):
    large = [bytearray(2**21) for _ in range(20)]
    kept.append([bytearray(2**14) for _ in range(8)])
    del large
print(resident() - had)
"""

PROGRAM = """
import re
from pathlib import Path
from legsup_voice.hearing.ears import Ears
from legsup_voice.live.memory import give_back_memory, keep_the_heap_small
import numpy as np

def resident():
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024

keep_the_heap_small()
ears = Ears()
sound = np.random.default_rng(1).normal(0, 0.05, 32_000).astype(np.float32)
before = ears.verifier.verify(sound).fits
had = resident()
give_back_memory()
print(had - resident())
print(np.array_equal(ears.verifier.verify(sound).fits, before), had - resident())
"""


def test_what_is_large_is_kept_no_longer_than_it_is_needed() -> None:
    more = float(subprocess.check_output([sys.executable, "-c", LARGE], text=True))
    assert more < 5  # MB; the heap would have kept 40


def test_what_only_loading_needed_is_given_back_and_all_works_on() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    ).stdout.split()
    at_once, same, at_work = float(answer[0]), answer[1], float(answer[2])
    assert same == "True"
    assert at_once > 20  # MB
    assert at_work > 10
