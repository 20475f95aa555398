"""Layers: folders with installed packages, made once and shared by whoever needs the same.

packages/<digest>/site/       what the installer has put there
packages/<digest>/layer.json  what it is; its time is that of the last use
packages/.<digest>.<token>/   one that is being made; renamed when it is whole
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

from filelock import Timeout

from ...errors import PackagesFailed
from ...store.faults import StoreFaults
from ...store.folder import SessionFolder, private_folder
from ...store.lease import os_lock
from .installer import SECONDS, OnLine, ignore, install
from .requirements import Requirements
from .uses import Uses

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Layer:
    """Installed packages, in use until `release`."""

    path: Path
    use: Path

    @property
    def site(self) -> Path:
        """The folder for `sys.path`."""
        return self.path / "site"

    def installed(self) -> dict[str, str]:
        """Return the versions of all packages in it, by name."""
        found = distributions(path=[str(self.site)])
        return dict(sorted((each.metadata["Name"], each.version) for each in found))

    def release(self) -> None:
        """Give it back; more than once does no harm."""
        self.use.unlink(missing_ok=True)


class Layers:
    """The layers of a data folder; what nobody uses goes beyond these bounds, 0 being none."""

    def __init__(self, data_dir: Path, *, max_bytes: int = 0, max_days: float = 0) -> None:
        self._max_bytes, self._max_days = max_bytes, max_days
        self._folder = data_dir / "packages"
        self._uses = Uses(self._folder / "uses")

    async def get(
        self,
        packages: Iterable[str],
        interpreter: Path,
        *,
        on_line: OnLine = ignore,
        seconds: float = SECONDS,
    ) -> Layer:
        """Return the layer of these packages for an interpreter, installed if it isn't there.

        Raises InvalidRequest, PackagesFailed with the installer's words, StoreUnavailable.
        """
        requirements = Requirements.parse(packages)
        with StoreFaults("look for installed packages"):
            # It reads all of a wheel that is given as a file.
            digest = await asyncio.to_thread(requirements.digest, interpreter)
            self._folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            private_folder(self._folder)
            use = self._uses.begin(digest)
        layer = Layer(self._folder / digest, use)
        try:
            if not self._is_there(layer):
                async with self._locked(digest, seconds):
                    if not self._is_there(layer):
                        await self._make(layer, requirements, interpreter, on_line, seconds)
                await asyncio.to_thread(self.remove_unused, self._max_bytes, self._max_days)
        except BaseException:
            layer.release()
            raise
        return layer

    def remove_unused(self, max_bytes: int, max_days: float) -> int:
        """Remove what nobody uses: what is too old, then the oldest; return the bytes that went.

        0 turns a bound off.
        """
        if not self._folder.is_dir():
            return 0
        with StoreFaults("remove installed packages"):
            self._remove_unfinished()
            used, freed = self._uses.layers(), 0
            layers = sorted(self._layers())
            total = sum(size for _, size, _ in layers)
            for last_use, size, path in layers:
                too_old = bool(max_days) and last_use < time.time() - max_days * 86400
                too_much = bool(max_bytes) and total - freed > max_bytes
                if path.name not in used and (too_old or too_much) and self._remove(path):
                    freed += size
        return freed

    def _is_there(self, layer: Layer) -> bool:
        with suppress(FileNotFoundError):
            os.utime(layer.path / "layer.json")
            return True
        return False

    async def _make(
        self,
        layer: Layer,
        requirements: Requirements,
        interpreter: Path,
        on_line: OnLine,
        seconds: float,
    ) -> None:
        fresh = self._folder / f".{layer.path.name}.{secrets.token_hex(4)}"
        try:
            with StoreFaults("make a folder for packages"):
                private_folder(fresh)
            await install(requirements, interpreter, fresh / "site", on_line, seconds)
            await asyncio.to_thread(_complete, fresh, layer.path, requirements, interpreter)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise

    @asynccontextmanager
    async def _locked(self, digest: str, seconds: float) -> AsyncIterator[None]:
        """Be the only one who makes or removes this layer."""
        lock = os_lock(self._lock_of(digest))
        deadline = time.monotonic() + seconds
        while True:
            try:
                lock.acquire(timeout=0)
                break
            except Timeout:
                if time.monotonic() > deadline:
                    raise PackagesFailed(
                        "Could not install the packages: another process is at it.",
                        f"It has held {lock.lock_file} for {seconds:g} s.",
                    ) from None
            await asyncio.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            lock.release()

    def _lock_of(self, digest: str) -> Path:
        # There are 256 of them, as none may ever be deleted: somebody may wait for it.
        return private_folder(self._folder / "locks") / f"{digest[:2]}.lock"

    def _layers(self) -> Iterator[tuple[float, int, Path]]:
        """Yield last use, bytes and folder of each."""
        for path in self._folder.glob("[0-9a-f]*/layer.json"):
            with suppress(FileNotFoundError):
                size = json.loads(path.read_bytes())["bytes"]
                yield path.stat().st_mtime, size, path.parent

    def _remove(self, path: Path) -> bool:
        """Remove a layer; False where somebody uses or makes it."""
        lock = os_lock(self._lock_of(path.name))
        with suppress(Timeout), lock.acquire(timeout=0):
            gone = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            path.rename(gone)
            # Whoever has found it there in the meantime has said so before.
            if path.name not in self._uses.layers():
                shutil.rmtree(gone)
                return True
            gone.rename(path)
        return False

    def _remove_unfinished(self) -> None:
        """Remove what is left of a process that died while it made or removed a layer."""
        for path in self._folder.glob(".*.*"):
            lock = os_lock(self._lock_of(path.name[1:]))
            with suppress(Timeout), lock.acquire(timeout=0):
                shutil.rmtree(path, ignore_errors=True)


def _complete(fresh: Path, path: Path, requirements: Requirements, interpreter: Path) -> None:
    """Write what the layer is, and give it its name."""
    site = fresh / "site"
    told = {
        "packages": requirements.arguments(),
        "interpreter": str(interpreter),
        "bytes": sum(each.lstat().st_size for each in site.rglob("*") if not each.is_dir()),
    }
    with StoreFaults("keep installed packages"):
        private_folder(site)
        SessionFolder(fresh).write_private(fresh / "layer.json", json.dumps(told).encode())
        fresh.rename(path)
