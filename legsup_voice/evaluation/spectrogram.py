"""A sound file as a picture, its spectrum over time: `python -m` this module FILE OUT.png.

Levels are those of a Hann window of 43 ms against full scale, from -90 to -30 dB.
"""

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from legsup_voice import soundfiles
from legsup_voice.audio import SPEAK_RATE, Samples
from legsup_voice.durations import clock
from legsup_voice.picture import Canvas

_FFT = 1024
_HIGHEST = 6000.0  # Hz
_QUIETEST, _LOUDEST = -90.0, -30.0  # dB
_WIDTH, _HEIGHT = 1200, 300  # of the spectrum, in pixels
_LEFT, _BELOW, _ABOVE = 44, 24, 8
_TICKS = (1, 5, 10, 30, 60)  # seconds between two labels: the first that leaves them room


def spectrum(samples: Samples, columns: int) -> NDArray[np.float32]:
    """Return levels in dB, a row for each frequency up to 6 kHz from the highest down.

    Each column is the loudest of the windows that fall into it.
    """
    window = np.hanning(_FFT) / (_FFT / 4)
    rows = round(_HIGHEST * _FFT / SPEAK_RATE)
    edges = np.linspace(0, max(1, len(samples) - _FFT), columns + 1).astype(int)
    levels = np.zeros((rows, columns), np.float32)
    for column, (start, end) in enumerate(pairwise(edges)):
        places = range(start, max(end, start + 1), _FFT // 2)
        pieces = np.stack(
            [np.pad(p := samples[at : at + _FFT], (0, _FFT - len(p))) for at in places]
        )
        power = np.abs(np.fft.rfft(pieces * window, axis=1)).max(axis=0)
        levels[:, column] = 20 * np.log10(power[rows:0:-1] + 1e-9)
    return levels


def draw(samples: Samples, path: Path, start: float = 0.0) -> None:
    """Write the picture of `samples`, which begin `start` seconds into their file.

    Raises:
        UserError: it can't be written.
    """
    canvas = Canvas(_LEFT + _WIDTH + _ABOVE, _ABOVE + _HEIGHT + _BELOW)
    box = (_LEFT, _ABOVE, _LEFT + _WIDTH, _ABOVE + _HEIGHT)
    levels = spectrum(samples, _WIDTH)
    canvas.raster(box, (levels - _QUIETEST) / (_LOUDEST - _QUIETEST))
    canvas.frame(box)
    for kilohertz in range(0, round(_HIGHEST / 1000) + 1, 2):
        at = box[3] - _HEIGHT * kilohertz * 1000 / _HIGHEST
        canvas.text((_LEFT - 6, at), f"{kilohertz} kHz", anchor="rm")
    seconds = len(samples) / SPEAK_RATE
    step = next((each for each in _TICKS if seconds / each <= 16), _TICKS[-1])
    for second in range(-(-int(start) // step) * step, int(start + seconds) + 1, step):
        x = _LEFT + _WIDTH * (second - start) / seconds
        canvas.text((x, box[3] + 12), clock(second))
    canvas.save(path)


def main() -> None:
    """Draw a part of a sound file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--start", type=float, default=0.0, help="seconds into the file")
    parser.add_argument("--seconds", type=float, default=300.0)
    options = parser.parse_args()
    samples = soundfiles.read(options.file, SPEAK_RATE)
    first = round(options.start * SPEAK_RATE)
    draw(samples[first : first + round(options.seconds * SPEAK_RATE)], options.out, options.start)


if __name__ == "__main__":
    main()
