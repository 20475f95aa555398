"""What httpx raises and what servers refuse with, as this package's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from ..errors import ServerRefused, ServerUnreachable


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise ServerUnreachable for a transport's errors, ServerRefused for a senseless answer."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise ServerUnreachable(
            f"The Jupyter server at {url} did not answer in time.",
            "It may be busy or stopped; try again.",
        ) from error
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise ServerUnreachable(
            f"The Jupyter server at {url} can't be reached ({error or type(error).__name__}).",
            "Check that it still runs, then try again.",
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ServerRefused(
            f"The answer of the Jupyter server at {url} makes no sense.",
            "Its jupyter_session_export may be of another version than this one.",
        ) from error


def refuse(response: httpx.Response) -> None:
    """Raise ServerRefused, with the server's own code and words, unless it is a success."""
    if response.is_success:
        return
    response.read()
    body = _body(response)
    message = body.get("message") or response.reason_phrase or "no reason given"
    if "code" not in body:
        message = f"The Jupyter server answered {response.status_code}: {message}."
    raise ServerRefused(message, body.get("detail") or _remedy(response, body), body.get("code"))


def _body(response: httpx.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _remedy(response: httpx.Response, body: dict[str, Any]) -> str | None:
    if response.status_code in (401, 403) or response.is_redirect:
        return (
            "The key may be of an earlier start of the server; a restarted kernel gets a new one."
        )
    if "code" in body:
        return None
    if response.status_code == 404:
        return "Check that jupyter_session_export is installed and enabled beside the server."
    return "The server's log says more."
