"""How words that the model doesn't know are thought to sound."""

from legsup_voice.hearing.letter_to_sound import pronounce, to_arpabet


def test_letter_to_sound_maps_espeaks_symbols() -> None:
    assert to_arpabet("vˌɪpɐɹˈiːɾə") == ("V", "IH", "P", "AH", "R", "IY", "T", "AH")
    assert to_arpabet("tʃˈɛɹi") == ("CH", "EH", "R", "IY")
    assert to_arpabet("bˈɜːɹd") == ("B", "ER", "D")


def test_phrases_are_pronounced_line_by_line() -> None:
    found = pronounce(["namaste", "stop it", "halt"])
    assert list(found) == ["namaste", "stop it", "halt"]
    assert found["stop it"][:4] == ("S", "T", "AA", "P")
    assert found["halt"][0] == "HH"
