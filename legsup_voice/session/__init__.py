"""What happens when: the session as a pure state machine, events in, actions out.

Nothing here knows of audio, files, clocks, threads or printing. Time comes in with every event and
deadlines go out as data, so a whole session can be played in a test in milliseconds and every
reachable state can be visited.

`session` is the machine; `table` what can follow what; `desk` what is said, waited for and asked
for, with the person's `visit`; the other modules hold one handler a state, made new on entry.

What a command means depends on the state: "ask me everything" is `more`, which in SCREENING gives
the six questions and elsewhere the next fact; "keep guiding" is `more_talk`, which guides the
breath for the whole hold; "good night" is `quit`, which in the pose is "stop" with an end for the
night; "I'm up already" is `next`, and the toilet `stop`, which the rests answer with why to wait;
`help` as a symptom is asked about ("Are you unwell?") before the pose, and in it leads out.
"""
