"""Holds the kernel against jupyter_kernel_test, from PyPI: all of its tests."""

import unittest

import jupyter_kernel_test

# Whole programs and cells of a session, mixed.
HELLO = 'fn main() { println!("hello, world"); }'
MAKES_NO_SENSE = "fn main() { let x: u32 = \"one\"; }"


class Kernel(jupyter_kernel_test.KernelTests):
    kernel_name = "interleaved"
    language_name = "rust"
    file_extension = ".rs"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The tests wait for seconds, and the first program and the first cell
        # of a session may take longer, in a debug build on a busy machine.
        cls.warm_up(HELLO)
        cls.warm_up("0")
        # A first completion makes rust-analyzer read all of std; the answer
        # does not wait for it, and the next cell does.
        cls.kc.complete("std::thread::spa")
        cls.kc.get_shell_msg(timeout=600)
        cls.warm_up("0")

    @classmethod
    def warm_up(cls, code):
        cls.kc.execute_interactive(
            code, store_history=False, timeout=600, output_hook=lambda _: None
        )

    code_hello_world = HELLO
    code_stderr = 'eprintln!("hello, stderr")'
    code_generate_error = MAKES_NO_SENSE
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


class IopubWelcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "interleaved"
    support_iopub_welcome = True


def all_pass(result):
    """A test that is skipped shows nothing."""
    return result.wasSuccessful() and not result.skipped and result.testsRun == 13


if __name__ == "__main__":
    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in (Kernel, IopubWelcome)
    )
    result = unittest.TextTestRunner(verbosity=2).run(suite)
    print(
        f"jupyter_kernel_test: {result.testsRun} tests, {len(result.failures + result.errors)} "
        f"failed, {len(result.skipped)} skipped"
    )
    raise SystemExit(not all_pass(result))
