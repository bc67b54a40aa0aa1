"""The history as one HTML page that needs nothing beside it: no script, no style, no network."""

from collections.abc import Iterable, Sequence
from html import escape

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Legs up the wall</title>
<style>
:root {{ color-scheme: light; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; }}
img {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }}
</style>
</head>
<body>
<h1>Legs up the wall</h1>
{picture}
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def page(head: Sequence[str], rows: Iterable[Sequence[str]], picture: str) -> str:
    """Return the page: `picture`, an `<img>` element, and the table."""
    return _PAGE.format(
        picture=picture,
        head=_row("th", head),
        rows="\n".join(f"<tr>{_row('td', row)}</tr>" for row in rows),
    )


def _row(tag: str, cells: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
