"""The classroom's own configuration, but for where its servers run: as processes
of this machine, by the hub's simple spawner, since no test has a Docker."""

import os
import sys
from pathlib import Path

c = get_config()  # noqa: F821
load_subconfig(os.environ["CLASSROOM"])  # noqa: F821

scratch = Path(os.environ["SCRATCH"])
public, proxy, hub = os.environ["PORTS"].split()

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{scratch}/homes/{{username}}"
c.Spawner.notebook_dir = f"{scratch}/homes/{{username}}/book"
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
if os.getuid() == 0:
    c.Spawner.args.append("--allow-root")
# What the image has: the kernel, and the compiler that it calls.
kept = ("JUPYTER_PATH", "XDG_CACHE_HOME", "XDG_DATA_HOME", "RUST_SRC_PATH", "CARGO_HOME", "RUSTUP_HOME")
c.Spawner.environment.update({name: os.environ[name] for name in kept if name in os.environ})

c.JupyterHub.bind_url = f"http://127.0.0.1:{public}"
c.JupyterHub.hub_ip = "127.0.0.1"
c.JupyterHub.hub_port = int(hub)
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.command = ["node", os.environ["PROXY"]]
c.FirstUseAuthenticator.dbm_path = f"{scratch}/passwords.dbm"
