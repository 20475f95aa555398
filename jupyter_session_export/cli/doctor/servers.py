"""The servers of this account that run: whether each answers, has our extension, and streams.

Their info files are read here and not by jupyter_server, which would remove stale ones.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
from jupyter_core.paths import jupyter_runtime_dir

from ...client.access import Access
from ...client.transport import connect
from ...errors import ServerUnreachable
from .commands import removing_file, stopping
from .finding import Finding, found, well
from .source import OURS

TIMEOUT = httpx.Timeout(10.0, connect=5.0)
PULSE = "pulse"
LEAST_SPREAD_SECONDS = 0.1
MOST_SPREAD_SECONDS = 30.0
CLOCK_SECONDS = 60.0
"""By so much a clock that was set since may have a process begin after it wrote its file."""
TRIES = 3
"""On a busy machine the pieces may all be there before they are looked at."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """What an info file says; `access` is what opens the server, None where nothing is known."""

    file: Path
    pid: int
    url: str
    access: Access | None


def examine_servers(
    keys: Callable[[str], Access | None], url: str | None = None
) -> Iterator[Finding]:
    """Ask every server that runs; `keys` knows what opens those without a token.

    `url` is where browsers reach one of them, perhaps through a proxy: it is asked there, too.
    """
    servers: list[RunningServer] = []
    for file in sorted(Path(jupyter_runtime_dir()).glob("jpserver-*.json")):
        server = _read(file, keys)
        if server is None or not _is_alive(server):
            yield found(
                "SERVER_INFO_STALE",
                f"{file.name} tells of a server that is gone.",
                removing_file(file),
                path=str(file),
            )
        else:
            servers.append(server)
    for server in servers:
        yield ask_server(server.url, server.access, pid=server.pid)
    if url is not None:
        yield ask_server(url, _access_for(url, servers))
    if not servers and url is None:
        yield well("NO_SERVER", "No server of this account is running; none was asked.")


def _is_alive(server: RunningServer) -> bool:
    """Tell whether its process runs, and is no later one that was given the same number."""
    try:
        began: float = psutil.Process(server.pid).create_time()
        return began <= server.file.stat().st_mtime + CLOCK_SECONDS
    except (psutil.NoSuchProcess, FileNotFoundError):
        return False
    except psutil.AccessDenied:
        return True


def ask_server(url: str, access: Access | None, **facts: Any) -> Finding:
    """Tell how one server is."""
    facts = {**facts, "url": url}
    if access is None:
        return found(
            "SERVER_NOT_ASKED",
            f"{url}: it needs a password, and records nothing here; it was not asked.",
            f"Open {url} in a browser: a notebook that is recorded says so in its toolbar",
            **facts,
        )
    try:
        with connect(access) as client:
            response = client.get("sessions", params={"limit": 1}, timeout=TIMEOUT)
            if not _is_ours(response):
                return _judge_refusal(url, response.status_code, facts)
            streams = _streams(client)
    except ServerUnreachable as error:
        return found("SERVER_NOT_ASKED", f"{url}: {error.message}", "jupyter server list", **facts)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return _judge_silence(url, error, facts)
    if streams is False:
        return found(
            "ANSWERS_HELD_BACK",
            f"{url}: it answers only when an answer is complete; a proxy holds it back.",
            "proxy_buffering off;  # in nginx; other proxies have such a setting, too",
            **facts,
        )
    does = "answers and streams" if streams else "answers"
    return well("SERVER", f"{url}: it has the extension, {does}.", **facts)


def _judge_refusal(url: str, status: int, facts: dict[str, Any]) -> Finding:
    if status == httpx.codes.NOT_FOUND:
        return found(
            "SERVER_WITHOUT_EXTENSION",
            f"{url}: this server runs without the extension; it records nothing.",
            f"Install {OURS} in its environment and start it again",
            **facts,
        )
    asking = f"JUPYTER_TOKEN=TOKEN jupyter session-export doctor --url {url}"
    is_locked = status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN)
    remedy = asking if is_locked else "See its log, or that of the proxy before it"
    return found("SERVER_NOT_ASKED", f"{url}: it answers with {status}.", remedy, **facts)


def _judge_silence(url: str, error: Exception, facts: dict[str, Any]) -> Finding:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return found(
            "SERVER_NOT_ASKED",
            f"{url}: its certificate is none that this machine trusts.",
            f"SSL_CERT_FILE=certificate.pem jupyter session-export doctor --url {url}",
            **facts,
        )
    remedy = "jupyter server list"
    if "pid" in facts:
        remedy = f"See its log; if it hangs, end it with its kernels: {stopping(facts['pid'])}"
    why = f"{url}: it does not answer ({type(error).__name__})."
    return found("SERVER_SILENT", why, remedy, **facts)


def _is_ours(response: httpx.Response) -> bool:
    """Tell whether one of our own handlers has answered, even if it refused."""
    try:
        answer = response.json()
    except ValueError:
        return False
    return isinstance(answer, dict) and ("sessions" in answer or "code" in answer)


def _streams(client: httpx.Client) -> bool | None:
    """Tell whether an answer comes in pieces, as the server sends it; None where it has none."""
    for _ in range(TRIES):
        spread = _spread(client)
        if spread is None:
            return None
        if spread >= LEAST_SPREAD_SECONDS:
            return True
    return False


def _spread(client: httpx.Client) -> float | None:
    """Return the seconds between an answer's first and last piece; None where it has none.

    The server pauses between them, so whoever gets them all at once was kept waiting.
    """
    first = None
    with client.stream("GET", PULSE, timeout=TIMEOUT) as response:
        if response.status_code != httpx.codes.OK:
            return None
        for _ in response.iter_raw():
            last = time.monotonic()
            first = last if first is None else first
            if last - first > MOST_SPREAD_SECONDS:
                break
    return 0.0 if first is None else last - first


def _read(file: Path, keys: Callable[[str], Access | None]) -> RunningServer | None:
    try:
        info = json.loads(file.read_bytes())
        pid, url, token = int(info["pid"]), str(info["url"]), str(info["token"])
        password = bool(info["password"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    access = keys(url)
    if access is None and (token or not password):
        access = Access(url=url, key=token, scheme="token")
    return RunningServer(file, pid, url, access)


def _access_for(url: str, servers: Sequence[RunningServer]) -> Access:
    """Return what opens a server at another address: the token of that with the same base URL."""
    base = urlsplit(url).path.rstrip("/")
    opened = (one.access for one in servers if urlsplit(one.url).path.rstrip("/") == base)
    known = next((access for access in opened if access is not None), None)
    if known is None:
        return Access(url=url, key=os.environ.get("JUPYTER_TOKEN", ""), scheme="token")
    return Access(url=url, key=known.key, scheme=known.scheme)
