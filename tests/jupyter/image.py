"""Starts JupyterLab as the image does, and runs notebooks on it, over HTTP as
JupyterLab's page does. Then it stops.

    image.py DOCKERFILE FOLDER

FOLDER is the reader's, with the notebooks.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# In seconds.
PATIENCE = 300
GOODBYE = 10

# A program with a crate of its own, a session that asks for a crate, and values.
CHAPTERS = ("channels", "in-a-notebook")

dockerfile, folder = sys.argv[1:]
command = json.loads(re.search(r"^CMD (\[.*\])$", Path(dockerfile).read_text(), re.MULTILINE)[1])

# There is nobody to look at the terminal for the token.
flags = ["--port=0", "--IdentityProvider.token=a-token", *(["--allow-root"] if os.getuid() == 0 else [])]
server = subprocess.Popen([*command, *flags], cwd=folder, stderr=subprocess.PIPE, text=True)
try:
    for line in server.stderr:
        if match := re.search(r"http://127\.0\.0\.1:(\d+)/lab", line):
            break
    else:
        sys.exit(f"{command} has ended")
    address = f"http://127.0.0.1:{match[1]}/"

    def is_there():
        # It tells its address before it listens there.
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", int(match[1]))) == 0

    deadline = time.monotonic() + PATIENCE
    while not is_there():
        if time.monotonic() > deadline:
            sys.exit(f"{address} doesn't answer")
        time.sleep(0.1)

    def ask(path):
        request = urllib.request.Request(address + path, headers={"Authorization": "token a-token"})
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.read()

    assert b"JupyterLab" in ask("lab"), "the page is JupyterLab's"
    assert "interleaved" in json.loads(ask("api/kernelspecs"))["kernelspecs"]
    there = {it["name"] for it in json.loads(ask("api/contents"))["content"]}
    for chapter in CHAPTERS:
        assert f"{chapter}.ipynb" in there, there
finally:
    server.terminate()
    try:
        server.communicate(timeout=GOODBYE)
    except subprocess.TimeoutExpired:
        # It has been seen to wait forever for a thread of its own.
        server.kill()
        server.communicate()

try:
    urllib.request.urlopen("http://192.0.2.1/", timeout=5)
    sys.exit("there is a network")
except urllib.error.URLError as error:
    assert "unreachable" in str(error), error

for chapter in CHAPTERS:
    notebook = nbformat.read(Path(folder) / f"{chapter}.ipynb", as_version=4)
    NotebookClient(
        notebook,
        kernel_name="interleaved",
        startup_timeout=PATIENCE,
        timeout=PATIENCE,
        iopub_timeout=PATIENCE,
        resources={"metadata": {"path": folder}},
    ).execute()
    print(f"{chapter}: {sum(cell.cell_type == 'code' for cell in notebook.cells)} cells run with no network")
