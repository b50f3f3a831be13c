import signal
import threading

import pytest

from dltk.monitor._interrupt import Interrupt

pytestmark = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals need the main thread"
)


@pytest.fixture(autouse=True)
def pythons_own_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_the_first_ctrl_c_asks_and_the_second_interrupts(capsys):
    asked = []
    Interrupt(lambda: asked.append(1)).take()
    signal.raise_signal(signal.SIGINT)
    assert asked == [1]
    assert "Stopping after this iteration" in capsys.readouterr().err
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    assert asked == [1]


def test_restored_ctrl_c_interrupts_at_once():
    interrupt = Interrupt(lambda: None)
    interrupt.take()
    interrupt.restore()
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_a_handler_of_the_program_stays():
    def mine(number, frame):
        pass

    signal.signal(signal.SIGINT, mine)
    interrupt = Interrupt(lambda: None)
    interrupt.take()
    interrupt.restore()
    assert signal.getsignal(signal.SIGINT) is mine


def test_a_handler_set_later_stays_too():
    def mine(number, frame):
        pass

    interrupt = Interrupt(lambda: None)
    interrupt.take()
    signal.signal(signal.SIGINT, mine)
    interrupt.restore()
    assert signal.getsignal(signal.SIGINT) is mine


def test_other_threads_leave_ctrl_c_alone():
    thread = threading.Thread(target=Interrupt(lambda: None).take)
    thread.start()
    thread.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
