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
    error, told = by_reply(Reply("error", {"ename": name, "evalue": value, "traceback": ["t"]}))
    assert told == code
    assert (error is None) == (code == 0)


def test_what_never_ran_is_an_error() -> None:
    """An aborted request has neither name nor traceback."""
    error, code = by_reply(Reply("aborted", {}))
    assert (str(error), code) == ("Aborted", 1)


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
    error, told = by_death(KernelDied(f"The kernel has died ({how}).", "Its variables are gone."))
    assert error is not None
    assert (error.name, told) == ("KernelDied", code)


def test_a_timeout_tells_what_it_cost() -> None:
    """Whether variables are left is said."""
    error, code = by_timeout(2, restarted=False)
    assert code == 124
    assert "variables are gone" not in str(error)
    assert "variables are gone" in str(by_timeout(2, restarted=True)[0])
