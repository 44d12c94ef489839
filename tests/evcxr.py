"""Times cells of the stock evcxr kernel for benchmark.rs.

Each line of stdin is a cell's text as JSON; each line of stdout is the time,
in seconds, from sending it to its first output line.
"""

import json
import subprocess
import sys
import time

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec


def first_line(client, code):
    asked = time.perf_counter()
    request = client.execute(code)
    took = None
    is_idle = False
    # It may say that it is idle before it sends what the cell printed.
    while took is None or not is_idle:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != request:
            continue
        content = message["content"]
        if message["msg_type"] == "error":
            sys.exit("\n".join(content["traceback"]))
        if message["msg_type"] == "stream" and took is None:
            took = time.perf_counter() - asked
        is_idle = is_idle or content.get("execution_state") == "idle"
    client.get_shell_msg(timeout=120)
    return took


def main():
    manager = KernelManager()
    manager._kernel_spec = KernelSpec(
        argv=[sys.argv[1], "--control_file", "{connection_file}"],
        display_name="Rust",
        language="rust",
    )
    # It says things on stdout, which is ours here.
    manager.start_kernel(stdout=subprocess.DEVNULL)
    try:
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=120)
        first_line(client, 'println!("warm");')
        print("ready", flush=True)
        for line in sys.stdin:
            print(first_line(client, json.loads(line)), flush=True)
    finally:
        manager.shutdown_kernel(now=True)


main()
