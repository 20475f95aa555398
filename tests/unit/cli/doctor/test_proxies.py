"""What is told of proxies."""

from __future__ import annotations

from jupyter_session_export.cli.doctor.proxies import examine_proxies


def test_a_hub_and_proxies_to_the_outside_are_told() -> None:
    """By their names only: such a URL may hold a password."""
    environment = {
        "JUPYTERHUB_SERVICE_PREFIX": "/user/ada/",
        "https_proxy": "http://me:secret@proxy:3128",
    }
    (finding,) = examine_proxies(environment)
    assert "/user/ada/" in finding.message
    assert finding.facts["outgoing"] == ["HTTPS_PROXY"]
    assert "secret" not in str(finding)


def test_without_any() -> None:
    """That is said, too."""
    (finding,) = examine_proxies({})
    assert finding.message.startswith("no JupyterHub; ")
