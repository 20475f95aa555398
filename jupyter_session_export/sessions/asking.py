"""Asking a Python kernel for a value that is no output: silently, so that no record has it."""

from __future__ import annotations

import ast
import json
from typing import Any

from ..errors import RunFailed
from .link import KernelLink

NAME = "answer"


async def ask(link: KernelLink, code: str, expression: str) -> Any:
    """Run code, then return the value of an expression that makes JSON text.

    Both see the user's variables, so names of the asker's own must be unlikely ones.
    Raises RunFailed where the code fails, KernelDied.
    """
    reply = await link.execute(
        code, silent=True, store_history=False, expressions={NAME: expression}
    )
    if reply.status != "ok":
        raise RunFailed("What the session asked of its kernel failed.", _told(reply.content))
    text = reply.expressions.get(NAME)
    if text is None:
        error = (reply.content.get("user_expressions") or {}).get(NAME) or {}
        raise RunFailed("What the session asked of its kernel failed.", _told(error))
    return json.loads(ast.literal_eval(text))


def _told(error: Any) -> str:
    return f"{error.get('ename', 'Error')}: {error.get('evalue', '')}"
