from __future__ import annotations

from importlib import metadata

from jupyter_session_export.recording.environment import describe_environment


def test_packages_are_those_that_are_installed() -> None:
    """The quick reading of their first lines finds what importlib's thorough one does."""
    thorough: dict[str, str] = {}
    for distribution in metadata.distributions():
        if distribution.metadata["Name"]:
            thorough.setdefault(distribution.metadata["Name"], distribution.version)
    assert describe_environment()["packages"] == thorough
