"""The command line: one module a command; the work is done in the other rooms."""
