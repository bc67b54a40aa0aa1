"""A voice guide for the legs-up-the-wall pose: it listens, speaks and keeps you safe, offline."""
