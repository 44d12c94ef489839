"""How the kernel is installed, starts, is interrupted, and ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from jupyter_client import BlockingKernelClient, KernelManager
from jupyter_client.connect import write_connection_file
from jupyter_client.kernelspec import KernelSpecManager
from patience import PATIENCE

KERNEL = os.environ["KERNEL"]

HELLO = 'fn main() { println!("hello") }'

# Two processes besides the program's own, which keep the kernel's mark.
NEVER_ENDS = """fn main() {
    let shell = "trap '' TERM INT HUP; sleep 600 & sleep 600 & echo started; wait";
    let child = std::process::Command::new("sh").args(["-c", shell]).status();
    println!("{child:?}");
}"""

LINES = 20_000


def until(is_so, what):
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {PATIENCE} s: {what}")
        time.sleep(0.02)


def processes_with(mark):
    """All processes whose arguments or environment hold the mark."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
        except OSError:
            # It has ended meanwhile.
            continue
        if mark.encode() in command + environment and int(folder.name) != os.getpid():
            found.append(command.replace(b"\0", b" ")[:100])
    return found


class Running:
    """A kernel and its client."""

    def __init__(self, **options):
        # What it starts has its temporary files here, and so names it.
        self.temporary = tempfile.mkdtemp(prefix="interleaved-lifecycle-")
        self.manager = KernelManager(kernel_name="interleaved", **options)
        self.manager.start_kernel(env={**os.environ, "TMPDIR": self.temporary})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        self.process = self.manager.provisioner.process

    def execute(self, code, hook=lambda message: None):
        printed = []

        def keep(message):
            if message["msg_type"] == "stream" and message["content"]["name"] == "stdout":
                printed.append(message["content"]["text"])
            hook(message)

        reply = self.client.execute_interactive(code, output_hook=keep, timeout=PATIENCE)
        return reply["content"], "".join(printed)

    def start_program(self):
        """A program that runs until it is stopped."""
        request = self.client.execute(NEVER_ENDS)
        while True:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["msg_type"] == "stream" and "started" in message["content"]["text"]:
                return request

    def reply_to(self, request):
        """The reply to a cell. A client that waits for a kernel asks it again and
        again whether it is there, and there may be answers left."""
        while True:
            reply = self.client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"]["msg_id"] == request:
                return reply

    def processes(self):
        return processes_with(self.temporary)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        shutil.rmtree(self.temporary, ignore_errors=True)


class Lifecycle(unittest.TestCase):
    def start(self, **options):
        running = Running(**options)
        self.addCleanup(running.close)
        return running

    def leaves_nothing(self, running):
        until(lambda: running.process.poll() is not None, "the kernel ends")
        until(lambda: not running.processes(), "all that it started ends")
        until(lambda: not os.listdir(running.temporary), "its files are removed")

    def test_it_ends_when_it_is_asked_to(self):
        running = self.start()
        running.start_program()
        request = running.client.shutdown()
        reply = running.client.get_control_msg(timeout=PATIENCE)
        self.assertEqual(reply["msg_type"], "shutdown_reply")
        self.assertEqual(reply["parent_header"]["msg_id"], request)
        self.leaves_nothing(running)
        self.assertEqual(running.process.returncode, 0)

    def test_it_ends_on_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            running = self.start()
            running.start_program()
            running.process.send_signal(number)
            self.leaves_nothing(running)

    def test_nothing_is_left_when_it_is_killed(self):
        running = self.start()
        running.start_program()
        running.process.kill()
        self.leaves_nothing(running)

    def test_it_ends_with_its_parent(self):
        start = """
import os, sys
from jupyter_client import KernelManager
manager = KernelManager(kernel_name="interleaved")
manager.start_kernel()
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=600)
print(manager.provisioner.pid, manager.connection_file, flush=True)
os.kill(os.getpid(), 9)
"""
        with subprocess.Popen([sys.executable, "-c", start], stdout=subprocess.PIPE) as parent:
            pid, file = parent.communicate()[0].decode().split()
        until(lambda: not processes_with(file), "the kernel ends")

    def test_an_interrupt_stops_the_cell_and_not_the_kernel(self):
        running = self.start()
        for interrupt in (
            running.manager.interrupt_kernel,
            # As a Ctrl-C at Jupyter's terminal would.
            lambda: running.process.send_signal(signal.SIGINT),
        ):
            request = running.start_program()
            interrupt()
            reply = running.reply_to(request)
            self.assertEqual(reply["content"]["ename"], "Interrupted")
            until(lambda: len(running.processes()) == 1, "only the kernel is left")
        self.assertEqual(running.execute(HELLO)[1], "hello\n")

    def test_it_restarts(self):
        running = self.start()
        running.execute(HELLO)
        running.start_program()
        running.manager.restart_kernel()
        running.client.wait_for_ready(timeout=PATIENCE)
        content, printed = running.execute(HELLO)
        self.assertEqual((content["execution_count"], printed), (1, "hello\n"))

    def test_every_line_arrives(self):
        running = self.start()
        content, printed = running.execute(
            f'fn main() {{ for n in 0..{LINES} {{ println!("line {{n}}") }} }}'
        )
        self.assertEqual(content["status"], "ok")
        self.assertEqual(printed, "".join(f"line {n}\n" for n in range(LINES)))

    def test_sockets_can_be_files(self):
        with tempfile.TemporaryDirectory() as folder:
            running = self.start(transport="ipc", ip=f"{folder}/kernel")
            self.assertEqual(running.execute(HELLO)[1], "hello\n")
            running.client.shutdown()
            self.leaves_nothing(running)
            self.assertEqual(os.listdir(folder), [])

    def test_messages_can_be_unsigned(self):
        with tempfile.TemporaryDirectory() as folder:
            file, info = write_connection_file(f"{folder}/connection.json", key=b"")
            self.assertEqual(info["key"], "")
            with subprocess.Popen([KERNEL, file]) as kernel:
                self.addCleanup(kernel.kill)
                client = BlockingKernelClient(connection_file=file)
                client.load_connection_file()
                client.start_channels()
                client.wait_for_ready(timeout=PATIENCE)
                # Nobody's child but ours: a Ctrl-C ends it.
                kernel.send_signal(signal.SIGINT)
                kernel.wait(timeout=PATIENCE)
                client.stop_channels()


class Command(unittest.TestCase):
    """What people do with it."""

    def test_it_is_installed_and_uninstalled(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = os.path.realpath(folder)
            for place, variables, kernels in (
                ([], {"JUPYTER_DATA_DIR": f"{folder}/a"}, f"{folder}/a/kernels"),
                (["--user"], {"JUPYTER_DATA_DIR": f"{folder}/b"}, f"{folder}/b/kernels"),
                (["--prefix", f"{folder}/c"], {}, f"{folder}/c/share/jupyter/kernels"),
                (["--sys-prefix"], {"VIRTUAL_ENV": f"{folder}/d"}, f"{folder}/d/share/jupyter/kernels"),
            ):
                code, said = say("install", *place, **variables)
                self.assertEqual((code, said), (0, f"Installed the kernel in {kernels}/interleaved\n"))
                spec = KernelSpecManager(kernel_dirs=[kernels]).get_kernel_spec("interleaved")
                self.assertEqual(spec.argv, [os.path.realpath(KERNEL), "{connection_file}"])
                self.assertEqual(spec.display_name, "Rust (Interleaved)")
                self.assertEqual(spec.language, "rust")
                self.assertEqual(spec.interrupt_mode, "message")
                logos = sorted(path.name for path in Path(spec.resource_dir).glob("logo-*"))
                self.assertEqual(logos, ["logo-32x32.png", "logo-64x64.png", "logo-svg.svg"])
                self.assertEqual(say("uninstall", *place, **variables)[0], 0)
                self.assertEqual(os.listdir(kernels), [])
                code, said = say("uninstall", *place, **variables)
                self.assertEqual(code, 1)
                self.assertIn("the kernel is not installed in", said)

    def test_mistakes_are_answered_with_a_sentence(self):
        with tempfile.TemporaryDirectory() as folder:
            file, info = write_connection_file(f"{folder}/connection.json", key=b"key")

            def with_(**fields):
                changed = f"{folder}/changed.json"
                Path(changed).write_text(json.dumps({**info, **fields}))
                return say(changed)

            def refused(answer, sentence):
                code, said = answer
                self.assertEqual(code, 1, said)
                self.assertIn(sentence, said)
                self.assertEqual(said.count("\n"), 1, said)

            refused(say(f"{folder}/none.json"), "No such file")
            refused(with_(transport="udp"), "udp")
            refused(with_(signature_scheme="hmac-md5"), "hmac-md5")
            refused(with_(ip="0.0.0.0", key=""), "give it a key")
            refused(with_(ip="203.0.113.7"), "cannot listen at 203.0.113.7")
            refused(with_(shell_port=info["iopub_port"]), "cannot listen")
            Path(file).write_text("{")
            refused(say(file), "the connection file")
        code, said = say("install", "--user", "--sys-prefix")
        self.assertEqual(code, 2)
        self.assertIn("cannot be used with", said)
        code, said = say("install", HOME="", JUPYTER_DATA_DIR="")
        self.assertEqual(code, 1)
        self.assertIn("there is no HOME", said)


def say(*arguments, **environment):
    """What the command says, and whether it succeeds."""
    done = subprocess.run(
        [KERNEL, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    return done.returncode, done.stdout + done.stderr


if __name__ == "__main__":
    unittest.main(verbosity=2)
