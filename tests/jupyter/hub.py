"""Two readers in a classroom: a real JupyterHub with the book's configuration,
its proxy, a server for each reader, and our kernel. In the end the hub stops.
"""

import asyncio
import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest
import unittest.mock
import uuid
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import requests
import websocket
from docker import APIClient
from dockerspawner import DockerSpawner
from notebooks import differences
from patience import PATIENCE
from traitlets.config import Config, PyFileConfigLoader

SCRATCH = Path(os.environ["SCRATCH"])
NOTEBOOKS = Path(os.environ["NOTEBOOKS"])
CLASSROOM = os.environ["CLASSROOM"]

# Where the class reads the book.
BOOK = "https://book.example"

# A chapter whose notebook says the same whenever it is run, and what it is called.
CHAPTER = "at-the-same-time.ipynb"

NEVER_ENDS = """fn main() {
    println!("started");
    loop { std::thread::sleep(std::time::Duration::from_secs(1)); }
}"""


def free_ports(count):
    """Ports that nobody listened on a moment ago."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(it.getsockname()[1]) for it in sockets]
    for it in sockets:
        it.close()
    return ports


def eventually(what, holds):
    """Waits until something holds, and returns it."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if it := holds():
            return it
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


def what_docker_is_asked_for(name, classroom):
    """What the classroom's spawner sends to Docker to have a reader's container
    made. Nobody answers here: no test has a Docker."""
    environ = {"READERS": os.devnull, "BOOK": BOOK}
    with unittest.mock.patch.dict(os.environ, environ):
        config = PyFileConfigLoader(classroom).load_config()
    user = SimpleNamespace(name=name, url=f"/user/{name}/", escaped_name=name, settings={})
    hub = SimpleNamespace(public_host="", api_url="http://172.30.0.1:8081/hub/api/", base_url="/hub/")
    spawner = DockerSpawner(config=config, user=user, hub=hub)
    sent = {}
    docker = APIClient(base_url="http://127.0.0.1:9", version="1.43")
    docker.create_container_from_config = lambda asked, *_: sent.update(asked)
    with unittest.mock.patch.object(DockerSpawner, "_client", docker):
        asyncio.run(spawner.create_object())
    return sent


class Kernel:
    """A kernel on a reader's server, over REST and a WebSocket."""

    def __init__(self, reader):
        self.reader = reader
        self.id = reader.ask("api/kernels", method="POST", json={"name": "interleaved"}).json()["id"]
        address = f"{reader.server.replace('http', 'ws', 1)}api/kernels/{self.id}/channels"
        # Only browsers may have the token in the address.
        headers = {"Authorization": f"token {reader.token}"}
        self.socket = websocket.create_connection(address, header=headers, timeout=PATIENCE)

    def ask(self, code):
        """Asks it to run a cell, and yields what comes of that."""
        asked = str(uuid.uuid4())
        header = {"msg_id": asked, "msg_type": "execute_request", "session": "hers", "username": "", "version": "5.4"}
        message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": {"code": code}}
        self.socket.send(json.dumps(message))
        while True:
            message = json.loads(self.socket.recv())
            if message["parent_header"].get("msg_id") == asked:
                yield message

    def run(self, code):
        """Runs a cell to its end: its outputs, as a notebook keeps them."""
        waiting = {"execute_reply", "idle"}
        outputs = []
        for message in self.ask(code):
            kind, content = message["header"]["msg_type"], message["content"]
            if kind in ("stream", "error", "execute_result", "display_data"):
                outputs.append(nbformat.v4.output_from_msg(message))
            waiting -= {kind, content.get("execution_state")}
            if not waiting:
                return outputs

    def end(self):
        self.socket.close()
        self.reader.ask(f"api/kernels/{self.id}", method="DELETE").raise_for_status()


class Hub:
    """The hub, for as long as the tests run."""

    def __init__(self):
        (SCRATCH / "readers.txt").write_text("ada\ngrace\n")
        self.public, proxy, hub = free_ports(3)
        self.origin = f"http://127.0.0.1:{self.public}"
        environment = os.environ | {
            "READERS": str(SCRATCH / "readers.txt"),
            "BOOK": BOOK,
            "PORTS": f"{self.public} {proxy} {hub}",
        }
        self.log = SCRATCH / "hub.log"
        log = self.log.open("wb")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "--config", os.path.abspath("hub_config.py")],
            cwd=SCRATCH,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            # Ctrl-C at the terminal is for us, and then we stop it.
            start_new_session=True,
        )
        log.close()
        # Whoever stops this script stops the hub.
        atexit.register(self.stop)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        eventually("the hub answers", self.answers)

    def answers(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the hub has ended:\n{self.log.read_text()}")
        try:
            return requests.get(f"{self.origin}/hub/health", timeout=PATIENCE).ok
        except requests.ConnectionError:
            return False

    def family(self):
        """All processes that are there because of it."""
        hub = psutil.Process(self.process.pid)
        return [hub, *hub.children(recursive=True)]

    def stop(self):
        """Ends it as systemd does. What is left is killed, and told."""
        if self.process.poll() is not None:
            return []
        family = self.family()
        self.process.send_signal(signal.SIGTERM)
        _, left = psutil.wait_procs(family, timeout=60)
        left = [it for it in left if it.is_running() and it.status() != psutil.STATUS_ZOMBIE]
        said = [f"{it.pid} {it.name()}" for it in left]
        for it in left:
            it.kill()
        self.process.wait()
        return said


class Reader:
    """Somebody with a browser, who logs in and gets a server and a token."""

    def __init__(self, hub, name):
        self.hub, self.name = hub, name
        self.session = requests.Session()
        self.server = f"{hub.origin}/user/{name}/"
        self.token = None

    def log_in(self, password):
        page = self.session.get(f"{self.hub.origin}/hub/login", timeout=PATIENCE)
        form = {"username": self.name, "password": password, "_xsrf": self.xsrf(page)}
        return self.session.post(f"{self.hub.origin}/hub/login", form, timeout=PATIENCE)

    def xsrf(self, page):
        return re.search(r'name="_xsrf" value="([^"]*)"', page.text)[1]

    def start_server(self):
        """As the page does, to which the login leads."""
        eventually(f"the server of {self.name} is ready", self.is_ready)

    def is_ready(self):
        answer = self.session.get(f"{self.hub.origin}/hub/spawn", timeout=PATIENCE)
        return answer.ok and answer.url.startswith(self.server)

    def get_token(self):
        """As on the hub's page "Token"."""
        xsrf = [it.value for it in self.session.cookies if it.name == "_xsrf" and it.path == "/hub/"]
        answer = self.session.post(
            f"{self.hub.origin}/hub/api/users/{self.name}/tokens",
            json={"note": "the book", "expires_in": 3600},
            headers={"X-XSRFToken": xsrf[0]},
            timeout=PATIENCE,
        )
        answer.raise_for_status()
        self.token = answer.json()["token"]

    def ask(self, path, *, method="GET", whose=None, **more):
        """What a server answers to who has this reader's token."""
        server = (whose or self).server
        headers = {"Authorization": f"token {self.token}"}
        return requests.request(method, server + path, headers=headers, timeout=PATIENCE, **more)


class Classroom(unittest.TestCase):
    """From the first login to the hub's end. Tests run in the order of their names."""

    @classmethod
    def setUpClass(cls):
        cls.hub = Hub()
        cls.addClassCleanup(cls.hub.stop)
        cls.ada, cls.grace = readers = [Reader(cls.hub, name) for name in ("ada", "grace")]
        for reader in readers:
            # The image has them there, and a new volume has what the image has.
            shutil.copytree(NOTEBOOKS, SCRATCH / "homes" / reader.name / "book")
            answer = reader.log_in(f"{reader.name} likes long passwords")
            assert answer.ok, answer.text
        for reader in readers:
            reader.start_server()
            reader.get_token()

    def test_1_only_readers_come_in(self):
        for name, password in (("eve", "a long password of hers"), ("ada", "not the one she chose")):
            stranger = Reader(self.hub, name)
            self.assertEqual(stranger.log_in(password).status_code, 403, name)
            self.assertFalse(stranger.session.get(stranger.server, timeout=PATIENCE).url.startswith(stranger.server))

    def test_2_a_notebook_of_the_book_runs(self):
        model = self.ada.ask(f"api/contents/{CHAPTER}").json()
        notebook = nbformat.from_dict(model["content"])
        kernel = Kernel(self.ada)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.assertGreater(len(cells), 3)
        for cell in cells:
            recorded, cell.outputs = cell.outputs, kernel.run(cell.source)
            self.assertEqual(list(differences(cell, recorded, "interleaved")), [], cell.id)
            if recorded:
                self.assertTrue(cell.outputs, cell.id)
        kernel.end()

    def test_3_readers_do_not_see_each_other(self):
        ada, grace = self.ada, self.grace
        secret = {"type": "file", "format": "text", "content": "hers alone"}
        grace.ask("api/contents/secret.txt", method="PUT", json=secret).raise_for_status()
        started = grace.ask("api/kernels", method="POST", json={"name": "interleaved"})
        kernel = started.json()["id"]
        self.assertEqual([it["id"] for it in grace.ask("api/kernels").json()], [kernel])
        # Not with her own server, nor with her token at the other's.
        self.assertNotIn(kernel, ada.ask("api/kernels").text)
        self.assertNotIn("secret", ada.ask("api/contents").text)
        for path in ("api/kernels", "api/contents/secret.txt", f"api/kernels/{kernel}/channels"):
            self.assertEqual(ada.ask(path, whose=grace).status_code, 403, path)
        interrupted = ada.ask(f"api/kernels/{kernel}/interrupt", method="POST", whose=grace)
        self.assertEqual(interrupted.status_code, 403)
        for path in ("users", "users/grace", "users/grace/tokens"):
            answer = requests.get(
                f"{self.hub.origin}/hub/api/{path}", headers={"Authorization": f"token {ada.token}"}, timeout=PATIENCE
            )
            self.assertIn(answer.status_code, (403, 404), path)
        grace.ask(f"api/kernels/{kernel}", method="DELETE").raise_for_status()

    def test_4_pages_of_the_book_come_in(self):
        path = f"{self.ada.server}api/kernelspecs"
        asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization"}
        preflight = requests.options(path, headers={"Origin": BOOK} | asked, timeout=PATIENCE)
        self.assertEqual(preflight.headers["Access-Control-Allow-Origin"], BOOK)
        self.assertIn("DELETE", preflight.headers["Access-Control-Allow-Methods"])
        # Whoever has the token is answered; a browser shows that to pages of the
        # origin that is named here, and to no others.
        for where in ({"params": {"token": self.ada.token}}, {"headers": {"Authorization": f"token {self.ada.token}"}}):
            headers = {"Origin": BOOK} | where.get("headers", {})
            answer = requests.get(path, params=where.get("params"), headers=headers, timeout=PATIENCE)
            self.assertTrue(answer.ok, where)
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], BOOK)
        # A browser's WebSocket has the token in its address, and no header of ours.
        kernel = Kernel(self.ada)
        address = self.ada.server.replace("http", "ws", 1) + f"api/kernels/{kernel.id}/channels?token={self.ada.token}"
        websocket.create_connection(address, origin=BOOK, timeout=PATIENCE).close()
        kernel.end()

    def test_5_what_docker_is_asked_for(self):
        asked = what_docker_is_asked_for("ada", CLASSROOM)
        host = asked["HostConfig"]
        self.assertEqual(asked["Image"], "interleaved")
        self.assertEqual(asked["Cmd"][0], "jupyterhub-singleuser")
        self.assertIn(f"--ServerApp.allow_origin={BOOK}", asked["Cmd"])
        self.assertEqual(host["Memory"], host["MemorySwap"])
        self.assertEqual(host["Memory"], 3 << 30)
        self.assertEqual(host["CpuQuota"] / host["CpuPeriod"], 2)
        self.assertEqual(host["PidsLimit"], 16_384)
        self.assertEqual(host["NetworkMode"], "classroom")
        self.assertNotIn("PortBindings", {name for name, value in host.items() if value})
        self.assertEqual(host["CapDrop"], ["ALL"])
        self.assertEqual(host["SecurityOpt"], ["no-new-privileges"])
        self.assertEqual(host["Binds"], ["classroom-ada:/home/jovyan/book:rw"])
        self.assertNotIn("Privileged", {name for name, value in host.items() if value})

    def test_6_nothing_outlives_the_hub(self):
        program = Kernel(self.grace).ask(NEVER_ENDS)
        self.assertIn("stream", (it["header"]["msg_type"] for it in program))
        names = [it.name() for it in self.hub.family()]
        self.assertGreaterEqual(len(names), 7, f"hub, proxy, two servers, kernel, supervisor, program: {names}")
        self.assertEqual(self.hub.stop(), [])
        with self.assertRaises(requests.ConnectionError):
            requests.get(self.hub.origin, timeout=PATIENCE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
