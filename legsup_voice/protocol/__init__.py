"""The language of the house: states, commands, events, actions; no behaviour."""
