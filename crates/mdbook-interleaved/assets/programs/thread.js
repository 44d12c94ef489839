// One thread of a listing that runs in the browser: a worker, which the page
// (`run-here.js`) has started, and hands the module, its memory, and what the
// threads share with the page. Of WASI there is what std uses on
// wasm32-wasip1-threads:
// <https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md>,
// <https://github.com/WebAssembly/wasi-threads>.
//
// It waits for the page in one case only: when the page reads slower than the
// program prints, as if it were a full pipe.

"use strict";

(() => {
  // The numbers in `shared`; the page knows them as well.
  const LOCK = 0;
  const WRITTEN = 1;
  const READ = 2;
  const TOLD = 3;
  const ENDED = 4;
  const LIVE = 5;
  const NEXT = 6;
  const SLEEP = 7;
  const NEVER = 8;
  /// The latest time that any thread has seen, 64 bits.
  const LATEST = 10;
  const RING = 64;

  const SUCCESS = 0;
  const AGAIN = 6;
  const BAD_FILE = 8;
  const NOT_THERE = 52;
  const NO_SEEKING = 70;

  const PIECE = 16 * 1024;

  /// Thrown through the program, to leave it.
  class Exit extends Error {}

  // Held for as long as this worker lives: so the page knows when it is gone. One
  // that was ended may go on for a while. Nothing else comes before that, since a
  // thread that waits doesn't hear that it has the lock.
  const held = new Promise((resolve) => {
    navigator.locks.request(name, () => {
      resolve();
      return new Promise(() => {});
    });
  });

  onmessage = async ({ data }) => {
    await held;
    new Thread(data).run();
  };

  class Thread {
    constructor({ module, memory, shared, threads, start }) {
      this.module = module;
      this.memory = memory;
      this.numbers = new Int32Array(shared, 0, RING / 4);
      this.latest = new BigInt64Array(shared, LATEST * 4, 1);
      this.ring = new Uint8Array(shared, RING);
      this.threads = threads;
      /// `null` in the first thread.
      this.start = start;
    }

    run() {
      try {
        const { exports } = new WebAssembly.Instance(this.module, this.imports());
        if (this.start) {
          exports.wasi_thread_start(this.start.id, this.start.argument);
          Atomics.sub(this.numbers, LIVE, 1);
        } else {
          exports._start();
          this.end({ code: 0 });
        }
      } catch (error) {
        if (!(error instanceof Exit)) {
          this.end({ trap: String(error?.message ?? error), isFirst: this.start === null });
        }
      }
      // This worker can be another thread now.
      postMessage({ kind: "free" });
    }

    imports() {
      const imports = { env: { memory: this.memory } };
      const known = {
        fd_write: (...args) => this.write(...args),
        fd_read: (file, vectors, count, read) => this.nothingToRead(file, read),
        fd_fdstat_get: (file, status) => this.describe(file, status),
        fd_prestat_get: () => BAD_FILE,
        fd_seek: () => NO_SEEKING,
        fd_close: () => SUCCESS,
        clock_time_get: (clock, precision, time) => this.tell(clock, time),
        clock_res_get: (clock, resolution) => this.put64(resolution, 1000n),
        poll_oneoff: (...args) => this.poll(...args),
        random_get: (at, length) => this.random(at, length),
        sched_yield: () => this.yield(),
        proc_exit: (code) => this.exit(code),
        args_sizes_get: (count, size) => this.noStrings(count, size),
        environ_sizes_get: (count, size) => this.noStrings(count, size),
        args_get: () => SUCCESS,
        environ_get: () => SUCCESS,
        "thread-spawn": (argument) => this.spawn(argument),
      };
      for (const { module, name, kind } of WebAssembly.Module.imports(this.module)) {
        if (kind === "function") {
          imports[module] ??= {};
          imports[module][name] = known[name] ?? (() => NOT_THERE);
        }
      }
      return imports;
    }

    view() {
      return new DataView(this.memory.buffer);
    }

    put32(at, value) {
      this.view().setUint32(at, value, true);
      return SUCCESS;
    }

    put64(at, value) {
      this.view().setBigUint64(at, value, true);
      return SUCCESS;
    }

    noStrings(count, size) {
      this.put32(count, 0);
      return this.put32(size, 0);
    }

    nothingToRead(file, read) {
      return file === 0 ? this.put32(read, 0) : BAD_FILE;
    }

    /// A terminal's, so to speak: a device of characters.
    describe(file, status) {
      if (file > 2) {
        return BAD_FILE;
      }
      const view = this.view();
      for (let at = 0; at < 24; at += 8) {
        view.setBigUint64(status + at, 0n, true);
      }
      view.setUint8(status, 2);
      view.setBigUint64(status + 8, 0xffff_ffffn, true);
      return SUCCESS;
    }

    random(at, length) {
      // Nothing random is to be had straight into memory that is shared.
      const bytes = crypto.getRandomValues(new Uint8Array(length));
      new Uint8Array(this.memory.buffer, at, length).set(bytes);
      return SUCCESS;
    }

    // Time.

    tell(clock, at) {
      const time = clock === 0 ? wallClock() : this.now();
      return this.put64(at, time);
    }

    /// Each worker has its own clock, and they differ by some microseconds: no
    /// thread may see a time before what another has seen.
    now() {
      const mine = wallClock();
      for (;;) {
        const latest = Atomics.load(this.latest, 0);
        if (latest >= mine) {
          return latest;
        }
        if (Atomics.compareExchange(this.latest, 0, latest, mine) === latest) {
          return mine;
        }
      }
    }

    /// Sleeps until the first of some times. What would be read is there at once:
    /// nothing.
    poll(subscriptions, events, count, happened) {
      const view = this.view();
      const started = this.now();
      let first = null;
      for (let index = 0; index < count; index += 1) {
        const at = subscriptions + 48 * index;
        const isClock = view.getUint8(at + 8) === 0;
        const isAbsolute = isClock && (view.getUint16(at + 40, true) & 1) === 1;
        const time = isClock ? view.getBigUint64(at + 24, true) : 0n;
        const isWallClock = isClock && view.getUint32(at + 16, true) === 0;
        const base = isWallClock && isAbsolute ? started - wallClock() : 0n;
        const until = isAbsolute ? time + base : started + time;
        if (first === null || until < first.until) {
          first = { until, at, kind: view.getUint8(at + 8) };
        }
      }
      for (let left = first.until - this.now(); left > 0n; left = first.until - this.now()) {
        // In milliseconds; nobody notifies.
        Atomics.wait(this.numbers, SLEEP, 0, Math.min(Number(left) / 1e6, 1e9));
      }
      view.setBigUint64(events, view.getBigUint64(first.at, true), true);
      view.setUint16(events + 8, SUCCESS, true);
      view.setUint8(events + 10, first.kind);
      return this.put32(happened, 1);
    }

    /// Lets go of the processor for a moment.
    yield() {
      Atomics.wait(this.numbers, SLEEP, 0, 0.01);
      return SUCCESS;
    }

    // Output: into a ring, so that its order is that of the writes, whichever
    // thread's message comes first.

    write(file, vectors, count, written) {
      if (file !== 1 && file !== 2) {
        return BAD_FILE;
      }
      const view = this.view();
      const parts = [];
      for (let index = 0; index < count; index += 1) {
        const at = view.getUint32(vectors + 8 * index, true);
        const length = view.getUint32(vectors + 8 * index + 4, true);
        parts.push(new Uint8Array(this.memory.buffer, at, length));
      }
      const total = parts.reduce((sum, part) => sum + part.length, 0);
      this.lock();
      for (const part of parts) {
        for (let at = 0; at < part.length; at += PIECE) {
          this.put(file, part.subarray(at, at + PIECE));
        }
      }
      this.unlock();
      return this.put32(written, total);
    }

    /// One piece: its stream, its length, its bytes. The page sees it as a whole.
    put(file, bytes) {
      const { numbers, ring } = this;
      const size = bytes.length + 3;
      const at = numbers[WRITTEN];
      for (let read = Atomics.load(numbers, READ); ring.length - ((at - read) >>> 0) < size; read = Atomics.load(numbers, READ)) {
        this.tellPage();
        Atomics.wait(numbers, READ, read);
      }
      const place = (offset) => ((at + offset) >>> 0) % ring.length;
      ring[place(0)] = file;
      ring[place(1)] = bytes.length & 0xff;
      ring[place(2)] = bytes.length >> 8;
      const start = place(3);
      const until = Math.min(bytes.length, ring.length - start);
      ring.set(bytes.subarray(0, until), start);
      ring.set(bytes.subarray(until), 0);
      Atomics.store(numbers, WRITTEN, (at + size) | 0);
      this.tellPage();
    }

    tellPage() {
      if (Atomics.exchange(this.numbers, TOLD, 1) === 0) {
        postMessage({ kind: "output" });
      }
    }

    /// 0 is free, 1 taken, 2 taken and waited for.
    lock() {
      const { numbers } = this;
      let state = Atomics.compareExchange(numbers, LOCK, 0, 1);
      while (state !== 0) {
        if (state === 2 || Atomics.compareExchange(numbers, LOCK, 1, 2) !== 0) {
          Atomics.wait(numbers, LOCK, 2);
        }
        state = Atomics.compareExchange(numbers, LOCK, 0, 2);
      }
      if (Atomics.load(numbers, ENDED) === 1) {
        this.unlock();
        this.haltForever();
      }
    }

    unlock() {
      if (Atomics.exchange(this.numbers, LOCK, 0) === 2) {
        Atomics.notify(this.numbers, LOCK, 1);
      }
    }

    // Threads, and the end.

    /// The page starts the worker: one of ours would wait for us, who may be
    /// waiting for it.
    spawn(argument) {
      if (Atomics.load(this.numbers, LIVE) >= this.threads) {
        this.end({ tooManyThreads: true });
        throw new Exit();
      }
      Atomics.add(this.numbers, LIVE, 1);
      const id = Atomics.add(this.numbers, NEXT, 1);
      postMessage({ kind: "spawn", start: { id, argument } });
      return id;
    }

    exit(code) {
      this.end({ code });
      throw new Exit();
    }

    /// Ends the program, unless another thread has. From then on nothing is
    /// printed any more; the page ends the other threads.
    end(how) {
      this.lock();
      Atomics.store(this.numbers, ENDED, 1);
      this.unlock();
      postMessage({ kind: "ended", how });
    }

    haltForever() {
      Atomics.wait(this.numbers, NEVER, 0);
    }
  }

  /// Nanoseconds since 1970.
  function wallClock() {
    const { timeOrigin } = performance;
    const whole = Math.floor(timeOrigin);
    const rest = timeOrigin - whole + performance.now();
    return BigInt(whole) * 1_000_000n + BigInt(Math.round(rest * 1e6));
  }
})();
