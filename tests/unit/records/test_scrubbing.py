"""Secrets stay out of logs."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_session_export.records.scrubbing import MOST_CHARACTERS, scrubbed, tidied

SECRET = "5dd7c2d8f6b74e03b7b9"  # noqa: S105


@pytest.mark.parametrize(
    "text",
    [
        f"http://host:8888/lab?token={SECRET}",
        f"http://host/lab?a=1&TOKEN={SECRET}&b=2",
        f"/hub/login?next=%2Flab%3Ftoken%3D{SECRET}",
        f"https://ada:{SECRET}@host/repo.git",
        f"https://{SECRET}@host/repo.git",
        f"Authorization: token {SECRET}",
        f"authorization: Bearer {SECRET}",
        f"Authorization: JupyterSessionExport {SECRET}",
        f"{{'Authorization': 'token {SECRET}'}}",
        f"Bearer {SECRET}",
        f"Cookie: username-localhost-8888={SECRET}; _xsrf={SECRET}",
        f"Set-Cookie: login={SECRET}; Path=/",
        f"password={SECRET}",
        f"db_password={SECRET} host=here",
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f"export API_KEY={SECRET}",
        f'{{"password": "{SECRET}"}}',
        f"my_token: {SECRET}",
        f"/files/x?_xsrf={SECRET}",
        f"/callback?code={SECRET}&state={SECRET}",
        f"s3://bucket/x?X-Amz-Signature={SECRET}",
    ],
)
def test_a_secret_is_taken_out(text: str) -> None:
    """By its name or by its place, wherever it stands."""
    assert SECRET not in scrubbed(text)
    assert "[secret]" in scrubbed(text)


@pytest.mark.parametrize(
    "text",
    [
        "work/tokenizer.ipynb",
        "notes on passwords.md",
        "http://host:8888/lab/tree/a.ipynb?reset&page=2",
        "user@example.org",
        "kernel died (signal SIGKILL)",
        "tokens/first.txt",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Paths and messages are what logs are for."""
    assert scrubbed(text) == text


@given(st.text())
def test_scrubbing_again_changes_nothing(text: str) -> None:
    """Lines may pass through several hands."""
    assert scrubbed(scrubbed(text)) == scrubbed(text)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_what_is_tidied_is_json(value: object) -> None:
    """Its form stays; only texts change."""
    assert type(tidied(value)) is type(value)
    json.dumps(tidied(value))


def test_a_text_is_cut() -> None:
    """A path of any length makes a line of bounded size."""
    assert len(tidied("x" * 100_000)) == MOST_CHARACTERS
    assert len(tidied(["x"] * 1000)) <= 32


@pytest.mark.parametrize(
    "part", ["token", "secret-", "bearer ", "a=b&", "http://", "authorization: ", "cookie' ", "a."]
)
def test_the_work_grows_with_the_text(part: str) -> None:
    """Nobody keeps the recorder's thread busy with a name that was made for it."""
    short, long = (part * (size // len(part)) for size in (20_000, 80_000))

    def work(text: str) -> float:
        start = time.process_time()
        scrubbed(text)
        return time.process_time() - start

    assert work(long) < 16 * max(0.002, min(work(short) for _ in range(3)))
