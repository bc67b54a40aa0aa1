"""Pages of HTML that need nothing beside them, no script and no network; the history as one."""

from collections.abc import Iterable, Sequence
from html import escape

_DOCUMENT = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light; }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; }}
img, svg {{ width: 100%; height: auto; }}
table {{ border-collapse: collapse; width: 100%; }}
th, td {{ text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ddd; }}
</style>
</head>
<body>
{body}
</body>
</html>
"""

_HISTORY = """\
<h1>Legs up the wall</h1>
{picture}
<table>
<thead><tr>{head}</tr></thead>
<tbody>
{rows}
</tbody>
</table>"""


def document(title: str, body: str) -> str:
    """Return a whole document around the HTML of its `body`."""
    return _DOCUMENT.format(title=title, body=body)


def page(head: Sequence[str], rows: Iterable[Sequence[str]], picture: str) -> str:
    """Return the page: `picture`, an `<img>` element, and the table."""
    history = _HISTORY.format(
        picture=picture,
        head=_row("th", head),
        rows="\n".join(f"<tr>{_row('td', row)}</tr>" for row in rows),
    )
    return document("Legs up the wall", history)


def _row(tag: str, cells: Sequence[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in cells)
