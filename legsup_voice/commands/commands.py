"""`legsup commands`."""

from legsup_voice.commands.options import Json, Language


def commands(language: Language = None, json: Json = False) -> None:
    """What can be said, per state; says what is wrong with the files of a language."""
    from legsup_voice.commands.phrases import commands as work
    from legsup_voice.config import load_config

    work(language or load_config().language, json=json)
