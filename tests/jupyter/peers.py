"""The kernel, and the stock one that it is compared with."""

import json
import os
from pathlib import Path

OURS, STOCK = "interleaved", "evcxr_jupyter"


def install_stock(program, prefix):
    """Tells Jupyter about the stock kernel, under the name that we give it."""
    folder = Path(prefix) / "kernels" / STOCK
    folder.mkdir(parents=True)
    argv = [program, "--control_file", "{connection_file}"]
    spec = {
        "argv": argv,
        "display_name": "Rust",
        "language": "rust",
        # As its own installation has it.
        "interrupt_mode": "message",
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    os.environ["JUPYTER_PATH"] += f"{os.pathsep}{prefix}"
