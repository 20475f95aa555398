"""What the keywords of the calls mean, for `help()` and for whatever completes them.

Their types are in `wishes`, for whatever checks those.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from .batch import MOST_SESSIONS
from .order import TIMEOUT_SECONDS

F = TypeVar("F", bound=Callable[..., Any])
WIDTH = 88
DONE_OF_TOTAL = "called in another thread with how many inputs are done, and how many there are"


class Option(NamedTuple):
    """A keyword: what it is if nobody says it, and what it means."""

    default: Any
    text: str


OPTIONS = {
    "template": Option(
        None, "the name of one of SessionExport.session_templates; what else is said goes over it"
    ),
    "language": Option(
        None, "a language that an installed kernel has; None is the template's, or python"
    ),
    "kernel": Option(None, "the name of a kernelspec, which goes before `language`"),
    "env": Option(None, "variables of the kernel's environment, besides this process's own"),
    "cwd": Option(None, "the folder to work in; None is one of its own, which its ZIP has"),
    "name": Option(None, "what a list calls the session"),
    "lifetime": Option(
        None,
        "seconds after its last use until the session ends, but never in a run; 0 is without"
        " end, None is SessionExport.live_session_minutes",
    ),
    "absolute_paths": Option(False, "whether files may lie outside of the session's folder"),
    "packages": Option(
        (), "as pip takes them: 'polars>=1', a wheel; installed where they aren't there yet"
    ),
    "files": Option(
        (),
        "{path in the session: file here, or bytes}, or a list of files here; sent before the"
        " code where their content isn't there yet",
    ),
    "download_files": Option(
        (),
        "{path in the session: place here}, or a list of paths, for the current folder; fetched"
        " after code that has succeeded",
    ),
    "timeout": Option(TIMEOUT_SECONDS, "seconds until the code is interrupted; None is never"),
    "on_stdout": Option(None, "called with each text on standard output, as it comes"),
    "on_stderr": Option(None, "called with each text on standard error, as it comes"),
    "on_output": Option(None, "called with each result, display and error, in nbformat's form"),
    "on_progress": Option(
        None, "called with the stage that it is in: its name, percent (0 to 100), message"
    ),
    "session_id": Option(None, "run in this session, which stays, instead of one of its own"),
    "keep_alive": Option(False, "whether the session that is begun for it stays"),
    "max_sessions": Option(MOST_SESSIONS, "how many sessions work at once"),
    "setup": Option("", "code that each session runs before its first input"),
}


def spelled_out(options: type, **texts: str) -> Callable[[F], F]:
    """Have a function that takes `**` of a TypedDict show each of its keywords, and refuse others.

    `texts` are for keywords that mean something else to this one.
    """
    known: frozenset[str] = getattr(options, "__optional_keys__", frozenset())
    names = [name for name in OPTIONS if name in known]
    lines = [_line(name, texts.get(name, OPTIONS[name].text)) for name in names]

    def spell(function: F) -> F:
        checked = _checked(function, names)
        checked.__doc__ = "\n\n".join([inspect.cleandoc(function.__doc__ or ""), "\n".join(lines)])
        # What PEP 362 has for it; types know the attribute for classes only.
        vars(checked)["__signature__"] = _signature(function, names)
        return cast("F", checked)

    return spell


def _checked(function: Callable[..., Any], names: Sequence[str]) -> Callable[..., Any]:
    """Refuse a keyword that nobody would look at, as Python does."""

    def check(given: Mapping[str, Any]) -> None:
        for name in given:
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                hint = f" Did you mean {near[0]!r}?" if near else ""
                raise TypeError(
                    f"{called.__qualname__}() got an unexpected keyword argument {name!r}.{hint}"
                )

    @functools.wraps(function)
    def call(*arguments: Any, **given: Any) -> Any:
        check(given)
        return function(*arguments, **given)

    @functools.wraps(function)
    async def wait(*arguments: Any, **given: Any) -> Any:
        check(given)
        return await function(*arguments, **given)

    called = wait if inspect.iscoroutinefunction(function) else call
    return called


def _signature(function: Callable[..., Any], names: Sequence[str]) -> inspect.Signature:
    signature = inspect.signature(function)
    own = [each for each in signature.parameters.values() if each.kind != each.VAR_KEYWORD]
    keywords = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=OPTIONS[name].default)
        for name in names
    ]
    return signature.replace(parameters=[*own, *keywords])


def _line(name: str, text: str) -> str:
    return textwrap.fill(f"{name}: {text}", WIDTH, subsequent_indent="    ")
