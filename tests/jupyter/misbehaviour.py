"""Cells that misbehave, and what they cost. See the script `misbehaviour`."""

import contextlib
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time

from jupyter_client import KernelManager
from patience import PATIENCE
from peers import OURS, STOCK, install_stock

# How long a cell goes on, in seconds, before it is interrupted, as by a reader.
READERS_PATIENCE = 10

# The stock kernel defines `main`, and must be told to call it. Ours need not,
# and does not mind.
WAYS = {
    "a loop that never ends": "fn main() { loop { std::hint::spin_loop() } }",
    "a deadlock": """fn main() {
        let lock = std::sync::Mutex::new(0);
        let _first = lock.lock();
        let _second = lock.lock();
    }""",
    "a panic in main": 'fn main() { panic!("oh no") }',
    "a panic in a thread": """fn main() {
        std::thread::spawn(|| panic!("oh no")).join().unwrap();
    }""",
    "exit": "fn main() { std::process::exit(3) }",
    "abort": "fn main() { std::process::abort() }",
    "a stack overflow": """fn main() {
        fn deeper(n: u64) -> u64 { std::hint::black_box(deeper(n + 1) + n) }
        println!("{}", deeper(0));
    }""",
    "4 GB of memory": """fn main() {
        let memory = vec![1u8; 4 << 30];
        println!("{}", memory.iter().map(|byte| *byte as u64).sum::<u64>());
    }""",
    "10,000 threads": """fn main() {
        for _ in 0..10_000 { std::thread::spawn(|| loop { std::thread::park() }); }
        loop { std::thread::park() }
    }""",
    "1 GB of output": """fn main() {
        let line = "x".repeat(99);
        for _ in 0..10_000_000 { println!("{line}"); }
    }""",
    "closing stdout": """unsafe extern "C" { fn close(fd: i32) -> i32; }
    fn main() {
        unsafe { close(1); }
        println!("nobody reads this");
    }""",
    "killing its process group": """unsafe extern "C" { fn kill(pid: i32, signal: i32) -> i32; }
    fn main() {
        unsafe { kill(0, 9); }
        loop { std::thread::park() }
    }""",
}


class Kernel:
    """A kernel that may not survive what it is asked."""

    def __init__(self, name):
        self.name = name
        self.start()

    def start(self):
        self.manager = KernelManager(kernel_name=self.name)
        self.manager.start_kernel(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)
        # A session takes a while to start.
        assert self.run("0", 2 * PATIENCE), f"{self.name} has no sessions"

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code, seconds):
        """The reply's content and the cell's results; None if it doesn't end."""
        return self.finish(self.client.execute(code), seconds)

    def finish(self, request, seconds):
        """The same for a cell that runs already."""
        deadline = time.monotonic() + seconds
        # The reply comes on one way and all else on another, before or after it.
        results, reply, is_idle = [], None, False
        while reply is None or not is_idle:
            if time.monotonic() > deadline or not self.manager.is_alive():
                return None
            for message in self.messages(request):
                content = message["content"]
                if message["msg_type"] == "execute_reply":
                    reply = content
                elif message["msg_type"] == "execute_result":
                    results.append(content["data"]["text/plain"])
                elif message["msg_type"] == "status":
                    is_idle = content["execution_state"] == "idle"
        return reply, results

    def messages(self, request):
        """What has come on either way for this request."""
        for get in (self.client.get_iopub_msg, self.client.get_shell_msg):
            with contextlib.suppress(queue.Empty):
                # Not all that a flood brings, without looking at the time.
                for _ in range(1000):
                    message = get(timeout=0.05)
                    if message["parent_header"].get("msg_id") == request:
                        yield message

    def misbehave(self, code):
        """What a reader sees, and for how long."""
        started = time.monotonic()
        request = self.client.execute(code)
        done = self.finish(request, READERS_PATIENCE)
        interrupted = done is None and self.manager.is_alive()
        if interrupted:
            self.manager.interrupt_kernel()
            done = self.finish(request, PATIENCE)
        took = time.monotonic() - started
        if not self.manager.is_alive():
            return "the kernel is gone", took
        if done is None:
            return "nothing, not even after an interrupt", took
        reply, _ = done
        if reply["status"] == "ok":
            return "nothing" + (", after an interrupt" if interrupted else ""), took
        # The stock kernel's reply has neither.
        ename, evalue = reply.get("ename", "error"), reply.get("evalue", "")
        return f"{ename}: {first_sentence(evalue)}", took


def first_sentence(text):
    # Colours are no part of it.
    text = re.sub(r"\x1b\[[0-9;]*m", "", text).strip()
    line = text.splitlines()[0] if text else ""
    return line if len(line) <= 70 else line[:69] + "…"


def table(name):
    """Prints a row for each way. Returns how many variables were kept."""
    print(f"\n{name}\n{'':28} {'seconds':>7}  {'variable':8}  what is said", flush=True)
    kernel = Kernel(name)
    try:
        kept = sum(row(kernel, number, *way) for number, way in enumerate(WAYS.items()))
    finally:
        kernel.end()
    print(f"{kept} of {len(WAYS)} variables kept", flush=True)
    return kept


def row(kernel, number, way, code):
    """Prints one. Returns whether its variable was kept."""
    # A value that no other row has.
    value = f"{number + 40}"
    set_it = f"let kept_{number}: i32 = {value};"
    if kernel.run(set_it, PATIENCE) is None:
        # It is still busy with the row before.
        kernel.end()
        kernel.start()
        assert kernel.run(set_it, PATIENCE), f"{kernel.name} sets no variable before {way}"
    said, took = kernel.misbehave(code + "\nmain();")
    after = kernel.run(f"kept_{number}", PATIENCE) if kernel.manager.is_alive() else None
    is_kept = after is not None and after[1] == [value]
    print(f"{way:28} {took:7.1f}  {'kept' if is_kept else 'lost':8}  {said}", flush=True)
    if after is None:
        kernel.end()
        kernel.start()
    return is_kept


def main():
    is_fine = table(OURS) == len(WAYS)
    if "--beside" in sys.argv:
        stock = shutil.which(STOCK)
        if stock:
            with tempfile.TemporaryDirectory() as prefix:
                install_stock(stock, prefix)
                table(STOCK)
        else:
            print(f"\nThe stock kernel is left out: {STOCK} is not on the PATH.")
    # Whatever a cell leaves behind must not hold up the end.
    sys.stdout.flush()
    os._exit(not is_fine)


if __name__ == "__main__":
    main()
