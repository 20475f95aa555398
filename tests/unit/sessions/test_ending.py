"""How a run ended."""

from __future__ import annotations

import pytest

from jupyter_session_export.errors import KernelDied
from jupyter_session_export.sessions.ending import by_death, by_reply, by_timeout
from jupyter_session_export.sessions.link import Reply


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ValueError", "x", 1),
        ("KeyboardInterrupt", "", 130),
        ("SystemExit", "3", 3),
        ("SystemExit", "no number", 1),
        ("SystemExit", "0", 0),
        ("SystemExit", "None", 0),
        ("SystemExit", "", 0),
    ],
)
def test_an_error_has_its_exit_code(name: str, value: str, code: int) -> None:
    """Exit codes are those of a shell; `sys.exit(0)` is no error."""
    ended = by_reply(Reply("error", {"ename": name, "evalue": value, "traceback": ["t"]}))
    assert ended.exit_code == code
    assert (ended.error is None) == (code == 0)


def test_what_never_ran_is_an_error() -> None:
    """An aborted request has neither name nor traceback."""
    ended = by_reply(Reply("aborted", {}))
    assert (str(ended.error), ended.exit_code) == ("Aborted", 1)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("signal SIGKILL", 137),
        ("signal SIGSEGV", 139),
        ("exit code 7", 7),
        ("exit code 0", 1),
        ("?", 1),
    ],
)
def test_a_death_has_its_exit_code(how: str, code: int) -> None:
    """A signal is 128 and its number; a kernel that ends well has failed all the same."""
    ended = by_death(KernelDied(f"The kernel has died ({how}).", "Its variables are gone."))
    assert ended.error is not None
    assert (ended.error.name, ended.exit_code) == ("KernelDied", code)


def test_a_timeout_tells_what_it_cost() -> None:
    """Whether variables are left is said."""
    ended = by_timeout(2, restarted=False)
    assert ended.exit_code == 124
    assert "variables are gone" not in str(ended.error)
    assert "variables are gone" in str(by_timeout(2, restarted=True).error)
