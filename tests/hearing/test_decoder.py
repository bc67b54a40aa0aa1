"""Open decoding: any words after any others, the likelier the more templates say so."""

import math

import numpy as np
import pytest

from legsup_voice.hearing import decoder
from legsup_voice.hearing.decoder import BEAM, NEARLY, Decoder
from legsup_voice.hearing.language_model import LanguageModel
from legsup_voice.hearing.phones import PHONES, Floats, Phones

WAYS: dict[str, tuple[Phones, ...]] = {
    "no": (("N", "OW"),),
    "know": (("N", "OW"),),
    "i": (("AY",),),
    "don't": (("D", "OW", "N", "T"), ("D", "OW", "N")),
    "dove": (("D", "AH", "V"),),
    "unsayable": (),
}
LIKELY, SELDOM = math.log(0.4), math.log(0.001)
MODEL = LanguageModel(
    {"i": LIKELY, "no": LIKELY},
    {"i": {"don't": LIKELY}, "don't": {"know": LIKELY, "no": SELDOM}},
    {**dict.fromkeys(WAYS, math.log(0.1)), "know": SELDOM},
)
DECODER = Decoder.made(MODEL, WAYS)


def heard(phones: str, unclear: dict[str, float] | None = None) -> Floats:
    """Return the posteriors of `phones`, a step of blank between any two.

    `unclear`: a phone that could as well be said where the last one is, and how much more likely
    than it, as a natural logarithm.
    """
    rows = []
    for phone in phones.split():
        for at in (PHONES.index(phone) + 1, 0):
            rows.append(np.full(40, -30.0, np.float32))
            rows[-1][at] = 0.0
    for phone, more in (unclear or {}).items():
        rows[-2][PHONES.index(phone) + 1] = more
    return np.array(rows)


def decoded(phones: str, unclear: dict[str, float] | None = None) -> str:
    return DECODER.decode(heard(phones, unclear))[0].text


@pytest.mark.parametrize(
    ("phones", "text"),
    [
        ("AY", "i"),
        ("N OW", "no"),
        ("AY D OW N T N OW", "i don't know"),
        ("AY D OW N N OW", "i don't know"),  # the T isn't said
        ("N OW D AH V", "no dove"),
        ("D AH V D AH V AY", "dove dove i"),
        ("D OW N T D OW N T", "don't don't"),
    ],
)
def test_words_are_told_by_their_phones_and_their_neighbours(phones: str, text: str) -> None:
    assert decoded(phones) == text


def test_what_was_said_fits_wholly() -> None:
    found = DECODER.decode(heard("AY D OW N T N OW"))[0]
    assert found.fit == pytest.approx(0.0, abs=1e-4)


def test_a_slip_costs_what_it_is_unlikely_by() -> None:
    """The last phone sounds more like a P than a V: it is told from the word all the same."""
    found = DECODER.decode(heard("N OW D AH V", {"P": 3.0}))[0]
    assert found.text == "no dove"
    assert found.fit == pytest.approx(-3.0, abs=0.1)


def test_what_no_word_sounds_like_fits_badly() -> None:
    found = DECODER.decode(heard("N OW P B P B"))[0]
    assert found.fit < -BEAM


def test_nothing_is_told_of_silence() -> None:
    silence = np.full((50, 40), -30.0, np.float32)
    silence[:, 0] = 0.0
    assert not DECODER.decode(silence)


def test_other_words_that_are_nearly_as_likely_are_told_too_each_once() -> None:
    free = {"no": math.log(0.3), "know": math.log(0.2), "dove": math.log(0.5)}
    told = Decoder.made(LanguageModel({}, {}, free), WAYS).decode(heard("N OW N OW"))
    assert [told[0].text, told[-1].text] == ["no no", "know know"]
    assert sorted(each.text for each in told[1:-1]) == ["know no", "no know"]


def test_words_much_less_likely_are_not_told() -> None:
    free = {"no": math.log(0.3), "know": math.log(0.3) - NEARLY - 0.1}
    told = Decoder.made(LanguageModel({}, {}, free), WAYS).decode(heard("N OW"))
    assert [each.text for each in told] == ["no"]


def test_a_word_without_a_pronunciation_is_left_out() -> None:
    assert "unsayable" not in DECODER.words


def test_of_hum_only_so_much_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    hum = np.full((30, 40), math.log(1 / 40), np.float32)
    assert DECODER.decode(hum)
    monkeypatch.setattr(decoder, "MOST", 2)
    sizes = []
    search = decoder._Search(DECODER)
    for row in np.zeros((30, 40)):
        search.step(row)
        sizes += [len(search._arcs.at), len(search._nodes.at)]
    assert max(sizes) <= 3, "two, and where any word may follow"


def test_words_that_templates_have_after_each_other_are_likely() -> None:
    """Whatever the sounds: "i don't know" is said to us, "no dove" hardly."""
    unclear = DECODER.decode(heard("AY D OW N T N OW", {"P": 3.0}))[0]
    assert unclear.likely == pytest.approx(LIKELY, abs=1e-4)
    assert DECODER.decode(heard("N OW D AH V"))[0].likely < LIKELY - 0.5
