"""Guessing passwords is braked; right ones and other people are not."""

from deploy.demo.throttle import Throttle


def test_nobody_waits_at_first() -> None:
    assert Throttle().wait("claire.martin", 0) == 0


def test_too_many_wrong_passwords_wait_until_the_oldest_is_forgotten() -> None:
    throttle = Throttle(tries=3, window=60)
    for second in (10, 20, 30):
        assert throttle.wait("claire.martin", second) == 0
        throttle.failed("claire.martin", second)
    assert throttle.wait("claire.martin", 40) == 30
    assert throttle.wait("claire.martin", 70) == 0
    assert throttle.wait("hugo.petit", 40) == 0


def test_a_right_password_forgets_the_wrong_ones() -> None:
    throttle = Throttle(tries=1)
    throttle.failed("claire.martin", 0)
    throttle.succeeded("claire.martin")
    assert throttle.wait("claire.martin", 1) == 0
