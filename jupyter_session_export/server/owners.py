"""Who a request, or a kernel's start, belongs to."""

from __future__ import annotations

import getpass
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_core.utils import ensure_async
from jupyter_server import CallContext
from jupyter_server.auth import IdentityProvider, User

from ..errors import NoStableIdentity

if TYPE_CHECKING:
    from jupyter_server.base.handlers import JupyterHandler

    from ..settings import SessionExport

_GENERATED_USERNAME = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom sessions belong to. A guest's data goes when the session ends."""

    id: str
    guest: bool


class Owners:
    """Tells owners from one another, by the settings' `owner_mode`."""

    def __init__(self, settings: SessionExport) -> None:
        self._settings = settings
        self._account = os.environ.get("JUPYTERHUB_USER") or getpass.getuser()

    @property
    def of_server(self) -> Owner | None:
        """The one owner of the whole server, or None in owner mode "identity"."""
        if self._settings.owner_mode == "identity":
            return None
        return Owner(self._account, self._settings.guest)

    async def of_request(self, handler: JupyterHandler) -> Owner:
        """Return the owner of an authenticated request. Raises NoStableIdentity."""
        if self.of_server is not None:
            return self.of_server
        user = handler.current_user
        anonymous = _is_generated(user)
        if anonymous and not await _has_cookie(handler):
            raise NoStableIdentity(
                "This request comes without an identity that lasts.",
                "A bare token stands for a new user at each request: sign in with a browser, or "
                "send the login cookie along.",
            )
        return Owner(user.username, anonymous or self._settings.guest)

    def name_of(self, user: User | None) -> str | None:
        """Return what a signed-in user is called in the record.

        A name that was made up says nothing where the whole server has one owner.
        """
        if user is None or (self.of_server is not None and _is_generated(user)):
            return None
        return user.username

    async def of_starting_kernel(self) -> Owner:
        """Return the owner of the request that starts a kernel. Raises NoStableIdentity."""
        if self.of_server is not None:
            return self.of_server
        handler = CallContext.get(CallContext.JUPYTER_HANDLER)
        if handler is None or handler.current_user is None:
            raise NoStableIdentity("No request of a user started this kernel.")
        return await self.of_request(handler)


def _is_generated(user: User) -> bool:
    """Tell whether `IdentityProvider.generate_anonymous_user` made this user up."""
    name = user.display_name or ""
    return bool(_GENERATED_USERNAME.fullmatch(user.username)) and name.startswith("Anonymous ")


async def _has_cookie(handler: JupyterHandler) -> bool:
    provider: Any = handler.identity_provider
    if not isinstance(provider, IdentityProvider):
        return True
    return await ensure_async(provider.get_user_cookie(handler)) is not None
