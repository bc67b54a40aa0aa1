"""What mkdocs asks when it makes the site: fills in what the program knows of itself."""

from legsup_voice.commands.pages import filled


def on_page_markdown(markdown: str, **_: object) -> str:
    """Return the text of a page with its markers filled in."""
    return filled(markdown)
