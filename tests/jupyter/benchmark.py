"""Times the kernel beside the stock evcxr kernel. See the script `benchmark`."""

import contextlib
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_kernel_client import JupyterKernelClient
from peers import OURS, STOCK, install_stock

# Needs only std, so that evcxr needn't build a crate for it.
LISTING = (Path(os.environ["LISTINGS"]) / "two-threads.rs").read_text()

TIMES = 21
STARTS = 7
LINES = 20_000

FLOOD = f"""fn main() {{
    for n in 0..{LINES} {{
        println!("line {{n}}");
    }}
}}
main();"""

# The stock kernel defines `main`, and must be told to call it. Ours need not,
# and does not mind.
CALL = "\nmain();"

class Kernel:
    """A kernel that runs, and its client."""

    def __init__(self, name):
        self.manager = KernelManager(kernel_name=name)
        started = time.perf_counter()
        self.manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        # As soon as it can: what it asks waits for the kernel.
        self.client.kernel_info()
        reply = self.client.get_shell_msg(timeout=120)
        self.started_in = time.perf_counter() - started
        assert reply["msg_type"] == "kernel_info_reply", reply
        self.client.wait_for_ready(timeout=120)

    def run(self, code):
        """How long a cell takes, until its reply and its last output are there."""
        asked = time.perf_counter()
        reply = self.client.execute_interactive(code, output_hook=lambda _: None, timeout=300)
        assert reply["content"]["status"] == "ok", reply["content"]
        return time.perf_counter() - asked

    def resident(self):
        """The memory of the kernel and all its processes, in MB."""
        children = {}
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError):
                fields = dict(
                    line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line
                )
                size = int(fields.get("VmRSS", "0").split()[0])
                children.setdefault(int(fields["PPid"]), []).append((int(fields["Pid"]), size))
        own = sum(size for those in children.values() for pid, size in those if pid == self.pid)
        total, unvisited = own, [self.pid]
        while unvisited:
            for pid, size in children.get(unvisited.pop(), []):
                total += size
                unvisited.append(pid)
        return total / 1024

    @property
    def pid(self):
        return self.manager.provisioner.pid

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def report(what, times, unit="s", aim=""):
    """The median of each contender, the extremes, and the ratio."""
    print(f"\n{what}{aim and f' ({aim})'}")
    medians = {}
    for name, values in times.items():
        if not values:
            continue
        medians[name] = statistics.median(values)
        print(
            f"  {name:<24} median {medians[name]:9.3f} {unit}   "
            f"({min(values):.3f} to {max(values):.3f}, {len(values)} times)"
        )
    if OURS in medians:
        for name, median in medians.items():
            if name != OURS:
                print(f"  ours is {medians[OURS] / median:.3f} of {name}", flush=True)


def in_turn(kernels, times, code_of):
    """Runs a cell on each kernel in turn. The first turn is for warming up."""
    taken = {name: [] for name in kernels}
    for turn in range(times + 1):
        for name, kernel in kernels.items():
            seconds = kernel.run(code_of(name, turn))
            if turn > 0:
                taken[name].append(seconds)
    return taken


def starts(names):
    taken = {name: [] for name in names}
    for _ in range(STARTS):
        for name in names:
            kernel = Kernel(name)
            taken[name].append(kernel.started_in)
            kernel.end()
    return taken


def edited(turn, who):
    # No run of this benchmark repeats the edits of another.
    return LISTING.replace("println!(\"", f'println!("{time.time_ns()} {who} {turn} ', 1)


def bare(turn):
    """rustc as a reader would call it, and the program."""
    with tempfile.TemporaryDirectory() as folder:
        file, program = Path(folder) / "listing.rs", Path(folder) / "listing"
        file.write_text(edited(turn, "bare"))
        started = time.perf_counter()
        subprocess.run(["rustc", "--edition", "2024", "-o", program, file], check=True)
        subprocess.run([program], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - started


@contextlib.contextmanager
def jupyter_server():
    """A real one, with its usual limits: its address and its token."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
                *(f"--port={port}", "--IdentityProvider.token=benchmark"),
                f"--ServerApp.root_dir={folder}",
            ],
            stderr=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + 60
            while True:
                try:
                    urllib.request.urlopen(f"{address}/api/status?token=benchmark").close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, "Jupyter Server doesn't start"
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait()


def flood(name, address):
    """How long the lines take, and how many arrive."""
    client = JupyterKernelClient(server_url=address, token="benchmark")
    client.start(name=name)
    try:
        client.execute('fn main() { println!("warm"); }' + CALL, timeout=300)
        asked = time.perf_counter()
        result = client.execute(FLOOD, timeout=300)
        took = time.perf_counter() - asked
        text = "".join(o["text"] for o in result["outputs"] if o.get("name") == "stdout")
        lines = set(text.splitlines())
        return took, sum(f"line {n}" in lines for n in range(LINES))
    finally:
        client.stop()


def main():
    names = [OURS]
    with tempfile.TemporaryDirectory() as prefix:
        stock = shutil.which(STOCK)
        if stock:
            install_stock(stock, prefix)
            names.append(STOCK)
        else:
            print(f"The stock kernel is left out: {STOCK} is not on the PATH.")
        assert OURS in KernelSpecManager().find_kernel_specs()
        compare(names)


def compare(names):
    report("start to kernel_info_reply", starts(names), aim="at most 0.2 s")

    kernels = {name: Kernel(name) for name in names}
    try:
        whole = in_turn(kernels, TIMES, lambda name, turn: LISTING + CALL)
        report("a listing's cell, unedited", whole, aim="at most 0.05 s")

        taken = in_turn(kernels, TIMES, lambda name, turn: edited(turn, name) + CALL)
        taken["rustc and the program"] = [bare(turn) for turn in range(TIMES + 1)][1:]
        report("a listing's cell, edited", taken, aim="at most rustc and the program")

        # After an install the compiler is at work for a while on what explores
        # programs.
        kernels[OURS].run(f"%%outcomes\n{LISTING}")
        memory = {name: [kernel.resident()] for name, kernel in kernels.items()}
        report("resident memory, only programs run", memory, "MB", "at most 50 MB")

        if runs_sessions(kernels[OURS]):
            taken = in_turn(kernels, TIMES, lambda name, turn: "1 + 1")
            report("1 + 1, warm", taken, aim="no slower")
        else:
            print("\n1 + 1 is left out: this kernel was built without sessions.")
    finally:
        for kernel in kernels.values():
            kernel.end()

    with jupyter_server() as address:
        floods = {name: flood(name, address) for name in names}
    report(
        f"{LINES} printed lines through Jupyter Server",
        {name: [took] for name, (took, _) in floods.items()},
        aim="less than 3 s, none lost",
    )
    for name, (_, arrived) in floods.items():
        print(f"  {name:<24} {arrived} lines arrived, {LINES - arrived} lost")


def runs_sessions(kernel):
    reply = kernel.client.execute_interactive("1 + 1", output_hook=lambda _: None, timeout=300)
    return reply["content"]["status"] == "ok"


if __name__ == "__main__":
    main()
