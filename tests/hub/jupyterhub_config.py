"""The Hub of the tests: anybody may sign in, and servers are processes of this account.

`TEST_HUB` in the environment is JSON: `url`, `hub_url`, `proxy_api_url`, `proxy`, `folder`, and
`shared` and `guests`: whose server may be used by whom, each as an owner of their own.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821  # traitlets puts it there
told = json.loads(os.environ["TEST_HUB"])
folder = Path(told["folder"])

c.JupyterHub.bind_url = told["url"]
c.JupyterHub.hub_bind_url = told["hub_url"]
c.JupyterHub.db_url = f"sqlite:///{folder / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(folder / "cookie_secret")
c.ConfigurableHTTPProxy.api_url = told["proxy_api_url"]
c.ConfigurableHTTPProxy.command = told["proxy"]
c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")

c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "{username}")
# The answer doesn't wait for the server, so that several start at once.
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 0}
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.env_keep = ["PATH", "PYTHONPATH", "LANG", "JUPYTER_CONFIG_PATH"]
c.Spawner.environment = {"JUPYTERHUB_SINGLEUSER_APP": "jupyter-server"}

c.JupyterHub.load_roles = [
    {
        "name": "sharing",
        "scopes": [f"access:servers!user={told['shared']}"],
        "groups": ["guests"],
    }
]
c.JupyterHub.load_groups = {"guests": {"users": told["guests"]}}


def prepare_server(spawner: Any) -> None:
    """Give a server its folder, and one that is shared the mode in which people are kept apart."""
    root = Path(spawner.home_dir) / "work"
    root.mkdir(parents=True, exist_ok=True)
    spawner.notebook_dir = str(root)
    spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
    if spawner.user.name == told["shared"]:
        spawner.args.append("--SessionExport.owner_mode=identity")


c.Spawner.pre_spawn_hook = prepare_server
