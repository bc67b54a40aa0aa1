"""The ids of the lines that the program itself names; the data names the rest.

A language that lacks one is refused at start. A test holds this list to what the code says.
"""

SAID_BY_PROGRAM = """
benefit.hold benefit.rest benefit.screening benefit.what benefit.what_hold
breath.enough breath.faster breath.limit breath.none breath.slower
choose.breathing_set choose.longest choose.minutes_set choose.shortest
done.close done.journal done.stay
exit.alone exit.short exit.warning
fault.ending fault.hearing fault.microphone fault.microphone_back fault.nothing_to_repeat
fault.speaker_back
help.choose help.done help.hold help.idle help.leaving help.lying help.paused help.refused
help.rest_now help.screening help.seated help.setup help.side help.sitting help.symptom
hold.begin hold.checkin hold.closing hold.good hold.halfway hold.minute_left hold.offer hold.paused
hold.reminder hold.resumed hold.slide hold.tingling
idle.back idle.begin idle.goodbye
lying.again lying.checkin lying.down lying.stay
refused.doctor refused.no_answer refused.offer refused.other refused.symptom refused.unsure
seated.begin seated.end
settings.less_talk settings.louder settings.loudest settings.more_talk settings.quieter
settings.quietest
setup.ended setup.first setup.stopped setup.waiting
side.rest side.roll
sitting.dizzy sitting.rest
stand.support
time.left time.longest time.nearly time.planned time.rest time.shortest
""".split()
