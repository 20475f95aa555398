"""An HTTP connection to the server: TCP, TLS by the server's own certificate, a UNIX socket."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from ..errors import ServerUnreachable
from .access import Access

TIMEOUT = httpx.Timeout(30.0, connect=5.0)
API = "session-export/api/"
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def connect(access: Access) -> httpx.Client:
    """Return a client whose relative URLs are our routes; nothing is sent yet."""
    address = _Address.of(access, API)
    transport = httpx.HTTPTransport(uds=address.socket, verify=address.tls)
    return httpx.Client(
        base_url=address.base,
        headers=address.headers,
        timeout=TIMEOUT,
        # A proxy for the outside world knows no way to a server on this machine.
        trust_env=False,
        transport=transport,
    )


def connect_async(access: Access) -> httpx.AsyncClient:
    """Return a client whose relative URLs are all of the server's; nothing is sent yet."""
    address = _Address.of(access, "")
    transport = httpx.AsyncHTTPTransport(uds=address.socket, verify=address.tls)
    return httpx.AsyncClient(
        base_url=address.base,
        headers=address.headers,
        timeout=TIMEOUT,
        trust_env=False,
        transport=transport,
    )


@dataclass(frozen=True, slots=True)
class _Address:
    base: str
    socket: str | None
    tls: ssl.SSLContext
    headers: dict[str, str]

    @classmethod
    def of(cls, access: Access, below: str) -> _Address:
        url = urlsplit(access.url)
        socket = unquote(url.netloc) if url.scheme == "http+unix" else None
        origin = "http://localhost" if socket else f"{url.scheme}://{url.netloc}"
        return cls(
            f"{origin}{url.path.rstrip('/')}/{below}",
            socket,
            _tls(url.scheme, access.certificate),
            {**access.headers, "Accept-Encoding": "identity"},
        )


def _tls(scheme: str, certificate: str | None) -> ssl.SSLContext:
    if certificate and scheme == "https":
        return pinned(certificate)
    if scheme == "https":
        return ssl.create_default_context()
    # Without TLS there is nothing to trust, and loading the system's CAs takes a while.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def pinned(certificate: str) -> ssl.SSLContext:
    """Trust this very certificate and no other. Raises ServerUnreachable where it can't be read.

    Its name doesn't matter then, as servers are reached by addresses that their
    certificates don't name. So nothing else may be trusted: neither the system's CAs nor
    the intermediates that a chain file holds after the server's own.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        found = _CERTIFICATE.search(Path(certificate).read_text("ascii", "replace"))
        if not found:
            raise ServerUnreachable(f"{certificate} holds no certificate.", "It must be PEM.")
        context.load_verify_locations(cadata=found.group())
    except OSError as error:
        raise ServerUnreachable(
            f"The server's certificate {certificate} can't be read.", str(error)
        ) from error
    return context
