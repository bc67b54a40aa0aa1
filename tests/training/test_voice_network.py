"""Reading the voice detector's weights out of the package that they come from."""

from training.voice_network import source, tensors


def test_every_tensor_is_read_to_the_end() -> None:
    found = tensors(source())
    assert list(found)[-1] == "stft.forward_basis_buffer"
    assert sum(each.size for each in found.values()) == 309_633
