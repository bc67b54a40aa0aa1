"""Joins hearing, session and speaking on the audio clock."""
