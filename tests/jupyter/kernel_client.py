"""Runs listings through jupyter_kernel_client, from PyPI.

It speaks the older subprotocol here, its default. The newer one fails in its
version 1.0.2 whatever the server (KeyError: 'channel', in a line that logs);
services.test.mjs is the test of that one.
"""

import os
import threading
import unittest
from pathlib import Path

from jupyter_kernel_client import JupyterKernelClient

LISTING = Path(os.environ["LISTING"]).read_text()

NEVER_ENDS = """fn main() {
    println!("started");
    loop { std::thread::sleep(std::time::Duration::from_secs(1)); }
}"""


def printed(result):
    return "".join(o["text"] for o in result["outputs"] if o["output_type"] == "stream")


class KernelClient(unittest.TestCase):
    """What the client shows of a kernel."""

    @classmethod
    def setUpClass(cls):
        cls.kernel = JupyterKernelClient(
            server_url=os.environ["SERVER_URL"],
            token=os.environ["SERVER_TOKEN"],
        )
        # Unless told otherwise, it asks for Python.
        cls.kernel.start(name="interleaved")

    @classmethod
    def tearDownClass(cls):
        # May take a while, in which the client waits for itself.
        cls.kernel.stop()

    def test_a_listing_runs(self):
        result = self.kernel.execute(LISTING)
        self.assertEqual(result["status"], "ok")
        lines = printed(result).splitlines()
        self.assertEqual(lines[-1], "Done!")
        self.assertEqual(len(lines), len(set(lines)), "each line once")

    def test_the_kernel_says_what_it_is(self):
        info = self.kernel.kernel_info
        self.assertEqual(info["implementation"], "interleaved")
        self.assertEqual(info["language_info"]["name"], "rust")
        self.assertIn(self.kernel.id, [k["id"] for k in self.kernel.list_kernels()])

    def test_a_compile_error_is_one_error(self):
        result = self.kernel.execute("fn main() { let x: u32 = \"one\"; }")
        self.assertEqual(result["status"], "error")
        (error,) = result["outputs"]
        self.assertEqual(error["ename"], "CompileError")
        self.assertIn("E0308", error["evalue"])

    def test_a_program_is_interrupted(self):
        # From the first output on, so that it surely runs.
        interrupted = []

        def interrupt(message):
            if message["header"]["msg_type"] == "stream":
                thread = threading.Thread(target=self.kernel.interrupt)
                thread.start()
                interrupted.append(thread)

        reply = self.kernel.execute_interactive(NEVER_ENDS, output_hook=interrupt)
        interrupted[0].join()
        self.assertEqual(reply["content"]["ename"], "Interrupted")
        self.assertEqual(self.kernel.execute(LISTING)["status"], "ok")

    def test_a_kernel_restarts(self):
        self.kernel.execute(LISTING)
        self.kernel.restart()
        self.assertEqual(self.kernel.execute(LISTING)["execution_count"], 1)

    def test_many_runs_are_one_table(self):
        result = self.kernel.execute("%%run 20\n" + LISTING)
        (table,) = result["outputs"]
        runs = table["data"]["application/vnd.interleaved.runs+json"]
        self.assertEqual(runs["done"], 20)
        self.assertEqual(sum(o["count"] for o in runs["outcomes"]), 20)
