"""A ZIP from any URL into a file: what breaks off goes on where it stopped, if the server can."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from email.message import Message
from typing import IO
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from ..errors import (
    ArchiveRefused,
    DestinationUnwritable,
    InvalidRequest,
    ServerRefused,
    ServerUnreachable,
)
from .failures import refuse, translated
from .job import Progress
from .transport import TIMEOUT, pinned

MOST_TRIES = 6
"""Tries in a row that bring next to nothing."""
LEAST_GAIN = 64 * 1024
"""Bytes that a try has to bring, to be followed by as many others."""
MOST_RESTARTS = 2
"""How often a ZIP is fetched from its beginning again, where the server can't go on."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
PASSING = (429, 502, 503, 504)
"""Statuses that may be others a moment later."""
SCHEMES = ("http", "https", "http+unix")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)


class _BrokenOff(Exception):
    """A try ended early for a reason that may pass; the cause is what to tell if it doesn't."""


class Fetching:
    """One URL, fetched into a file of the caller's.

    `token` is sent to the URL's own server only. `certificate` is the path of that server's own,
    to be trusted exactly. More than `most_bytes` are refused. `wait` is what passes the time
    between two tries. Raises InvalidRequest for a URL that nothing can be fetched from.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        certificate: str | None = None,
        most_bytes: int,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        parts = _parts(url)
        self.shown = shown(url)
        self._most_bytes = most_bytes
        self._wait = wait
        self._http, self._url = _connect(parts, token, certificate)
        self._etag: str | None = None
        self._total: int | None = None
        self._begun = False
        self._received = 0
        self._restarts = 0
        self.name = unquote(parts.path.rstrip("/").rpartition("/")[2])
        """The name that the server gives the ZIP, else the URL's last part."""

    def into(self, file: IO[bytes], report: Callable[[Progress], object]) -> int:
        """Fetch all of it into an empty file; return how often it had to be taken up again.

        Raises ServerUnreachable, ServerRefused with the server's own code,
        ArchiveRefused for what is too large, DestinationUnwritable.
        """
        started, resumed, fruitless = time.monotonic(), 0, 0
        with self._http:
            while True:
                before = self._received
                try:
                    self._try(file, lambda: report(self._progress(started)))
                    return resumed
                except _BrokenOff as why:
                    gained = self._received - before >= LEAST_GAIN
                    fruitless = 1 if gained else fruitless + 1
                    if not self._begun or fruitless == MOST_TRIES:
                        raise _cause(why) from why
                    self._wait(min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (fruitless - 1)))
                    resumed += 1

    def _try(self, file: IO[bytes], report: Callable[[], object]) -> None:
        try:
            with translated(self.shown), self._stream() as response:
                self._begin(response, file)
                # Without a chunk's length: what fills none when it breaks off would be lost.
                for chunk in response.iter_raw():
                    self._write(file, chunk)
                    report()
        except ServerUnreachable as error:
            raise _BrokenOff from error
        if self._total is not None and self._received != self._total:
            raise _BrokenOff from ServerUnreachable(
                f"The server at {self.shown} ended the ZIP after {self._received:,} of "
                f"{self._total:,} bytes.",
                "Try again.",
            )

    def _stream(self) -> AbstractContextManager[httpx.Response]:
        headers = {}
        if self._received and self._etag:
            headers = {"Range": f"bytes={self._received}-", "If-Range": self._etag}
        return self._http.stream("GET", self._url, headers=headers)

    def _begin(self, response: httpx.Response, file: IO[bytes]) -> None:
        """Take in what the answer says; afterwards the file ends where its content begins."""
        if self._begun and response.status_code in PASSING:
            raise ServerUnreachable(
                f"The server at {self.shown} answered {response.status_code}.", "Try again later."
            )
        if response.status_code != 416:
            refuse(response)
            _require_plain(response)
        if not self._goes_on(response):
            self._begin_anew(response, file)
        if self._total is not None:
            self._require_allowed(self._total)

    def _goes_on(self, response: httpx.Response) -> bool:
        if response.status_code != 206:
            return False
        parts = CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if not parts or response.headers.get("ETag", self._etag) != self._etag:
            return False
        return int(parts[1]) == self._received and self._total in (None, int(parts[3]))

    def _begin_anew(self, response: httpx.Response, file: IO[bytes]) -> None:
        if self._received:
            self._restarts += 1
            self._received = 0
            file.seek(0)
            file.truncate()
            if self._restarts > MOST_RESTARTS:
                raise ServerRefused(
                    f"The ZIP from {self.shown} broke off {self._restarts} times, and the server "
                    "can't go on where it stopped.",
                    "Make an export first and fetch that: it can be resumed.",
                )
        if response.status_code != 200:
            raise ServerUnreachable(
                f"The server at {self.shown} sent another part than was asked for.", "Try again."
            )
        self._begun = True
        headers = response.headers
        etag = headers.get("ETag")
        # Of weak ones the same may stand for other bytes (RFC 9110, 8.8.1).
        self._etag = etag if etag and not etag.startswith("W/") else None
        length = headers.get("Content-Length", "")
        self._total = int(length) if length.isdecimal() else None
        self.name = _filename(headers.get("Content-Disposition")) or self.name

    def _write(self, file: IO[bytes], chunk: bytes) -> None:
        self._require_allowed(self._received + len(chunk))
        try:
            file.write(chunk)
        except OSError as error:
            raise DestinationUnwritable(
                f"The ZIP can't be kept ({error.strerror}).",
                "Make room there, or give another folder with --to.",
            ) from error
        self._received += len(chunk)

    def _require_allowed(self, size: int) -> None:
        if size > self._most_bytes:
            raise ArchiveRefused(
                f"The ZIP has {size:,} bytes or more, and {self._most_bytes:,} are allowed.",
                "Allow more bytes if it comes from somebody you trust.",
            )

    def _progress(self, started: float) -> Progress:
        elapsed, total = time.monotonic() - started, self._total or 0
        share = self._received / total if total else 0.0
        return Progress(
            stage="downloading",
            percent=round(100 * share, 1),
            bytes_done=self._received,
            bytes_total=total,
            elapsed=elapsed,
            remaining=elapsed * (1 - share) / share if share else None,
        )


def is_url(text: str) -> bool:
    """Tell whether an argument is a URL rather than a path; of any scheme, known or not."""
    return bool(_SCHEME.match(text))


def shown(url: str) -> str:
    """Return a URL without what may be secret in it: user, password and query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _parts(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme != "http+unix":
            httpx.URL(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise InvalidRequest("This is no URL.", f"{error}.") from error
    if parts.scheme not in SCHEMES or not parts.netloc:
        raise InvalidRequest(
            f"Nothing can be fetched from {shown(url)}.",
            f"The URL of a ZIP begins with {', '.join(f'{each}://' for each in SCHEMES)}.",
        )
    return parts


def _connect(
    parts: SplitResult, token: str | None, certificate: str | None
) -> tuple[httpx.Client, str]:
    headers = {"Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"token {token}"
    transport, url = None, parts.geturl()
    if parts.scheme == "http+unix":
        transport = httpx.HTTPTransport(uds=unquote(parts.netloc))
        url = parts._replace(scheme="http", netloc="localhost").geturl()
    client = httpx.Client(
        headers=headers,
        verify=pinned(certificate) if certificate else True,
        timeout=TIMEOUT,
        follow_redirects=True,
        max_redirects=5,
        # A proxy for the outside world knows no way to a server on this machine.
        trust_env=parts.hostname not in LOCAL_HOSTS and transport is None,
        transport=transport,
    )
    return client, url


def _require_plain(response: httpx.Response) -> None:
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip()
    if kind == "text/html":
        raise ServerRefused(
            f"{shown(str(response.url))} is a web page, no ZIP.",
            "It may ask you to sign in: give a token with --token.",
        )
    encoding = response.headers.get("Content-Encoding", "identity")
    if encoding != "identity":
        raise ServerRefused(
            f"The server sent the ZIP encoded ({encoding}).", "It was asked not to."
        )


def _filename(disposition: str | None) -> str | None:
    if not disposition:
        return None
    message = Message()
    message["Content-Disposition"] = disposition
    return message.get_filename()


def _cause(why: _BrokenOff) -> BaseException:
    return why.__cause__ or why
