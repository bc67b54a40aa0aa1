"""Where samples come from and go to: sound cards and simulated rooms."""
