"""The program around the engine: command line, configuration, journal, service."""
