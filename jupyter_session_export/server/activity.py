"""`POST session/activity`: what people do in a notebook's page, by an event schema of our own."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema import ValidationError
from jupyter_events.schema import EventSchema
from jupyter_server.auth.decorator import authorized
from tornado import web

from ..errors import InvalidRequest
from ..recording.notebooks import without_drive
from ..records.activity import Deed
from .base import SessionExportHandler

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).parent / "events" / "page_activity.yaml"
MOST_BYTES = 256 << 10
LEFT_OUT = "page.left_out"


@lru_cache(maxsize=1)
def schema() -> EventSchema:
    """Return the schema; to read and check it takes a few milliseconds."""
    return EventSchema(SCHEMA)


class ActivityHandler(SessionExportHandler):
    """A page tells; who it was is what its sign-in says, and the session is their current one."""

    _track_activity = False

    @web.authenticated
    @authorized
    async def post(self) -> None:
        if self.grant is not None:
            raise web.HTTPError(403, "Pages tell of this, not kernels.")
        owner = await self.owner()
        deeds = list(deeds_of(self._batch(), self.service.actors.name_of(self.current_user)))
        await self.service.note_page(owner, deeds)
        self.set_status(204)
        self.finish()

    def _batch(self) -> dict[str, Any]:
        if len(self.request.body) > MOST_BYTES:
            raise InvalidRequest(f"A batch has at most {MOST_BYTES} bytes.")
        batch = self.body()
        try:
            schema().validate(batch)
        except ValidationError as error:
            raise InvalidRequest(
                "The batch is not what the schema says.", error.message[:200]
            ) from error
        return batch


def deeds_of(batch: dict[str, Any], user: str | None) -> Iterator[Deed]:
    """Yield what a batch that the schema has passed tells of."""
    for event in batch["events"]:
        detail = {name: event[name] for name in event if name not in ("action", "notebook")}
        yield Deed(event["action"], without_drive(event["notebook"]), user, detail)
    if batch.get("left_out"):
        yield Deed(LEFT_OUT, None, user, {"events": batch["left_out"]})
