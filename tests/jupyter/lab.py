"""Traces a program on our kernel, and keeps what came of it in a notebook. Beside
that one is another, to be formatted.

    lab.py PROGRAM NOTEBOOK
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from patience import PATIENCE

MIME = "application/vnd.interleaved.trace+json"

program, file = sys.argv[1:]
cell = nbformat.v4.new_code_cell(f"%%trace\n{Path(program).read_text(encoding='utf-8')}")
notebook = nbformat.v4.new_notebook(cells=[cell])
NotebookClient(
    notebook,
    kernel_name="interleaved",
    startup_timeout=PATIENCE,
    timeout=PATIENCE,
    iopub_timeout=PATIENCE,
).execute()
if not any(MIME in output.get("data", {}) for output in cell.outputs):
    sys.exit(f"%%trace shows no {MIME}: {cell.outputs}")
nbformat.write(notebook, file)
# Where there is no extension to draw it, its picture is there.
page, _ = HTMLExporter().from_notebook_node(notebook)
if '<svg aria-label="An execution, step by step"' not in page:
    sys.exit("nbconvert's HTML has lost the trace's picture")

cell = nbformat.v4.new_code_cell('%%run 2\nfn  main( ) { println!("a") ; }')
spec = {"name": "interleaved", "display_name": "Rust (Interleaved)", "language": "rust"}
notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": spec})
nbformat.write(notebook, Path(file).with_name("format.ipynb"))
