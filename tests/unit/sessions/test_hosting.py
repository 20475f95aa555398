"""How a server is reached."""

from __future__ import annotations

import pytest

from jupyter_session_export.sessions.hosting import access_to


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://localhost:8888", "http://localhost:8888"),
        ("http://localhost:8888/lab?token=abc", "http://localhost:8888"),
        ("http://localhost:8888/tree/a/b.ipynb?token=abc#x", "http://localhost:8888"),
        ("https://hub.example/user/me/lab", "https://hub.example/user/me"),
        ("https://hub.example/user/tree-house/", "https://hub.example/user/tree-house/"),
        ("http+unix://%2Frun%2Fa.sock/base/", "http+unix://%2Frun%2Fa.sock/base/"),
    ],
)
def test_the_address_of_a_page_is_its_servers(given: str, url: str) -> None:
    """As a server prints it, and a browser shows it; the token is no part of what is told."""
    access = access_to(given, None, None)
    assert access.url == url
    assert access.key == ("abc" if "token" in given else "")
    assert access_to(given, "mine", None).key == "mine"
