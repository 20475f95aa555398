from __future__ import annotations

import socket
import ssl
from pathlib import Path

import httpx
import pytest
import trustme

from jupyter_session_export.client import transport
from jupyter_session_export.client.access import Access
from jupyter_session_export.client.client import SessionExportClient
from jupyter_session_export.errors import ServerUnreachable
from tests.unit.client.fake_server import SESSION_ID, Running, serving


def ask(server: Running, **more: str) -> str:
    with SessionExportClient(Access.from_json(server.access(**more))) as client:
        return str(client.session()["id"])


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def certificate(authority: trustme.CA) -> trustme.LeafCert:
    return authority.issue_cert("elsewhere.example")


@pytest.fixture(scope="module")
def tls(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    certificate.configure_cert(context)
    return context


def test_a_server_is_reached_over_tcp(server: Running) -> None:
    """The base URL's own path comes before ours."""
    assert ask(server) == SESSION_ID
    assert server.script.requests == [("GET", "/base/session-export/api/session")]


def test_a_server_is_reached_over_a_unix_socket(tmp_path: Path) -> None:
    """The socket's path is the URL's quoted host."""
    with serving(socket=tmp_path / "jupyter.sock") as server:
        assert ask(server) == SESSION_ID


def test_the_servers_own_certificate_is_trusted(
    tmp_path: Path, tls: ssl.SSLContext, certificate: trustme.LeafCert
) -> None:
    """It needs no known authority, and its name may be another than the address."""
    path = tmp_path / "server.pem"
    path.write_bytes(certificate.cert_chain_pems[0].bytes())
    with serving(tls=tls) as server:
        assert ask(server, certificate=str(path)) == SESSION_ID


def test_what_follows_the_servers_certificate_in_its_file_is_not_trusted(
    tmp_path: Path, tls: ssl.SSLContext, authority: trustme.CA
) -> None:
    """An authority in the chain must not vouch for other servers."""
    path = tmp_path / "chain.pem"
    other = authority.issue_cert("other.example").cert_chain_pems[0].bytes()
    path.write_bytes(other + authority.cert_pem.bytes())
    with serving(tls=tls) as server, pytest.raises(ServerUnreachable, match="certificate"):
        ask(server, certificate=str(path))


def test_an_unknown_certificate_is_not_trusted(tls: ssl.SSLContext) -> None:
    """Without a certificate of its own a server needs one that the system trusts."""
    with serving(tls=tls) as server, pytest.raises(ServerUnreachable, match="certificate"):
        ask(server)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_an_unusable_certificate_is_told(tmp_path: Path, content: str | None) -> None:
    """A missing or wrong file is named."""
    path = tmp_path / "server.pem"
    if content is not None:
        path.write_text(content)
    access = Access(url="https://127.0.0.1:1/", key="k", certificate=str(path))
    with pytest.raises(ServerUnreachable, match=r"server\.pem"):
        SessionExportClient(access)


def test_proxies_are_not_asked(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment knows no way to this machine."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert ask(server) == SESSION_ID


def test_a_dead_server_is_unreachable() -> None:
    """A refused connection is one clear error."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with (
            SessionExportClient(Access(url=url, key="k")) as client,
            pytest.raises(ServerUnreachable, match="can't be reached"),
        ):
            client.session()


@pytest.mark.parametrize("url", ["", "nonsense", "ftp://x/", "http://127.0.0.1:99999/"])
def test_a_senseless_address_is_unreachable(url: str) -> None:
    """Whatever the URL is, the error is ours."""
    with pytest.raises(ServerUnreachable), SessionExportClient(Access(url=url, key="k")) as client:
        client.session()


def test_a_silent_server_is_given_up(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting has an end."""
    monkeypatch.setattr(transport, "TIMEOUT", httpx.Timeout(0.05))
    server.script.silent = True
    with pytest.raises(ServerUnreachable, match="in time"):
        ask(server)
