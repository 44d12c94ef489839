"""Holds the kernel against jupyter_kernel_test, from PyPI: all of its tests.

They are as they are, but for their haste: for what comes after the reply on
another way they wait a tenth of a second, and what comes later they take for
the next test's. With --as-shipped they are as hasty as on PyPI: for a machine
that has nothing else to do.
"""

import sys
import time
import unittest
from unittest import mock

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel
from jupyter_kernel_test.msgspec_v5 import validate_message
from patience import PATIENCE

# Whole programs and cells of a session, mixed.
HELLO = 'fn main() { println!("hello, world"); }'
PANICS = 'panic!("no")'


class Samples:
    """What the tests are told of a kernel."""

    kernel_name = "interleaved"
    language_name = "rust"
    file_extension = ".rs"

    code_hello_world = HELLO
    code_stderr = 'eprintln!("hello, stderr")'
    code_generate_error = PANICS
    code_execute_result = [
        {"code": "1 + 1", "result": "2"},
        {"code": "6 * 7", "result": "42"},
        {"code": '"threads".len()', "result": "7"},
        {"code": "vec![1, 2, 3]", "result": "[1, 2, 3]"},
    ]
    code_display_data = [
        # What is shown last would be the cell's result.
        {
            "code": 'interleaved::display("text/html", "<b>bold</b>"); println!("shown");',
            "mime": "text/html",
        },
        {"code": "%%run 3\n" + HELLO, "mime": "text/html"},
    ]
    code_page_something = "%help"
    code_clear_output = "interleaved::clear_output(false);"

    # What std has depends on its version: there only that an answer comes.
    completion_samples = [
        {"text": "std::thread::spa"},
        {"text": "interleaved::clear_out", "matches": ["clear_output"]},
    ]
    code_inspect_sample = "std::thread::spawn"

    complete_code_samples = ["1 + 1", HELLO, "let x = 5;", "struct S { a: u8 }", ":dep rand"]
    incomplete_code_samples = ["fn main() {", "let x = (1 +", 'println!("one', "/* a comment"]
    invalid_code_samples = ["fn main() { ) }", "1 + 1]"]

    code_history_pattern = "1 + 1"
    supported_history_operations = ("tail", "range", "search")


class AsShipped(Samples, jupyter_kernel_test.KernelTests):
    """With the patience that the tests have on PyPI."""


class Patient(Samples, jupyter_kernel_test.KernelTests):
    # A reply that was read already.
    answer = None

    @classmethod
    def setUpClass(cls):
        cls.km, cls.kc = start_new_kernel(PATIENCE, cls.kernel_name)

    def flush_channels(self):
        """Reads what earlier tests have left: all that comes before one more answer."""
        request = self.kc.kernel_info()
        for get, is_last in (
            (self.kc.get_shell_msg, lambda message: True),
            (self.kc.get_iopub_msg, is_idle),
        ):
            message = None
            while not (message and parent(message) == request and is_last(message)):
                message = get(timeout=PATIENCE)
                validate_message(message)

    def execute_helper(self, code, timeout=PATIENCE, **options):
        channel = self.kc.iopub_channel
        get = channel.get_msg
        with mock.patch.object(channel, "get_msg", lambda timeout: get(timeout=PATIENCE)):
            return super().execute_helper(code, PATIENCE, **options)

    def history_helper(self, execute_first, timeout=PATIENCE, **options):
        return super().history_helper(execute_first, PATIENCE, **options)

    def test_completion(self):
        ask = self.ask_again(self.kc.complete, lambda content: content["matches"])
        with mock.patch.object(self.kc, "complete", ask):
            super().test_completion()

    def test_inspect(self):
        ask = self.ask_again(self.kc.inspect, lambda content: content["found"])
        with mock.patch.object(self.kc, "inspect", ask):
            super().test_inspect()

    def ask_again(self, ask, is_answered):
        """Asks until there is an answer: the kernel waits some seconds for
        rust-analyzer, and what comes later is there the next time."""

        def ask_until_answered(code):
            deadline = time.monotonic() + PATIENCE
            while True:
                request = ask(code)
                reply = self.get_non_kernel_info_reply()
                if is_answered(reply["content"]) or time.monotonic() > deadline:
                    self.answer = reply
                    return request

        return ask_until_answered

    def get_non_kernel_info_reply(self, timeout=None):
        reply, self.answer = self.answer, None
        return reply or super().get_non_kernel_info_reply(PATIENCE)


class IopubWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "interleaved"
    support_iopub_welcome = True


def parent(message):
    return message["parent_header"].get("msg_id")


def is_idle(message):
    return message["content"].get("execution_state") == "idle"


def all_pass(result):
    """A test that is skipped shows nothing."""
    return result.wasSuccessful() and not result.skipped and result.testsRun == 13


if __name__ == "__main__":
    as_shipped = sys.argv[1:] == ["--as-shipped"]
    if not as_shipped:
        jupyter_kernel_test.TIMEOUT = PATIENCE
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(case)
        for case in (AsShipped if as_shipped else Patient, IopubWelcome)
    )
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    print(
        f"jupyter_kernel_test: {result.testsRun} tests, {len(result.failures + result.errors)} "
        f"failed, {len(result.skipped)} skipped"
    )
    raise SystemExit(not all_pass(result))
