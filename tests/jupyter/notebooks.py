"""Runs every chapter's notebook from top to bottom, as nbclient does, and holds
what comes of each cell against what is recorded in it and against what the
engine knows to be possible.

    notebooks.py KERNEL FOLDER [CHAPTER...]

KERNEL is the name of an installed kernel: "interleaved", or "rust", which is
evcxr's. There, what a cell prints is no failure: a thread that outlives its
cell prints into the next. INTERLEAVED names the command to ask what is possible.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, DeadKernelError
from patience import PATIENCE

OURS = "interleaved"

# How long a cell may take, in seconds: a session may have to start, and to build
# a crate.
CELL = 2 * PATIENCE

# How many notebooks run at the same time.
AT_ONCE = 3


def main():
    kernel, folder, *chapters = sys.argv[1:]
    files = sorted(Path(folder).rglob("*.ipynb"))
    files = [file for file in files if not chapters or file.stem in chapters]
    files = files[:: int(os.environ.get("NOTEBOOKS_EVERY", "1"))]
    if not files:
        sys.exit(f"there is no notebook in {folder}")
    failures = 0
    # Most of what they do is to wait.
    with ProcessPoolExecutor(AT_ONCE) as pool:
        checked = pool.map(check, files, [kernel] * len(files))
        for file, (problems, notes, cells, seconds) in zip(files, checked, strict=True):
            failures += len(problems)
            verdict = "FAILED" if problems else "ok"
            print(f"{file.name}: {cells} cells, {seconds:.1f} s, {verdict}", flush=True)
            for problem in problems + notes:
                print("    " + problem.replace("\n", "\n    "), flush=True)
    if failures:
        sys.exit(f"{failures} problems in {len(files)} notebooks on the kernel {kernel}")
    print(f"{len(files)} notebooks run from top to bottom on the kernel {kernel}")


def check(file, kernel):
    """What is wrong with a notebook, what is only odd, how many cells of code it
    has, and how long it took, in seconds."""
    began = time.monotonic()
    problems, notes, cells = run_and_compare(file, kernel)
    return problems, notes, cells, time.monotonic() - began


def run_and_compare(file, kernel):
    text = file.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    problems = []
    if nbformat.writes(notebook) + "\n" != text:
        problems.append("Jupyter would write it differently")
    recorded = {cell.id: cell.get("outputs") for cell in notebook.cells}
    try:
        run(notebook, kernel)
    except (CellControlSignal, DeadKernelError) as error:
        return [*problems, str(error)], [], 0
    notes = []
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        before = recorded[cell.id]
        problems += [f"{cell.id}: {problem}" for problem in differences(cell, before, kernel)]
        odd = problems if kernel == OURS else notes
        odd += [f"{cell.id}: {problem}" for problem in impossible(cell, before, kernel)]
    return problems, notes, len(code)


def run(notebook, kernel):
    NotebookClient(
        notebook,
        kernel_name=kernel,
        startup_timeout=PATIENCE,
        timeout=CELL,
        # Output that comes later than the reply is not left out.
        iopub_timeout=PATIENCE,
    ).execute()


def differences(cell, recorded, kernel):
    """Where a cell ends other than recorded."""
    if cell.id.startswith("cell-"):
        here, there = result(cell.outputs), result(recorded)
        if there is not None and here != there:
            yield f"its value is {here!r}, not {there!r}"
    elif cell.id.startswith("listing-"):
        here, there = error(cell.outputs), error(recorded)
        # evcxr takes no notice of a panic, and has another name for an error.
        if kernel != OURS:
            if there == "CompileError" and here is None:
                yield "it compiles"
            return
        may_differ = there is None and "raises-exception" in cell.metadata.get("tags", [])
        if here != there and not may_differ:
            yield f"it ends in {here}, not in {there}"


def impossible(cell, recorded, kernel):
    """Asks the engine whether the program can print what it did."""
    # What evcxr doesn't call prints nothing there.
    is_called = kernel == OURS or cell.source.endswith("main();")
    name = cell.id.removeprefix("listing-")
    if name == cell.id or not is_called or error(recorded) == "CompileError":
        return
    printed = stdout(cell.outputs)
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write(printed)
        file.flush()
        # On a busy machine a sleep lasts longer than was asked for.
        how = ["--clock", "any", "--possible", file.name]
        command = [os.environ["INTERLEAVED"], "outcomes", name, *how]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode == 1:
        yield f"it can't print this:\n{printed}\n{answer.stdout}{answer.stderr}"
    # Nobody can tell of a program that measures time, but its lines stay.
    elif answer.returncode == 2 and len(printed.splitlines()) != len(stdout(recorded).splitlines()):
        yield f"it should print something like\n{stdout(recorded)}\nand not\n{printed}"


def stdout(outputs):
    streams = [o for o in outputs if o.output_type == "stream" and o.name == "stdout"]
    return "".join(stream.text for stream in streams)


def error(outputs):
    errors = [o.ename for o in outputs if o.output_type == "error"]
    return errors[0] if errors else None


def result(outputs):
    results = [o.data["text/plain"] for o in outputs if o.output_type == "execute_result"]
    return results[-1] if results else None


if __name__ == "__main__":
    main()
