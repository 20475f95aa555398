"""How clients get into a Jupyter server: over what, and by what they are known."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

import httpx
import trustme
import websocket
from jupyter_server.auth.security import passwd


@dataclass(frozen=True)
class Door:
    """A token, a password or neither; over TCP, TLS or a UNIX socket."""

    token: str = ""
    password: str = ""
    sock: Path | None = None
    certificate: Path | None = None

    @classmethod
    def with_certificate(cls, folder: Path, **options: str) -> Door:
        """Make a certificate that nobody else vouches for."""
        path = folder / "server.pem"
        trustme.CA().issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
        return cls(certificate=path, **options)

    def url(self, port: int) -> str:
        """Return the server's origin; one on a socket has no name of its own."""
        if self.sock:
            return "http://localhost"
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{port}"

    def arguments(self, port: int) -> list[str]:
        """Return the server's arguments."""
        where = ["--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}"]
        if self.sock:
            where = [f"--ServerApp.sock={self.sock}"]
        if self.certificate:
            where += [
                f"--ServerApp.certfile={self.certificate}",
                f"--ServerApp.keyfile={self.certificate}",
            ]
        known_by = [f"--IdentityProvider.token={self.token}"]
        if self.password:
            hashed = passwd(self.password, "sha256")
            known_by = [f"--PasswordIdentityProvider.hashed_password={hashed}"]
        return [*where, "--ServerApp.port_retries=0", *known_by]

    def is_open(self, port: int) -> bool:
        """Tell whether something listens; a failed attempt of httpx's on a socket leaks it."""
        try:
            if self.sock:
                self._connect(self.sock, 1.0).close()
            else:
                socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            return False
        return True

    def transport(self) -> httpx.HTTPTransport:
        """Return how an HTTP client connects."""
        return httpx.HTTPTransport(
            uds=str(self.sock) if self.sock else None, verify=self._trust() or False
        )

    def sign_in(self, client: httpx.Client) -> None:
        """Do what a browser does: visit, fill in the form, send the page's token along."""
        client.get("login", follow_redirects=True)
        word = self.password or self.token
        if word:
            form = {"_xsrf": client.cookies["_xsrf"], "password": word}
            assert client.post("login", data=form).status_code == 302
        client.headers["X-XSRFToken"] = client.cookies["_xsrf"]

    def websocket(
        self, url: str, client: httpx.Client | None, timeout: float
    ) -> websocket.WebSocket:
        """Open a websocket, with the token or with a client's cookies."""
        headers = [f"Authorization: token {self.token}"]
        if client is not None:
            headers = ["Cookie: " + "; ".join(f"{k}={v}" for k, v in client.cookies.items())]
        return websocket.create_connection(
            url.replace("http", "ws", 1),
            header=headers,
            timeout=timeout,
            socket=self._connect(self.sock, timeout) if self.sock else None,
            sslopt={"context": self._trust()} if self.certificate else None,
        )

    @staticmethod
    def _connect(path: Path, timeout: float) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.settimeout(timeout)
            connection.connect(str(path))
        except OSError:
            connection.close()
            raise
        return connection

    def _trust(self) -> ssl.SSLContext | None:
        if self.certificate is None:
            return None
        context = ssl.create_default_context(cafile=str(self.certificate))
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context
