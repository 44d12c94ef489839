// Runs a listing's module in the reader's own browser (the Rust module `programs`
// says what that is). Each of its threads is a worker, started here, as
// `programs/thread.js`; they share one memory. What they print comes through a
// ring that they share with the page. Gives messages and replies of the form in
// which a kernel does. Knows nothing of the page.

"use strict";

(() => {
  const { Unavailable } = window.interleaved.kernels;
  const { tabStore } = window.interleaved;
  const RUNS = "application/vnd.interleaved.runs+json";

  /// What a program may use; elsewhere it is runner's `Limits` that say so.
  const SECONDS = 60;
  const OUTPUT = 8 << 20;
  const THREADS = 128;

  /// Of many runs, how many begin at the same time; how many may go on at most; and
  /// how many threads they may have together.
  const AT_ONCE = 4;
  const MOST_AT_ONCE = 16;
  const THREADS_AT_ONCE = 64;

  /// When it is known how many threads a run has, in milliseconds.
  const KNOWN = 200;

  /// The most text of different outcomes that is kept, in characters.
  const KEPT = 4 << 20;

  /// How often to look whether a program is stuck, in milliseconds; and how often
  /// in a row it must be.
  const LOOK = 25;
  const STUCK = 4;

  /// How many workers wait for their next thread, at most.
  const SPARE = 32;

  /// The largest memory that is used again, in bytes, and a page of it.
  const LARGE = 32 << 20;
  const PAGE = 64 << 10;

  /// How often to ask for one, ten times a second.
  const TRIES = 100;

  /// The numbers shared with the threads; `thread.js` knows them as well.
  const WRITTEN = 1;
  const READ = 2;
  const TOLD = 3;
  const LIVE = 5;
  const NEXT = 6;
  const RING = 64;
  const RING_SIZE = 64 << 10;

  /// Where a module keeps how many of its threads wait, as 32-bit numbers.
  const WAITS = 0x20;

  const RELOADED_FOR = "interleaved-reloaded-for";

  /// Workers that wait for a thread.
  const spare = [];

  /// Of this page's workers, the names that no other page's have.
  const page = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  let started = 0;

  function startWorker(script) {
    started += 1;
    const worker = new Worker(script, { name: `interleaved-thread-${page}-${started}` });
    worker.called = `interleaved-thread-${page}-${started}`;
    // One that can't begin while it is spare is of no use to anybody.
    worker.onerror = () => {
      const at = spare.indexOf(worker);
      if (at !== -1) {
        spare.splice(at, 1);
      }
    };
    return worker;
  }

  function takeWorker(script) {
    return spare.pop() ?? startWorker(script);
  }

  function giveWorker(worker) {
    worker.onmessage = null;
    worker.onerror = null;
    if (spare.length < SPARE) {
      spare.push(worker);
    } else {
      worker.terminate();
    }
  }

  /// Ends a worker, and returns when it is gone: it holds a lock of its name. One
  /// that waits or computes may take seconds.
  function endWorker(worker) {
    // What it has said meanwhile doesn't make it spare.
    worker.onmessage = null;
    worker.terminate();
    return navigator.locks.request(worker.called, () => {});
  }

  /// Memories that no thread uses any more, by how large they may become. A
  /// browser has room for some hundred, and frees one only when all workers have
  /// forgotten it: so they are used again.
  const memories = new Map();

  /// A memory that is empty, of so many pages at least. Where there is no room
  /// for one, it may come back from a program whose workers aren't gone yet.
  async function takeMemory({ initial, maximum }) {
    const there = memories.get(maximum) ?? [];
    memories.set(maximum, there);
    for (let time = 0; ; time += 1) {
      const memory = there.pop() ?? newMemory(initial, maximum);
      if (memory) {
        const missing = initial - memory.buffer.byteLength / PAGE;
        if (missing > 0) {
          memory.grow(missing);
        }
        new Uint8Array(memory.buffer).fill(0);
        return memory;
      }
      if (time === TRIES) {
        throw new Unavailable("not-loaded", "The browser has no room for the program’s memory: close other tabs, or try again.");
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  function newMemory(initial, maximum) {
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch {
      return null;
    }
  }

  function giveMemory(memory, { maximum }) {
    if (memory.buffer.byteLength <= LARGE) {
      memories.get(maximum).push(memory);
    }
  }

  /// A module, compiled, with what it wants of its memory.
  class Module {
    /// Loads a module once.
    static load(address) {
      let loaded = Module.loaded.get(address);
      if (!loaded) {
        loaded = Module.fetch(address);
        Module.loaded.set(address, loaded);
        loaded.catch(() => Module.loaded.delete(address));
      }
      return loaded;
    }

    static async fetch(address) {
      let response;
      try {
        response = await fetch(address);
      } catch {
        throw new Unavailable("not-loaded", "The program could not be loaded: the server doesn’t answer.");
      }
      if (!response.ok) {
        throw new Unavailable("not-loaded", `The program could not be loaded: the server answered ${response.status}.`);
      }
      // Not while it streams: few hosts call it what browsers want it called.
      const bytes = new Uint8Array(await response.arrayBuffer());
      return new Module(address, await WebAssembly.compile(bytes), memoryWanted(bytes));
    }

    constructor(address, module, { initial, maximum }) {
      // In the module's version, which is that of the script, too.
      this.script = new URL(`thread.js${new URL(address).search}`, address).href;
      this.module = module;
      this.wanted = { initial, maximum };
    }
  }

  Module.loaded = new Map();

  /// How many pages of memory a module imports: JavaScript can't ask yet. The
  /// section with number 2 lists the imports.
  function memoryWanted(bytes) {
    let at = 8;
    const number = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++];
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) {
          return value;
        }
      }
    };
    const skipName = () => {
      const length = number();
      at += length;
    };
    while (at < bytes.length) {
      const section = bytes[at++];
      const end = number() + at;
      for (let left = section === 2 ? number() : 0; left > 0; left -= 1) {
        skipName();
        skipName();
        const kind = bytes[at++];
        if (kind === 2) {
          at += 1;
          return { initial: number(), maximum: number() };
        }
        // Of the other kinds, only functions are imported.
        number();
      }
      at = end;
    }
    throw new Unavailable("not-loaded", "The program imports no memory, so its threads can’t share one.");
  }

  /// One run of a module. `told` gets `("stdout" | "stderr", text)`.
  class Run {
    static async of(module, told) {
      return new Run(module, await takeMemory(module.wanted), told);
    }

    constructor(module, memory, told) {
      this.module = module;
      this.memory = memory;
      this.told = told;
      this.shared = new SharedArrayBuffer(RING + RING_SIZE);
      this.numbers = new Int32Array(this.shared, 0, RING / 4);
      this.ring = new Uint8Array(this.shared, RING);
      this.workers = new Set();
      this.decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
      this.printed = 0;
      this.lastOfStderr = "";
      this.stuck = { changes: -1, times: 0 };
      this.ended = new Promise((resolve, reject) => {
        this.resolve = resolve;
        this.reject = reject;
      });
      this.isOver = false;
      this.numbers[LIVE] = 1;
      this.numbers[NEXT] = 1;
      this.started = performance.now();
      this.looking = setInterval(() => this.look(), LOOK);
      this.startThread(null);
    }

    startThread(start) {
      const { module, memory, shared } = this;
      const worker = takeWorker(module.script);
      this.workers.add(worker);
      worker.onmessage = ({ data }) => this.receive(worker, data);
      worker.onerror = (event) => this.fail(event);
      worker.postMessage({ module: module.module, memory, shared, threads: THREADS, start });
    }

    receive(worker, { kind, start, how }) {
      if (kind === "free") {
        giveWorker(worker);
        this.without(worker);
      } else if (this.isOver) {
        // What others still wanted is of no matter any more.
      } else if (kind === "output") {
        this.read();
      } else if (kind === "spawn") {
        this.startThread(start);
      } else {
        this.read();
        this.end(this.endingOf(how), worker);
      }
    }

    /// How many threads it has had so far.
    get threads() {
      return Atomics.load(this.numbers, NEXT);
    }

    /// Takes what was printed since the last time.
    read() {
      const { numbers, ring } = this;
      // First: whoever prints from now on tells us again.
      Atomics.store(numbers, TOLD, 0);
      const written = Atomics.load(numbers, WRITTEN);
      let at = numbers[READ];
      while (at !== written && !this.isOver) {
        const byte = (offset) => ring[((at + offset) >>> 0) % ring.length];
        const stream = byte(0) === 1 ? "stdout" : "stderr";
        const length = byte(1) | (byte(2) << 8);
        const bytes = new Uint8Array(length);
        const start = ((at + 3) >>> 0) % ring.length;
        const until = Math.min(length, ring.length - start);
        bytes.set(ring.subarray(start, start + until));
        bytes.set(ring.subarray(0, length - until), until);
        at = (at + 3 + length) | 0;
        this.printed += length;
        this.tell(stream, bytes, true);
        if (this.printed > OUTPUT) {
          this.end({ kind: "over-limit", limit: { bound: "output", allowed: OUTPUT } });
        }
      }
      Atomics.store(numbers, READ, at);
      Atomics.notify(numbers, READ);
    }

    tell(stream, bytes, goesOn) {
      const text = this.decoders[stream].decode(bytes, { stream: goesOn });
      if (text !== "") {
        if (stream === "stderr") {
          this.lastOfStderr = (this.lastOfStderr + text).slice(-4096);
        }
        this.told(stream, text);
      }
    }

    /// Whether time is up; or all threads wait, with nobody to wake them.
    look() {
      this.read();
      if (this.isOver) {
        return;
      }
      if (performance.now() - this.started > SECONDS * 1000) {
        this.end({ kind: "over-limit", limit: { bound: "wall-clock", allowed: SECONDS } });
        return;
      }
      const waits = new Int32Array(this.memory.buffer, WAITS, 3);
      const [waiting, withLimit, changes] = [0, 1, 2].map((index) => Atomics.load(waits, index));
      const live = Atomics.load(this.numbers, LIVE);
      const isStuck = waiting === live && withLimit === 0;
      const times = isStuck && changes === this.stuck.changes ? this.stuck.times + 1 : 0;
      this.stuck = { changes, times };
      if (times >= STUCK) {
        this.end({ kind: "deadlocked", threads: live });
      }
    }

    endingOf({ code, trap, isFirst, tooManyThreads }) {
      if (tooManyThreads) {
        return { kind: "over-limit", limit: { bound: "threads", allowed: THREADS } };
      }
      if (trap !== undefined) {
        const panicked = /^thread '(.*)' (?:\(\d+\) )?panicked at /m.test(this.lastOfStderr);
        if (panicked && isFirst) {
          return { kind: "panicked" };
        }
        const message = panicked ? "a thread panicked, and in a browser that ends the whole program" : trap;
        return { kind: "aborted", message };
      }
      return code === 0 ? { kind: "returned" } : { kind: "exited", code };
    }

    /// `last` is the worker that said so, which is done by itself.
    end(ending, last = null) {
      if (this.isOver) {
        return;
      }
      this.isOver = true;
      clearInterval(this.looking);
      for (const stream of ["stdout", "stderr"]) {
        this.tell(stream, new Uint8Array(0), false);
      }
      // The first thread counts as alive; where it is the only one, the others
      // are done too, and only haven't been heard of yet.
      const areDone = last !== null && Atomics.load(this.numbers, LIVE) === 1;
      for (const worker of areDone ? [] : this.workers) {
        if (worker !== last) {
          endWorker(worker).then(() => this.without(worker));
        }
      }
      this.resolve({ ending, seconds: (performance.now() - this.started) / 1000 });
    }

    /// A worker has nothing to do with it any more. Once none has, the memory is
    /// for another run.
    without(worker) {
      this.workers.delete(worker);
      if (this.isOver && this.workers.size === 0) {
        giveMemory(this.memory, this.module.wanted);
      }
    }

    fail(event) {
      event.preventDefault?.();
      // First: what is ended is settled.
      this.reject(new Unavailable("not-loaded", `The browser could not start a thread${event.message ? `: ${event.message}` : ""}.`));
      this.end({ kind: "stopped" });
    }

    stop() {
      this.read();
      this.end({ kind: "stopped" });
    }
  }

  /// What many runs came to.
  class Tally {
    constructor(runs) {
      this.runs = runs;
      this.done = 0;
      this.outcomes = new Map();
      this.size = 0;
      this.notKept = 0;
    }

    add(outcome) {
      this.done += 1;
      const key = JSON.stringify(outcome);
      const known = this.outcomes.get(key);
      if (known) {
        known.count += 1;
      } else if (this.size + key.length > KEPT) {
        this.notKept += 1;
      } else {
        this.size += key.length;
        this.outcomes.set(key, { count: 1, ...outcome });
      }
    }

    data() {
      // Those seen equally often stay in the order in which they were first seen.
      const outcomes = [...this.outcomes.values()].sort((a, b) => b.count - a.count);
      return { runs: this.runs, done: this.done, outcomes, not_kept: this.notKept || undefined };
    }
  }

  /// What runs a listing, once or many times. Takes the place of a kernel.
  class Here {
    constructor(address) {
      this.address = new URL(address, location.href).href;
      this.going = new Set();
      this.isStopped = false;
    }

    /// `handle` gets what a kernel would send. Returns what it would reply.
    async execute(runs, handle) {
      try {
        const module = await Module.load(this.address);
        return await (runs === 1 ? this.once(module, handle) : this.many(module, runs, handle));
      } catch (error) {
        if (error instanceof Unavailable) {
          throw error;
        }
        // What the host answered is no module, or the browser allows no workers.
        throw new Unavailable("not-loaded", `The browser could not run the program: ${error.message}.`);
      }
    }

    async once(module, handle) {
      const told = (name, text) => handle({ header: { msg_type: "stream" }, content: { name, text }, metadata: {} });
      const { ending, seconds } = await this.run(module, told);
      return { metadata: { interleaved: { ending, seconds } } };
    }

    async many(module, runs, handle) {
      const started = performance.now();
      const tally = new Tally(runs);
      let shown = 0;
      const show = () => {
        shown = performance.now();
        handle({ header: { msg_type: "display_data" }, content: { data: { [RUNS]: tally.data() } } });
      };
      show();
      let begun = 0;
      const inTurn = async () => {
        while (begun < runs && !this.isStopped) {
          begun += 1;
          const outcome = { stdout: "", stderr: "" };
          const { ending } = await this.run(module, (stream, text) => (outcome[stream] += text));
          // One that the reader has stopped says nothing about the program.
          if (ending.kind !== "stopped") {
            tally.add({ stdout: outcome.stdout, stderr: outcome.stderr || undefined, ending });
          }
          if (performance.now() - shown > 100) {
            show();
          }
        }
      };
      const lines = Array.from({ length: AT_ONCE }, inTurn);
      // More of what waits most of the time; what computes has no use of that.
      const more = setTimeout(() => {
        if (tally.done >= MOST_AT_ONCE) {
          return;
        }
        const most = Math.min(Math.floor(THREADS_AT_ONCE / this.threads), MOST_AT_ONCE, runs);
        lines.push(...Array.from({ length: Math.max(most - AT_ONCE, 0) }, inTurn));
      }, KNOWN);
      // There may be more of them by the time that the first are done. Where one
      // fails, the others end.
      const failures = [];
      for (let line = lines.shift(); line; line = lines.shift()) {
        await line.catch((failure) => {
          failures.push(failure);
          clearTimeout(more);
          this.interrupt();
        });
      }
      clearTimeout(more);
      if (failures.length > 0) {
        throw failures[0];
      }
      show();
      return { metadata: { interleaved: { seconds: (performance.now() - started) / 1000 } } };
    }

    /// How many threads the runs that go on have, each.
    get threads() {
      return Math.max(1, ...[...this.going].map((run) => run.threads));
    }

    async run(module, told) {
      if (this.isStopped) {
        return { ending: { kind: "stopped" }, seconds: 0 };
      }
      const run = await Run.of(module, told);
      this.going.add(run);
      if (this.isStopped) {
        run.stop();
      }
      try {
        return await run.ended;
      } finally {
        this.going.delete(run);
      }
    }

    interrupt() {
      this.isStopped = true;
      for (const run of this.going) {
        run.stop();
      }
    }

    release() {}
  }

  /// Makes sure that this page's workers can share memory. Where the host doesn't
  /// say so, a service worker does, from the next time on that the page is loaded:
  /// so it is loaded again, and `again` is kept for then.
  async function isolate(again) {
    if (crossOriginIsolated) {
      return;
    }
    const isSecond = tabStore.get(RELOADED_FOR) !== null;
    tabStore.remove(RELOADED_FOR);
    if (isSecond || !(await window.interleaved.offline.start())) {
      throw new Unavailable("no-threads", "This browser doesn’t let a page’s threads share memory.");
    }
    tabStore.set(RELOADED_FOR, JSON.stringify({ ...again, path: location.pathname }));
    location.reload();
    await new Promise(() => {});
  }

  /// What this page was loaded again for, if it was.
  function reloadedFor() {
    if (!crossOriginIsolated) {
      return null;
    }
    const again = JSON.parse(tabStore.get(RELOADED_FOR) ?? "null");
    tabStore.remove(RELOADED_FOR);
    return again?.path === location.pathname ? again : null;
  }

  /// Has all that is needed ready for a reader who is about to press Run.
  function warm(address) {
    if (!crossOriginIsolated) {
      window.interleaved.offline.start();
      return;
    }
    Module.load(new URL(address, location.href).href)
      .then(({ script }) => {
        while (spare.length < 4) {
          spare.push(startWorker(script));
        }
      })
      // Run will say why.
      .catch(() => {});
  }

  window.interleaved.here = { Here, isolate, reloadedFor, warm };
})();
