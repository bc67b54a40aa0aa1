"""What `legsup run` may be given on the command line."""

from dataclasses import dataclass
from pathlib import Path

from legsup_voice.config import Config


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of a run; what is None is as configured."""

    mic: str | None = None
    speaker: str | None = None
    minutes: float | None = None
    breathing: str | None = None
    model: str | None = None
    events: Path | None = None
    """Where the event log is written, if anywhere."""

    captions: bool = False

    def over(self, config: Config) -> Config:
        """Return `config` with what was given in place of what is set."""
        names = ("mic", "speaker", "minutes", "breathing", "model")
        given = {name: getattr(self, name) for name in names}
        return config.model_copy(update={k: v for k, v in given.items() if v is not None})
