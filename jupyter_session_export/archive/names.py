"""Safe and unique names: what every system can extract, and no two of which are one file there."""

from __future__ import annotations

import hashlib
import re
import unicodedata

PLAIN = re.compile(
    r"(?!con|prn|aux|nul|clock\$|com[0-9]|lpt[0-9])"
    r"[a-z0-9_\-+=,@()\[\]{}#%&!~][a-z0-9_\-+=,@()\[\]{}#%&!~. ]{0,63}(?<![. ])",
    re.ASCII | re.IGNORECASE,
)
"""Most names: short, and without anything that has to be looked at more closely."""
UNSAFE = re.compile(
    '[\x00-\x1f\x7f-\x9f<>:"|?*\\\\/\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]'
)
"""Controls, what Windows forbids, what turns text around, and lone surrogates."""
RESERVED = re.compile(
    r"(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?",
    re.IGNORECASE | re.DOTALL,
)
COMPONENT_BYTES = 255
PATH_BYTES = 4000
SUFFIX_BYTES = 20


def safe_path(path: str, most_bytes: int = PATH_BYTES) -> str:
    """Return a relative path that can't leave the folder it is extracted to, on any system."""
    parts = [safe_component(part) for part in path.split("/") if part not in ("", ".")]
    safe = "/".join(parts) or "_"
    if len(safe) * 4 <= most_bytes or len(safe.encode()) <= most_bytes:
        return safe
    return f"{parts[0]}/~{_digest(path)}/{parts[-1]}"


def safe_component(name: str) -> str:
    """Return a file or folder name that every system takes, of at most 255 bytes.

    In Unicode's form NFC: libarchive, which is also Windows' tar and macOS' unarchiver,
    extracts to that form, and then no checksum would find a file of another form.
    """
    if PLAIN.fullmatch(name):
        return name
    safe = UNSAFE.sub("_", unicodedata.normalize("NFC", name))
    bare = safe.rstrip(". ")
    safe = bare + "_" * (len(safe) - len(bare))
    if _reserved(safe):
        safe = "_" + safe
    return _shortened(safe, name) if len(safe.encode()) > COMPONENT_BYTES else safe


def _reserved(name: str) -> bool:
    return RESERVED.fullmatch(name) is not None


def _shortened(safe: str, name: str) -> str:
    return _marked(safe, _digest(name))


def _marked(name: str, mark: str) -> str:
    """Put `~mark` before the suffix, cutting the stem where it would get too long."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem or len(suffix.encode()) > SUFFIX_BYTES:
        stem, dot, suffix = name, "", ""
    end = f"~{mark}{dot}{suffix}"
    room = COMPONENT_BYTES - len(end.encode())
    return stem.encode()[:room].decode(errors="ignore") + end


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]


class Names:
    """Gives each path of one ZIP a safe name of its own.

    Names that differ only in case or in Unicode form are one file on some
    systems, and a file can't be a folder too: the later one is marked. A path
    of more than `most_bytes` is shortened.
    """

    def __init__(self, most_bytes: int = PATH_BYTES) -> None:
        self._most_bytes = most_bytes
        self._taken: set[int] = set()
        self._folders: dict[str, str] = {"": ""}

    def claim(self, path: str) -> str:
        """Return the safe and unique name of a member."""
        folder, _, name = path.rpartition("/")
        if len(path) * 4 > self._most_bytes or name in ("", "."):
            folder, _, name = safe_path(path, self._most_bytes).rpartition("/")
        return self._take(self._folder(folder), safe_component(name), path)

    def _folder(self, folder: str) -> str:
        """Return the name of a folder; the same folder always gets the same."""
        missing = []
        # Not by recursion: a path may lie deeper than Python's stack is.
        while (known := self._folders.get(folder)) is None:
            missing.append(folder)
            folder = folder.rpartition("/")[0]
        for below in reversed(missing):
            name = below.rpartition("/")[2]
            if name not in ("", "."):
                known = self._take(known, safe_component(name), below)
            self._folders[below] = known
        return known

    def _take(self, parent: str, name: str, path: str) -> str:
        prefix = parent + "/" if parent else ""
        candidate, tries = prefix + name, 0
        while (key := hash(_folded(candidate))) in self._taken:
            candidate = prefix + _marked(name, _digest(f"{path}\n{tries}" if tries else path))
            tries += 1
        self._taken.add(key)
        return candidate


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
