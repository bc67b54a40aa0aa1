"""The ids of the lines that the program itself names; the data names the rest.

A language that lacks one is refused at start. A test holds this list to what the code says.
"""

SAID_BY_PROGRAM = """
benefit.screening benefit.what benefit.what_hold
breath.enough breath.faster breath.limit breath.no_holding breath.none breath.over breath.slower
choose.breathing_set choose.last choose.longest choose.minutes_set choose.no_last choose.same
choose.shortest
done.close done.early done.good_night done.journal done.night done.unanswered done.unwell
easier.shorter harder.longer
emergency.answer emergency.call emergency.half_sitting emergency.passed
emergency.wait emergency.with_you
exit.alone exit.are_you_down exit.feet exit.knees exit.roll exit.short exit.warning
fault.deaf fault.ending fault.hearing fault.microphone fault.microphone_back fault.mute
fault.pardon fault.speaker_back fault.unable
help.choose help.cramp help.done help.hold help.idle help.leaving help.lying help.offer
help.paused help.ready help.refused help.rest_now help.screening help.seated help.setup
help.sick help.side help.sitting help.stuck help.symptom help.unwell
hold.begin hold.better hold.checkin hold.closing hold.good hold.halfway hold.hint
hold.minute_left hold.offer hold.paused hold.reminder hold.resumed hold.slide hold.tingling
idle.back idle.begin idle.goodbye idle.hint idle.welcome_back
lying.again lying.checkin lying.down lying.stay
refused.doctor refused.no_answer refused.offer refused.other refused.symptom refused.unsure
seated.begin seated.end seated.halfway seated.paused seated.reminder seated.resumed seated.what
settings.bed_off settings.bed_on settings.bell_off settings.bell_on settings.less_talk
settings.louder settings.loudest settings.more_talk settings.quieter settings.quietest settings.slow
settings.usual_pace settings.usual_talk
setup.ended setup.first setup.hint setup.rise setup.soft setup.stopped setup.wait setup.waiting
side.not_yet side.rest side.roll
sitting.dizzy sitting.not_yet sitting.rest
stand.support
time.left time.longest time.nearly time.not_practised time.planned time.practised time.rest
time.shortest
""".split()
