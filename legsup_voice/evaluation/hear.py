"""What recordings say, and how well the ears hear a whole list of them."""

import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from legsup_voice.audio import HEAR_RATE
from legsup_voice.config import phrases_path
from legsup_voice.content import LANGUAGE
from legsup_voice.errors import UserError
from legsup_voice.evaluation import bench as benching
from legsup_voice.evaluation import clips
from legsup_voice.hearing.ears import Ears
from legsup_voice.protocol.events import Heard, Rejected
from legsup_voice.soundfiles import read

WORST = 10
"""Phrases that are shown with what became of them."""


def hear(
    files: list[Path],
    *,
    bench: Path | None = None,
    model: str | None = None,
    language: str = LANGUAGE,
    as_json: bool = False,
    limit: int | None = None,
) -> None:
    """Print one JSON line for each of `files`, or the accuracy table of the list `bench`.

    Raises:
        UserError: a file can't be heard, or neither files nor a list is given.
    """
    if bench is None and not files:
        raise UserError("Give sound files to hear, or --bench with a list of recordings.")
    ears = Ears(model, phrases_path(), language=language)
    for path in files:
        print(json.dumps(_heard(ears, path), ensure_ascii=False), flush=True)  # noqa: T201
    if bench is not None:
        _bench(ears, bench, as_json, limit)


def _heard(ears: Ears, path: Path) -> dict[str, object]:
    """Return what one recording is: its first command, else what was made of it."""
    found = benching.Listener(ears).hear(clips.quiet_around(read(path, HEAR_RATE)))
    reports = [each.report for each in found]
    first = next((each for each in reports if isinstance(each, Heard)), None)
    if first is None:
        text = " ".join(each.text for each in reports if isinstance(each, Rejected) and each.text)
        return {"file": str(path), "command": None, "text": text, "confidence": 0.0}
    record: dict[str, object] = {
        "file": str(path),
        "command": str(first.command),
        "text": first.text,
        "confidence": round(first.confidence, 3),
    }
    return record | first.carried()


def _bench(ears: Ears, path: Path, as_json: bool, limit: int | None) -> None:
    listed = clips.manifest(path)
    with Progress(console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task("hearing", total=None)
        result = benching.bench(
            ears, listed, limit, lambda done, of: bar.update(task, completed=done, total=of)
        )
    if as_json:
        print(json.dumps(result.as_data(), indent=1))  # noqa: T201
    else:
        show(result)


def show(result: benching.Result) -> None:
    """Print the tables."""
    console = Console(markup=False, emoji=False)
    conditions = [
        name for name in (*benching.CONDITIONS, *benching.HARD) if result.total(name).count
    ]
    table = Table("command", "clips", *conditions)
    for text, row in sorted(result.commands.items()):
        count = str(next(iter(row.values())).count)
        table.add_row(text, count, *(_cell(row.get(name)) for name in conditions))
    if conditions:
        table.add_section()
        totals = [result.total(name) for name in conditions]
        table.add_row("all", str(totals[0].count), *(_cell(total) for total in totals))
        console.print(table)
        console.print("right % (another command %, nothing %)")
    for text, lost in benching.worst(result, WORST):
        if lost.total():
            console.print(
                f"worst: {text} ({lost['other']} another command, {lost['nothing']} nothing)"
            )
    for each in result.false_accepts:
        where = f'{each["file"]} ("{each["said"]}", {each["situation"]})'
        console.print(f'false: {where} as "{each["text"]}"')
    for name, value in _figures(result):
        console.print(f"{name:<34} {value}")


def _cell(tally: benching.Tally | None) -> str:
    if tally is None or not tally.count:
        return ""
    right, other, nothing = (
        100 * value / tally.count for value in (tally.right, tally.other, tally.nothing)
    )
    return f"{right:5.1f} ({other:.1f}, {nothing:.1f})"


def _figures(result: benching.Result) -> list[tuple[str, str]]:
    data = result.as_data()
    rows = []
    if result.hours:
        heard = ", ".join(f"{hours:.2f} h of {kind}" for kind, hours in result.hours.items())
        rows.append(("other sound", heard))
        rows += [
            (f"false commands per hour, {name}", f"{result.per_hour(name):.2f}")
            for name in benching.SITUATIONS
        ]
    if result.delays:
        delays = f"{1000 * (result.delay(50) or 0):.0f} / {1000 * (result.delay(95) or 0):.0f} ms"
        rows.append(("end of speech to heard, p50 / p95", delays))
    rows.append(("real-time factor", str(data["real_time_factor"])))
    rows.append(("memory", f"{result.memory_mb:.0f} MB"))
    return rows
