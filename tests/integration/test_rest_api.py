"""docs/rest-api.yml says what a real server answers, to what is right and to what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import CHECKS
from tornado.web import RequestHandler

from jupyter_session_export import errors
from jupyter_session_export.server.handlers import UnknownRouteHandler, routes
from jupyter_session_export.server.statuses import _CODES, _STATUSES
from tests.servers import running_server

PAGE = Path(__file__).parents[2] / "docs" / "rest-api.yml"
API = "session-export/api"
METHODS = ("get", "head", "post", "put", "patch", "delete")

schema = schemathesis.openapi.from_path(PAGE)
EXCLUDED = [
    # A wish that is well put may be for what isn't there, or one more than are allowed.
    CHECKS.get_by_names(["positive_data_acceptance"])[0],
]


def paths(pattern: str) -> list[str]:
    """Return the paths that a route's pattern stands for, as the page writes them."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", pattern)
    either = "(?:session|sessions/{session_id})"
    return [named.replace(either, each) for each in either[3:-1].split("|")]


def test_the_page_has_all_routes_and_no_others() -> None:
    """Each with its methods."""
    served = {
        (method, path.removeprefix(f"/{API}"))
        for pattern, handler, _ in routes(SimpleNamespace())  # type: ignore[arg-type]
        if handler is not UnknownRouteHandler
        for path in paths(pattern)
        for method in METHODS
        if getattr(handler, method) is not RequestHandler._unimplemented_method
    }
    written = {
        (method, path)
        for path, item in schema.raw_schema["paths"].items()
        for method in item
        if method != "parameters"
    }
    assert written == served


def test_the_page_has_all_codes() -> None:
    """Each code of an error that a route can answer with is told, and no other."""
    told = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", PAGE.read_text()))
    kinds, known = [errors.SessionExportError], set(_CODES.values())
    while kinds:
        kind = kinds.pop()
        kinds += kind.__subclasses__()
        known.add(kind.code)
    assert told <= known
    answered = {kind.code for kind in _STATUSES}
    assert answered <= told


class Place(NamedTuple):
    """A server, with a session that lives and one that has ended."""

    url: str
    token: str
    live: str
    ended: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("server")
    # Whatever packages are made up, none is looked for elsewhere.
    environment = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1"}
    arguments = ["--SessionExport.max_live_sessions=2"]
    with (
        running_server(folder, arguments=arguments, environment=environment) as server,
    ):
        begun = [server.api("POST", "sessions", json={}).json()["id"] for _ in range(2)]
        over = server.api("POST", f"sessions/{begun[1]}/end", json={"shutdown_kernels": True})
        assert over.status_code == 200, over.text
        yield Place(f"{server.url}{API}", server.token, *begun)


def harmless(case: Case, place: Place) -> None:
    """Have a call be about sessions that are there, and do nothing that takes long."""
    if isinstance(case.body, dict):
        if isinstance(case.body.get("code"), str):
            case.body["code"] = "1"
        if isinstance(case.body.get("packages"), list):
            case.body["packages"] = []
    positive = case.meta is None or case.meta.generation.mode is GenerationMode.POSITIVE
    if positive and "session_id" in case.path_parameters:
        ends = case.operation.path.endswith("/end") or case.method == "DELETE"
        case.path_parameters["session_id"] = place.ended if ends else place.live


def check(case: Case, place: Place) -> None:
    harmless(case, place)
    case.call_and_validate(
        base_url=place.url,
        headers={"Authorization": f"token {place.token}"},
        excluded_checks=EXCLUDED,
        # Kernels restart slowly on a busy machine.
        timeout=240,
    )


# To shrink what fails takes long, and hides little that is long here.
QUICK = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schema.parametrize()
@settings(QUICK, max_examples=3)
def test_answers_are_as_the_page_says(case: Case, place: Place) -> None:
    """Statuses, headers and bodies; what is wrong is refused; and no route fails."""
    check(case, place)


@pytest.mark.soak
@schema.parametrize()
@settings(QUICK, max_examples=100, derandomize=False, print_blob=True)
def test_many_answers_are_as_the_page_says(case: Case, place: Place) -> None:
    """The same at length."""
    check(case, place)
