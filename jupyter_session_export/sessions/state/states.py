"""A session's states on disk: its variables as they were when it was suspended, or in a snapshot.

    states/<name>.json                        the state, signed: it is there once this is
    states/<token>.{contents,objects,buffers}  what it is made of

`contents` has the hashes of the two others, the signed file that of `contents`:
so the signature covers all, and the key never gets into a kernel.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
import shutil
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import InvalidName, StateNotFound, StateRefused, StoreError
from ...records.times import now
from ...store.faults import StoreFaults, to_store_error
from ...store.folder import (
    SessionFolder,
    private_folder,
    put_names_on_disk,
    put_on_disk,
)
from ..link import KernelLink
from .bootstrap import ask_inside
from .rebuilding import Past, rebuilds
from .report import Kept, Lost, State
from .signing import StoreKey

FORMAT = 1
SUSPENDED = "~suspended"
"""The name that no snapshot can have."""
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)
_PARTS = ("contents", "objects", "buffers")


class States:
    """The states of one session."""

    def __init__(self, folder: SessionFolder, key: StoreKey) -> None:
        self._session = folder
        self._folder = folder.states
        self._key = key
        self._freeing: threading.Thread | None = None

    async def save(self, link: KernelLink, name: str, history: Sequence[Past] = ()) -> State:
        """Write the kernel's variables; one of the same name is replaced when that is done.

        `history` is what the kernel has run. On any failure the kernel goes on as it was, and
        nothing of the state is left. Raises StoreUnavailable, NotSupported, RunFailed, KernelDied.
        """
        target = self._path(name)
        await asyncio.to_thread(self._freed)
        private_folder(self._folder)
        token = secrets.token_hex(8)
        try:
            told = await ask_inside(link, "dump", **self._parts(token))
            _raise_for(told)
            state = await asyncio.to_thread(self._finish, name, token, target, history)
        finally:
            # Also what this one has replaced, or what an earlier one has left that was given up.
            await asyncio.to_thread(self._sweep)
        return state

    async def load(self, link: KernelLink, name: str) -> tuple[Lost, ...]:
        """Bind a state's variables in a fresh kernel; return those that could not be.

        Raises StateNotFound, and StateRefused before anything is unpickled.
        """
        signed = await asyncio.to_thread(self._read, name)
        parts = self._parts(signed["token"])
        told = await ask_inside(link, "load", **parts, sha256=signed["contents"])
        _raise_for(told)
        known = {(each.kind, each.name): each.rebuild for each in _state(signed).lost}
        lost = (Lost.from_json(each) for each in told["lost"])
        return tuple(replace(each, rebuild=known.get((each.kind, each.name))) for each in lost)

    def get(self, name: str) -> State:
        """Return what a state holds. Raises StateNotFound, StateRefused."""
        return _state(self._read(name))

    def check(self, name: str) -> None:
        """Read all of a state. Raises StateRefused where it isn't what was written."""
        from .inside import blocks  # noqa: PLC0415  # loads cloudpickle, which few need

        signed = self._read(name)
        parts = {part: Path(path) for part, path in self._parts(signed["token"]).items()}
        with StoreFaults("read the state"):
            content = parts["contents"].read_bytes()
            genuine = hashlib.sha256(content).hexdigest() == signed["contents"]
            told = json.loads(content) if genuine else {}
            for part in ("objects", "buffers"):
                genuine = genuine and blocks.hashed(parts[part]) == told[part]["blocks"]
        if not genuine:
            raise _refused(name, "One of its files isn't what this store has written.")

    def clear(self) -> None:
        """Delete all states."""
        self._freed()
        with StoreFaults("remove the states"):
            shutil.rmtree(self._folder, ignore_errors=not self._folder.exists())

    def names(self) -> list[str]:
        """Return the snapshots' names, in order."""
        found = (path.stem for path in self._folder.glob("*.json"))
        return sorted(name for name in found if _NAME.fullmatch(name))

    def remove(self, name: str) -> None:
        """Delete a state. Raises StateNotFound.

        It isn't there any more when this returns. To free what it was made of takes a disk a good
        part of a second for each GiB, for which nobody waits but who writes the next one.
        """
        self._freed()
        with StoreFaults("remove the state"):
            try:
                self._path(name).unlink()
            except FileNotFoundError:
                raise _missing(name) from None
        self._freeing = threading.Thread(target=self._free, name="session-export-states")
        self._freeing.start()

    def _free(self) -> None:
        # What is left here is removed with the next state.
        with suppress(StoreError):
            self._sweep()

    def _freed(self) -> None:
        """Wait until the disk has back what the last one that was removed had."""
        if self._freeing is not None:
            self._freeing.join()
            self._freeing = None

    def _finish(self, name: str, token: str, target: Path, history: Sequence[Past]) -> State:
        paths = [Path(path) for path in self._parts(token).values()]
        with StoreFaults("write the state"):
            # Some file systems tell only now that they are full: the kernel still has it all.
            for path in paths:
                put_on_disk(path)
            content = paths[0].read_bytes()
            size = sum(path.stat().st_size for path in paths)
        contents = json.loads(content)
        lost = [Lost.from_json(each) for each in contents["lost"]]
        ways = rebuilds((each.name for each in lost if each.kind == "variable"), history)
        state = State(
            name=name,
            session_id=self._session.session_id,
            created_at=now(),
            python=contents["python"],
            bytes=size,
            kept=tuple(
                Kept(each["name"], each["kind"], each["type"], each["bytes"])
                for each in contents["kept"]
            ),
            lost=tuple(replace(each, rebuild=ways.get(each.name)) for each in lost),
        )
        digest = hashlib.sha256(content).hexdigest()
        signed = {"format": FORMAT, "token": token, "contents": digest, "state": state.to_json()}
        text = json.dumps(signed)
        sealed = {"signature": self._key.sign(text.encode()), "signed": text}
        self._session.write_private(target, json.dumps(sealed).encode(), durable=True)
        # Before what it replaces goes.
        put_names_on_disk(self._folder)
        return state

    def _read(self, name: str) -> dict[str, Any]:
        """Return what is signed, if it is."""
        try:
            with StoreFaults("read the state"):
                content = self._path(name).read_bytes()
        except Exception as error:
            if isinstance(error.__cause__, FileNotFoundError):
                raise _missing(name) from None
            raise
        try:
            sealed = json.loads(content)
            text, signature = sealed["signed"], sealed["signature"]
            genuine = self._key.signed(text.encode(), signature)
        except (ValueError, KeyError, TypeError, AttributeError):
            genuine = False
        signed: dict[str, Any] = json.loads(text) if genuine else {}
        if not genuine or signed["format"] != FORMAT:
            raise _refused(name, "It was altered, or another store or version has written it.")
        state = signed["state"]
        if (state["name"], state["session_id"]) != (name, self._session.session_id):
            raise _refused(name, "It belongs to another session, or had another name.")
        return signed

    def _sweep(self) -> None:
        """Remove the files of no state."""
        with StoreFaults("remove old states"):
            used = {self._token(path) for path in self._folder.glob("*.json")}
            for path in self._folder.iterdir():
                if path.suffix[1:] in _PARTS and path.stem not in used:
                    path.unlink(missing_ok=True)

    def _token(self, path: Path) -> str | None:
        # An altered file's parts are no use to anybody.
        try:
            return str(json.loads(json.loads(path.read_bytes())["signed"])["token"])
        except (ValueError, KeyError, TypeError, FileNotFoundError):
            return None

    def _path(self, name: str) -> Path:
        if name != SUSPENDED and not _NAME.fullmatch(name):
            raise InvalidName(
                f"A snapshot can't be named {name!r}.",
                "Up to 64 letters, digits, dots, hyphens and underscores, a letter or digit first.",
            )
        return self._folder / f"{name}.json"

    def _parts(self, token: str) -> dict[str, str]:
        return {part: str(self._folder / f"{token}.{part}") for part in _PARTS}


def _state(signed: dict[str, Any]) -> State:
    return State.from_json(signed["state"])


def _missing(name: str) -> StateNotFound:
    return StateNotFound(
        "The session isn't suspended." if name == SUSPENDED else f"No snapshot is named {name!r}."
    )


def _refused(name: str, why: str) -> StateRefused:
    what = "state of the suspended session" if name == SUSPENDED else f"snapshot {name!r}"
    return StateRefused(f"The {what} is refused; nothing of it was used.", why)


def _raise_for(told: dict[str, Any]) -> None:
    """Raise what the kernel tells of."""
    if "errno" in told:
        error = OSError(told["errno"], told["error"])
        raise to_store_error(error, "keep or restore the session's variables") from error
    if "altered" in told:
        raise StateRefused(
            "The state is refused; nothing of it was used.",
            f"{told['altered']} isn't what this store has written.",
        )
    if "python" in told:
        raise StateRefused(
            "The state is refused; nothing of it was used.",
            f"It was written by Python {told['written_by']}, and this kernel is {told['python']}.",
        )
