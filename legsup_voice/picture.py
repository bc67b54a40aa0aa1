"""A small canvas for the program's pictures, drawn with Pillow: bands, lines, text, rasters.

A charting library would be 60 MB of every installation for them.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from legsup_voice.errors import UserError
from legsup_voice.files import write_output

INK = "#333333"


class Canvas:
    """A white picture; positions are pixels from its upper left corner."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width, height), "white")
        self._draw = ImageDraw.Draw(self._image, "RGBA")

    def box(self, box: tuple[float, float, float, float], fill: str, alpha: float = 1.0) -> None:
        """Fill the box (left, top, right, bottom) with a colour `#rrggbb`."""
        left, top, right, bottom = box
        self._draw.rectangle((left, top, max(left, right), bottom), fill=_rgba(fill, alpha))

    def frame(self, box: tuple[float, float, float, float]) -> None:
        """Draw the outline of a box."""
        self._draw.rectangle(box, outline=INK)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: int = 1) -> None:
        """Draw a line through `points`."""
        self._draw.line(list(points), fill=colour, width=width, joint="curve")

    def polygon(self, points: Sequence[tuple[float, float]], fill: str, alpha: float) -> None:
        """Fill the shape that `points` go round."""
        self._draw.polygon(list(points), fill=_rgba(fill, alpha))

    def text(
        self,
        at: tuple[float, float],
        text: str,
        colour: str = INK,
        size: int = 12,
        anchor: str = "mm",
    ) -> None:
        """Write `text`; `anchor` as Pillow has it, `mm` is centred."""
        self._draw.text(at, text, fill=colour, font=ImageFont.load_default(size), anchor=anchor)

    def text_upwards(
        self, at: tuple[float, float], text: str, colour: str = INK, size: int = 12
    ) -> None:
        """Write `text` from below upwards, its beginning centred at `at`."""
        font = ImageFont.load_default(size)
        left, top, right, bottom = font.getbbox(text)
        label = Image.new("L", (round(right - left) + 2, round(bottom - top) + 2))
        ImageDraw.Draw(label).text((1 - left, 1 - top), text, fill=255, font=font)
        turned = label.rotate(90, expand=True)
        corner = (round(at[0] - turned.width / 2), round(at[1] - turned.height))
        self._image.paste(Image.new("RGB", turned.size, colour), corner, turned)

    def raster(
        self, box: tuple[float, float, float, float], values: NDArray[np.floating[Any]]
    ) -> None:
        """Show `values` (rows from the top, columns), 0 dark to 1 bright, stretched over `box`."""
        left, top, right, bottom = (round(side) for side in box)
        stops = np.array(
            [[0, 0, 3], [80, 18, 123], [182, 55, 121], [251, 136, 97], [252, 253, 191]]
        )
        levels = np.clip(values, 0, 1) * (len(stops) - 1)
        at = np.minimum(levels.astype(int), len(stops) - 2)
        mixed = stops[at] + (stops[at + 1] - stops[at]) * (levels - at)[..., np.newaxis]
        picture = Image.fromarray(mixed.astype(np.uint8), "RGB")
        self._image.paste(picture.resize((right - left, bottom - top)), (left, top))

    def png(self) -> bytes:
        """Return the picture as a PNG file's bytes."""
        file = io.BytesIO()
        self._image.save(file, "PNG", optimize=True)
        return file.getvalue()

    def save(self, path: Path) -> None:
        """Write the picture; the ending of `path` is its format.

        Raises:
            UserError: it can't be written, or there is no such format.
        """
        made = io.BytesIO()
        try:
            self._image.save(made, Image.registered_extensions()[path.suffix.lower()])
        except (OSError, ValueError, KeyError) as error:
            raise UserError(
                f"{path} can't be written: there is no picture format {path.suffix!r}; use .png."
            ) from error
        write_output(path, made.getvalue())


def _rgba(colour: str, alpha: float) -> tuple[int, int, int, int]:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue, round(255 * alpha)
