"""What we tell the server's log holds no secret."""

from __future__ import annotations

import logging

import pytest

from jupyter_session_export.server.scrubbing import Scrubbing


@pytest.fixture
def log() -> logging.Logger:
    log = logging.Logger("scrubbed")  # one that no other test knows
    log.addFilter(Scrubbing())
    return log


def test_a_message_and_its_arguments(
    log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the secret's name is in the one and the secret in the other."""
    log.addHandler(logging.StreamHandler())
    log.warning("Asked for token=%s of %s", "SECRET", "http://u:SECRET@host")
    assert capsys.readouterr().err == "Asked for token=[secret] of http://[secret]@host\n"


def test_a_traceback(log: logging.Logger, capsys: pytest.CaptureFixture[str]) -> None:
    """The error's own text is part of it."""
    log.addHandler(logging.StreamHandler())
    try:
        raise ValueError("GET /x?token=SECRET")
    except ValueError:
        log.exception("It failed")
    told = capsys.readouterr().err
    assert "SECRET" not in told
    assert "ValueError: GET /x?token=[secret]" in told
