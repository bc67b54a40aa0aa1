"""A session on real devices: supervisor, live loop, guarded ears, systemd."""
