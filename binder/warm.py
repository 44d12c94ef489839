"""Has the kernel fetch and build now what it would when a reader first needs it:
what programs are built with, what they are explored with, and the crates that the
notebooks ask for in sessions.

    warm.py FOLDER

FOLDER has the notebooks. JupyterLab's own nbclient runs what is needed.
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

# In seconds. Whoever builds an image can wait.
PATIENCE = 1800

PROGRAM = 'fn main() { println!("ready"); }'


def crates(folder):
    """The cells by which notebooks ask for crates, each once."""
    files = sorted(Path(folder).glob("*.ipynb"))
    if not files:
        sys.exit(f"there is no notebook in {folder}")
    cells = [cell for file in files for cell in nbformat.read(file, as_version=4).cells]
    lines = [line for cell in cells if cell.cell_type == "code" for line in cell.source.splitlines()]
    return list(dict.fromkeys(line for line in lines if line.startswith(":dep ")))


sources = [PROGRAM, f"%%outcomes\n{PROGRAM}", *crates(sys.argv[1]), "1 + 1"]
cells = [nbformat.v4.new_code_cell(source) for source in sources]
NotebookClient(
    nbformat.v4.new_notebook(cells=cells),
    kernel_name="interleaved",
    startup_timeout=PATIENCE,
    timeout=PATIENCE,
    iopub_timeout=PATIENCE,
).execute()
print(f"built what programs and {len(sources) - 3} crates need")
