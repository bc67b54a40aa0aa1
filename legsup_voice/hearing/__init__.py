"""From microphone samples to commands."""
