"""Keys that open our routes for one session, and restoring for all of its owner's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_session_export.records.session import SessionKey
from jupyter_session_export.server.access import AccessKeys
from jupyter_session_export.store.catalog import Catalog


@pytest.fixture
def keys() -> AccessKeys:
    return AccessKeys(lambda: "http://127.0.0.1:1/", lambda: None)


def test_the_file_is_private_and_its_key_opens_its_session(
    keys: AccessKeys, tmp_path: Path
) -> None:
    """Only the account can read the key; taken back, it opens nothing."""
    record = Catalog(tmp_path).open(SessionKey("ada", ""), guest=True)
    path = Path(keys.write(record))
    assert path.stat().st_mode & 0o777 == 0o600
    access = json.loads(path.read_text())
    grant = keys.grant(f"JupyterSessionExport {access['key']}")
    assert grant is not None
    assert (grant.session_id, grant.owner, grant.guest) == (record.session.id, "ada", True)
    again = json.loads(Path(keys.write(record)).read_text())
    assert again == access
    keys.take_back(record)
    assert keys.grant(f"JupyterSessionExport {access['key']}") is None
    assert not path.exists()
    record.close()


def test_only_the_command_lines_key_restores_from_all_sessions(
    keys: AccessKeys, tmp_path: Path
) -> None:
    """What a kernel is told of is bounded to its session; the other file is as private."""
    record = Catalog(tmp_path).open(SessionKey("ada", ""))
    told, own = Path(keys.write(record)), record.folder.restore_json
    assert own.stat().st_mode & 0o777 == 0o600
    secrets = [json.loads(path.read_text())["key"] for path in (told, own)]
    grants = [keys.grant(f"JupyterSessionExport {key}") for key in secrets]
    assert [grant and grant.restores_all for grant in grants] == [False, True]
    assert {grant and grant.session_id for grant in grants} == {record.session.id}
    assert not any(secrets[1] in path.read_text() for path in tmp_path.rglob("access.json"))
    keys.take_back(record)
    assert not any(keys.grant(f"JupyterSessionExport {key}") for key in secrets)
    assert not own.exists()
    record.close()


@pytest.mark.parametrize(
    "authorization", ["", "JupyterSessionExport", "JupyterSessionExport wrong", "token x", "\ud800"]
)
def test_a_wrong_key_opens_nothing(keys: AccessKeys, authorization: str) -> None:
    """Neither an unknown key nor another scheme is a grant."""
    assert keys.grant(authorization) is None
