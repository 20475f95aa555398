from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_session_export.client.access import Access
from jupyter_session_export.errors import NoRecordingServer, ServerUnreachable


def test_a_kernel_without_the_variable_has_no_recording_server() -> None:
    """Nothing was given, nothing can be asked: the code says so."""
    with pytest.raises(NoRecordingServer) as told:
        Access.of_kernel({})
    assert told.value.code == "NO_RECORDING_SERVER"


def test_a_gateways_kernel_is_told_what_it_can_do() -> None:
    """It has no server to reach, and that is nothing that an installation would mend."""
    with pytest.raises(NoRecordingServer, match="A gateway runs this kernel"):
        Access.of_kernel({"KERNEL_GATEWAY": "1"})


def test_a_kernel_reads_what_the_variable_names(tmp_path: Path) -> None:
    """The variable holds the path of the JSON."""
    path = tmp_path / "access.json"
    path.write_text(json.dumps({"url": "http://x/", "key": "k", "session_id": "s", "files": "/f"}))
    access = Access.of_kernel({"JPY_SESSION_EXPORT": str(path)})
    assert (access.url, access.session_id, access.files) == ("http://x/", "s", "/f")
    assert access.authorization == "JupyterSessionExport k"


def test_the_key_is_not_shown() -> None:
    """A traceback or a log with an Access in it gives no key away."""
    assert "secret" not in repr(Access(url="http://x/", key="secret"))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"url": 1}'])
def test_a_broken_file_is_told(tmp_path: Path, content: str) -> None:
    """Whatever is wrong with the file is one clear error."""
    path = tmp_path / "access.json"
    path.write_text(content)
    with pytest.raises(ServerUnreachable, match="can't be read"):
        Access.read(path)


def test_a_file_that_is_gone_means_a_server_that_is_gone(tmp_path: Path) -> None:
    """A server takes its file back when it ends."""
    with pytest.raises(ServerUnreachable, match="gone"):
        Access.read(tmp_path / "access.json")
