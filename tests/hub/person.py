"""Somebody who uses a Hub: with a browser's cookies, or with a token."""

from __future__ import annotations

import html
import json
import re
from contextlib import suppress
from typing import Any

import httpx
import websocket

from .running import PREFIX, RunningHub

SECONDS = 60.0
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
"""What a browser sends when it follows a link, or begins a download."""
FETCH = {"Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}
"""What a browser sends for a page of the same origin."""


class Person:
    """A browser that has signed in at the Hub, and one server: its own, or one that is shared."""

    def __init__(self, hub: RunningHub, name: str, server: str | None = None) -> None:
        self.hub, self.name, self.server = hub, name, server or name
        self.client = httpx.Client(
            base_url=hub.url, follow_redirects=True, timeout=SECONDS, trust_env=False
        )
        self._sign_in()

    def __enter__(self) -> Person:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def _sign_in(self) -> None:
        self.client.get("hub/login", headers=NAVIGATION).raise_for_status()
        form = {"username": self.name, "password": "", "_xsrf": self._xsrf("hub/")}
        answer = self.client.post("hub/login?next=/hub-prefix/hub/home", data=form)
        assert answer.status_code == 200, answer.text

    def ask_for_server(self) -> None:
        """Have the Hub start the server; `await_server` waits until it is there."""
        answer = self._hub_api("POST", f"users/{self.server}/server")
        assert answer.status_code in (201, 202), answer.text

    def await_server(self) -> None:
        """Wait until the server is there, and visit it: the Hub tells it who comes."""
        headers = self._fetch("hub/")
        path = f"hub/api/users/{self.name}/server/progress"
        with self.client.stream("GET", path, headers=headers) as events:
            for line in events.iter_lines():
                event = json.loads(line.removeprefix("data:")) if line.startswith("data:") else {}
                assert not event.get("failed"), f"{event}\n{self.hub.log.read_text()[-4000:]}"
                if event.get("ready"):
                    break
        self.visit()

    def stop_server(self) -> None:
        """Have the Hub stop the server."""
        answer = self._hub_api("DELETE", f"users/{self.server}/server")
        assert answer.status_code == 204, answer.text

    def visit(self) -> None:
        """Open a page of the server, which leads by the Hub and back."""
        page = self.client.get(self._path("lab"), headers=NAVIGATION)
        if page.url.path.endswith("/oauth2/authorize"):
            page = self._agree(page)
        assert page.status_code == 200, page.text
        assert page.url.path.startswith(f"{PREFIX}user/{self.server}/"), page.url

    def _agree(self, page: httpx.Response) -> httpx.Response:
        """Let another account's server know who comes, which the Hub asks about first."""
        scopes = re.findall(r'name="scopes" value="([^"]*)"', page.text)
        form = {"_xsrf": self._xsrf("hub/"), "scopes": [html.unescape(scope) for scope in scopes]}
        return self.client.post(page.url, data=form, headers={"Referer": str(page.url)})

    def token(self) -> str:
        """Make a token at the Hub with which a script may act for this person."""
        body = {"note": "test", "expires_in": 600}
        answer = self._hub_api("POST", f"users/{self.name}/tokens", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def script(self) -> httpx.Client:
        """Return the client of a script of this person's: no cookies, a token."""
        return httpx.Client(
            base_url=self.hub.url + self._path("session-export/api/"),
            headers={"Authorization": f"token {self.token()}"},
            timeout=SECONDS,
            trust_env=False,
        )

    def api(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call one of our routes as a page does."""
        return self.request(method, f"session-export/api/{path}", **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call any route of the server as a page does."""
        options.setdefault("headers", self._fetch(self._path()))
        return self.client.request(method, self._path(path), **options)

    def download_path(self, path: str) -> str:
        """Return where a browser would download one of our routes from, relative to the Hub."""
        return self._path(f"session-export/api/{path}")

    def start_kernel(self, path: str = "notebook.ipynb") -> str:
        """Begin a Jupyter session for a notebook; return its kernel's id."""
        body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
        answer = self.request("POST", "api/sessions", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["kernel"]["id"])

    def websocket(
        self, path: str, *, client: httpx.Client | None = None, timeout: float
    ) -> websocket.WebSocket:
        """Open a websocket as a page does."""
        url = self.hub.url + self._path(path)
        asking = (client or self.client).build_request("GET", url)
        return websocket.create_connection(
            url.replace("http", "ws", 1),
            header={"Cookie": asking.headers["Cookie"], "Sec-Fetch-Mode": "websocket"},
            origin=self.hub.origin,
            timeout=timeout,
        )

    def _path(self, path: str = "") -> str:
        return f"user/{self.server}/{path}"

    def _hub_api(self, method: str, path: str, **options: Any) -> httpx.Response:
        return self.client.request(
            method, f"hub/api/{path}", headers=self._fetch("hub/"), **options
        )

    def _fetch(self, path: str) -> dict[str, str]:
        return {**FETCH, "X-XSRFToken": self._xsrf(path)}

    def _xsrf(self, path: str) -> str:
        """Return the token that pages below a path know from their cookie."""
        with suppress(httpx.CookieConflict):
            return self.client.cookies.get("_xsrf", path=PREFIX + path) or ""
        raise AssertionError(f"two tokens for {path}")
