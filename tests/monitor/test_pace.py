from itertools import pairwise

import pytest

from dltk.monitor._pace import Pace


def run(clock, *, seconds, cost, step=0.01, pause=1.0):
    """A loop that shows something whenever it is due; times of the showings."""
    pace, times = Pace(clock, pause), []
    while clock.now < seconds:
        clock.now += step
        if clock.now >= pace.next:
            times.append(clock.now)
            with pace.spend():
                clock.now += cost
    return times


def test_what_costs_nothing_is_shown_every_second(clock):
    times = run(clock, seconds=60, cost=0.0)
    assert len(times) == pytest.approx(60, abs=1)
    assert min(b - a for a, b in pairwise(times)) >= 1


@pytest.mark.parametrize("cost", [0.1, 0.5, 4.0])
def test_what_costs_much_takes_three_percent_of_the_time(clock, cost):
    times = run(clock, seconds=1000, cost=cost)
    assert len(times) * cost / clock.now < 0.03 + 2 * cost / clock.now


def test_the_first_showing_does_not_put_off_the_second(clock):
    pace = Pace(clock, 1.0)
    with pace.spend():
        clock.now = 5.0
    assert pace.next == 6.0


def test_a_showing_that_fails_is_counted_too(clock):
    pace = Pace(clock, 1.0)
    with pytest.raises(KeyError), pace.spend():
        raise KeyError
    assert pace.next == 1.0
