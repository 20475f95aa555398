"""Tokens, passwords, cookies and environments are planted wherever they can be; no log has one."""

from __future__ import annotations

import base64
import io
import re
import secrets
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.doors import Door
from tests.kernel_socket import KernelSocket
from tests.logs import log_of
from tests.servers import RunningServer, running_server
from tests.waiting import wait_until

OURS = "session-export/api"
ENVIRONMENT = [
    "AWS_SECRET_ACCESS_KEY",
    "DATABASE_PASSWORD",
    "GITHUB_TOKEN",
    "COOKIE_OF_A_SERVICE",
    "HARMLESS_NAME",
]


@dataclass
class Garden:
    """Secrets by where they were planted; `quoted` ones are in names that Jupyter's log quotes."""

    secrets: dict[str, str] = field(default_factory=dict)
    quoted: set[str] = field(default_factory=set)

    def plant(self, place: str, value: str | None = None, *, quoted: bool = False) -> str:
        self.secrets[place] = value or secrets.token_hex(12)
        if quoted:
            self.quoted.add(place)
        return self.secrets[place]

    def found_in(self, text: str, *, also_quoted: bool = True) -> list[str]:
        return [
            place
            for place, secret in self.secrets.items()
            if secret in text and (also_quoted or place not in self.quoted)
        ]


def ask(client: httpx.Client, garden: Garden) -> None:
    """Use our routes and Jupyter's with secrets in addresses, headers and bodies."""
    plant = garden.plant
    headers = {
        "Referer": f"http://host/lab?token={plant('token in a Referer')}",
        "User-Agent": f"curl password={plant('password in a User-Agent')}",
    }
    for query in (
        f"token={plant('wrong token in a URL')}",
        f"access_token={plant('access token in a URL')}",
        f"password={plant('password in a URL')}",
    ):
        for route in ("session", "sessions/0/stats", "no/such/route", "session/download"):
            client.get(f"{OURS}/{route}?{query}", headers=headers)
    client.get(f"{OURS}/sessions/token={plant('token as an id', quoted=True)}/stats")
    client.get(f"{OURS}/exports/password={plant('password as an id', quoted=True)}")
    client.get(f"{OURS}/session/files/x?token={plant('token for a file')}")
    client.get(f"{OURS}/session/files/api_key={plant('key as a file', quoted=True)}")
    client.post(f"{OURS}/session/recording", json={"password": plant("password in a body")})
    client.post(f"{OURS}/exports", json={"session_id": f"token={plant('token in a body')}"})
    purged = f"http://u:{plant('user information')}@host/x.ipynb"
    client.request("DELETE", f"{OURS}/session/records", json={"notebook": purged})


def ask_as_stranger(server: RunningServer, garden: Garden) -> None:
    """Try keys of all kinds."""
    basic = base64.b64encode(f"ada:{garden.plant('password of a stranger')}".encode()).decode()
    garden.plant("password of a stranger, encoded", basic)
    for scheme, word in (
        ("token", garden.plant("token of a stranger")),
        ("Bearer", garden.plant("bearer token")),
        ("Basic", basic),
        ("JupyterSessionExport", garden.plant("key of another server")),
    ):
        with server.stranger(headers={"Authorization": f"{scheme} {word}"}) as stranger:
            for route in ("session", "session/download", "sessions"):
                stranger.get(f"{OURS}/{route}")
    cookies = {"username-127-0-0-1": garden.plant("cookie of a stranger"), "_xsrf": "x"}
    with server.stranger(cookies=cookies) as stranger:
        stranger.post(f"{OURS}/exports", json={})


def work(client: httpx.Client, server: RunningServer, garden: Garden) -> None:
    """Use files whose names hold secrets, and a kernel with secrets of its own."""
    name = f"a%3Ftoken={garden.plant('token in a name', quoted=True)}.txt"
    body = {"type": "file", "format": "text", "content": "x"}
    client.put(f"api/contents/{name}", json=body).raise_for_status()
    client.get(f"api/contents/{name}").raise_for_status()
    moved = f"b password={garden.plant('password in a name', quoted=True)}.txt"
    client.patch(f"api/contents/{name}", json={"path": moved}).raise_for_status()
    notebook = f"n?token={garden.plant('token of a notebook', quoted=True)}.ipynb"
    page = {"action": "page.notebook_open", "notebook": notebook}
    client.post(f"{OURS}/session/activity", json={"events": [page]}).raise_for_status()
    env = {"KERNEL_SECRET": garden.plant("environment of a kernel")}
    begun = {"name": "python3", "env": env}
    kernel_id = client.post("api/kernels", json=begun).json()["id"]
    with KernelSocket(server, kernel_id, client=client) as kernel:
        kernel.run(f"password = {garden.plant('password in a cell')!r}")
        kernel.run(f"raise ValueError('token={garden.plant('token in an error')}')")
        kernel.run("import os; print(dict(os.environ))")
    url = f"{server.url}api/kernels/{kernel_id}/channels?token={server.token}"
    server.door.websocket(f"{url}&session_id=s", client, 60).close()
    client.delete(f"api/kernels/{kernel_id}").raise_for_status()


def signed_in(server: RunningServer, password: str) -> httpx.Client:
    """Return a browser in which somebody has given the password."""
    with server.stranger() as visitor:
        Door(password=password).sign_in(visitor)
        return server.stranger(cookies=visitor.cookies, headers=visitor.headers)


def test_thirty_planted_secrets(tmp_path: Path) -> None:
    """They are in no line of the ZIP's logs, the audit log of all, or what we tell the server."""
    garden = Garden()
    environment = {name: garden.plant(f"variable {name}") for name in ENVIRONMENT}
    password = garden.plant("password")
    hashed = Door(password=password).arguments(0)[-1]
    garden.plant("hash of the password", hashed.rpartition(":")[2])
    door = Door(token=garden.plant("token"))
    with running_server(tmp_path, door=door, environment=environment, arguments=[hashed]) as server:
        with signed_in(server, password) as client:
            for cookie, value in client.cookies.items():
                garden.plant(f"cookie {cookie}", value)
            with server.stranger() as by_url:
                asked = by_url.get(f"{OURS}/session?token={server.token}")
                assert asked.status_code == 200, asked.text
                by_url.get(f"{OURS}/none?token={server.token}")
            garden.plant("key of the session", server.access()["key"])
            ask(client, garden)
            ask_as_stranger(server, garden)
            work(client, server, garden)
            job = client.post(f"{OURS}/exports", json={"include": ["logs", "data"]}).json()["id"]
            followed = f"{OURS}/exports/{job}"
            wait_until(lambda: client.get(followed).json()["state"] == "ready")
            answer = client.get(f"{followed}/download?token={server.token}")
            ended = client.post(f"{OURS}/session/end", json={"shutdown_kernels": True})
            assert ended.status_code == 200, ended.text
            gone = client.delete(f"{OURS}/sessions/{ended.json()['id']}")
            assert gone.status_code == 200, gone.text
        secret = (server.home / "runtime" / "jupyter_cookie_secret").read_text()
        garden.plant("secret of the cookies", secret.strip())
    assert len(garden.secrets) >= 30
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        lines = log_of(archive), log_of(archive, "audit")
        packed = {name: archive.read(name).decode() for name in archive.namelist()}
    assert min(len(log) for log in lines) > 5
    for name, text in packed.items():
        # What a cell said is content, which the summary quotes.
        if name.startswith(("logs/", "data/session_metadata.json")):
            assert garden.found_in(text) == []
    everything = (server.data_dir() / "audit_log.jsonl").read_text()
    assert garden.found_in(everything) == []
    log = server.log.read_text()
    ours = re.findall(r"^\[[A-Z] [^\]]*SessionExportApp\].*$", log, re.MULTILINE)
    assert ours
    assert garden.found_in("\n".join(ours)) == []
    assert garden.found_in(log, also_quoted=False) == []
