"""German, tried with sound: no model that has learned German comes with the package.

`graph` holds the words of `content/de` in the nearest phones of English; `python -m training graph
--language de` makes it. With the rest of the English model it hears some German. That shows that
the structure holds, and nothing about how well German is heard.
"""

import shutil
from pathlib import Path

from legsup_voice.hearing.models import BUNDLED, bundled


def model(folder: Path) -> Path:
    """Make the model in `folder`, which isn't there yet, and return it."""
    shutil.copytree(bundled(BUNDLED), folder, ignore=shutil.ignore_patterns("graph"))
    shutil.copytree(Path(__file__).with_name("graph"), folder / "graph")
    return folder
