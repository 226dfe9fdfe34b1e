from __future__ import annotations

from nephila.net.cookie_jar import CookieJar
from nephila.net.sessions import IDLE_SECONDS, Sessions


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_equal_ids_share_and_others_do_not() -> None:
    sessions = Sessions()
    assert sessions.get("a") is sessions.get("a")
    assert sessions.get("a").jar is not sessions.get("b").jar


def test_an_idle_session_is_forgotten() -> None:
    clock = Clock()
    sessions = Sessions(clock=clock)
    old = sessions.get("a")
    clock.now = IDLE_SECONDS
    assert sessions.get("a") is old
    clock.now = 2 * IDLE_SECONDS + 1
    assert sessions.find("a") is None and sessions.ids() == []
    assert sessions.get("a") is not old


def test_their_number_is_bounded() -> None:
    sessions = Sessions(limit=3)
    for name in "abcad":
        sessions.get(name)
    assert sessions.ids() == ["c", "a", "d"]


def test_killing() -> None:
    start = CookieJar()
    sessions = Sessions(start.fork)
    sessions.get("a").jar.receive("http://a.example/", "x=1")
    assert sessions.kill("a") and not sessions.kill("a")
    assert len(sessions.get("a").jar) == len(start) == 0
