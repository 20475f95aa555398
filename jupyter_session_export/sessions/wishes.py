"""What callers say in keywords, as the values that it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike, fspath
from typing import Any, TypedDict, cast

from ..errors import InvalidRequest
from ..settings import SessionExport
from .backend import Wanted
from .batch import Told
from .callbacks import Callbacks, OnOutput, OnProgress, OnText
from .order import TIMEOUT_SECONDS, Order
from .transfers import Downloads, Uploads, named_uploads


class Wishes(TypedDict, total=False):
    """What a session is begun with. `lifetime` is in seconds, 0 without end.

    `kernel` is a kernelspec's name and goes before `language`; `cwd` is the folder to work in,
    by default one of the session's own. `absolute_paths` allows files outside of it. `template` is
    the name of one of the settings' `session_templates`, over which everything else goes.
    """

    template: str | None

    language: str | None
    kernel: str | None
    env: Mapping[str, str] | None
    cwd: str | PathLike[str] | None
    name: str | None
    lifetime: float | None
    absolute_paths: bool


class Beginning(Wishes, total=False):
    """`packages` are installed, and `files` sent, before the session runs anything."""

    packages: Sequence[str]
    files: Uploads


class Running(TypedDict, total=False):
    """What a run is asked for besides its code. `timeout` is in seconds, None is without end.

    `files` are sent before it, where their content isn't there yet: a mapping of paths in the
    session to files here or to bytes, or a list of files. `download_files` are fetched after it:
    a mapping of paths to places here, or a list of paths, for the current folder. `packages` are
    installed before it, as pip takes them, where the session doesn't have them yet.
    """

    packages: Sequence[str]

    files: Uploads
    download_files: Downloads
    timeout: float | None


class Followed(Running, total=False):
    """What is called while a run goes on."""

    on_stdout: OnText | None
    on_stderr: OnText | None
    on_output: OnOutput | None
    on_progress: OnProgress | None


class Once(Followed, Wishes, total=False):
    """A run in a session of its own, which ends with it unless `keep_alive`.

    With `session_id` it is one more run of that session, which stays.
    """

    session_id: str | None
    keep_alive: bool


class Mapped(Beginning, total=False):
    """How code is run for many inputs: `setup` is run by each session before its first one."""

    max_sessions: int
    setup: str
    timeout: float | None
    on_progress: Told | None


def order_of(code: str, running: Running) -> Order:
    """Return what a run is to do. Raises InvalidRequest."""
    if not isinstance(code, str):
        raise InvalidRequest("code must be a text.")
    return Order(
        code=code,
        timeout=timeout_of(running.get("timeout", TIMEOUT_SECONDS)),
        files=running.get("files", ()),
        packages=packages_of(running.get("packages", ())),
        download_files=running.get("download_files", ()),
    )


def callbacks_of(followed: Followed) -> Callbacks:
    """Return what is to be called."""
    return Callbacks(
        followed.get("on_stdout"),
        followed.get("on_stderr"),
        followed.get("on_output"),
        followed.get("on_progress"),
    )


def timeout_of(seconds: float | None) -> float | None:
    """Return it if it is one. Raises InvalidRequest."""
    if seconds is not None and not (is_number(seconds) and seconds > 0):
        raise InvalidRequest("timeout must be seconds, more than 0; None is without end.")
    return seconds


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def packages_of(packages: Sequence[str]) -> tuple[str, ...]:
    """Return them as a session takes them. Raises InvalidRequest."""
    if isinstance(packages, str) or not all(isinstance(each, str) for each in packages):
        raise InvalidRequest("packages must be a list of texts.")
    return tuple(packages)


def template_of(settings: SessionExport, name: str | None) -> Mapping[str, Any]:
    """Return what a template says. Raises InvalidRequest for an unknown one."""
    if name is None:
        return {}
    try:
        return dict(settings.session_templates[name])
    except KeyError:
        known = ", ".join(sorted(settings.session_templates)) or "none"
        raise InvalidRequest(
            f"There is no template {name!r}.", f"SessionExport.session_templates has {known}."
        ) from None


def wanted(settings: SessionExport, wishes: Beginning) -> Wanted:
    """Return what a session is to be. Raises InvalidRequest."""
    preset = template_of(settings, wishes.get("template"))
    lifetime = wishes.get("lifetime")
    cwd, env = wishes.get("cwd"), {**preset.get("env", {}), **(wishes.get("env") or {})}
    kernel = wishes.get("kernel")
    if kernel is None and not wishes.get("language"):
        kernel = preset.get("kernel")
    if lifetime is not None and not (is_number(lifetime) and 0 <= lifetime < float("inf")):
        raise InvalidRequest("lifetime must be seconds from 0 on; 0 is without end.")
    if not all(isinstance(text, str) for pair in env.items() for text in pair):
        raise InvalidRequest("env must be a mapping of texts to texts.")
    return Wanted(
        language=wishes.get("language") or preset.get("language") or "python",
        kernel=kernel,
        env=env,
        cwd=None if cwd is None else fspath(cwd),
        absolute_paths=bool(wishes.get("absolute_paths")),
        packages=packages_of([*preset.get("packages", ()), *wishes.get("packages", ())]),
        files={**preset.get("files", {}), **named_uploads(wishes.get("files", ()))},
        name=wishes.get("name"),
        lifetime=settings.live_session_minutes * 60 if lifetime is None else float(lifetime),
    )


def begun_with(once: Once) -> Beginning:
    """Return what of a single run is about its session."""
    names = Wishes.__optional_keys__
    return cast("Beginning", {name: value for name, value in once.items() if name in names})


def require_nothing(wishes: Wishes) -> None:
    """Raise InvalidRequest where something is wished of a session that is there already."""
    names = Wishes.__optional_keys__
    if given := sorted(name for name, value in wishes.items() if value and name in names):
        raise InvalidRequest(
            f"A session that exists has its {', '.join(given)} already.",
            "Leave that out, or leave out session_id to begin another one.",
        )
