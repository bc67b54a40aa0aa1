"""What no setting, command or program of the house leads outside of."""

MIN_HOLD, MAX_HOLD = 30.0, 1200.0
"""Seconds. Safety rule 7: a hold lasts 30 s to 20 min."""

MIN_VOLUME, MAX_VOLUME = -12.0, 6.0
"""Decibels above the normal loudness; safety lines are never made quieter."""
