"""A simulated room with people in it, in which the real engine runs on the audio clock."""
