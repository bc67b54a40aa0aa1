"""Numbers that several rooms keep to: no setting, command or program leads outside the limits."""

A_DAY = 86400.0
LATELY = 30 * A_DAY
"""Seconds: so long a session counts as one of the last month."""

MIN_HOLD, MAX_HOLD = 30.0, 1200.0
"""Seconds. Safety rule 7: a hold lasts 30 s to 20 min."""

MIN_VOLUME, MAX_VOLUME = -12.0, 6.0
"""Decibels above the normal loudness; safety lines are never made quieter."""
