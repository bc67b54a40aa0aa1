"""What is kept: the journal of sessions and the event log; nothing about health."""
