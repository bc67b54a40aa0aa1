"""What happens when: the session as a pure state machine, events in, actions out.

Nothing here knows of audio, files, clocks, threads or printing. Time comes in with every event and
deadlines go out as data, so a whole session can be played in a test in milliseconds and every
reachable state can be visited.
"""
