"""`legsup history`: past sessions as a table, JSON or CSV, as a page, or drawn."""

import base64
import csv as csv_format
import datetime
import json as json_format
import math
import sqlite3
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from legsup_voice.config import journal_path
from legsup_voice.durations import clock
from legsup_voice.errors import UserError
from legsup_voice.files import write_output
from legsup_voice.picture import Canvas
from legsup_voice.records.database import CorruptJournalError
from legsup_voice.records.page import page
from legsup_voice.records.past import SessionRow, sessions

_TREND_DAYS = 7
"""Days the trend is averaged over: practice follows the week."""

_DATES = 8
"""Dates that fit under the picture."""

_DAYS = 366
"""Days that are drawn at most, the last ones: a bar stays wide enough to see."""

_YEAR = 2020
"""The program is no older; a date before is one of a clock that was not set."""

_NAMES = {"four_six": "4 in, 6 out", "four_seven_eight": "4-7-8"}


def history(*, plot: Path | None, json: bool, csv: bool, html: Path | None) -> None:
    """Print the past sessions; with `plot` or `html`, write a picture or a page as well.

    Raises:
        UserError: the journal can't be read, or the picture or the page can't be written.
    """
    if json and csv:
        raise UserError("Choose one of --json and --csv.")
    path = journal_path()
    try:
        past = sessions(path)
    except (OSError, sqlite3.Error, CorruptJournalError) as error:
        raise UserError(f"The journal {path} can't be read: {error}.") from error
    if json:
        typer.echo(json_format.dumps([_as_json(row) for row in past], indent=2))
    elif csv:
        _print_csv(past)
    elif past:
        Console(markup=False, emoji=False).print(_table(past))
    else:
        typer.echo('No sessions yet. "legsup run" begins one.')
    if plot is not None:
        _picture(past).save(plot)
    if html is not None:
        write_output(html, page(_ROWS, [_cells(row) for row in past], _image(past)).encode())
    if not (json or csv):
        for file in (plot, html):
            if file is not None:
                typer.echo(f"Written to {file}.")


_ROWS = ("Began", "Held", "Breathing", "Ended")


def _cells(row: SessionRow) -> tuple[str, str, str, str]:
    return (
        f"{row.began:%a %Y-%m-%d %H:%M}" if _can_be(row) else "clock not set",
        "—" if row.hold_seconds is None else clock(row.hold_seconds),
        "—" if row.breathing is None else _NAMES.get(row.breathing, row.breathing),
        row.ended,
    )


def _print_csv(past: list[SessionRow]) -> None:
    columns = ("began", "hold_seconds", "breathing", "ended")
    writer = csv_format.DictWriter(sys.stdout, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_as_json(row) for row in past)


def _as_json(row: SessionRow) -> dict[str, object]:
    return {
        "began": row.began.isoformat(timespec="seconds") if _can_be(row) else None,
        "hold_seconds": row.hold_seconds,
        "breathing": row.breathing,
        "ended": row.ended,
    }


def _table(past: list[SessionRow]) -> Table:
    held = sum(row.hold_seconds or 0.0 for row in past)
    count = f"{len(past)} session" + ("" if len(past) == 1 else "s")
    table = Table(title="Sessions", caption=f"{count}, {clock(held)} with the legs up")
    for name in _ROWS:
        table.add_column(name, justify="right" if name == "Held" else "left")
    for row in past:
        table.add_row(*_cells(row))
    return table


def minutes_per_day(past: list[SessionRow]) -> dict[datetime.date, float]:
    """Return the minutes held on every day from the first session to the last, pauses included.

    Days that can't be are left out, and those more than a year before the last.
    """
    held: defaultdict[datetime.date, float] = defaultdict(float)
    for row in filter(_can_be, past):
        held[row.began.date()] += (row.hold_seconds or 0.0) / 60
    if not held:
        return {}
    last = max(held)
    first = max(min(held), last - datetime.timedelta(days=_DAYS - 1))
    days = [first + datetime.timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: held.get(day, 0.0) for day in days}


def _can_be(row: SessionRow) -> bool:
    """Return whether the computer's clock was set; a Pi's has no battery and may begin in 1970."""
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    return row.began.year >= _YEAR and row.began <= tomorrow


def trend(minutes: list[float]) -> list[float]:
    """Return each day's mean of itself and the days before it, a week in all."""
    return [
        float(np.mean(minutes[max(0, day + 1 - _TREND_DAYS) : day + 1]))
        for day in range(len(minutes))
    ]


def _image(past: list[SessionRow]) -> str:
    """Return the picture as an `<img>` element that holds it."""
    data = base64.b64encode(_picture(past).png()).decode()
    return f'<img alt="Minutes with the legs up on every day" src="data:image/png;base64,{data}">'


def _picture(past: list[SessionRow]) -> Canvas:
    """Draw the minutes of every day as bars, and the mean of the last seven days as a line."""
    days = minutes_per_day(past)
    minutes = list(days.values())
    most = max(5, math.ceil(max([1.0, *minutes])))
    canvas = Canvas(1080, 480)
    left, top, right, bottom = 70.0, 50.0, 1050.0, 430.0
    canvas.text(((left + right) / 2, 24), "Minutes with the legs up", size=18)

    def place(day: float, value: float) -> tuple[float, float]:
        across = left + (right - left) * day / max(1, len(days))
        return across, bottom - (bottom - top) * value / most

    for mark in range(0, most + 1, -(-most // 6)):
        at = place(0, mark)
        canvas.line([at, (right, at[1])], "#dddddd")
        canvas.text((left - 8, at[1]), str(mark), anchor="rm")
    for day, value in enumerate(minutes):
        canvas.box((*place(day + 0.1, value), *place(day + 0.9, 0)), "#9ecae1")
    if days:
        means = [place(day + 0.5, value) for day, value in enumerate(trend(minutes))]
        canvas.line(means * 2 if len(means) == 1 else means, "#08519c", 3)
        canvas.text((right, 24), "line: mean of the last 7 days", anchor="rm")
    else:
        canvas.text(((left + right) / 2, (top + bottom) / 2), "No sessions yet", size=16)
    dates = list(days)
    for day in range(0, len(dates), -(-len(dates) // _DATES) or 1):
        canvas.text((place(day + 0.5, 0)[0], bottom + 16), f"{dates[day]:%-d %b %Y}")
    return canvas
