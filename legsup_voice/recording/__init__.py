"""A guided session as one sound file."""
