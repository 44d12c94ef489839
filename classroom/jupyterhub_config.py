"""A classroom: JupyterHub gives each reader a container of his own, with the
book's notebooks and kernel, with bounds, and without a network.

The README's "On a server" says how to start it. What a class sets is in the
environment:

READERS  the file with the readers' names, one a line: readers.txt
BOOK     where the published book is, such as https://example.org: pages of that
         origin may run their listings on the readers' servers. None, if not set
IMAGE    the image, as `binder/Dockerfile` builds it: interleaved
"""

import os
from pathlib import Path

c = get_config()  # noqa: F821

# The network for the readers. Docker makes it, before the hub starts, with
# `--internal`: nothing in it gets out. The hub listens at its gateway.
NETWORK = "classroom"
GATEWAY = "172.30.0.1"

HOME = "/home/jovyan"

readers = Path(os.environ.get("READERS", "readers.txt")).read_text(encoding="utf-8")

c.JupyterHub.authenticator_class = "firstuse"
# Who comes first under a name chooses its password: let everybody come at once.
c.Authenticator.allowed_users = set(readers.split())
c.FirstUseAuthenticator.create_users = False
c.FirstUseAuthenticator.min_password_length = 10

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_ip = GATEWAY
c.JupyterHub.cleanup_servers = True
c.JupyterHub.concurrent_spawn_limit = 8

c.JupyterHub.spawner_class = "dockerspawner.DockerSpawner"
c.Spawner.cmd = ["jupyterhub-singleuser"]
c.Spawner.notebook_dir = f"{HOME}/book"
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = 120
c.Spawner.args = [
    # Who has gone home keeps no kernel, and then no container.
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_connected=True",
    "--ServerApp.shutdown_no_activity_timeout=3600",
]
if "BOOK" in os.environ:
    c.Spawner.args.append(f"--ServerApp.allow_origin={os.environ['BOOK']}")
    # A page's WebSocket has no other place for the reader's token. The hub means to
    # take it there anyway, but knows such a request by a header, Sec-Fetch-Mode,
    # that Chromium doesn't send with it.
    c.Spawner.environment = {"JUPYTERHUB_ALLOW_TOKEN_IN_URL": "1"}

# What one reader can use. His programs have narrower bounds below these, which
# the kernel sees to; see SECURITY.md.
c.DockerSpawner.mem_limit = "3G"
c.DockerSpawner.cpu_limit = 2
c.DockerSpawner.extra_host_config = {
    # No swap beside the memory.
    "memswap_limit": 3 * 1024**3,
    # Threads count, and a listing of the book has ten thousand.
    "pids_limit": 16_384,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    # Reaps what a session leaves.
    "init": True,
}

c.DockerSpawner.image = os.environ.get("IMAGE", "interleaved")
c.DockerSpawner.pull_policy = "never"
c.DockerSpawner.network_name = NETWORK
c.DockerSpawner.use_internal_ip = True
# A container is thrown away; what the reader has written stays. A new volume
# begins as the image has that folder.
c.DockerSpawner.remove = True
c.DockerSpawner.volumes = {"classroom-{username}": f"{HOME}/book"}
