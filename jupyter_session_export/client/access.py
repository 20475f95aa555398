"""How to reach the server that holds a session: the JSON that `JPY_SESSION_EXPORT` names."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import NoRecordingServer, ServerUnreachable

VARIABLE = "JPY_SESSION_EXPORT"


def by_gateway(environment: Mapping[str, str]) -> bool:
    """Tell whether a kernel was started by a Kernel Gateway or an Enterprise Gateway."""
    return bool(environment.get("KERNEL_GATEWAY"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where the server is, and what opens its routes.

    `url` is the server's base URL: http, https or `http+unix://%2Fpath%2Fto.sock/base/`.
    `certificate` is the path of the server's own TLS certificate (PEM), to be trusted
    exactly. `scheme` is the Authorization header's: our key's, or `token` for Jupyter's.
    """

    url: str
    key: str = field(repr=False)
    session_id: str | None = None
    files: str | None = None
    certificate: str | None = None
    scheme: str = "JupyterSessionExport"

    @property
    def authorization(self) -> str:
        return f"{self.scheme} {self.key}"

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs to be let in; nothing where a server takes everybody."""
        return {"Authorization": self.authorization} if self.key else {}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Access:
        """Read the file's JSON. Raises KeyError or TypeError on another layout."""
        return cls(
            url=data["url"],
            key=data["key"],
            session_id=data["session_id"],
            files=data.get("files"),
            certificate=data.get("certificate"),
        )

    @classmethod
    def read(cls, path: Path) -> Access:
        """Read the file that a server left. Raises ServerUnreachable where it took it back."""
        try:
            return cls.from_json(json.loads(path.read_bytes()))
        except FileNotFoundError:
            raise ServerUnreachable(
                "The Jupyter server that recorded this session is gone.",
                "Start it again and restart the kernel.",
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ServerUnreachable(
                f"How to reach the Jupyter server can't be read from {path}.",
                f"Restart the kernel to have it written anew ({error}).",
            ) from error

    @classmethod
    def of_kernel(cls, environment: Mapping[str, str] = os.environ) -> Access:
        """Read what this kernel was given. Raises NoRecordingServer where it was given nothing."""
        path = environment.get(VARIABLE)
        if not path and by_gateway(environment):
            raise NoRecordingServer(
                "A gateway runs this kernel, which can't reach the Jupyter server that records it.",
                "%session_export and the button in the page export the session.",
            )
        if not path:
            raise NoRecordingServer(
                "This kernel was not started by a Jupyter server that records.",
                "Install jupyter_session_export beside the server, and restart both.",
            )
        return cls.read(Path(path))
