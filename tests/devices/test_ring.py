"""Pure: the ring against a plain queue, and two real threads against each other."""

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.devices.ring import Ring

ACTS = ["write", "take", "read", "read_into", "give"]
steps = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 40)))


@given(capacity=st.integers(1, 33), channels=st.integers(1, 2), steps=steps)
def test_ring_is_a_bounded_queue_that_counts_its_losses(
    capacity: int, channels: int, steps: list[tuple[str, int]]
) -> None:
    ring = Ring(capacity, channels)
    queue: list[float] = []
    sent, underrun = 0, 0
    for act, count in steps:
        if act in ("write", "take"):
            samples = np.arange(sent, sent + count, dtype=np.float32)
            if act == "write":
                fitted = ring.write(samples)
            else:
                written = ring.written
                ring.take(np.repeat(samples, channels).data.cast("B"), count)
                fitted = ring.written - written
            queue.extend(samples[:fitted])
            sent += count
            assert fitted == count or len(queue) == capacity
        elif act == "read":
            assert list(ring.read(count)) == queue[:count]
            del queue[:count]
        else:
            frames = np.full((count, channels), -1, dtype=np.float32)
            taken = ring.taken
            if act == "give":
                ring.give(memoryview(bytearray(0)) if not count else frames.data.cast("B"), count)
            else:
                ring.read_into(frames[:, 0])
                frames[:] = frames[:, :1]
            real = ring.taken - taken
            for channel in frames.T:
                assert list(channel) == queue[:count] + [0.0] * (count - real)
            underrun += count - real
            del queue[:count]
        assert ring.fill == len(queue)
    assert ring.underrun == underrun
    assert ring.written - ring.taken == ring.fill


@given(st.integers(1, 40), st.integers(0, 60), st.integers(0, 20))
def test_what_waits_falls_to_silence(capacity: int, gone: int, fade: int) -> None:
    ring = Ring(capacity)
    for _ in range(gone):
        ring.write(np.ones(1, np.float32))
        ring.read(1)
    ring.write(np.ones(capacity, np.float32))
    ring.silence(fade)
    expected = np.zeros(capacity, np.float32)
    expected[:fade] = np.linspace(1.0, 0.0, fade)[:capacity]
    np.testing.assert_array_almost_equal(ring.read(capacity), expected)


def test_two_threads_pass_every_sample_in_order() -> None:
    total, ring = 300_000, Ring(1_000)
    numbers = np.arange(total, dtype=np.float32)

    def produce() -> None:
        sent = 0
        while sent < total:
            sent += ring.write(numbers[sent : sent + 37])

    writer = threading.Thread(target=produce)
    writer.start()
    received = np.zeros(total, dtype=np.float32)
    count = 0
    while count < total:
        part = ring.read(53)
        received[count : count + len(part)] = part
        count += len(part)
    writer.join()
    np.testing.assert_array_equal(received, numbers)
