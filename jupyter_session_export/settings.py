"""The settings: one traitlets class, read by the server, the command line and the kernel."""

from __future__ import annotations

import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_data_dir
from traitlets import Bool, Dict, Enum, Float, Integer, List, TraitError, Unicode, default, validate
from traitlets.config import Configurable

from .records.unrecorded import RECORD_VARIABLE

PATTERNS = (
    "{prefix}_session{ID}_{date}",
    "{prefix}-session{ID}-{date}",
    "{prefix}_s{ID}_{date}",
)
TYPES = ("mp4", "webm", "mkv", "mov", "avi", "wav", "mp3", "ogg", "flac")
BOUNDS: dict[str, tuple[float, float]] = {
    "session_timeout_hours": (0, 24 * 366),
    "retention_days": (0, 366 * 100),
    "max_store_bytes": (0, 2**63 - 1),
    "max_execution_output_bytes": (0, 2**63 - 1),
    "workers": (1, 32),
    "max_exports": (1, 1000),
    "export_lifetime_minutes": (1, 60 * 24 * 30),
    "max_live_sessions": (1, 10_000),
    "max_server_sessions": (1, 10_000),
    "live_session_minutes": (0, 60 * 24 * 366),
    "max_packages_bytes": (0, 2**63 - 1),
    "packages_days": (0, 366 * 100),
}
"""Least and most of each number."""
TIMEOUT_VARIABLE = "SESSION_TIMEOUT_HOURS"
LEAST_OUTPUT_BYTES = 64 * 1024
"""Of max_execution_output_bytes, where it isn't 0."""


class SessionExport(Configurable):
    """What is recorded, where it is kept and how it is exported."""

    owner_mode = Enum(
        ["server", "identity"],
        default_value="server",
        help="""Who owns sessions. "server" (default): the server has one owner, the JupyterHub
        user or the account that runs it. "identity": each authenticated user is an owner of their
        own; kernels and files are still shared, so it is no security boundary.""",
    ).tag(config=True)

    guest = Bool(
        False,
        help="""Treat every owner as a guest, whose data goes when the session ends. Default: False,
        where only owners with an anonymous identity are guests.""",
    ).tag(config=True)

    data_dir = Unicode(
        help="""The folder that holds the recorded sessions. Default: `session_export` in Jupyter's
        data folder.""",
    ).tag(config=True)

    record = Bool(
        help="""Whether sessions are recorded: by the server, or by a kernel that no server records.
        Default: True, unless the environment's JPY_SESSION_EXPORT_RECORD is 0, which turns it off
        for one kernel, too. False turns all recording off; exports then hold what was recorded
        before.""",
    ).tag(config=True)

    unrecorded_notebooks = List(
        Unicode(),
        help="""Notebooks that are never recorded: patterns of their paths below the served root,
        such as `private/*`; `*` matches slashes, too. A kernel that several notebooks share isn't
        recorded while one of them is among these. Default: an empty list, which turns it off.""",
    ).tag(config=True)

    session_timeout_hours = Float(
        24.0,
        help="""Idle time in hours after which a session ends. Default: 24, or the environment's
        SESSION_TIMEOUT_HOURS. At least 0; 0 turns it off.""",
    ).tag(config=True)

    retention_days = Float(
        30.0,
        help="""How long in days an ended session of a user is kept; a guest's is removed when it
        ends. Default: 30. At least 0; 0 turns it off: sessions are kept until somebody removes
        them.""",
    ).tag(config=True)

    max_store_bytes = Integer(
        help="""Bytes that all sessions of all owners may take on disk, with their own files and
        what exports have prepared. From 95 % of it on, ended sessions are removed before their
        time, the oldest first, until 90 % are taken; where that isn't enough, recording stops and
        goes on when there is room. Default: a quarter of the disk that data_dir is on, at least
        1 GiB. At least 0; 0 turns it off.""",
    ).tag(config=True)

    max_execution_output_bytes = Integer(
        2**30,
        help="""Bytes of output that are kept of one execution: text and the raw content of rich
        outputs. Of more than that the first and the last half are kept, and how much is missing
        between them is told. Default: 1 GiB. At least 64 KiB; 0 turns it off.""",
    ).tag(config=True)

    compression = Enum(
        ["maximum", "fast"],
        default_value="maximum",
        help="""How files that were not recorded are compressed when an export doesn't say. Default:
        "maximum", no larger than zlib's level 9; "fast" is a few times as fast and a few percent
        larger.""",
    ).tag(config=True)

    workers = Integer(
        2,
        help="""Threads that compress for one export. Default: 2. From 1 to 32. With more than
        one, an export of many very small files has a second Python process, too.""",
    ).tag(config=True)

    include_hidden = Bool(
        False,
        help="""Whether files whose name begins with a dot go into `workspace/`. Default: False.""",
    ).tag(config=True)

    max_exports = Integer(
        4,
        help="""Exports that one owner may have under way at once. Default: 4. At least 1.""",
    ).tag(config=True)

    cancel_on_session_change = Bool(
        True,
        help="""Whether exports end with the page that asked for them: when it is loaded again, when
        its user signs out, when the session ends. Default: True. False turns it off; a guest's
        exports still go with the session.""",
    ).tag(config=True)

    export_lifetime_minutes = Float(
        60.0,
        help="""How long in minutes a prepared export is kept after it was last used. Default: 60.
        At least 1.""",
    ).tag(config=True)

    max_live_sessions = Integer(
        64,
        help="""Sessions that code may have live at once in one process, by `Session.create` or
        `Session.run`; on a server, each owner by `POST sessions`. Default: 64. At least 1.""",
    ).tag(config=True)

    max_server_sessions = Integer(
        256,
        help="""Sessions that code may have live at once on a server, of all owners together.
        Default: 256. At least 1.""",
    ).tag(config=True)

    live_session_minutes = Float(
        60.0,
        help="""How long in minutes a session that code has begun lives after it was last used; one
        that runs something is renewed. Default: 60. At least 0; 0 turns it off.""",
    ).tag(config=True)

    session_templates = Dict(
        key_trait=Unicode(),
        value_trait=Dict(
            key_trait=Enum(["language", "kernel", "packages", "files", "env"]),
            per_key_traits={
                "language": Unicode(),
                "kernel": Unicode(),
                "packages": List(Unicode()),
                "files": Dict(key_trait=Unicode(), value_trait=Unicode()),
                "env": Dict(key_trait=Unicode(), value_trait=Unicode()),
            },
        ),
        help="""Presets by name for `Session.create(template=)`: each may say `language`, `kernel`
        (a kernelspec's name), `packages` (a list as pip takes it), `files` (paths in the session to
        files of this machine) and `env` (names to values). Default: an empty mapping, which turns
        it off.""",
    ).tag(config=True)

    max_packages_bytes = Integer(
        10 * 2**30,
        help="""Bytes that packages of sessions may take in the data folder. Beyond that those go
        that no session uses, the ones not used for longest first. Default: 10 GiB. At least 0; 0
        turns it off.""",
    ).tag(config=True)

    packages_days = Float(
        90.0,
        help="""How long in days packages of sessions are kept after they were last used. Default:
        90. At least 0; 0 turns it off.""",
    ).tag(config=True)

    recordings_dirs = List(
        Unicode(),
        ["recordings", "sessions"],
        help="""Folders that are looked through, with all below them, for recordings of a session:
        paths below the served root, or absolute ones. Default: `recordings` and `sessions`. An
        empty list turns recordings off.""",
    ).tag(config=True)

    recording_patterns = List(
        Unicode(),
        list(PATTERNS),
        help="""Names by which a recording belongs to a session; {ID} is its number or id and must
        stand for itself, {prefix} and {date} are any text. Default: `{prefix}_session{ID}_{date}`,
        `{prefix}-session{ID}-{date}` and `{prefix}_s{ID}_{date}`. An empty list turns them off;
        what lies in `Session42/recordings/` is then all that is taken.""",
    ).tag(config=True)

    recording_types = List(
        Unicode(),
        list(TYPES),
        help="""Suffixes of the files that recording_patterns are about. Default: mp4, webm, mkv,
        mov, avi, wav, mp3, ogg and flac. An empty list turns the patterns off.""",
    ).tag(config=True)

    data_dirs = List(
        Unicode(),
        ["data", "sessions"],
        help="""Folders where collectors leave readings of sensors: paths below the served root, or
        absolute ones. `zigbee-data.json`, `zigbee-sensors.csv` and `devices.json` are taken from
        them, and all of `Session42/data/`. Default: `data` and `sessions`. An empty list turns it
        off; readings by `log_reading` are exported all the same.""",
    ).tag(config=True)

    def check_environment(self) -> None:
        """Raise TraitError where the environment sets what makes no sense."""
        # Its default is made when it is first asked for.
        _ = self.session_timeout_hours

    @default("data_dir")
    def _default_data_dir(self) -> str:
        return str(Path(jupyter_data_dir()) / "session_export")

    @default("record")
    def _default_record(self) -> bool:
        return os.environ.get(RECORD_VARIABLE) != "0"

    @default("max_store_bytes")
    def _default_max_store_bytes(self) -> int:
        folder = Path(self.data_dir).expanduser().absolute()
        for existing in (folder, *folder.parents):
            with suppress(OSError):
                return max(2**30, shutil.disk_usage(existing).total // 4)
        return 2**30

    @default("session_timeout_hours")
    def _default_session_timeout_hours(self) -> float:
        text = os.environ.get(TIMEOUT_VARIABLE) or "24"
        least, most = BOUNDS["session_timeout_hours"]
        with suppress(ValueError):
            # What a default returns is not validated by itself.
            if least <= (hours := float(text)) <= most:
                return hours
        raise TraitError(
            f"{TIMEOUT_VARIABLE} must be a number of hours from {least} to {most}, not {text!r}."
        )

    @validate("recording_patterns")
    def _validate_patterns(self, proposal: Any) -> Any:
        for pattern in proposal["value"]:
            names = re.findall(r"\{(\w*)\}", pattern)
            if names.count("ID") != 1 or set(names) - {"ID", "prefix", "date"}:
                raise TraitError(
                    f"SessionExport.recording_patterns: {pattern!r} must hold {{ID}} once, "
                    "and may hold {prefix} and {date}."
                )
        return proposal["value"]

    @validate(*BOUNDS)
    def _validate_bounds(self, proposal: Any) -> Any:
        name, value = proposal["trait"].name, proposal["value"]
        least, most = BOUNDS[name]
        if name == "max_execution_output_bytes" and value:
            least = LEAST_OUTPUT_BYTES
        if not least <= value <= most:
            raise TraitError(f"SessionExport.{name} must be from {least} to {most}, not {value!r}.")
        return value


class _ConfigReader(JupyterApp):
    """Finds `jupyter_session_export_config.py` and `.json` on Jupyter's config path."""

    name = "jupyter-session-export"
    config_file_name = Unicode("jupyter_session_export_config")
    # Going on without would look for sessions in another folder than the server's.
    raise_config_file_errors = Bool(True)


def load_settings() -> SessionExport:
    """Return the settings of this account, for where no Jupyter server is at hand.

    Raises TraitError, or whatever the file raises: it is Python.
    """
    reader = _ConfigReader()
    reader.load_config_file()
    settings = SessionExport(config=reader.config)
    settings.check_environment()
    return settings
