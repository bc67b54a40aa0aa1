"""`python -m legsup_voice` is the command `legsup`.

Python looks for modules in the current folder first when started like this. Whatever lies there, a
`vosk.py` in somebody's downloads, is not ours to run, so the folder is taken off the list, unless
it is the one that this package is in.
"""

import sys
from pathlib import Path

if not sys.flags.safe_path and Path(sys.path[0]) != Path(__file__).parents[1]:
    del sys.path[0]

from legsup_voice.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
