"""Pure: the ring against a plain queue, and two real threads against each other."""

import threading

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from legsup_voice.devices.ring import Ring

steps = st.lists(st.tuples(st.sampled_from(["write", "read", "read_into"]), st.integers(0, 40)))


@given(capacity=st.integers(1, 33), steps=steps)
def test_ring_is_a_bounded_queue_that_counts_its_losses(
    capacity: int, steps: list[tuple[str, int]]
) -> None:
    ring = Ring(capacity)
    queue: list[float] = []
    sent, overrun, underrun = 0, 0, 0
    for act, count in steps:
        if act == "write":
            samples = np.arange(sent, sent + count, dtype=np.float32)
            fitted = ring.write(samples)
            queue.extend(samples[:fitted])
            overrun += count - fitted
            sent += count
            assert fitted == count or len(queue) == capacity
        elif act == "read":
            assert list(ring.read(count)) == queue[:count]
            del queue[:count]
        else:
            out = np.full(count, -1, dtype=np.float32)
            real = ring.read_into(out)
            assert list(out) == queue[:count] + [0.0] * (count - real)
            underrun += count - real
            del queue[:count]
        assert ring.fill == len(queue)
    assert (ring.overrun, ring.underrun) == (overrun, underrun)
    assert ring.written - ring.taken == ring.fill


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
