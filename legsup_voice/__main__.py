"""`python -m legsup_voice` is the command `legsup`."""

import sys

from legsup_voice.commands.cli import main

if __name__ == "__main__":
    sys.exit(main())
