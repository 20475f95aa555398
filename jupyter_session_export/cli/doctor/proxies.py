"""What stands between a browser and a server, as far as this environment tells."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib import util

from .finding import Finding, well

OUTGOING = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
PREFIX = "JUPYTERHUB_SERVICE_PREFIX"


def examine_proxies(environment: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """Tell of JupyterHub, of proxied ports, and of proxies to the outside."""
    outgoing = [name for name in OUTGOING if environment.get(name) or environment.get(name.lower())]
    prefix = environment.get(PREFIX)
    ports = util.find_spec("jupyter_server_proxy") is not None
    told = [
        f"JupyterHub's, at {prefix}" if prefix else "no JupyterHub",
        "jupyter-server-proxy is installed" if ports else "no proxied ports",
    ]
    if outgoing:
        told.append(f"{', '.join(outgoing)}: not used to reach servers of this machine")
    yield well(
        "PROXIES", "; ".join(told) + ".", hub_prefix=prefix, proxied_ports=ports, outgoing=outgoing
    )
