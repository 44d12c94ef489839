// Characters that turn the direction of text around, and have no look of their
// own: an output with them would seem to be another than it is. They are shown
// by name, and turn nothing around.

"use strict";

(() => {
  const NAMES = {
    "\u061c": ["ALM", "Arabic letter mark"],
    "\u200e": ["LRM", "left-to-right mark"],
    "\u200f": ["RLM", "right-to-left mark"],
    "\u202a": ["LRE", "left-to-right embedding"],
    "\u202b": ["RLE", "right-to-left embedding"],
    "\u202c": ["PDF", "pop directional formatting"],
    "\u202d": ["LRO", "left-to-right override"],
    "\u202e": ["RLO", "right-to-left override"],
    "\u2066": ["LRI", "left-to-right isolate"],
    "\u2067": ["RLI", "right-to-left isolate"],
    "\u2068": ["FSI", "first strong isolate"],
    "\u2069": ["PDI", "pop directional isolate"],
  };
  const CONTROL = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

  /// The text with its control characters by name, for a sentence or an
  /// attribute.
  function named(text) {
    return text.replace(CONTROL, (control) => `⟨${NAMES[control][0]}⟩`);
  }

  /// The text as nodes, for an output. Each control character is kept, so that
  /// what is copied is what was printed, but in a box, from which it reaches
  /// nothing else; the style sheet shows its name.
  function nodes(text) {
    const made = [];
    let done = 0;
    for (const { 0: control, index } of text.matchAll(CONTROL)) {
      const [short, name] = NAMES[control];
      const box = document.createElement("span");
      box.className = "direction-control";
      box.dataset.name = short;
      box.title = `${name} (U+${control.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")})`;
      box.setAttribute("role", "img");
      box.setAttribute("aria-label", name);
      box.textContent = control;
      made.push(text.slice(done, index), box);
      done = index + control.length;
    }
    made.push(text.slice(done));
    return made.filter((part) => part !== "");
  }

  window.interleaved.direction = { named, nodes };
})();
// From text with ANSI colours to elements. Knows what rustc and cargo print:
// bold, italic, underline and the sixteen colours (ECMA-48's SGR); any other
// escape sequence is dropped.

"use strict";

(() => {
  const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

  // CSI … letter, OSC … end, or a lone escape with its next character.
  const ESCAPE = /\x1b\[([0-9;:?]*)([@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b./g;

  function toFragment(text) {
    const fragment = document.createDocumentFragment();
    let style = plain();
    let done = 0;
    for (const match of text.matchAll(ESCAPE)) {
      append(fragment, text.slice(done, match.index), style);
      done = match.index + match[0].length;
      if (match[2] === "m") {
        style = change(style, match[1]);
      }
    }
    append(fragment, text.slice(done), style);
    return fragment;
  }

  function withoutEscapes(text) {
    return text.replace(ESCAPE, "");
  }

  function plain() {
    return { bold: false, italic: false, underline: false, colour: null };
  }

  function change(style, parameters) {
    const codes = parameters.split(";").map(Number);
    let next = { ...style };
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i];
      if (code === 0) next = plain();
      else if (code === 1) next.bold = true;
      else if (code === 3) next.italic = true;
      else if (code === 4) next.underline = true;
      else if (code === 22) next.bold = false;
      else if (code === 23) next.italic = false;
      else if (code === 24) next.underline = false;
      else if (code >= 30 && code <= 37) next.colour = NAMES[code - 30];
      else if (code >= 90 && code <= 97) next.colour = NAMES[code - 90];
      else if (code === 39) next.colour = null;
      else if (code === 38 || code === 48) {
        // 38;5;N and 38;2;R;G;B. Of the former, the first sixteen have names.
        const index = codes[i + 1] === 5 ? codes[i + 2] : null;
        if (code === 38) next.colour = index !== null && index < 16 ? NAMES[index % 8] : null;
        i += codes[i + 1] === 5 ? 2 : 4;
      }
    }
    return next;
  }

  function append(parent, text, style) {
    if (text === "") {
      return;
    }
    const classes = [
      style.bold && "ansi-bold",
      style.italic && "ansi-italic",
      style.underline && "ansi-underline",
      style.colour && `ansi-${style.colour}`,
    ].filter(Boolean);
    if (classes.length === 0) {
      parent.append(...window.interleaved.direction.nodes(text));
      return;
    }
    const span = document.createElement("span");
    span.className = classes.join(" ");
    span.append(...window.interleaved.direction.nodes(text));
    parent.append(span);
  }

  window.interleaved.ansi = { toFragment, withoutEscapes };
})();
// Speaks Jupyter's kernel protocol: kernels over REST, messages over WebSocket.
// <https://jupyter-server.readthedocs.io/en/stable/developers/websocket-protocols.html>
// Knows nothing of the page.

"use strict";

(() => {
  const SUBPROTOCOL = "v1.kernel.websocket.jupyter.org";
  const KERNEL = "interleaved";

  /// Why a program can't run: a sentence, and what kind of reason it is
  /// ("no-server", "bad-token", "failed").
  class Unavailable extends Error {
    constructor(reason, message) {
      super(message);
      this.reason = reason;
    }
  }

  const session = crypto.randomUUID?.() ?? String(Math.random()).slice(2);

  // Kernels that wait for their next program. Each runs one at a time, so there
  // are as many as programs ran at once.
  const idle = [];
  const all = new Set();

  // How many are being started: they are asked for, but not in `all` yet.
  let starting = 0;

  // What the server has said so far: whether it runs programs, and whether it
  // refused this page's token.
  let runsPrograms = false;
  let refused = false;

  // A kernel that is being made ready, if there is one.
  let warming = null;

  async function acquire() {
    await warming;
    while (idle.length > 0) {
      const kernel = idle.pop();
      if (kernel.isOpen()) {
        return kernel;
      }
    }
    return start();
  }

  /// Has a kernel ready for a reader who is about to press Run.
  function warm() {
    if (!runsPrograms || warming || starting > 0 || all.size > 0) {
      return;
    }
    warming = start()
      .then((kernel) => kernel.release())
      // Run will say why.
      .catch(() => {})
      .finally(() => (warming = null));
  }

  async function start() {
    starting += 1;
    try {
      const response = await request("POST", "api/kernels", { name: KERNEL });
      const { id } = await response.json();
      const kernel = await connect(id);
      all.add(kernel);
      return kernel;
    } finally {
      starting -= 1;
    }
  }

  /// Connects to a kernel that was just started. One that can't be reached is
  /// of use to nobody.
  async function connect(id) {
    try {
      // An older server knows no subprotocol, and browsers then give up.
      return await Kernel.connect(id, [SUBPROTOCOL]).catch(() => Kernel.connect(id, []));
    } catch (error) {
      end(id);
      throw error;
    }
  }

  function end(id) {
    // The page may be on its way out: the request must outlive it.
    request("DELETE", `api/kernels/${id}`, undefined, { keepalive: true }).catch(() => {});
  }

  /// Whether this page knows of no server: nobody gave it a token.
  function isNowhere() {
    return window.interleaved.token() === null && !refused;
  }

  /// Whether this origin is a server that runs programs for us.
  async function check() {
    const response = await request("GET", "api/kernelspecs");
    const { kernelspecs } = await response.json();
    if (!kernelspecs?.[KERNEL]) {
      throw new Unavailable("no-server", "This server has no kernel for the book's programs.");
    }
    runsPrograms = true;
  }

  async function request(method, path, body, options = {}) {
    const token = window.interleaved.token();
    if (token === null) {
      throw new Unavailable(refused ? "bad-token" : "no-token", "This page has no token.");
    }
    let response;
    try {
      response = await fetch(address(path), {
        method,
        body: body && JSON.stringify(body),
        headers: { Authorization: `token ${token}`, "Content-Type": "application/json" },
        ...options,
      });
    } catch {
      throw new Unavailable("no-answer", "The server doesn't answer.");
    }
    if (response.status === 401 || response.status === 403) {
      refused = true;
      window.interleaved.forgetToken(token);
      throw new Unavailable("bad-token", "The server doesn't know this page's token.");
    }
    if (response.status === 404 || response.status === 405 || response.status === 501) {
      throw new Unavailable("no-server", "This server doesn't run programs.");
    }
    if (!response.ok) {
      throw new Unavailable("failed", await refusal(response));
    }
    return response;
  }

  async function refusal(response) {
    const text = await response.text().catch(() => "");
    try {
      return JSON.parse(text).message ?? text;
    } catch {
      return text || `The server refused: ${response.status}.`;
    }
  }

  // The routes are at the server's root, wherever the book's pages are.
  function address(path) {
    return new URL(`/${path}`, location.href).href;
  }

  class Kernel {
    static connect(id, subprotocols) {
      const query = new URLSearchParams({ token: window.interleaved.token(), session_id: session });
      const url = new URL(address(`api/kernels/${id}/channels?${query}`));
      url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
      const socket = new WebSocket(url, subprotocols);
      socket.binaryType = "arraybuffer";
      return new Promise((resolve, reject) => {
        const kernel = new Kernel(id, socket);
        socket.addEventListener("open", () => resolve(kernel));
        socket.addEventListener("error", () => {
          reject(new Unavailable("failed", "The connection to the kernel failed."));
        });
      });
    }

    constructor(id, socket) {
      this.id = id;
      this.socket = socket;
      this.running = null;
      socket.addEventListener("message", (event) => this.receive(decode(event.data)));
      socket.addEventListener("close", () => this.lost());
    }

    isOpen() {
      return this.socket.readyState === WebSocket.OPEN;
    }

    /// Runs a cell. `handle` gets every message about it, on iopub and shell;
    /// the promise is fulfilled with the reply once the cell is done: when both
    /// its reply and its idle status have come, in either order.
    execute(code, handle, metadata = {}) {
      const header = this.header("execute_request");
      const content = {
        code,
        silent: false,
        store_history: false,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      };
      return new Promise((resolve, reject) => {
        this.running = { id: header.msg_id, handle, resolve, reject, reply: null, idle: false };
        this.send("shell", { header, parent_header: {}, metadata, content, buffers: [] });
      });
    }

    async interrupt() {
      await request("POST", `api/kernels/${this.id}/interrupt`);
    }

    /// Gives the kernel back for the next program.
    release() {
      idle.push(this);
    }

    close() {
      all.delete(this);
      this.socket.close();
      end(this.id);
    }

    header(type) {
      return {
        msg_id: `${session}-${(Kernel.messages += 1)}`,
        msg_type: type,
        session,
        username: "reader",
        date: new Date().toISOString(),
        version: "5.4",
      };
    }

    send(channel, message) {
      const binary = this.socket.protocol === SUBPROTOCOL;
      this.socket.send(binary ? encode(channel, message) : JSON.stringify({ channel, ...message }));
    }

    receive(message) {
      const running = this.running;
      if (!running || message.parent_header?.msg_id !== running.id) {
        return;
      }
      const type = message.header.msg_type;
      if (type === "execute_reply") {
        running.reply = message;
      } else if (type === "status") {
        running.idle = message.content.execution_state === "idle";
      } else {
        running.handle(message);
      }
      if (running.reply && running.idle) {
        this.running = null;
        running.resolve(running.reply);
      }
    }

    lost() {
      all.delete(this);
      this.running?.reject(new Unavailable("lost", "The connection to the server was lost."));
      this.running = null;
    }
  }

  Kernel.messages = 0;

  // The binary form: how many offsets, the offsets, then the parts themselves:
  // channel, header, parent header, metadata, content, buffers. Numbers are
  // 64 bits, little end first.
  function encode(channel, message) {
    const encoder = new TextEncoder();
    const parts = [
      encoder.encode(channel),
      ...["header", "parent_header", "metadata", "content"].map((key) =>
        encoder.encode(JSON.stringify(message[key])),
      ),
    ];
    const count = parts.length + 1;
    const length = parts.reduce((sum, part) => sum + part.length, 8 * (count + 1));
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, BigInt(count), true);
    let offset = 8 * (count + 1);
    parts.forEach((part, index) => {
      view.setBigUint64(8 * (index + 1), BigInt(offset), true);
      bytes.set(part, offset);
      offset += part.length;
    });
    view.setBigUint64(8 * count, BigInt(offset), true);
    return bytes;
  }

  function decode(data) {
    if (typeof data === "string") {
      return JSON.parse(data);
    }
    const view = new DataView(data);
    const count = Number(view.getBigUint64(0, true));
    const offsets = Array.from({ length: count }, (_, index) =>
      Number(view.getBigUint64(8 * (index + 1), true)),
    );
    const decoder = new TextDecoder();
    const part = (index) =>
      JSON.parse(decoder.decode(new Uint8Array(data, offsets[index], offsets[index + 1] - offsets[index])));
    return { header: part(1), parent_header: part(2), metadata: part(3), content: part(4) };
  }

  addEventListener("pagehide", () => {
    for (const kernel of [...all]) {
      kernel.close();
    }
    idle.length = 0;
  });

  window.interleaved.kernels = { acquire, check, isNowhere, warm, Unavailable };
})();
// Runs a listing's module in the reader's own browser (the Rust module `programs`
// says what that is). Each of its threads is a worker, started here, as
// `programs/thread.js`; they share one memory. What they print comes through a
// ring that they share with the page. Gives messages and replies of the form in
// which a kernel does. Knows nothing of the page.

"use strict";

(() => {
  const { Unavailable } = window.interleaved.kernels;
  const RUNS = "application/vnd.interleaved.runs+json";

  /// What a program may use; elsewhere it is runner's `Limits` that say so.
  const SECONDS = 60;
  const OUTPUT = 8 << 20;
  const THREADS = 128;

  /// Of many runs, how many are going on at the same time; and how many where they
  /// turn out to sleep or wait for long.
  const AT_ONCE = 4;
  const AT_ONCE_WAITING = 16;

  /// When to look whether they do, in milliseconds.
  const LONG = 500;

  /// The most text of different outcomes that is kept, in characters.
  const KEPT = 4 << 20;

  /// How often to look whether a program is stuck, in milliseconds; and how often
  /// in a row it must be.
  const LOOK = 25;
  const STUCK = 4;

  /// How many workers wait for their next thread, at most.
  const SPARE = 32;

  /// How much larger than it was at first a memory may be to be used again.
  const GROWN = 16 << 20;

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

  function startWorker(script) {
    return new Worker(script);
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
      this.script = new URL("thread.js", address).href;
      this.module = module;
      this.initial = initial;
      this.maximum = maximum;
      /// Memories that no thread uses any more.
      this.memories = [];
    }

    takeMemory() {
      const memory = this.memories.pop();
      if (memory) {
        new Uint8Array(memory.buffer).fill(0);
        return memory;
      }
      const { initial, maximum } = this;
      try {
        return new WebAssembly.Memory({ initial, maximum, shared: true });
      } catch {
        throw new Unavailable("not-loaded", "The browser has no room for the program’s memory: close other tabs, or try again.");
      }
    }

    giveMemory(memory) {
      if (memory.buffer.byteLength <= this.initial * 65_536 + GROWN && this.memories.length < AT_ONCE) {
        this.memories.push(memory);
      }
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
    constructor(module, told) {
      this.module = module;
      this.told = told;
      this.memory = module.takeMemory();
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
        this.workers.delete(worker);
        giveWorker(worker);
        this.giveMemoryBack();
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
      this.mayReuseMemory = areDone;
      for (const worker of areDone ? [] : this.workers) {
        if (worker !== last) {
          worker.terminate();
          this.workers.delete(worker);
        }
      }
      this.giveMemoryBack();
      this.resolve({ ending, seconds: (performance.now() - this.started) / 1000 });
    }

    giveMemoryBack() {
      if (this.mayReuseMemory && this.workers.size === 0) {
        this.mayReuseMemory = false;
        this.module.giveMemory(this.memory);
      }
    }

    fail(event) {
      event.preventDefault?.();
      this.end({ kind: "stopped" });
      this.reject(new Unavailable("not-loaded", `The browser could not start a thread${event.message ? `: ${event.message}` : ""}.`));
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
      const module = await Module.load(this.address);
      return runs === 1 ? this.once(module, handle) : this.many(module, runs, handle);
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
      const more = setTimeout(() => {
        if (tally.done === 0) {
          lines.push(...Array.from({ length: AT_ONCE_WAITING - AT_ONCE }, inTurn));
        }
      }, LONG);
      // There may be more of them by the time that the first are done.
      for (let line = lines.shift(); line; line = lines.shift()) {
        await line;
      }
      clearTimeout(more);
      show();
      return { metadata: { interleaved: { seconds: (performance.now() - started) / 1000 } } };
    }

    async run(module, told) {
      if (this.isStopped) {
        return { ending: { kind: "stopped" }, seconds: 0 };
      }
      const run = new Run(module, told);
      this.going.add(run);
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
  async function isolate(address, again) {
    if (crossOriginIsolated) {
      return;
    }
    const isSecond = stored(RELOADED_FOR) !== null;
    forget(RELOADED_FOR);
    if (isSecond || !(await register(address))) {
      throw new Unavailable("no-threads", "This browser doesn’t let a page’s threads share memory.");
    }
    store(RELOADED_FOR, JSON.stringify({ ...again, path: location.pathname }));
    location.reload();
    await new Promise(() => {});
  }

  /// Has the site's service worker at work. Tells whether there is one.
  async function register(address) {
    if (!isSecureContext || !navigator.serviceWorker) {
      return false;
    }
    try {
      const root = new URL("..", new URL(address, location.href));
      await navigator.serviceWorker.register(new URL("service-worker.js", root), { scope: root.href });
      await navigator.serviceWorker.ready;
      return true;
    } catch {
      // The reader, or the host, wants none.
      return false;
    }
  }

  /// What this page was loaded again for, if it was.
  function reloadedFor() {
    if (!crossOriginIsolated) {
      return null;
    }
    const again = JSON.parse(stored(RELOADED_FOR) ?? "null");
    forget(RELOADED_FOR);
    return again?.path === location.pathname ? again : null;
  }

  /// Has all that is needed ready for a reader who is about to press Run.
  function warm(address) {
    if (!crossOriginIsolated) {
      register(address);
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

  function stored(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function store(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // Then Run must be pressed once more.
    }
  }

  function forget(key) {
    try {
      sessionStorage.removeItem(key);
    } catch {
      // Then it was never there.
    }
  }

  window.interleaved.here = { Here, isolate, register, reloadedFor, warm };
})();
// How a program ended, in words. What there is to say: runner's `Ending`,
// the engine's, and the kernel's for a program that was never built.

"use strict";

(() => {
  const SIGNALS = {
    4: "SIGILL",
    6: "SIGABRT: it aborted",
    7: "SIGBUS",
    8: "SIGFPE",
    9: "SIGKILL",
    11: "SIGSEGV: often a stack that overflowed",
  };

  /// Without a time: `Returned`.
  function sentence(ending) {
    switch (ending?.kind) {
      case "returned":
        return "Returned";
      case "exited":
        return `Exited with code ${ending.code}`;
      case "panicked":
        return ending.message ? `main panicked: ${window.interleaved.direction.named(ending.message)}` : "main panicked";
      case "signalled":
        return `Killed by signal ${ending.signal}${SIGNALS[ending.signal] ? ` (${SIGNALS[ending.signal]})` : ""}`;
      case "deadlocked":
        return deadlocked(ending.threads);
      case "aborted":
        return ending.message ? `Aborted: ${window.interleaved.direction.named(ending.message)}` : "Aborted";
      case "never-ends":
        return "Goes on forever";
      case "stopped":
        return "Stopped";
      case "over-limit":
        return `Stopped: it ${overLimit(ending.limit)}`;
      case "rejected":
        return "Does not compile";
      case "not-built":
        return "Could not be built";
      default:
        return "Ended";
    }
  }

  /// What comes after "then", for an ending that the engine found: "main
  /// returns".
  function clause(ending) {
    switch (ending.kind) {
      case "returned":
        return "main returns";
      case "exited":
        return `the program exits with code ${ending.code}`;
      case "panicked":
        return ending.message ? `main panics: ${window.interleaved.direction.named(ending.message)}` : "main panics";
      case "aborted":
        return "the program aborts";
      case "deadlocked":
        return "every thread waits forever: a deadlock";
      default:
        return "it goes on forever";
    }
  }

  /// The registry's word for an ending that the engine found: "exits 3".
  function registered({ kind, code }) {
    const words = { returned: "returns", exited: `exits ${code}`, panicked: "panics", deadlocked: "deadlocks", "never-ends": "never ends" };
    return words[kind] ?? "aborts";
  }

  /// The ending that the registry calls so; of a panic, with any message.
  function fromRegistry(word) {
    const kinds = { returns: "returned", panics: "panicked", deadlocks: "deadlocked", "never ends": "never-ends" };
    return kinds[word] ? { kind: kinds[word] } : { kind: "exited", code: Number(word.replace("exits ", "")) };
  }

  /// The engine's ending for that of a real run; `null` where something else than
  /// the program brought it about.
  function ofEngine({ kind, code, signal }) {
    if (kind === "signalled") {
      return signal === 6 ? { kind: "aborted" } : null;
    }
    return ["returned", "exited", "panicked", "deadlocked"].includes(kind) ? { kind, code } : null;
  }

  function deadlocked(threads) {
    if (threads === undefined) {
      return "Deadlock";
    }
    return threads === 1
      ? "Deadlock: its only thread is blocked"
      : `Deadlock: all ${threads} threads are blocked`;
  }

  function overLimit(limit) {
    const allowed = Number(limit?.allowed);
    switch (limit?.bound) {
      case "wall-clock":
        return `ran for more than ${allowed} s`;
      case "memory":
        return `used more than ${bytes(allowed)} of memory`;
      case "processes":
        return `had more than ${allowed} processes`;
      case "threads":
        return `had more than ${allowed} threads`;
      case "output":
        return `printed more than ${bytes(allowed)}`;
      case "file":
        return `wrote more than ${bytes(allowed)} to a file`;
      default:
        return "hit a limit";
    }
  }

  /// `Returned after 3 ms`.
  function withTime(ending, seconds) {
    const text = sentence(ending);
    const took = duration(seconds);
    switch (ending?.kind) {
      case "deadlocked":
        return `${text} (found after ${took})`;
      case "over-limit":
      case "rejected":
      case "not-built":
        return text;
      default:
        return `${text} after ${took}`;
    }
  }

  function duration(seconds) {
    if (!(seconds >= 0.001)) {
      return "less than 1 ms";
    }
    if (seconds < 0.9995) {
      return `${Math.round(seconds * 1000)} ms`;
    }
    return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  }

  function bytes(count) {
    if (count >= 1 << 30) return `${Math.round(count / (1 << 30))} GiB`;
    if (count >= 1 << 20) return `${Math.round(count / (1 << 20))} MiB`;
    return `${Math.round(count / 1024)} KiB`;
  }

  window.interleaved.endings = { sentence, clause, registered, fromRegistry, ofEngine, withTime, duration };
})();
// Shows one run: lines as the program prints them, stdout apart from stderr,
// then how it ended.

"use strict";

(() => {
  /// Endings after which the output is whole.
  const ENDED = new Set(["returned", "exited", "panicked", "deadlocked"]);

  /// Whether the reader was told what the server's machine doesn't bound.
  let saidWhatIsLacking = false;

  class OutputView {
    constructor(element) {
      this.element = element;
      this.label = document.createElement("p");
      this.label.className = "listing-label";
      this.label.textContent = "Your run";
      this.samp = document.createElement("samp");
      this.pre = document.createElement("pre");
      this.pre.className = "transcript";
      this.pre.append(this.samp);
      this.ending = document.createElement("p");
      this.ending.className = "ending";
      this.pending = [];
      this.timer = null;
      this.nextFlush = 0;
      this.lines = 0;
      element.replaceChildren(this.label, this.pre, this.ending);
      this.started = performance.now();
      this.tick();
    }

    // Seconds pass visibly, but aren't read out.
    tick() {
      const seconds = (performance.now() - this.started) / 1000;
      const time = seconds < 1 ? "" : ` ${Math.floor(seconds)} s`;
      this.ending.dataset.kind = "running";
      this.ending.textContent = `Running…${time}`;
      this.ticking = setTimeout(() => this.tick(), 1000);
    }

    handle(message) {
      switch (message.header.msg_type) {
        case "stream":
          return this.stream(message);
        case "error":
          return this.error(message.content);
      }
    }

    stream({ content, metadata }) {
      if (metadata?.interleaved?.from === "rustc") {
        this.warn(content.text);
        return;
      }
      this.lines += content.text.split("\n").length - 1;
      this.pending.push(content);
      const wait = this.nextFlush - performance.now();
      if (wait <= 0) {
        this.flush();
      } else {
        this.timer ??= setTimeout(() => this.flush(), wait);
      }
    }

    // The first line is shown at once. A flood isn't: the more there is to lay
    // out, the longer it takes, and the page must stay usable.
    flush() {
      clearTimeout(this.timer);
      this.timer = null;
      const started = performance.now();
      const atEnd = this.pre.scrollTop + this.pre.clientHeight >= this.pre.scrollHeight - 4;
      for (const { name, text } of this.pending) {
        this.append(name, text);
      }
      this.pending = [];
      if (atEnd) {
        this.pre.scrollTop = this.pre.scrollHeight;
      }
      scrollable(this.pre, "Output");
      const ended = performance.now();
      this.nextFlush = ended + Math.max(30, 5 * (ended - started));
    }

    append(stream, text) {
      // A panic message opens with an empty line.
      if (stream === "stderr" && !this.samp.hasChildNodes()) {
        text = text.replace(/^\n+/, "");
      }
      const last = this.samp.lastElementChild;
      const piece = last?.dataset.stream === stream ? last : this.piece(stream);
      piece.append(window.interleaved.ansi.toFragment(text));
    }

    piece(stream) {
      const piece = document.createElement("span");
      piece.className = stream;
      piece.dataset.stream = stream;
      // Not by its colour alone.
      const otherBefore = this.samp.hasChildNodes();
      if (stream === "stderr" || otherBefore) {
        const name = document.createElement("span");
        name.className = "visually-hidden";
        name.textContent = stream === "stderr" ? "Standard error: " : "Standard output: ";
        piece.append(name);
      }
      this.samp.append(piece);
      return piece;
    }

    warn(text) {
      this.note("The compiler warns", text);
    }

    note(heading, text) {
      const details = document.createElement("details");
      details.className = "listing-warnings";
      const summary = document.createElement("summary");
      summary.textContent = heading;
      details.append(summary, words(text));
      this.pre.before(details);
    }

    error({ ename, evalue, traceback }) {
      if (ename === "CompileError") {
        this.label.textContent = "What rustc says";
        const pre = words(traceback.join("\n"));
        this.pre.replaceWith(pre);
        this.pre = pre;
        scrollable(pre, "What rustc says");
      } else if (ename === "BuildError" || ename === "RunError") {
        this.sentence = evalue;
      }
    }

    /// `outcomes`, where they are known, say which of them this was.
    finish(reply, outcomes) {
      clearTimeout(this.ticking);
      if (this.pending.length > 0) {
        this.flush();
      }
      const { ending, seconds, build, lacks } = reply.metadata?.interleaved ?? {};
      if (lacks?.length > 0 && !saidWhatIsLacking) {
        saidWhatIsLacking = true;
        this.note("Not all of a program is bounded on this machine", lacks.join("\n"));
      }
      const text = this.sentence ?? window.interleaved.endings.withTime(ending, seconds);
      this.ending.dataset.kind = ending?.kind ?? "failed";
      this.ending.textContent = text;
      if (build && !build.cached && ending?.kind !== "rejected") {
        const note = document.createElement("span");
        note.className = "ending-note";
        note.textContent = ` · compiled in ${window.interleaved.endings.duration(build.seconds)}`;
        this.ending.append(note);
      }
      if (!this.samp.hasChildNodes() && this.pre.contains(this.samp)) {
        this.pre.remove();
        this.label.textContent = "Your run printed nothing";
      }
      this.ended = ending;
      this.learn(outcomes);
      const printed = this.lines === 1 ? "1 line" : `${this.lines} lines`;
      return ending?.kind === "rejected" ? text : `${text}. ${printed} printed.`;
    }

    /// What the program has written to standard output.
    printed() {
      return [...this.samp.querySelectorAll('[data-stream="stdout"]')]
        .map((piece) => [...piece.childNodes].filter((node) => !node.classList?.contains("visually-hidden")))
        .flatMap((nodes) => nodes.map((node) => node.textContent))
        .join("");
    }

    /// Says which of the possible outputs this was, once they are known.
    learn(outcomes) {
      const printed = this.printed();
      const rank = outcomes && ENDED.has(this.ended?.kind) ? outcomes.rank(printed) : null;
      if (rank !== null && !this.isPlaced) {
        this.isPlaced = true;
        const { grouped } = window.interleaved.outcomes;
        const note = document.createElement("span");
        note.className = "ending-note";
        note.textContent =
          outcomes.count === 1n
            ? " · the only possible output"
            : ` · output ${grouped(rank + 1n)} of ${grouped(outcomes.count)} possible`;
        this.ending.append(note);
      }
    }

    abandon() {
      clearTimeout(this.ticking);
      if (this.pending.length > 0) {
        this.flush();
      }
    }
  }

  function words(text) {
    const pre = document.createElement("pre");
    pre.className = "transcript rustc";
    const samp = document.createElement("samp");
    samp.append(window.interleaved.ansi.toFragment(text.replace(/\n+$/, "")));
    pre.append(samp);
    return pre;
  }

  /// What scrolls must be reachable with the keyboard.
  function scrollable(pre, label) {
    const overflows = pre.scrollHeight > pre.clientHeight + 1 || pre.scrollWidth > pre.clientWidth + 1;
    if (overflows) {
      pre.tabIndex = 0;
      pre.setAttribute("role", "region");
      pre.setAttribute("aria-label", label);
    } else {
      pre.removeAttribute("tabindex");
      pre.removeAttribute("role");
      pre.removeAttribute("aria-label");
    }
  }

  window.interleaved.OutputView = OutputView;
  window.interleaved.scrollable = scrollable;
})();
// What to do on a page that can't run programs: the static site, a file, or a
// server that is gone.

"use strict";

(() => {
  const TITLES = {
    "no-server": "Run needs the book's own server",
    "no-token": "Run needs the book's own server",
    "bad-token": "This page is from an earlier start of the server",
    "no-answer": "The server doesn't answer",
    edited: "An edited listing needs a compiler",
    needs: "This listing can’t run in a browser",
    "no-threads": "This browser can’t run the listing",
    "not-loaded": "The listing could not be run",
    lost: "The connection to the server was lost",
    failed: "The server can't run this now",
  };

  /// An explanation of why Run did nothing, and what does.
  function help(reason, message, source) {
    const panel = document.createElement("div");
    panel.className = "help";
    panel.append(paragraph("help-title", TITLES[reason] ?? TITLES.failed));
    const add = (...parts) => panel.append(paragraph("", ...parts));

    if (reason === "bad-token") {
      add("Open the address that the terminal printed. It ends in ", code("#token=…"), ".");
    } else if (reason === "no-answer" || reason === "lost") {
      add("Is ", code("cargo run"), " still running? Start it again, and open the address that it prints.");
    } else if (reason === "failed" || reason === "not-loaded") {
      add(message);
    } else if (reason === "edited") {
      add("This page runs the listing as it stands in the book. To run what you have made of it, use your own machine. With a Rust toolchain, in a clone of the book's repository:");
      panel.append(command(commandLine()));
    } else if (reason === "needs" || reason === "no-threads") {
      add(message, " On your own machine it runs. With a Rust toolchain, in a clone of the book's repository:");
      panel.append(command(commandLine()));
    } else {
      if (isLoopback()) {
        add(
          "If ",
          code("cargo run"),
          " sent you this page, open the very address that it printed: it ends in ",
          code("#token=…"),
          ".",
        );
      }
      add("This page can't run programs by itself. On your own machine it can. With a Rust toolchain, in a clone of the book's repository:");
      panel.append(command(commandLine()));
    }
    add("Or ", playgroundLink(source), ", on a machine of the Rust project's.");
    return panel;
  }

  function commandLine() {
    const repository = document.querySelector('.right-buttons a[aria-label="Git repository"]')?.href;
    if (!repository) {
      return "cargo run";
    }
    const folder = repository.replace(/\/+$/, "").replace(/\.git$/, "").split("/").pop();
    return `git clone ${repository}\ncd ${folder}\ncargo run`;
  }

  function command(text) {
    const box = document.createElement("div");
    box.className = "help-command";
    const pre = document.createElement("pre");
    pre.append(code(text));
    const copy = document.createElement("button");
    copy.type = "button";
    copy.className = "listing-button";
    copy.textContent = "Copy";
    copy.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(pre);
      }
    });
    box.append(pre, copy);
    return box;
  }

  function playgroundLink(source) {
    const query = new URLSearchParams({
      version: "stable",
      mode: "debug",
      edition: "2024",
      code: source,
    });
    const link = document.createElement("a");
    link.href = `https://play.rust-lang.org/?${query}`;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    link.textContent = "open this listing in the Rust Playground";
    return link;
  }

  function isLoopback() {
    return ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  }

  function paragraph(className, ...parts) {
    const element = document.createElement("p");
    if (className) {
      element.className = className;
    }
    element.append(...parts);
    return element;
  }

  function code(text) {
    const element = document.createElement("code");
    element.textContent = text;
    return element;
  }

  window.interleaved.help = help;
})();
// Makes the page's elements. Text is only ever text: nothing here reads HTML.

"use strict";

(() => {
  /// `element("p", { className: "note" }, "Some ", strong)`. An attribute that is
  /// a property of the element is set as one; a function listens.
  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (typeof value === "function") {
        made.addEventListener(name, value);
      } else if (name.startsWith("aria-") || name === "role") {
        made.setAttribute(name, value);
      } else if (name.startsWith("data-")) {
        made.setAttribute(name, value);
      } else {
        made[name] = value;
      }
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  }

  function button(text, click, attributes = {}) {
    const { className = "", ...others } = attributes;
    return element("button", { type: "button", className: `listing-button ${className}`, click, ...others }, text);
  }

  /// The parts of a sentence, in which a comma or a full stop behind a link stays
  /// on its line: a button would let it go.
  function sentence(parts) {
    const made = [];
    for (const part of parts.filter((part) => part !== "")) {
      const [punctuation] = typeof part === "string" ? /^[.,;:)]*/.exec(part) : [""];
      const last = made[made.length - 1];
      if (punctuation && last instanceof Element) {
        made[made.length - 1] = element("span", { className: "unbroken" }, last, punctuation);
        made.push(part.slice(punctuation.length));
      } else {
        made.push(part);
      }
    }
    return made;
  }

  function hidden(text) {
    return element("span", { className: "visually-hidden" }, text);
  }

  const SVG = "http://www.w3.org/2000/svg";

  function svg(tag, attributes = {}, ...children) {
    const made = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(attributes)) {
      made.setAttribute(name, value);
    }
    made.append(...children);
    return made;
  }

  /// Scrolls there, gently unless the reader wants nothing to move.
  function reveal(place, block) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    place.scrollIntoView({ block, behavior: still ? "auto" : "smooth" });
  }

  /// How many colours there are for threads.
  const COLOURS = 6;

  /// The class that gives an element its thread's colour, as `--thread`.
  function colour(thread) {
    return `thread-${thread % COLOURS}`;
  }

  /// A dot in the thread's colour: hollow if it is blocked.
  function dot(thread, kind = "") {
    return element("span", { className: `thread-dot ${kind} ${colour(thread)}`, "aria-hidden": "true" });
  }

  window.interleaved.elements = { element, button, sentence, hidden, svg, reveal, colour, dot };
})();
// How far the reader has come in the book. It stays in this browser: for each
// chapter, what is done there and how much there is to do.

"use strict";

(() => {
  // Another book may be at the same origin.
  const root = typeof path_to_root === "string" ? new URL(path_to_root || ".", location.href).pathname : "";
  const KEY = `interleaved-progress:${root}`;

  /// What is known where there is no store.
  let unstored = null;

  /// `{ chapters: { "/deadlock.html": { done: ["quiz two-locks"], of: 5 } }, last }`;
  /// `last` is where the reader was: `{ address, title }`.
  function read() {
    if (unstored) {
      return unstored;
    }
    try {
      return { chapters: {}, ...JSON.parse(localStorage.getItem(KEY)) };
    } catch {
      return { chapters: {} };
    }
  }

  /// Other pages may have written in the meantime, so what is there is read anew.
  function change(changes) {
    const all = read();
    changes(all);
    try {
      localStorage.setItem(KEY, JSON.stringify(all));
    } catch {
      // No store: then it is known as long as the page is open.
      unstored = all;
    }
    return all;
  }

  function chapter(all, page = location.pathname) {
    return (all.chapters[page] ??= { done: [], of: 0 });
  }

  /// Whether this was done here: "quiz two-locks".
  function isDone(what) {
    return chapter(read()).done.includes(what);
  }

  function set(what, isDone) {
    change((all) => {
      const here = chapter(all);
      here.done = here.done.filter((other) => other !== what);
      if (isDone) {
        here.done.push(what);
      }
    });
    document.dispatchEvent(new CustomEvent("interleaved:progress"));
  }

  window.interleaved.progress = { root, read, change, chapter, isDone, set };
})();
// The states that a small program can be in, as the engine found them
// (`Packed` in outcomes-protocol): walking them, telling a path as a story,
// counting and ordering the outputs, and whether an output is among them. It
// answers as the engine does (outcomes-graph); tests/browser/graph.test.mjs
// holds the two against each other. Knows nothing of the page.

"use strict";

(() => {
  /// Sets of states kept while the graph is made deterministic.
  const NODE_LIMIT = 100_000;

  /// Beyond so many arrivals at places on the way to an output, of several equally
  /// good ones one is kept.
  const ARRIVALS = 1 << 21;

  /// Stands for itself and all above: the engine counts with 128 bits.
  const MOST = 2n ** 128n - 1n;

  /// The longest path that a schedule may name, for one may come with a link: no
  /// shortest one is longer.
  const LONGEST = 50_000;

  const NEVER = { kind: "never-ends" };

  class Graph {
    constructor(packed) {
      this.packed = packed;
      this.endings = packed.endings;
      this.byState = unpack(packed);
      this.edges = this.byState.flat();
      this.never = neverEnding(this);
    }

    /// What can happen in a state, in the order of its choices.
    edgesOf(state) {
      return this.byState[state];
    }

    /// Where a path leads: a state, or `null` at its end.
    endOf(path) {
      return path.length === 0 ? 0 : path[path.length - 1].to;
    }

    /// The path of a schedule, as the engine writes it: `[view] 1*3 2 time`. A
    /// program that is stuck at its end takes the last edge by itself. `null` if
    /// the schedule is another program's.
    follow(schedule) {
      const path = [];
      for (const word of schedule.replace(/^\s*\[[^\]]*\]/, "").split(/\s+/)) {
        if (word === "" || word === "forever") {
          continue;
        }
        const [step, times = "1"] = word.split("*");
        for (let time = 0; time < Number(times); time += 1) {
          const state = this.endOf(path);
          const edge = state === null ? undefined : this.edgesOf(state).find((edge) => edge.step === step);
          if (!edge || path.length >= LONGEST) {
            return null;
          }
          path.push(edge);
        }
      }
      return schedule.endsWith("forever") ? path : this.settled(path);
    }

    /// The schedule of a path, as `follow` takes it.
    scheduleOf(path) {
      const runs = [];
      for (const { step } of path.filter(({ step }) => step !== null)) {
        const last = runs[runs.length - 1];
        if (last?.step === step) {
          last.times += 1;
        } else {
          runs.push({ step, times: 1 });
        }
      }
      return runs.map(({ step, times }) => (times === 1 ? step : `${step}*${times}`)).join(" ");
    }

    /// The path, gone on with what nobody chooses: the end of a program that
    /// is stuck.
    settled(path) {
      const state = this.endOf(path);
      const edges = state === null ? [] : this.edgesOf(state);
      const stuck = edges.length > 0 && edges.every((edge) => edge.choice === null || edge.spurious);
      return stuck ? [...path, edges.find((edge) => edge.choice === null)] : path;
    }

    textOf(path) {
      return path.map((edge) => edge.text).join("");
    }

    /// How a path ends; `null` if it doesn't.
    endingOf(path) {
      const last = path[path.length - 1];
      if (last && last.ending !== null) {
        return this.endings[last.ending];
      }
      return this.never[this.endOf(path)] ? NEVER : null;
    }

    /// Whether the program can print this text and then end, in this way if it
    /// is given. If so, by a best path: see `Ways`; if not, how much of it can be
    /// printed at most, by which path, and what could come then. The path may
    /// have to begin as another one does, `prefix`, which prints what the text
    /// begins with.
    find(text, ending, prefix = []) {
      const accepts = (other, position) => position === text.length && (!ending || isEnding(other, ending));
      let furthest = 0;
      let instead = new Map();
      let last = null;
      const reach = (position, node, edge = null) => {
        if (position > furthest) {
          furthest = position;
          instead = new Map();
          last = { node, edge };
        }
      };
      const couldCome = (edge, position, item) => {
        if (position === furthest) {
          const key = JSON.stringify([item.text, item.ending]);
          const known = instead.get(key) ?? { ...item, threads: new Set() };
          instead.set(key, known);
          if (edge.thread !== null) {
            known.threads.add(edge.thread);
          }
        }
      };
      const start = { state: this.endOf(prefix), position: this.textOf(prefix).length };
      if (start.state === null) {
        const last = this.endingOf(prefix);
        return { possible: accepts(last, start.position), path: prefix, ending: last, prefix: text, instead: [] };
      }
      const ways = new Ways(start);
      const known = new Map([[`${start.state}:${start.position}`, ways.start]]);
      const end = ways.add(null);
      for (let here = ways.next(); here; here = ways.next()) {
        if (here === end) {
          const path = [...prefix, ...ways.to(end)];
          return { possible: true, path, ending: this.endings[path[path.length - 1].ending] };
        }
        const { state, position } = here.place;
        reach(position, here);
        if (this.never[state] && accepts(NEVER, position)) {
          return { possible: true, path: [...prefix, ...ways.to(here)], ending: NEVER };
        }
        for (const edge of [...this.edgesOf(state)].reverse()) {
          if (!text.startsWith(edge.text, position)) {
            couldCome(edge, position, { text: edge.text });
            continue;
          }
          const after = position + edge.text.length;
          if (edge.to !== null) {
            const key = `${edge.to}:${after}`;
            const to = known.get(key) ?? ways.add({ state: edge.to, position: after });
            known.set(key, to);
            ways.reach(here, to, edge);
          } else if (accepts(this.endings[edge.ending], after)) {
            ways.reach(here, end, edge);
          } else {
            reach(after, here, edge);
            couldCome(edge, after, { text: "", ending: this.endings[edge.ending] });
          }
        }
      }
      const path = last ? [...prefix, ...ways.to(last.node), ...(last.edge ? [last.edge] : [])] : prefix;
      return { possible: false, prefix: text.slice(0, furthest), path, instead: [...instead.values()] };
    }

    /// A path to an end, each choice as likely as the others; for a program
    /// that may go on forever, up to `limit` choices.
    randomPath(random = Math.random, limit = 10_000) {
      let path = this.settled([]);
      while (path.length < limit && this.endOf(path) !== null) {
        const edges = this.edgesOf(this.endOf(path));
        path = this.settled([...path, edges[Math.floor(random() * edges.length)]]);
      }
      return path;
    }

    /// Every output, in order; `null` if there is no end of them, or too many
    /// states on the way.
    outputs() {
      if (this.known === undefined) {
        this.known = printsWithoutEnd(this) ? null : Outputs.of(this);
      }
      return this.known;
    }

    /// A path as a story: see `story.js`.
    story(path) {
      const { packed } = this;
      const events = [];
      const tell = (numbers, positions, step) => {
        const first = events.length;
        for (const number of numbers) {
          const label = packed.events[number];
          const index = events.length;
          events.push({
            ...label,
            step,
            with: label.with === undefined ? null : index - label.with,
            starts: label.starts ?? [],
            positions: null,
          });
        }
        if (events.length > first) {
          events[events.length - 1].positions = positions;
        }
      };
      const positionsIn = (state) =>
        state === null ? [] : packed.standings[packed.states[state]].map((number) => packed.positions[number]);
      tell(packed.begin, positionsIn(0), null);
      path.forEach((edge, step) => tell(edge.events, positionsIn(edge.to), step));
      const state = path.length === 0 ? 0 : (path.findLast((edge) => edge.to !== null)?.to ?? 0);
      const ending = this.endingOf(path);
      const left = ending?.kind === "deadlocked" ? positionsIn(state) : [];
      return { threads: packed.threads, objects: packed.objects, events, ending, left };
    }
  }

  /// Ways through a graph: with as few spurious wake-ups as can be, then as
  /// short, then with as few changes from thread to thread. Whoever looks goes on
  /// from each node that `next` gives, by `reach`.
  class Ways {
    constructor(place) {
      this.open = new Heap();
      this.came = 0;
      this.settled = 0;
      this.arrivals = 0;
      this.start = this.add(place);
      Object.assign(this.start, { spurious: 0, length: 0 });
      this.open.push({ spurious: 0, length: 0, came: 0, node: this.start });
    }

    /// One more node, not reached yet.
    add(place) {
      return { place, spurious: Infinity, length: Infinity, arrivals: [], settled: null };
    }

    /// One node can be reached from another that was settled.
    reach(from, to, edge) {
      const chosen = edge.choice !== null;
      const spurious = from.spurious + Number(chosen && edge.spurious);
      const length = from.length + Number(chosen);
      const isBetter = spurious < to.spurious || (spurious === to.spurious && length < to.length);
      const isAsGood = spurious === to.spurious && length === to.length && to.settled === null && to !== this.start;
      if (!isBetter && !(isAsGood && this.arrivals < ARRIVALS)) {
        return;
      }
      this.arrivals += 1;
      to.arrivals = [{ from, edge }, ...(isBetter ? [] : to.arrivals)];
      if (isBetter) {
        this.came += 1;
        Object.assign(to, { spurious, length });
        this.open.push({ spurious, length, came: this.came, node: to });
      }
    }

    /// The nearest node that was not settled yet, which now is; `null` if there
    /// is none.
    next() {
      for (let open = this.open.pop(); open; open = this.open.pop()) {
        if (open.node.settled === null) {
          open.node.settled = this.settled++;
          return open.node;
        }
      }
      return null;
    }

    /// A best path to a settled node, of those one with the fewest changes from
    /// thread to thread.
    to(target) {
      const stretches = new Map([[this.start, [{ last: null, changes: 0, edge: null, before: null }]]]);
      for (const node of this.onTheWayTo(target)) {
        const here = [];
        for (const { from, edge } of node.arrivals) {
          for (const before of stretches.get(from)) {
            const { thread, with: other } = edge;
            const isSame = before.last === null || thread === null || before.last === thread || before.last === other;
            const stretch = { last: thread ?? before.last, changes: before.changes + Number(!isSame), edge, before };
            const known = here.findIndex(({ last }) => last === stretch.last);
            if (known === -1) {
              here.push(stretch);
            } else if (stretch.changes < here[known].changes) {
              here[known] = stretch;
            }
          }
        }
        stretches.set(node, here);
      }
      const path = [];
      let best = stretches.get(target).reduce((best, other) => (other.changes < best.changes ? other : best));
      for (; best.before; best = best.before) {
        path.push(best.edge);
      }
      return path.reverse();
    }

    /// All nodes on best ways to this one but the start, nearest first.
    onTheWayTo(target) {
      const found = new Set([target]);
      for (const node of found) {
        node.arrivals.forEach(({ from }) => found.add(from));
      }
      found.delete(this.start);
      return [...found].sort((a, b) => a.settled - b.settled);
    }
  }

  /// What is open, the nearest on top, and of those the first to come.
  class Heap {
    constructor() {
      this.items = [];
    }

    push(item) {
      const { items } = this;
      let at = items.push(item) - 1;
      for (let parent = (at - 1) >> 1; at > 0 && isNearer(item, items[parent]); parent = (at - 1) >> 1) {
        items[at] = items[parent];
        items[parent] = item;
        at = parent;
      }
    }

    pop() {
      const { items } = this;
      const top = items[0];
      const last = items.pop();
      if (items.length > 0) {
        items[0] = last;
        for (let at = 0; ; ) {
          const [left, right] = [2 * at + 1, 2 * at + 2];
          const child = right < items.length && isNearer(items[right], items[left]) ? right : left;
          if (child >= items.length || !isNearer(items[child], last)) {
            break;
          }
          items[at] = items[child];
          items[child] = last;
          at = child;
        }
      }
      return top;
    }
  }

  function isNearer(a, b) {
    return (a.spurious - b.spurious || a.length - b.length || a.came - b.came) < 0;
  }

  /// Every different output, in order: by line, and what ends first comes first.
  /// Kept as a deterministic graph, so that there may be more of them than could
  /// be listed. A node is all that may be going on once some lines are printed:
  /// states and endings, each with what was printed of the next line.
  class Outputs {
    static of(graph) {
      try {
        return new Outputs(graph);
      } catch (error) {
        if (error instanceof TooMany) {
          return null;
        }
        throw error;
      }
    }

    constructor(graph) {
      this.graph = graph;
      this.endings = [...graph.endings, NEVER];
      this.byItems = new Map();
      this.byClosure = new Map();
      this.start = this.make([{ state: 0, ending: null, part: "" }]);
      this.count = this.start.count;
    }

    /// The node for these items, after all that come behind it: as a recursion,
    /// on a list.
    make(items) {
      const path = [];
      let done = this.enter(items, path);
      while (path.length > 0) {
        const open = path[path.length - 1];
        if (done) {
          open.node.next.push({ line: open.line, node: done });
        }
        const todo = open.todo.pop();
        if (todo) {
          open.line = todo.line;
          done = this.enter(todo.items, path);
        } else {
          path.pop();
          done = this.finish(open);
        }
      }
      return done;
    }

    /// The node for these items; or `null`, and it comes onto the path.
    enter(items, path) {
      const name = nameOf(items);
      const known = this.byItems.get(name);
      if (known) {
        return known;
      }
      const { ends, next } = this.close(items);
      const todo = [...next].map(([line, items]) => ({ line, items, name: nameOf(items) }));
      // Taken from the end, so the least line must be last.
      todo.sort((a, b) => byText(b.line, a.line));
      const closure = JSON.stringify([ends.map(({ part, number }) => [part, number]), todo.map(({ line, name }) => [line, name])]);
      const same = this.byClosure.get(closure);
      if (same) {
        this.byItems.set(name, same);
        return same;
      }
      if (this.byClosure.size + path.length >= NODE_LIMIT) {
        throw new TooMany();
      }
      path.push({ node: { ends, next: [], count: 0n }, name, closure, todo, line: "" });
      return null;
    }

    /// Follows everything that completes no line: how it can end, and what can
    /// be reached by each line.
    close(items) {
      const ends = new Map();
      const next = new Map();
      const seen = new Set(items.map(nameOfItem));
      const open = [...items];
      const end = (part, number) => ends.set(`${number}:${part}`, { part, number, ending: this.endings[number] });
      while (open.length > 0) {
        const { state, ending, part } = open.pop();
        const newline = part.indexOf("\n");
        if (newline !== -1) {
          const line = part.slice(0, newline + 1);
          const behind = next.get(line) ?? [];
          next.set(line, behind);
          behind.push({ state, ending, part: part.slice(newline + 1) });
        } else if (state === null) {
          end(part, ending);
        } else {
          if (this.graph.never[state]) {
            end(part, this.endings.length - 1);
          }
          for (const edge of this.graph.edgesOf(state)) {
            const item = { state: edge.to, ending: edge.ending, part: part + edge.text };
            const name = nameOfItem(item);
            if (!seen.has(name)) {
              seen.add(name);
              open.push(item);
            }
          }
        }
      }
      const ordered = [...ends.values()].sort((a, b) => byText(a.part, b.part) || byEnding(a.ending, b.ending));
      return { ends: ordered, next };
    }

    finish({ node, name, closure }) {
      const sum = node.next.reduce((sum, { node }) => sum + node.count, BigInt(node.ends.length));
      node.count = atMost(sum);
      this.byItems.set(name, node);
      this.byClosure.set(closure, node);
      return node;
    }

    /// The output with this number, a BigInt counted from 0; `null` if there are
    /// not so many.
    nth(number) {
      if (number >= this.count) {
        return null;
      }
      let node = this.start;
      let text = "";
      while (number >= BigInt(node.ends.length)) {
        number -= BigInt(node.ends.length);
        const found = node.next.find(({ node }) => {
          const isHere = number < node.count;
          number -= isHere ? 0n : node.count;
          return isHere;
        });
        text += found.line;
        node = found.node;
      }
      const { part, ending } = node.ends[Number(number)];
      return { text: text + part, ending };
    }

    /// The number of an output, counted from 0; `null` if it is none. Without
    /// an ending, that of the first with this text.
    rank(text, ending) {
      let node = this.start;
      let rank = 0n;
      let rest = text;
      for (let newline = rest.indexOf("\n"); newline !== -1; newline = rest.indexOf("\n")) {
        const line = rest.slice(0, newline + 1);
        rest = rest.slice(newline + 1);
        const index = node.next.findIndex((one) => one.line === line);
        if (index === -1) {
          return null;
        }
        const before = node.next.slice(0, index).reduce((sum, { node }) => sum + node.count, 0n);
        rank += BigInt(node.ends.length) + before;
        node = node.next[index].node;
      }
      const index = node.ends.findIndex((end) => end.part === rest && (!ending || byEnding(end.ending, ending) === 0));
      return index === -1 ? null : atMost(rank + BigInt(index));
    }
  }

  function nameOfItem({ state, ending, part }) {
    return `${state ?? `e${ending}`}:${part}`;
  }

  /// The same for the same items in another order.
  function nameOf(items) {
    return JSON.stringify(items.map(nameOfItem).sort());
  }

  function atMost(number) {
    return number < MOST ? number : MOST;
  }

  /// The order of texts in UTF-8: by character, not by unit of UTF-16.
  function byText(a, b) {
    const length = Math.min(a.length, b.length);
    for (let index = 0; index < length; index += 1) {
      const difference = a.codePointAt(index) - b.codePointAt(index);
      if (difference !== 0) {
        return difference;
      }
    }
    return a.length - b.length;
  }

  const KINDS = ["returned", "exited", "panicked", "aborted", "deadlocked", "never-ends"];

  function byEnding(a, b) {
    return (
      KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) ||
      (a.code ?? 0) - (b.code ?? 0) ||
      byText(a.message ?? "", b.message ?? "")
    );
  }

  /// Whether this is the ending that is asked for: a panic without a message
  /// stands for any.
  function isEnding(ending, asked) {
    const isAny = asked.kind === "panicked" && !asked.message;
    return isAny ? ending.kind === "panicked" : byEnding(ending, asked) === 0;
  }

  /// The edges of each state, in the order of its choices.
  function unpack({ counts, to, does, deeds, texts }) {
    let next = 0;
    return counts.map((count, from) => {
      let choice = 0;
      return Array.from({ length: count }, () => {
        const leads = to[next];
        const deed = deeds[does[next]];
        next += 1;
        return {
          from,
          to: leads >= 0 ? leads : null,
          ending: leads < 0 ? -1 - leads : null,
          events: deed.events,
          text: texts[deed.text ?? 0],
          // Nobody chooses that a program is stuck.
          choice: deed.step === undefined ? null : choice++,
          step: deed.step ?? null,
          thread: deed.thread ?? null,
          with: deed.with ?? null,
          spurious: deed.spurious ?? false,
        };
      });
    });
  }

  class TooMany extends Error {}

  function edgesToStates(edges) {
    return edges.filter((edge) => edge.to !== null).map((edge) => edge.to);
  }

  function printsWithoutEnd(graph) {
    const component = components(graph.byState.map(edgesToStates));
    return graph.edges.some(
      (edge) => edge.to !== null && edge.text !== "" && component[edge.from] === component[edge.to],
    );
  }

  /// By state, whether a fair run without output can visit it again and again.
  /// Fair is a run in which who is able again and again goes on some day; time
  /// is treated like a thread. What happens for no reason obliges nobody, and
  /// keeps no run going. By Emerson and Lei's algorithm for such conditions: in
  /// a strongly connected component, whoever is able but never acts must not be
  /// able at all, so the states in which it is are taken away, and what is left
  /// falls into smaller components.
  function neverEnding({ byState }) {
    const obliging = byState.map((edges) => edges.filter((edge) => !edge.spurious && edge.choice !== null));
    const silent = byState.map((edges) => edges.filter((edge) => edge.to !== null && edge.text === "" && !edge.spurious));
    // Who acts: a thread, or time itself, which is `null`.
    const actors = ({ thread, with: other }) => (other === null ? [thread] : [thread, other]);
    const heldUp = (states) => {
      const inside = new Set(states);
      const able = new Set(states.flatMap((state) => obliging[state].flatMap(actors)));
      for (const state of states) {
        for (const edge of silent[state].filter(({ to, choice }) => choice !== null && inside.has(to))) {
          actors(edge).forEach((actor) => able.delete(actor));
        }
      }
      return able;
    };
    // The strongly connected parts of some states that have a cycle.
    const parts = (states) => {
      const places = new Map(states.map((state, index) => [state, index]));
      const next = states.map((state) => silent[state].filter(({ to }) => places.has(to)).map(({ to }) => places.get(to)));
      const members = [];
      components(next).forEach((component, index) => (members[component] ??= []).push(index));
      return members
        .filter((indices) => indices.length > 1 || next[indices[0]].includes(indices[0]))
        .map((indices) => indices.map((index) => states[index]));
    };
    const never = byState.map(() => false);
    const open = parts(byState.map((_, state) => state));
    while (open.length > 0) {
      const states = open.pop();
      const held = heldUp(states);
      if (held.size === 0) {
        states.forEach((state) => (never[state] = true));
      } else {
        open.push(...parts(states.filter((state) => !obliging[state].flatMap(actors).some((actor) => held.has(actor)))));
      }
    }
    return never;
  }

  /// The strongly connected components of a graph, given by where each state
  /// leads: for each state, the number of its component. Tarjan's algorithm, the
  /// recursion on a list.
  function components(next) {
    const order = next.map(() => -1);
    const low = [];
    const component = next.map(() => -1);
    const open = [];
    let seen = 0;
    let found = 0;
    for (let root = 0; root < order.length; root += 1) {
      if (order[root] !== -1) {
        continue;
      }
      const path = [];
      const enter = (state) => {
        order[state] = low[state] = seen++;
        open.push(state);
        path.push({ state, edge: 0 });
      };
      enter(root);
      while (path.length > 0) {
        const top = path[path.length - 1];
        const to = next[top.state][top.edge++];
        if (to !== undefined) {
          if (order[to] === -1) {
            enter(to);
          } else if (component[to] === -1) {
            low[top.state] = Math.min(low[top.state], order[to]);
          }
          continue;
        }
        path.pop();
        const parent = path[path.length - 1];
        if (parent) {
          low[parent.state] = Math.min(low[parent.state], low[top.state]);
        }
        if (low[top.state] === order[top.state]) {
          let member;
          do {
            member = open.pop();
            component[member] = found;
          } while (member !== top.state);
          found += 1;
        }
      }
    }
    return component;
  }

  window.interleaved.Graph = Graph;
})();
// One execution as a story: who did what, in order, in words; which arrows join
// the threads; who waits when. From the engine's `Trace`, or from a path through
// the graph, which has the same fields. Knows nothing of the page.

"use strict";

(() => {
  const { named } = window.interleaved.direction;

  class Story {
    /// `isPrompt` says that the program ran on the prompt clock, so that every
    /// event has its time.
    constructor(trace, isPrompt = false) {
      this.isPrompt = isPrompt;
      this.objects = trace.objects;
      this.ending = trace.ending ?? null;
      this.names = new Map(trace.threads.map((thread) => [thread.thread, nameOf(thread)]));
      this.byPath = new Map(trace.threads.map(({ path, thread }) => [path, thread]));
      this.spawnLines = new Map(trace.threads.map((thread) => [thread.thread, thread.spawned?.line ?? null]));
      this.rows = rowsOf(trace);
      for (const row of this.rows) {
        row.line ??= row.action === "start" ? this.spawnLines.get(row.thread) : null;
      }
      this.lanes = this.findLanes(trace);
      this.arrows = this.findArrows();
      this.waits = this.findWaits();
    }

    name(thread) {
      return this.names.get(thread) ?? `thread ${thread}`;
    }

    /// What was printed up to this row, in pieces: by whom, and what.
    printedUpTo(row) {
      return this.rows
        .slice(0, row + 1)
        .filter((one) => one.text !== "")
        .map(({ thread, text }) => ({ thread, text }));
    }

    /// Where every thread stands after a row.
    positionsAfter(row) {
      for (let index = row; index >= 0; index -= 1) {
        if (this.rows[index].positions) {
          return this.rows[index].positions;
        }
      }
      return [];
    }

    /// What a row says, without its thread's name.
    words(row) {
      return inWords(row, this);
    }

    sentence(row) {
      return `${capital(this.name(row.thread))} ${this.words(row)}`;
    }

    /// The same with its line, and with its time, where there is one.
    told(row) {
      const line = row.line === null ? "" : `, line ${row.line}`;
      // A number stays with its unit.
      const time = this.isPrompt ? `, at ${timeInWords(row.time).replace(" ", "\u00a0")}` : "";
      return `${this.sentence(row)}${line}${time}`;
    }

    /// The rows at which the clock has moved, with the time, the first of all
    /// included; none where there is no clock.
    times() {
      if (!this.isPrompt) {
        return [];
      }
      const times = this.rows.map(({ time }, row) => ({ row, time, words: timeInWords(time) }));
      return times.filter(({ time, row }) => row === 0 || time !== this.rows[row - 1].time);
    }

    /// The threads that took part, with the rows where they begin and end.
    findLanes(trace) {
      const lanes = [];
      for (const { thread } of trace.threads) {
        const first = this.rows.findIndex((row) => row.thread === thread || row.starts.includes(thread));
        if (first === -1 && thread !== 0) {
          continue;
        }
        const last = this.rows.findIndex(
          (row, index) =>
            index >= first && row.positions && !row.positions.some((position) => position.thread === thread),
        );
        const own = this.rows.findLastIndex((row) => row.thread === thread);
        const start = Math.max(0, this.rows.findIndex((row) => row.thread === thread));
        lanes.push({ thread, first: Math.min(start, Math.max(first, 0)), last: last === -1 ? null : Math.max(last, own), own });
      }
      return lanes.sort((a, b) => a.thread - b.thread);
    }

    /// From a send to its receive, from who starts a thread to the thread, from
    /// a thread's last deed to who joins it.
    findArrows() {
      const arrows = [];
      const sent = new Map();
      this.rows.forEach((row, index) => {
        row.closed = row.action === "receive" && row.value === null && row.with === null;
        if (row.with !== null) {
          arrows.push({ kind: "meet", from: row.with, to: index });
        } else if (row.object !== undefined && row.object !== null && !row.otherwise) {
          const queue = sent.get(row.object) ?? [];
          sent.set(row.object, queue);
          if (row.action === "send" && !this.isMet(index)) {
            queue.push(index);
          } else if (row.action === "receive" && queue.length > 0) {
            arrows.push({ kind: "message", from: queue.shift(), to: index });
            row.closed = false;
          }
        }
        for (const thread of row.starts) {
          const start = this.rows.findIndex((other, at) => at > index && other.thread === thread);
          if (start !== -1) {
            arrows.push({ kind: "spawn", from: index, to: start });
          }
        }
        const joined = row.action === "join" && !row.otherwise ? this.byPath.get(row.value) : undefined;
        const last = this.rows.findLastIndex((other, at) => at < index && other.thread === joined);
        if (last !== -1) {
          arrows.push({ kind: "join", from: last, to: index });
        }
      });
      return arrows;
    }

    isMet(index) {
      return this.rows[index + 1]?.with === index;
    }

    /// From which row to which a thread could not go on. `to` is the row where
    /// it does, or `null`.
    findWaits() {
      const waits = [];
      for (const { thread } of this.lanes) {
        let wait = null;
        this.rows.forEach((row, index) => {
          if (wait && row.thread === thread) {
            waits.push({ ...wait, to: index });
            wait = null;
          }
          const position = row.positions?.find((one) => one.thread === thread);
          if (position?.blocked && !wait) {
            wait = { thread, from: index, position };
          } else if (position && !position.blocked && wait) {
            waits.push({ ...wait, to: index });
            wait = null;
          }
        });
        if (wait) {
          waits.push({ ...wait, to: null });
        }
      }
      return waits;
    }
  }

  /// Nanoseconds of the prompt clock: "1.5 s".
  function timeInWords(time) {
    if (time > 0 && time < 1e6) {
      return `${time / 1e3} µs`;
    }
    return time > 0 && time < 1e9 ? `${time / 1e6} ms` : `${time / 1e9} s`;
  }

  /// What a thread is called: by its name, or by the way to it from main.
  function nameOf({ thread, path, name }) {
    return (name && named(name)) ?? (thread === 0 ? "main" : `thread ${path}`);
  }

  /// The events worth a row, with what links them to each other renumbered.
  function rowsOf(trace) {
    const rows = [];
    const numbers = new Map();
    trace.events.forEach((event, index) => {
      const starts = event.starts ?? startedDuring(trace, index);
      const isNoise = isBookkeeping(event, rows) && starts.length === 0 && !event.text && !event.stderr;
      if (isNoise) {
        const last = rows[rows.length - 1];
        if (event.positions?.length > 0 && last) {
          last.positions = event.positions;
        }
        numbers.set(index, rows.length - 1);
        return;
      }
      numbers.set(index, rows.length);
      const isLastOfStep = trace.events[index + 1]?.step !== event.step || event.positions?.length > 0;
      rows.push({
        thread: event.thread,
        action: event.action,
        object: event.object ?? null,
        value: event.value ? named(event.value) : null,
        otherwise: event.otherwise ?? false,
        spurious: event.spurious ?? false,
        text: event.text ?? "",
        stderr: event.stderr ?? "",
        line: event.at?.line ?? null,
        time: event.time ?? 0,
        with: event.with === null || event.with === undefined ? null : numbers.get(event.with),
        starts,
        positions: isLastOfStep ? (event.positions ?? null) : null,
      });
    });
    return rows;
  }

  function startedDuring(trace, index) {
    return trace.threads
      .filter((lane) => lane.parent !== null && lane.started === index)
      .map((lane) => lane.thread);
  }

  /// How the engine sets a program going again, or ends it, is no one's deed.
  function isBookkeeping({ thread, action }, rows) {
    const again = rows.some((row) => row.thread === thread);
    return (action === "start" && again) || (action === "end the process" && again);
  }

  const WORDS = {
    "start": "starts",
    "return from main": "returns",
    "end the process": "ends the program",
    "yield": "lets others go first",
    "sleep": "wakes up",
  };

  function inWords(row, story) {
    const object = row.object === null ? null : story.objects[row.object];
    const starting =
      row.starts.length > 0 ? ` ${and(row.starts.map((thread) => story.name(thread)))}` : "";
    if (row.action === "start") {
      return starting && row.thread === 0 ? `starts, and starts${starting}` : `starts${starting && `, and starts${starting}`}`;
    }
    return deed(row, object, story) + (starting && `, and starts${starting}`);
  }

  function deed(row, object, story) {
    const printed = row.text || row.stderr;
    if (row.action === "print" || (printed && /print/.test(row.action))) {
      return `prints ${quoted(printed)}`;
    }
    const then = printed ? `, and ${quoted(printed)} appears` : "";
    return deedWithout(row, object, story) + then;
  }

  /// What may as well not happen, said to the end.
  const SPURIOUS = {
    "wait to be notified": "wakes up spuriously: nobody notified it",
    "park": "wakes up spuriously: nobody unparked it",
    "compare and perhaps exchange": "fails spuriously to exchange the value",
    "lock for reading": "locks for reading, past a waiting writer",
    "try to lock for reading": "locks for reading, past a waiting writer",
  };

  function deedWithout(row, object, story) {
    if (row.spurious) {
      return SPURIOUS[row.action] ?? `${thirdPerson(row.action)}, for no reason`;
    }
    // What ends a sleep is its time, as it should be.
    if (row.otherwise && row.action !== "sleep") {
      return `gives up: ${phrase(row.action, object)} was not possible`;
    }
    switch (row.action) {
      case "join":
        return `joins ${row.value === null ? "a thread" : story.name(story.byPath.get(row.value))}`;
      case "send":
        return `sends ${row.value ?? "a value"}`;
      case "receive":
        return row.closed ? "finds the channel closed" : `receives ${row.value ?? "a value"}`;
      case "lock":
        return `locks the ${object ? kindOf(object, story) : "mutex"}`;
      default:
        return WORDS[row.action] ?? thirdPerson(row.action) + (object && !row.action.includes(" ") ? ` (${object.kind})` : "");
    }
  }

  /// "mutex", or "mutex of line 7" where there are several.
  function kindOf(object, story) {
    const several = story.objects.filter(({ kind }) => kind === object.kind).length > 1;
    return several && object.created ? `${object.kind} of line ${object.created.line}` : object.kind;
  }

  function phrase(action, object) {
    return object ? `to ${action} (${object.kind})` : `to ${action}`;
  }

  function quoted(text) {
    return `“${named(text.replace(/\n$/, "").replaceAll("\n", " ⏎ "))}”`;
  }

  /// "lock" → "locks", "wait for the threads" → "waits for the threads".
  function thirdPerson(action) {
    const [verb, ...rest] = action.split(" ");
    const ending = /(s|x|sh|ch)$/.test(verb) ? "es" : "s";
    const inflected = /[^aeiou]y$/.test(verb) ? `${verb.slice(0, -1)}ies` : verb + ending;
    return [inflected, ...rest].join(" ");
  }

  function and(items) {
    return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
  }

  function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }

  /// What a thread waits for, or would do: the words after "waits ", the name of
  /// what it waits for, and the line that made it.
  function waitWords(wait) {
    const line = wait.created?.line ?? null;
    const name = wait.name ? named(wait.name) : null;
    if (wait.object === "thread") {
      const started = line === null ? "" : " that was started";
      return name === null ? { text: `for the thread to finish${started}`, name, line } : { text: `for ${name} to finish`, name: null, line: null };
    }
    if (wait.object === "scope") {
      return { text: "for the threads of its scope to finish", name: null, line: null };
    }
    if (!wait.object) {
      return { text: `to ${wait.action}`, name: null, line: null };
    }
    const action = wait.action === "receive" ? "receive from" : wait.action === "send" ? "send into" : wait.action;
    const made = line === null || name !== null ? "" : " made";
    return { text: `to ${action} the ${wait.object}${made}`, name, line };
  }

  window.interleaved.Story = Story;
  window.interleaved.words = { nameOf, thirdPerson, and, capital, quoted, timeInWords, waitWords };
})();
// Why an output is not possible: how much of it is, and what could have come
// then. From what `Graph.find` or the kernel found.

"use strict";

(() => {
  const { element } = window.interleaved.elements;
  const { and, quoted } = window.interleaved.words;
  const INSTEAD = 6;

  function linesOf(text) {
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  }

  /// How many lines of an impossible output are possible.
  function possibleLines(found) {
    return found.prefix.split("\n").length - 1;
  }

  /// Where the lines stop to be possible, and what could have come instead;
  /// `name` tells a thread's name.
  function whyNot(found, lines, name) {
    const good = possibleLines(found);
    const where =
      good >= lines.length
        ? found.instead.every((item) => item.text)
          ? "The program would not end here."
          : "The program can end here, but not so."
        : good === 0
          ? "The first line can’t be that."
          : `The first ${good === 1 ? "line is" : `${good} lines are`} possible. Then ${quoted(lines[good])} can’t come.`;
    const could = found.instead.slice(0, INSTEAD).map((item) =>
      element(
        "li",
        {},
        item.text ? element("span", { className: "answer-text" }, quoted(item.text)) : `the end: ${item.clause ?? window.interleaved.endings.clause(item.ending)}`,
        item.text && item.threads?.size > 0 ? `, by ${and([...item.threads].map(name))}` : "",
      ),
    );
    const more = found.instead.length - could.length;
    if (more > 0) {
      could.push(element("li", {}, `and ${more} more`));
    }
    return [
      element("p", {}, where),
      could.length > 0 ? element("p", {}, found.instead.length === 1 ? "Only this could have come:" : "What could have come instead:") : null,
      could.length > 0 ? element("ul", { className: "answer-instead" }, ...could) : null,
    ].filter(Boolean);
  }

  window.interleaved.whyNot = { linesOf, possibleLines, whyNot };
})();
// A question to the kernel about a program's outcomes. It may take a while: its
// element says how far the kernel is, and stops it.

"use strict";

(() => {
  const { kernels } = window.interleaved;
  const { element, button } = window.interleaved.elements;
  const ANSWER = "application/vnd.interleaved.outcomes+json";
  const PROGRESS = "application/vnd.interleaved.progress+json";

  /// The most edges of a graph that a page takes: as many as in the book's own
  /// data.
  const GRAPH = 40_000;

  /// Why there is no answer, in a sentence.
  class NoAnswer extends Error {
    constructor(sentence, { rustc = null, stopped = false } = {}) {
      super(sentence);
      this.rustc = rustc;
      this.stopped = stopped;
    }
  }

  class Question {
    /// `program` is `{ source, clock, edition }`; `magic` is what is asked, as in a cell.
    constructor(program, magic) {
      const isSearch = /--(possible|schedule)/.test(magic);
      this.program = program;
      this.magic = magic;
      this.cell = `%%${magic} --clock ${program.clock}\n${program.source}`;
      this.kernel = null;
      this.stopped = false;
      this.words = element("p", { className: "panel-lead", role: "status" }, isSearch ? "Looking for a way there…" : "Looking at every schedule…");
      // Numbers pass visibly, but aren't read out.
      this.far = element("p", { className: "question-far", "aria-live": "off" });
      this.stopButton = button("Stop", () => this.stop(), { className: "question-stop" });
      this.element = element("div", { className: "question" }, element("div", {}, this.words, this.far), this.stopButton);
      // Until it is asked.
      this.element.hidden = true;
    }

    /// The same question, to ask again.
    again() {
      return new Question(this.program, this.magic);
    }

    /// The answer, as the kernel gives it; a question is asked once.
    ///
    /// Throws `NoAnswer`, or the kernels' `Unavailable`.
    async answer() {
      this.element.hidden = false;
      this.began = performance.now();
      this.tick();
      try {
        const kernel = await kernels.acquire();
        try {
          this.kernel = kernel;
          return await this.askOf(kernel);
        } finally {
          this.kernel = null;
          kernel.release();
        }
      } finally {
        clearInterval(this.ticking);
      }
    }

    async askOf(kernel) {
      if (this.stopped) {
        throw new NoAnswer("Exploring was stopped.", { stopped: true });
      }
      let answer = null;
      let error = null;
      const metadata = { interleaved: { graph: GRAPH, edition: this.program.edition } };
      await kernel.execute(
        this.cell,
        ({ header, content }) => {
          answer = content.data?.[ANSWER] ?? answer;
          if (header.msg_type === "error") {
            error = content;
          } else if (header.msg_type === "execute_input" && this.stopped) {
            // Stopped before the kernel knew of it: it does now.
            this.stop();
          } else if (content.data && !answer) {
            this.tell(content.data);
          }
        },
        metadata,
      );
      if (answer) {
        return answer;
      }
      throw new NoAnswer(error?.evalue ?? "The kernel gave no outcomes.", {
        rustc: error?.ename === "CompileError" ? error.traceback.join("\n") : null,
        stopped: error?.ename === "Interrupted",
      });
    }

    /// How far the kernel is: with numbers while it explores, with a sentence
    /// before that.
    tell(data) {
      const { grouped, plural } = window.interleaved.outcomes;
      const progress = data[PROGRESS];
      this.sentence = progress
        ? `${plural(progress.states, "state")}, ${plural(progress.executions, "execution")}, ${grouped(Math.round(progress.memory / (1 << 20)))} MiB`
        : data["text/plain"];
      this.show();
    }

    tick() {
      this.ticking = setInterval(() => this.show(), 1000);
    }

    show() {
      const seconds = Math.floor((performance.now() - this.began) / 1000);
      const time = seconds < 1 ? [] : [`${seconds} s`];
      this.far.textContent = [...(this.sentence ? [this.sentence] : []), ...time].join(" · ");
    }

    async stop() {
      this.stopped = true;
      this.stopButton.disabled = true;
      this.words.textContent = "Stopping…";
      try {
        await this.kernel?.interrupt();
      } catch {
        // The server is gone: the connection's end says so.
      }
    }
  }

  /// Text as a magic's option: `"a\nb\n"`.
  function quotedForMagic(text) {
    const escapes = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t" };
    return `"${text.replace(/[\\"\n\t]/g, (letter) => escapes[letter])}"`;
  }

  window.interleaved.Question = Question;
  window.interleaved.NoAnswer = NoAnswer;
  window.interleaved.quotedForMagic = quotedForMagic;
})();
// What is known of a program's outcomes, from the site or from the kernel, and
// what the page works out from it. The form is that of `Data` in the module
// `outcomes`; the kernel gives no more than the `Answer`.

"use strict";

(() => {
  const { Graph, Story, NoAnswer, Question, quotedForMagic, direction } = window.interleaved;

  /// How many outputs the kernel is to list.
  const LISTED = 1000;

  /// There is nothing yet about the listing as it stands in the book.
  class NotThereYet extends NoAnswer {}

  class Outcomes {
    /// `program` is what the answer is about: `{ source, clock, recorded }`.
    constructor(answer, program) {
      this.answer = answer;
      this.program = program;
      /// Whether the kernel answered, and so can be asked more.
      this.isLive = false;
      this.isPrompt = program.clock === "prompt";
      this.graph = answer.graph ? new Graph(answer.graph) : null;
      this.count = toBigInt(answer.outputs);
      this.deadlocks = answer.deadlocks ?? [];
      this.leaks = answer.leaks ?? [];
      this.panics = answer.panics ?? [];
      this.endings = (answer.endings ?? []).map(({ ending, outputs }) => ({ ending, outputs: toBigInt(outputs) }));
      // Only what agrees with the engine's own count is used to number outputs.
      const outputs = this.graph?.outputs() ?? null;
      this.ordered = outputs && outputs.count === this.count ? outputs : null;
      this.recorded = this.findRecorded();
    }

    /// The recorded output, where this is about the listing as it stands in the
    /// book: its text, ending and story.
    findRecorded() {
      const known = this.answer.checked?.[0]?.known;
      if (known?.possible && this.graph) {
        const path = this.graph.follow(known.possible);
        return { path, text: this.graph.textOf(path), ending: this.graph.endingOf(path) };
      }
      if (known?.possible && this.answer.trace) {
        return { path: null, text: textOf(this.answer.trace), ending: this.answer.trace.ending };
      }
      const { recorded } = this.program;
      const found = typeof recorded === "string" && this.graph ? this.find(recorded) : null;
      return found?.possible ? { path: found.path, text: found.text, ending: found.ending } : null;
    }

    /// An execution to begin with: that of the recorded output, or any.
    first() {
      if (this.recorded?.path) {
        return this.recorded.path;
      }
      return this.graph ? this.graph.randomPath() : null;
    }

    /// The story of a path; or of a trace, where there is no graph.
    story(way) {
      if (Array.isArray(way)) {
        return new Story(this.graph.story(way), this.isPrompt);
      }
      return new Story(way ?? this.answer.trace, this.isPrompt);
    }

    /// The way into a "deadlock", a "leak" or a "panic", to step through: known,
    /// or the kernel's to find.
    wayInto(kind, number) {
      const { answer, graph } = this;
      const { schedule } = answer[`${kind}s`][number];
      if (graph) {
        return graph.follow(schedule);
      }
      return answer[`${kind}_traces`]?.[number] ?? this.question(`trace --schedule ${quotedForMagic(schedule)}`);
    }

    /// The way to the output with this number, from 0, if it is known; as `wayInto`.
    wayTo({ text, ending }, number) {
      const path = this.pathOf({ text, ending });
      if (path) {
        return path;
      }
      // To look for a text takes much less than to number all outputs. But one
      // that was cut off is looked for with its line's end, too.
      const isWhole = text === "" || text.endsWith("\n") || number === undefined;
      return this.question(
        isWhole ? `trace --possible ${quotedForMagic(text)}` : `trace --output ${number + 1n}`,
      );
    }

    /// An execution by chance; where there is no graph, a question.
    another() {
      if (this.graph) {
        return this.graph.randomPath();
      }
      const numbers = this.count < BigInt(Number.MAX_SAFE_INTEGER) ? Number(this.count) : Number.MAX_SAFE_INTEGER;
      return this.question(`trace --output ${Math.floor(Math.random() * numbers) + 1}`);
    }

    hasAnother() {
      return this.graph !== null || (this.isLive && this.count > 1n);
    }

    /// What the kernel is asked about this program.
    question(magic) {
      return new Question(this.program, magic);
    }

    /// A shortest path that prints this output.
    pathOf({ text, ending }) {
      const found = this.graph?.find(text, ending);
      return found?.possible ? found.path : null;
    }

    /// A path that prints this output, and parts from another path as late as can
    /// be; `null` if nothing prints it.
    nearest({ text, ending }, other) {
      let best = this.pathOf({ text, ending });
      if (!best || !Array.isArray(other)) {
        return best;
      }
      // What can still be printed after more steps can be after fewer.
      let [least, most] = [0, other.length];
      while (least < most) {
        const steps = Math.ceil((least + most) / 2);
        const prefix = other.slice(0, steps);
        const found = text.startsWith(this.graph.textOf(prefix)) ? this.graph.find(text, ending, prefix) : null;
        if (found?.possible) {
          least = steps;
          best = found.path;
        } else {
          most = steps - 1;
        }
      }
      return best;
    }

    /// How many outputs there are to choose from by number: all, or those that
    /// are listed.
    choosable() {
      return this.ordered ? this.count : BigInt((this.answer.listed ?? []).length);
    }

    /// The output with a number, from 0.
    output(number) {
      return this.ordered ? this.ordered.nth(number) : this.answer.listed[Number(number)];
    }

    /// The number of an output, from 0; `null` where it has none.
    numberOf(text, ending) {
      if (this.ordered) {
        return this.rank(text, ending);
      }
      const index = (this.answer.listed ?? []).findIndex((one) => one.text === text && (!ending || one.ending.kind === ending.kind));
      return index === -1 ? null : BigInt(index);
    }

    rank(text, ending) {
      return this.ordered ? this.ordered.rank(text, ending) : null;
    }

    /// Whether this text is possible: with or without the line break at its end.
    find(text) {
      const whole = this.graph.find(text === "" ? "" : `${text}\n`);
      if (whole.possible || text === "") {
        return this.withText(whole);
      }
      const torn = this.graph.find(text);
      return torn.possible ? this.withText(torn) : whole;
    }

    withText(found) {
      return found.possible ? { ...found, text: this.graph.textOf(found.path) } : found;
    }

    /// The same of a whole text, for the kernel to answer: see `foundBy`. It tries
    /// a line break at the end if there is none.
    questionWhether(text) {
      return this.question(`outcomes --possible ${quotedForMagic(text)}`);
    }
  }

  /// What the kernel found of a text, as `find` has it; `unknown` says why it
  /// didn't.
  function foundBy({ checked, trace }) {
    const { known, unknown } = checked[0];
    if (known?.possible) {
      return { possible: true, path: trace, text: textOf(trace), ending: trace.ending };
    }
    if (!known) {
      return { possible: false, unknown };
    }
    const { prefix, instead } = known["not-possible"];
    // An ending comes in brackets, and a line with its break.
    const items = instead.map((text) => (/^\[.*\]$/.test(text) ? { text: "", clause: direction.named(text.slice(1, -1)) } : { text }));
    return { possible: false, prefix, instead: items };
  }

  /// Why there is no telling: which limit was reached.
  function reached(limit) {
    return (
      {
        states: "it has more states than were allowed",
        time: "it took longer than was allowed",
        memory: "it needed more memory than was allowed",
      }[limit] ?? "it was not explored to the end"
    );
  }

  /// Who was still computing when time was up.
  function stillComputing({ thread, name, spawned, at }) {
    const started = spawned ? `The thread started in line ${spawned.line}` : `Thread ${thread}`;
    const who = thread === 0 ? "main" : (name ?? started);
    const since = at ? `without another step since line ${at.line}` : "without a first step";
    return `${who} was still computing, ${since}.`;
  }

  function textOf(trace) {
    return trace.events.map((event) => event.text).join("");
  }

  /// The answer made when the book was built.
  async function fromSite(address, program) {
    if (location.protocol === "file:") {
      throw new NoAnswer(
        "A browser doesn’t let a page that was opened as a file read other files. Serve the book’s folder, for example with “python3 -m http.server”, or read the book with “cargo run”.",
      );
    }
    let response;
    try {
      response = await fetch(address);
    } catch {
      throw new NoAnswer("The outcomes could not be loaded: the server doesn’t answer.");
    }
    if (response.status === 404) {
      throw new NotThereYet("This listing has not been explored yet.");
    }
    if (!response.ok) {
      throw new NoAnswer(`The outcomes could not be loaded: the server answered ${response.status}.`);
    }
    const answer = parse(await response.text());
    const [, version] = address.split("?");
    if (answer.version !== version) {
      throw new NotThereYet("This listing has not been explored since it was changed.");
    }
    return new Outcomes(answer, program);
  }

  /// What to ask the kernel for the answer.
  function questionAbout(program) {
    return new Question(program, `outcomes --first ${LISTED}`);
  }

  /// JSON whose whole numbers may be greater than a double holds exactly.
  function parse(text) {
    return JSON.parse(text.replace(/("outputs":\s*)(\d{16,})/g, '$1"$2"'));
  }

  function toBigInt(value) {
    return value === null || value === undefined ? null : BigInt(value);
  }

  function plural(count, one, many = `${one}s`) {
    return `${grouped(count)} ${BigInt(count) === 1n ? one : many}`;
  }

  /// 117,120
  function grouped(count) {
    return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
  }

  window.interleaved.outcomes = {
    fromSite,
    questionAbout,
    foundBy,
    reached,
    stillComputing,
    parse,
    plural,
    grouped,
    Outcomes,
    NotThereYet,
  };
})();
// Marks lines of a listing's program: where each thread stands, and where
// something points to.

"use strict";

(() => {
  const { element, button, reveal, colour } = window.interleaved.elements;

  class SourceLines {
    constructor(listing) {
      this.listing = listing;
      this.layer = element("div", { className: "source-marks", "aria-hidden": "true" });
      this.positions = element("div", {});
      this.pointer = element("div", { className: "source-mark source-pointer" });
      this.pointer.hidden = true;
      this.moved = element("div", {}, this.positions, this.pointer);
      this.layer.append(this.moved);
      const { editor } = listing;
      // The editor moves its lines itself where it shows only some of them.
      editor?.renderer.on("afterRender", () => this.follow());
      const home = editor ? editor.renderer.scroller : listing.pre.querySelector("code");
      home.classList.add("has-source-marks");
      home.prepend(this.layer);
    }

    /// Line numbers are there while something speaks of them.
    number(shown) {
      const { editor } = this.listing;
      if (editor && editor.getOption("showGutter") !== shown) {
        editor.setOptions({ showGutter: shown, showLineNumbers: shown, showFoldWidgets: false });
        editor.resize(true);
        editor.renderer.updateFull(true);
      }
    }

    lineHeight() {
      const { editor, pre } = this.listing;
      return editor ? editor.renderer.lineHeight : parseFloat(getComputedStyle(pre.querySelector("code")).lineHeight);
    }

    top() {
      const { editor, pre } = this.listing;
      return editor ? 0 : parseFloat(getComputedStyle(pre.querySelector("code")).paddingTop);
    }

    place(mark, line) {
      const height = this.lineHeight();
      mark.style.top = `${this.top() + (line - 1) * height}px`;
      mark.style.height = `${height}px`;
    }

    follow() {
      this.moved.style.transform = `translateY(${-this.listing.editor.renderer.scrollTop}px)`;
    }

    /// Scrolls the code, and only the code, to where lines can be seen: to the
    /// first, and to as many of the others as there is room for.
    reveal(lines) {
      const { editor, pre } = this.listing;
      const height = this.lineHeight();
      const scroll = editor ? editor.session.getScrollTop() : pre.scrollTop;
      const room = editor ? editor.renderer.$size.scrollerHeight : pre.clientHeight;
      let [top, bottom] = [Infinity, -Infinity];
      for (const line of lines) {
        const [from, to] = [(line - 2) * height, (line + 1) * height];
        if (Math.max(bottom, to) - Math.min(top, from) <= room || top === Infinity) {
          [top, bottom] = [Math.min(top, from), Math.max(bottom, to)];
        }
      }
      const to = top < scroll ? Math.max(0, top) : bottom > scroll + room ? bottom - room : null;
      if (to !== null && Number.isFinite(to) && editor) {
        editor.session.setScrollTop(to);
      } else if (to !== null && Number.isFinite(to)) {
        pre.scrollTop = to;
      }
    }

    /// Shows where threads stand: `{ thread, name, line, blocked }`; first of all,
    /// where `acting` does.
    show(standing, acting) {
      const lines = new Map();
      for (const one of standing.filter(({ line }) => line !== null)) {
        lines.set(one.line, [...(lines.get(one.line) ?? []), one]);
      }
      this.positions.replaceChildren(
        ...[...lines].map(([line, threads]) => {
          const mark = element("div", { className: `source-mark ${colour(threads[0].thread)}` });
          const badges = threads.map(({ thread, name, blocked }) =>
            element("span", { className: `source-badge ${colour(thread)} ${blocked ? "is-blocked" : ""}` }, name),
          );
          mark.append(element("span", { className: "source-badges" }, ...badges));
          this.place(mark, line);
          return mark;
        }),
      );
      const first = standing.find(({ thread }) => thread === acting)?.line;
      this.reveal([...(first ? [first] : []), ...lines.keys()]);
    }

    clear() {
      this.positions.replaceChildren();
      this.point(null);
    }

    point(line) {
      this.pointer.hidden = line === null;
      if (line !== null) {
        this.place(this.pointer, line);
      }
    }

    /// Scrolls the page to where the pointer is. Not by the pointer itself in an
    /// editor, which does not expect anyone to move its lines.
    revealOnPage() {
      const { editor, pre } = this.listing;
      if (!editor) {
        reveal(this.pointer, "center");
      } else if (editor.renderer.$size.scrollerHeight < editor.session.getLength() * this.lineHeight()) {
        reveal(pre, "nearest");
      } else {
        const { top, height } = this.pointer.getBoundingClientRect();
        const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
        scrollBy({ top: top + (height - innerHeight) / 2, behavior: still ? "auto" : "smooth" });
      }
    }

    /// A reference to a line, which shows it.
    link(line) {
      const point = () => this.point(line);
      const away = () => this.point(null);
      return button(
        `line ${line}`,
        () => {
          point();
          this.reveal([line]);
          this.revealOnPage();
        },
        { className: "line-link", mouseenter: point, mouseleave: away, focus: point, blur: away },
      );
    }
  }

  window.interleaved.SourceLines = SourceLines;
})();
// Draws a story: one lane per thread, time downward, one row per event. The rows'
// words are an ordered list, which is also what a screen reader gets; lines,
// arrows and dots lie under it.

"use strict";

(() => {
  const { element, sentence, hidden, svg, colour, dot } = window.interleaved.elements;
  const { direction } = window.interleaved;

  const ROW = 30;
  const DOT = 5;
  const INDENT = 18;
  const LANE_LEAST = 108;
  const LANE_MIN = 132;
  const LANE_MAX = 250;
  const CHARACTER = 7.4;
  /// The time's column, where there is a clock; as wide as `.steps-gutter`.
  const GUTTER = 56;
  /// What "here they part" takes.
  const PART_WIDTH = 120;

  class Diagram {
    /// `select` is told which row was clicked. The lanes share `available`
    /// pixels, if they can. Next to another story, each has its lanes where the
    /// other has them.
    constructor(story, select, available, beside = null) {
      this.story = story;
      const others = beside ? beside.lanes.filter((lane) => story.lanes.every(({ thread }) => thread !== lane.thread)) : [];
      /// The threads that have a place, whether they take part or not.
      this.threads = [...story.lanes, ...others].map(({ thread }) => thread).sort((a, b) => a - b);
      this.places = new Map();
      this.times = story.times();
      const gutter = this.times.length > 0 ? GUTTER : 0;
      let x = gutter;
      const wanted = this.threads.map((thread) => Math.max(laneWidth(thread, story), beside ? laneWidth(thread, beside) : 0));
      const total = wanted.reduce((sum, width) => sum + width, 0);
      const shrink = Math.min(1, (available - gutter) / total);
      for (const [index, thread] of this.threads.entries()) {
        const width = Math.max(LANE_LEAST, Math.floor(wanted[index] * shrink));
        this.places.set(thread, { x: x + INDENT, width });
        x += width;
      }
      this.width = x;
      this.height = (story.rows.length + 0.6) * ROW;
      this.rows = story.rows.map((row, index) => this.rowOf(row, index, select));
      this.list = element("ol", { className: "steps-rows", "aria-label": "What happens, in order" }, ...this.rows);
      this.list.style.height = `${this.height}px`;
      this.band = element("div", { className: "steps-band", "aria-hidden": "true" });
      this.element = element(
        "div",
        { className: "steps-scroll", tabIndex: 0, role: "region", "aria-label": "The execution, step by step" },
        this.head(),
        element("div", { className: "steps-body" }, this.band, this.draw(), ...this.clock(), this.list),
      );
      this.element.querySelector(".steps-body").style.cssText = `width:${this.width}px;height:${this.height}px`;
    }

    head() {
      const names = this.threads.map((thread) => {
        const called = this.story.name(thread);
        const name = element("span", { className: `steps-lane ${colour(thread)}`, title: called }, dot(thread), called);
        name.style.width = `${this.places.get(thread).width}px`;
        return name;
      });
      const clock = this.times.length > 0 ? element("span", { className: "steps-lane steps-gutter" }, "Time") : null;
      const head = element("div", { className: "steps-head", "aria-hidden": "true" }, clock, ...names);
      head.style.width = `${this.width}px`;
      return head;
    }

    /// The prompt clock's time, where it has moved. A row's own words tell it to
    /// a screen reader.
    clock() {
      if (this.times.length === 0) {
        return [];
      }
      const labels = this.times.map(({ row, words }) => {
        const label = element("span", { className: "steps-time" }, words);
        label.style.cssText = `top:${row * ROW}px;height:${ROW}px`;
        return label;
      });
      const back = element("div", { className: "steps-gutter-back" });
      back.style.height = `${this.height}px`;
      const rules = this.times.slice(1).map(({ row }) => {
        const rule = element("div", { className: "steps-moved", "aria-hidden": "true" });
        rule.style.top = `${row * ROW}px`;
        return rule;
      });
      return [...rules, element("div", { className: "steps-times", "aria-hidden": "true" }, back, ...labels)];
    }

    rowOf(row, index, select) {
      const { story } = this;
      const place = this.places.get(row.thread);
      const sentence = story.told(row);
      const short = shortWords(row, story);
      const words = element("span", { className: "steps-words", "aria-hidden": "true" }, short);
      if (row.text || row.stderr) {
        words.classList.add("is-printed");
      }
      const item = element("li", { className: "steps-row", title: sentence, click: () => select(index) }, words, hidden(sentence));
      item.style.cssText = `top:${index * ROW}px;height:${ROW}px;left:${place.x + DOT + 7}px;width:${place.width - INDENT - 10}px`;
      return item;
    }

    /// Where a row's words begin.
    wordsAt(row) {
      return this.places.get(this.story.rows[row].thread).x + DOT + 9;
    }

    /// Where each row's words end, if none are cut off.
    rowEnds() {
      return this.rows.map((row, index) => this.wordsAt(index) + row.querySelector(".steps-words").textContent.length * CHARACTER);
    }

    y(row) {
      return (row + 0.5) * ROW;
    }

    draw() {
      const drawing = svg("svg", {
        class: "steps-drawing",
        width: this.width,
        height: this.height,
        viewBox: `0 0 ${this.width} ${this.height}`,
        "aria-hidden": "true",
        focusable: "false",
      });
      drawing.append(...this.story.lanes.map((lane) => this.drawLane(lane)));
      drawing.append(...this.story.waits.map((wait) => this.drawWait(wait)));
      drawing.append(...this.story.arrows.map((arrow) => this.drawArrow(arrow)));
      this.dots = this.story.rows.map((row, index) => {
        const { x } = this.places.get(row.thread);
        return svg("circle", { class: `steps-dot ${colour(row.thread)}`, cx: x, cy: this.y(index), r: DOT });
      });
      drawing.append(...this.dots);
      return drawing;
    }

    /// From its first row to its last: a bar at the end of a thread that
    /// finished, an open end on one that did not.
    drawLane({ thread, own, last }) {
      const { x } = this.places.get(thread);
      const first = this.story.rows.findIndex((row) => row.thread === thread);
      const from = this.y(Math.max(first, 0));
      const waitsOn = this.story.waits.some((wait) => wait.thread === thread && wait.to === null);
      const to = last === null && waitsOn ? this.height : this.y(own);
      const group = svg("g", { class: colour(thread) });
      group.append(svg("path", { class: "steps-line", d: `M${x} ${from}V${to}` }));
      return group;
    }

    /// A wait is a dashed part of the lane, with a hollow dot where it begins.
    drawWait({ thread, from, to }) {
      const { x } = this.places.get(thread);
      const start = this.story.rows[from].thread === thread ? this.y(from) + ROW * 0.5 : this.y(from);
      const end = to === null ? this.height : this.y(to) - (this.story.rows[to].thread === thread ? 0 : ROW * 0.5);
      const group = svg("g", { class: `steps-wait ${colour(thread)}` });
      const from0 = this.story.rows[from].thread === thread ? this.y(from) : start;
      group.append(
        svg("path", { class: "steps-gap", d: `M${x} ${from0}V${end}` }),
        svg("path", { class: "steps-dashes", d: `M${x} ${from0}V${end}` }),
        svg("circle", { class: "steps-hollow", cx: x, cy: start, r: DOT }),
      );
      return group;
    }

    drawArrow({ kind, from, to }) {
      const [a, b] = [this.story.rows[from], this.story.rows[to]];
      const [x1, x2] = [this.places.get(a.thread).x, this.places.get(b.thread).x];
      const [y1, y2] = [this.y(from), this.y(to)];
      const group = svg("g", { class: `steps-arrow is-${kind} ${colour(a.thread)}` });
      if (x1 === x2) {
        return group;
      }
      group.append(...(x1 < x2 ? toTheRight(x1, y1, x2, y2) : toTheLeft(x1, y1, x2, y2)));
      return group;
    }

    /// Marks the row from which on this story is another than the one beside it.
    part(row) {
      const mark = element("div", { className: "steps-part", "aria-hidden": "true" }, element("span", {}, "here they part"));
      mark.style.top = `${row * ROW}px`;
      // Its words stand where the row above has none.
      const above = this.places.get(this.story.rows[row - 1]?.thread);
      mark.classList.toggle("is-left", above !== undefined && above.x + above.width > this.width - PART_WIDTH);
      this.element.querySelector(".steps-body").append(mark);
    }

    /// Shows that the story has come to this row.
    at(row) {
      this.band.style.transform = `translateY(${row * ROW}px)`;
      this.rows.forEach((item, index) => {
        item.classList.toggle("is-to-come", index > row);
        item.classList.toggle("is-now", index === row);
        if (index === row) {
          item.setAttribute("aria-current", "step");
        } else {
          item.removeAttribute("aria-current");
        }
        this.dots[index].classList.toggle("is-to-come", index > row);
      });
      [...this.element.querySelectorAll(".steps-arrow")].forEach((arrow, index) => {
        arrow.classList.toggle("is-to-come", this.story.arrows[index].to > row);
      });
      [...this.element.querySelectorAll(".steps-wait")].forEach((wait, index) => {
        wait.classList.toggle("is-to-come", this.story.waits[index].from > row);
      });
      this.reveal(row);
    }

    /// Scrolls the diagram, and only the diagram, to where the row can be seen.
    reveal(row) {
      const { element: scroll } = this;
      const head = scroll.querySelector(".steps-head").offsetHeight;
      const top = row * ROW;
      const bottom = top + 2.5 * ROW;
      if (top - ROW < scroll.scrollTop) {
        scroll.scrollTop = Math.max(0, top - ROW);
      } else if (bottom > scroll.scrollTop + scroll.clientHeight - head) {
        scroll.scrollTop = bottom - scroll.clientHeight + head;
      }
      const thread = this.story.rows[row]?.thread;
      const { x, width } = this.places.get(thread) ?? { x: 0, width: 0 };
      const gutter = this.times.length > 0 ? GUTTER : 0;
      if (x - INDENT - gutter < scroll.scrollLeft) {
        scroll.scrollLeft = x - INDENT - gutter;
      } else if (x - INDENT + width > scroll.scrollLeft + scroll.clientWidth) {
        scroll.scrollLeft = x - INDENT + Math.min(width, scroll.clientWidth) - scroll.clientWidth;
      }
    }
  }

  /// Words stand to the right of their dots. So an arrow to the right runs along
  /// its target's row, where nothing is before the dot.
  function toTheRight(x1, y1, x2, y2) {
    const x = x1 + DOT + 2;
    const end = x2 - DOT - 2;
    return [
      svg("path", { class: "steps-arrow-line", d: `M${x1} ${y1}Q${x} ${y1} ${x} ${y1 + 7}V${y2 - 7}Q${x} ${y2} ${x + 7} ${y2}H${end - 5}` }),
      svg("path", { class: "steps-arrow-head", d: `M${end} ${y2}l-8 -4.5v9z` }),
    ];
  }

  /// An arrow to the left runs between two rows, and comes in from above.
  function toTheLeft(x1, y1, x2, y2) {
    const x = x1 - DOT - 2;
    const y = y2 - ROW / 2;
    const end = y2 - DOT - 1;
    return [
      svg("path", { class: "steps-arrow-line", d: `M${x1} ${y1}Q${x} ${y1} ${x} ${y1 + 7}V${y - 6}Q${x} ${y} ${x - 6} ${y}H${x2 + 6}Q${x2} ${y} ${x2} ${y + 5}` }),
      svg("path", { class: "steps-arrow-head", d: `M${x2} ${end}l-4.5 -7h9z` }),
    ];
  }

  function laneWidth(thread, story) {
    const lengths = story.rows.filter((row) => row.thread === thread).map((row) => shortWords(row, story).length);
    const longest = Math.max(story.name(thread).length + 2, ...lengths);
    return Math.min(LANE_MAX, Math.max(LANE_MIN, longest * CHARACTER + INDENT + 26));
  }

  /// What stands next to the dot: only the text, where one is printed.
  function shortWords(row, story) {
    const text = row.text || row.stderr;
    const own = text && /print/.test(row.action);
    if (row.action === "start") {
      return "starts";
    }
    return own ? direction.named(text.replace(/\n$/, "").replaceAll("\n", " ⏎ ")) : story.words(row);
  }

  /// What was printed, line by line, each in the colour of the thread that began
  /// it.
  function printed(pieces, story) {
    const lines = [];
    let line = null;
    for (const { thread, text } of pieces) {
      text.split("\n").forEach((part, index) => {
        line = index > 0 ? null : line;
        const isRest = index > 0 && index === text.split("\n").length - 1 && part === "";
        if (!isRest) {
          if (!line) {
            line = element("span", { className: `steps-piece ${colour(thread)}`, title: story.name(thread) });
            lines.push(line);
          }
          line.append(...direction.nodes(part));
        }
      });
    }
    return lines;
  }

  /// The output up to a row, each line in its thread's colour.
  class OutputSoFar {
    constructor() {
      this.samp = element("samp");
      this.pre = element("pre", { className: "transcript steps-output" }, this.samp);
      this.element = element("div", {}, element("p", { className: "listing-label" }, "Output so far"), this.pre);
    }

    show(pieces, story) {
      const lines = printed(pieces, story);
      this.samp.replaceChildren(...(lines.length > 0 ? lines : [element("span", { className: "steps-nothing" }, "(nothing yet)")]));
      this.pre.scrollTop = this.pre.scrollHeight;
      window.interleaved.scrollable(this.pre, "Output so far");
    }
  }

  /// The threads as they stand: a hollow dot for who is blocked, and why.
  function standing(story, positions, lines) {
    return positions.map((position) => {
      const { thread, blocked } = position;
      return element(
        "li",
        { className: `standing ${colour(thread)}` },
        dot(thread, blocked ? "is-blocked" : ""),
        element("strong", {}, story.name(thread)),
        " ",
        ...sentence(blocked ? waiting(position, lines) : ready(position, lines)),
      );
    });
  }

  function ready({ next, at }, lines) {
    const deed = next[0] ? `can ${next[0].action === "sleep" ? "wake up" : next[0].action}` : "can go on";
    return at ? [`${deed}, `, lines.link(at.line)] : [deed];
  }

  /// "waits to receive from the channel made on line 5, at line 27"; or "sleeps,
  /// at line 10".
  function waiting({ next, at, waits }, lines, areSeveral = false) {
    const all = different(next ?? waits);
    const sleeps = all.length === 1 && all[0].action === "sleep";
    const verb = sleeps ? "sleep" : "wait";
    const parts = [areSeveral ? verb : `${verb}s`, sleeps ? "" : " "];
    (sleeps ? [] : all).forEach((wait, index) => {
      const { text, name, line } = window.interleaved.words.waitWords(wait);
      parts.push(index > 0 ? " or " : "", text);
      if (name !== null) {
        parts.push(" ", element("code", {}, name), ...(line === null ? [] : [" of ", lines.link(line)]));
      } else if (line !== null) {
        parts.push(" on ", lines.link(line));
      }
    });
    return at ? [...parts, ", at ", lines.link(at.line)] : parts;
  }

  /// The same is waited for in two ways where either may come of it.
  function different(waits) {
    const known = new Map(waits.map((wait) => [JSON.stringify(wait), wait]));
    return [...known.values()];
  }

  /// Marks the listing's lines where threads stand after a row.
  function markLines(story, positions, lines, row) {
    lines.show(
      positions.map(({ thread, at, blocked }) => ({ thread, name: story.name(thread), line: at?.line ?? null, blocked })),
      story.rows[row]?.thread,
    );
  }

  window.interleaved.diagram = { Diagram, OutputSoFar, printed, standing, waiting, markLines };
})();
// Draws the circle of who waits for whom: threads, and what they wait for, each
// with an arrow to the next. The words beside it say the same in full.

"use strict";

(() => {
  const { svg, colour } = window.interleaved.elements;

  const WIDTH = 128;
  const HEIGHT = 44;
  const GAP = 74;
  const PITCH = 86;
  const MARGIN = 2;
  /// How wide a letter is at most: of a name, of a long one, of a note.
  const LETTER = 7.6;
  const LONG = 6.4;
  const SMALL = 6.1;
  /// Room above and below for words, where two arrows run side by side.
  const LABEL = 8;
  /// How far apart two arrows between the same two are.
  const APART = 10;

  /// The picture for what goes round: `{ name, isCode, note, thread, toNext }`, where
  /// `thread` is `null` for what isn't one, and `toNext` says what the arrow to
  /// the next means. `label` is what a screen reader says.
  function circle(nodes, label) {
    const places = placesOf(nodes.length);
    const height = Math.max(...places.map(({ y }) => y)) + HEIGHT + (nodes.length === 2 ? LABEL : 0) + MARGIN;
    const width = nodes.length === 1 ? 2 * WIDTH : 2 * WIDTH + GAP + 2 * MARGIN;
    const picture = svg("svg", { class: "circle", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
    picture.append(
      ...nodes.map(({ toNext }, index) => arrow(places, index, toNext)),
      ...nodes.map((node, index) => box(node, places[index])),
    );
    return picture;
  }

  /// In two columns: the first on the left, then down on the right, then up on
  /// the left.
  function placesOf(count) {
    const right = Math.ceil(count / 2);
    const left = count - right;
    const height = (Math.max(left, right) - 1) * PITCH;
    const top = MARGIN + (count === 2 ? LABEL : 0);
    const row = (index, of) => top + (of === 1 ? height / 2 : (index * height) / (of - 1));
    return Array.from({ length: count }, (_, index) => {
      const isLeft = index === 0 || index > right;
      return isLeft
        ? { column: 0, x: MARGIN, y: row(index === 0 ? 0 : count - index, left) }
        : { column: 1, x: MARGIN + WIDTH + GAP, y: row(index - 1, right) };
    });
  }

  function box({ name, isCode, note, thread }, { x, y }) {
    const isThread = thread !== null;
    const group = svg("g", { class: isThread ? `circle-thread ${colour(thread)}` : isCode ? "is-code" : "" });
    const middle = x + WIDTH / 2;
    const rounding = isThread ? HEIGHT / 2 : 5;
    group.append(svg("rect", { x, y, width: WIDTH, height: HEIGHT, rx: rounding }));
    const isLong = name.length > (WIDTH - 16) / LETTER;
    const letters = (WIDTH - 12) / (isLong ? LONG : LETTER);
    group.append(svg("text", { class: `circle-name ${isLong ? "is-long" : ""}`, x: middle, y: y + (note ? 18 : 26) }, cut(name, letters)));
    if (note) {
      group.append(svg("text", { class: "circle-note", x: middle, y: y + 34 }, cut(note, (WIDTH - 16) / SMALL)));
    }
    return group;
  }

  function cut(text, letters) {
    return text.length <= letters ? text : `${text.slice(0, Math.floor(letters) - 1)}…`;
  }

  function arrow(places, index, words) {
    const from = places[index];
    const to = places[(index + 1) % places.length];
    if (places.length === 1) {
      return toItself(from, words);
    }
    if (from.column === to.column) {
      const down = to.y > from.y;
      const x = from.x + WIDTH / 2;
      const [start, end] = down ? [from.y + HEIGHT, to.y - 2] : [from.y, to.y + HEIGHT + 2];
      return drawn(`M${x} ${start}V${down ? end - 6 : end + 6}`, { x, y: end, turn: down ? 90 : -90 }, words, {
        x,
        y: (start + end) / 2 + 4,
      });
    }
    const toRight = to.column > from.column;
    // What comes and what goes on the same side of a box is apart.
    const aside = toRight ? -APART : APART;
    const isShared = (place) => places.filter(({ column }) => column === place.column).length === 1;
    const y1 = from.y + HEIGHT / 2 + (isShared(from) ? aside : 0);
    const y2 = to.y + HEIGHT / 2 + (isShared(to) ? aside : 0);
    const [x1, x2] = toRight ? [from.x + WIDTH, to.x - 2] : [from.x, to.x + WIDTH + 2];
    const end = toRight ? x2 - 6 : x2 + 6;
    const middle = (x1 + x2) / 2;
    const above = places.length === 2 && !toRight ? 15 : -7;
    return drawn(`M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${end} ${y2}`, { x: x2, y: y2, turn: toRight ? 0 : 180 }, words, {
      x: middle,
      y: y1 === y2 ? y1 + above : (y1 + y2) / 2 + 4,
    });
  }

  function toItself({ y }, words) {
    const x = MARGIN + WIDTH + GAP;
    const [y1, y2] = [y + HEIGHT / 2 - APART, y + HEIGHT / 2 + APART];
    return drawn(`M${x} ${y1}h-26a${APART} ${APART} 0 0 0 0 ${2 * APART}h18`, { x: x - 2, y: y2, turn: 0 }, words, {
      x: x - 64,
      y: y + HEIGHT / 2 + 4,
    });
  }

  function drawn(line, { x, y, turn }, words, at) {
    const head = svg("path", { class: "circle-head", d: "M0 0l-8 -4.5v9z", transform: `translate(${x} ${y}) rotate(${turn})` });
    return svg("g", { class: "circle-arrow" }, svg("path", { class: "circle-line", d: line }), head, svg("text", { class: "circle-words", ...at }, words));
  }

  window.interleaved.circle = circle;
})();
// Threads that can't go on (`Standstill` in outcomes-protocol): who waits for
// what, who has it, who is gone, in words; and in which circle, as a picture.

"use strict";

(() => {
  const { element, sentence, dot, colour } = window.interleaved.elements;
  const { named } = window.interleaved.direction;
  const { nameOf, and, capital, quoted } = window.interleaved.words;
  const { waiting } = window.interleaved.diagram;

  /// The words, and the picture if they go in a circle. `lines` links to the
  /// listing's lines.
  function standstill(one, lines) {
    const words = element("ul", { className: "standings" }, ...waits(one, lines), ...(one.gone ?? []).map((panic) => gone(panic, lines)));
    const picture = circleOf(one);
    return element("div", { className: "standstill" }, words, picture);
  }

  /// One sentence for all who wait at the same place for the same.
  function waits({ blocked, objects }, lines) {
    const groups = new Map();
    for (const one of blocked) {
      const key = JSON.stringify([one.at, one.waits]);
      groups.set(key, [...(groups.get(key) ?? []), one]);
    }
    const told = new Set();
    return [...groups.values()].map((group) => {
      const [{ waits, at, thread }] = group;
      const who = group.flatMap((one, index) => {
        const separator = index === 0 ? "" : index === group.length - 1 ? " and " : ", ";
        return [separator, dot(one.thread, "is-blocked"), ...calledWithPlace(one, lines)];
      });
      const deeds = waiting({ waits, at }, lines, group.length > 1);
      const untold = [...new Set(waits.map(({ on }) => on))].filter((on) => on !== undefined && on !== null && !told.has(on));
      untold.forEach((on) => told.add(on));
      const isOneOfSeveral = new Set(waits.map(({ on }) => on)).size > 1;
      const waiter = group.length > 1 ? null : thread;
      const held = untold.flatMap((on) => holders(objects[on], isOneOfSeveral, waiter, lines));
      const left = untold.flatMap((on) => ends(objects[on], isOneOfSeveral, lines));
      return element("li", { className: `standing ${colour(thread)}` }, ...sentence([...who, " ", ...deeds, ...held, ".", ...left]));
    });
  }

  function called(who) {
    return element("strong", { className: colour(who.thread) }, nameOf(who));
  }

  function calledWithPlace(who, lines) {
    return who.spawned && !who.name ? [called(who), " (started on ", lines.link(who.spawned.line), ")"] : [called(who)];
  }

  function on(place, lines) {
    return place ? [" on ", lines.link(place.line)] : [];
  }

  /// Who has it. `thread` is who waits for it, if it is only one.
  function holders(object, isOneOfSeveral, thread, lines) {
    const it = isOneOfSeveral ? ["the ", object.kind, ...which(object, lines)] : ["it"];
    return (object.held ?? []).flatMap((holder) => {
      const itself = holder.thread === thread ? " itself" : "";
      return ["; ", called(holder), itself, ...holds(it, holder, lines)];
    });
  }

  /// Which of several.
  function which({ name, created }, lines) {
    return name ? [" ", element("code", {}, named(name))] : created ? [" of ", lines.link(created.line)] : [];
  }

  /// "has held it since line 9", or "holds it".
  function holds(it, { mode, since, finished }, lines) {
    const reason = mode ? ` for ${mode}` : "";
    if (finished) {
      return [" took ", ...it, reason, ...on(since, lines), ", and has finished without giving it back"];
    }
    return since ? [" has held ", ...it, reason, " since ", lines.link(since.line)] : [" holds ", ...it, reason];
  }

  /// "The channel still has 1 sender (made on line 5, held by main) and 2
  /// receivers (…)."
  function ends(object, isOneOfSeveral, lines) {
    const parts = (object.ends ?? []).map(({ kind, count, made, owner }) => {
      // Most are made with the channel, of which that is said already.
      const isKnown = JSON.stringify(made) === JSON.stringify(object.created);
      const place = made && !isKnown ? ["made on ", lines.link(made.line)] : [];
      const whose = owner ? [place.length > 0 ? ", held by " : "held by ", called(owner)] : [];
      const note = place.length + whose.length > 0 ? [" (", ...place, ...whose, ")"] : [];
      return [`${count} ${kind}${count === 1 ? "" : "s"}`, ...note];
    });
    const listed = parts.flatMap((part, index) => {
      const separator = index === 0 ? "" : index === parts.length - 1 ? " and " : ", ";
      return [separator, ...part];
    });
    const one = isOneOfSeveral ? which(object, lines) : [];
    return listed.length > 0 ? [` The ${object.kind}`, ...one, " still has ", ...listed, "."] : [];
  }

  function gone(panic, lines) {
    return element("li", { className: `standing ${colour(panic.thread)}` }, ...sentence([dot(panic.thread), ...calledWithPlace(panic, lines), " is gone: it panicked", ...on(panic.at, lines), `, ${quoted(panic.message)}.`]));
  }

  /// The circle, with what stands between the threads; `null` if there is none.
  function circleOf({ blocked, objects, cycle }) {
    if (!cycle || cycle.length === 0) {
      return null;
    }
    const whos = cycle.map(({ thread }) => blocked.find((one) => one.thread === thread));
    const nodes = cycle.flatMap(({ on }, index) => {
      const { thread, at } = whos[index];
      const node = { name: nameOf(whos[index]), note: at ? `waits at line ${at.line}` : null, thread, toNext: "waits for" };
      const object = on === undefined || on === null ? null : objects[on];
      return object ? [node, nodeOf(object)] : [node];
    });
    const names = whos.map(nameOf);
    const label = `${names[0]} waits for ${[...names.slice(1), names[0]].join(", which waits for ")}.`;
    return window.interleaved.circle(nodes, label);
  }

  function nodeOf({ kind, name, created, held }) {
    const place = created ? `line ${created.line}` : null;
    const note = name ? [kind, place].filter(Boolean).join(", ") : place;
    const isLock = (held ?? []).length > 0;
    return { name: name ? named(name) : kind, isCode: Boolean(name), note, thread: null, toNext: isLock ? "held by" : "kept open by" };
  }

  /// What a deadlock is, in short.
  function deadlockTitle({ cycle }) {
    switch (cycle?.length ?? 0) {
      case 0:
        return "every thread that is left waits, forever";
      case 1:
        return "a thread waits for itself, forever";
      case 2:
        return "two threads wait for each other, forever";
      default:
        return `${cycle.length} threads wait in a circle, forever`;
    }
  }

  /// Who is stuck, in short. A name begins as it does.
  function leakTitle({ blocked }) {
    const who = and(blocked.map(nameOf));
    return `${blocked[0]?.name ? who : capital(who)} can be stuck for good, whatever the others do`;
  }

  window.interleaved.standstills = { standstill, deadlockTitle, leakTitle, calledWithPlace };
})();
// The small picture of an execution: who printed each line, as a row of colours.

"use strict";

(() => {
  const { element, colour } = window.interleaved.elements;

  /// `path` is a way through the graph of these outcomes; `null` where none is
  /// known, and then the picture is empty.
  function outputStrip(path, outcomes) {
    const cells = [];
    if (path) {
      for (const { thread, text } of outcomes.story(path).rows) {
        if (text !== "") {
          cells.push(element("span", { className: colour(thread) }));
        }
      }
    }
    return element("span", { className: "output-strip", "aria-hidden": "true" }, ...cells);
  }

  window.interleaved.outputStrip = outputStrip;
})();
// The panel that lists every outcome of a program: how many, how they end, the
// deadlocks, and the outputs themselves to browse.

"use strict";

(() => {
  const { element, button, sentence, dot } = window.interleaved.elements;
  const { printed } = window.interleaved.diagram;
  const { standstill, deadlockTitle, leakTitle, calledWithPlace } = window.interleaved.standstills;
  const { quoted } = window.interleaved.words;
  const { direction, outputStrip } = window.interleaved;
  const { grouped, plural, reached, stillComputing } = window.interleaved.outcomes;
  const PAGE = 10;
  const PREVIEW_LINES = 6;
  /// Outputs that are looked at for a filter; more take too long.
  const FILTER_LIMIT = 50_000;

  class AllOutcomes {
    constructor(listing, outcomes, tools) {
      this.listing = listing;
      this.outcomes = outcomes;
      this.tools = tools;
      this.page = 0n;
      this.filter = "";
      this.element = element("div", { className: "all-outcomes" }, ...this.summary(), ...this.reports(), ...this.browser());
      if (this.list) {
        this.show();
      }
    }

    summary() {
      const { answer, count, endings, recorded } = this.outcomes;
      const known = count === null ? "is-unknown" : "";
      const parts = [element("p", { className: `outcomes-count ${known}` }, ...countWords(this.outcomes))];
      if (endings.length > 1) {
        parts.push(
          element(
            "ul",
            { className: "outcomes-endings" },
            ...endings.map(({ ending, outputs }) => {
              const item = element("li", { className: "ending" }, `${grouped(outputs)} × ${window.interleaved.endings.clause(ending)}`);
              item.dataset.kind = ending.kind;
              return item;
            }),
          ),
        );
      }
      if (recorded) {
        parts.push(this.whereIs(recorded, count));
      }
      parts.push(element("p", { className: "outcomes-how" }, this.how(answer)));
      return parts;
    }

    how({ complete, states, executions, seconds, computing }) {
      const work = `${plural(states, "state")}, ${plural(executions, "execution")}, ${window.interleaved.endings.duration(seconds)}`;
      if (computing) {
        return `So far: ${work}. ${stillComputing(computing)} What to try: less to compute between two steps.`;
      }
      if (!complete) {
        return (
          `So far: ${work}. There are more. What to try: “Can this happen?”, which still answers for any one output; ` +
          `or smaller numbers, that is fewer threads, messages or rounds.`
        );
      }
      const machine = this.outcomes.isPrompt ? " of a machine that is never late" : "";
      return `Found by running the program under every schedule${machine}: ${work}.`;
    }

    whereIs(recorded, count) {
      const rank = this.outcomes.rank(recorded.text, recorded.ending);
      if (rank === null) {
        return element("p", {}, "The recorded output is one of them.");
      }
      if (count === 1n) {
        return element("p", {}, "It is the recorded one.");
      }
      const text = `The recorded output is one of ${grouped(count)}: number ${grouped(rank + 1n)}. `;
      return element("p", {}, text, button("Show it in the list", () => this.goTo(rank), { className: "is-link" }));
    }

    /// What can go wrong, each with a way there.
    reports() {
      const { deadlocks, leaks, panics } = this.outcomes;
      const of = (index, all) => (all.length === 1 ? "" : ` ${index + 1} of ${all.length}`);
      return [
        ...deadlocks.map((deadlock, index) => {
          const title = `${index === 0 && deadlocks.length === 1 ? "A deadlock" : `Deadlock${of(index, deadlocks)}`}: ${deadlockTitle(deadlock)}.`;
          const step = this.stepThere("deadlock", index, "An execution that ends in this deadlock.");
          return this.card(title, standstill(deadlock, this.listing.lines), step);
        }),
        ...leaks.map((leak, index) =>
          this.card(`${leakTitle(leak)}.`, standstill(leak, this.listing.lines), this.stepThere("leak", index, "An execution in which this comes about.")),
        ),
        ...this.panics(panics),
      ];
    }

    panics(panics) {
      if (panics.length === 0) {
        return [];
      }
      const { lines } = this.listing;
      const items = panics.map((panic, index) => {
        const place = panic.at ? [" on ", lines.link(panic.at.line)] : [];
        const step = this.stepThere("panic", index, "An execution with this panic.");
        return element("li", { className: "report-panic" }, element("span", { className: "standing" }, ...sentence([dot(panic.thread), ...calledWithPlace(panic, lines), ...place, ": ", quoted(panic.message)])), step);
      });
      return [this.card(panics.length === 1 ? "A panic that can happen:" : "Panics that can happen:", element("ul", { className: "standings" }, ...items))];
    }

    card(title, ...content) {
      return element("div", { className: "outcomes-report" }, element("p", { className: "report-title" }, title), ...content);
    }

    stepThere(kind, index, title) {
      return button("Step there", () => this.tools.stepThrough(this.outcomes.wayInto(kind, index), title));
    }

    browser() {
      const { count } = this.outcomes;
      this.total = this.outcomes.choosable();
      if (this.total === 0n) {
        return [];
      }
      this.list = element("ol", { className: "outputs" });
      this.where = element("p", { className: "outputs-where", role: "status" });
      this.previous = button("Previous", () => this.turn(-1n));
      this.next = button("Next", () => this.turn(1n));
      const field = element("input", {
        type: "search",
        className: "outputs-filter",
        placeholder: "Filter: a line, or a part of one",
        "aria-label": "Show only outputs that contain this",
        input: () => this.setFilter(field.value),
        keydown: (event) => event.key.startsWith("Arrow") && event.stopPropagation(),
      });
      this.chosen = null;
      this.chosenNote = element("p", { className: "outputs-chosen", role: "status" });
      const isAll = this.total === count;
      const first = isAll ? [] : [element("p", {}, `Here are the first ${grouped(this.total)}:`)];
      if (this.total === 1n) {
        return [...first, this.list];
      }
      return [
        ...first,
        element("div", { className: "outputs-bar" }, field, this.where, this.previous, this.next),
        this.chosenNote,
        this.list,
      ];
    }

    /// The numbers of the outputs that contain the filter's text; `null` for
    /// all of them.
    matching() {
      if (this.filter === "") {
        return null;
      }
      const found = [];
      const limit = this.total < BigInt(FILTER_LIMIT) ? this.total : BigInt(FILTER_LIMIT);
      for (let number = 0n; number < limit; number += 1n) {
        if (this.outcomes.output(number).text.includes(this.filter)) {
          found.push(number);
        }
      }
      return found;
    }

    setFilter(text) {
      this.filter = text;
      this.page = 0n;
      this.matches = this.matching();
      this.show();
    }

    turn(by) {
      this.page += by;
      this.show();
    }

    goTo(rank) {
      this.filter = "";
      this.element.querySelector(".outputs-filter").value = "";
      this.matches = null;
      this.page = rank / BigInt(PAGE);
      this.show();
      const row = this.list.children[Number(rank % BigInt(PAGE))];
      const details = row.querySelector("details");
      details.open = true;
      details.querySelector("summary").focus();
    }

    show() {
      const count = this.matches ? BigInt(this.matches.length) : this.total;
      const first = this.page * BigInt(PAGE);
      const last = first + BigInt(PAGE) < count ? first + BigInt(PAGE) : count;
      const numbers = [];
      for (let index = first; index < last; index += 1n) {
        numbers.push(this.matches ? this.matches[Number(index)] : index);
      }
      const outputs = numbers.map((number) => ({ number, ...this.outcomes.output(number) }));
      const differs = firstDifference(outputs.map(({ text }) => text.split("\n")));
      this.list.replaceChildren(...outputs.map((output) => this.row(output, differs)));
      this.showChosen();
      this.list.start = Number(first) + 1;
      const limited = this.matches && this.total > BigInt(FILTER_LIMIT) ? ` of the first ${grouped(FILTER_LIMIT)}` : "";
      const of = this.matches ? `${grouped(count)} found${limited}` : grouped(count);
      this.where.textContent = count === 0n ? `None contains that${limited && `, ${limited}`}.` : `${grouped(first + 1n)}–${grouped(last)} of ${of}`;
      this.previous.disabled = first === 0n;
      this.next.disabled = last >= count;
    }

    row({ number, text, ending }, differs) {
      const { outcomes } = this;
      const path = outcomes.pathOf({ text, ending });
      const isRecorded = outcomes.recorded?.text === text;
      const summary = element(
        "summary",
        {},
        element("span", { className: "output-number" }, grouped(number + 1n)),
        outputStrip(path, outcomes),
        element("span", { className: "runs-preview" }, preview(text, ending, differs)),
        isRecorded ? element("span", { className: "output-recorded" }, "recorded") : null,
      );
      const details = element("details", {}, summary);
      details.addEventListener("toggle", () => {
        if (details.open && details.childElementCount === 1) {
          details.append(...this.body(number, text, ending, path));
        }
      });
      const compare = this.total === 1n ? null : button("Compare", () => this.choose(number), { className: "outputs-compare" });
      const row = element("li", { className: isRecorded ? "is-recorded" : "" }, details, compare);
      row.dataset.number = String(number);
      return row;
    }

    /// The first of two outputs, or the second: then they are compared.
    choose(number) {
      if (this.chosen === null || this.chosen === number) {
        this.chosen = this.chosen === number ? null : number;
        this.showChosen();
        return;
      }
      this.tools.compareOutputs(this.chosen, number);
    }

    showChosen() {
      const { chosen } = this;
      for (const row of this.list.children) {
        const number = BigInt(row.dataset.number);
        const made = row.querySelector(".outputs-compare");
        if (made) {
          const [own, other] = [grouped(number + 1n), chosen === null ? null : grouped(chosen + 1n)];
          made.textContent = chosen === null ? "Compare" : number === chosen ? "Chosen" : `with ${other}`;
          made.setAttribute("aria-pressed", String(number === chosen));
          made.setAttribute("aria-label", chosen === null ? `Compare output ${own}` : number === chosen ? `Output ${own} is chosen to be compared` : `Compare output ${own} with output ${other}`);
        }
      }
      this.chosenNote.textContent = chosen === null ? "" : `Output ${grouped(chosen + 1n)} is chosen: choose another, and see both side by side.`;
    }

    body(number, text, ending, path) {
      const { outcomes } = this;
      const samp = element("samp");
      if (path) {
        const story = outcomes.story(path);
        const pieces = story.printedUpTo(story.rows.length - 1);
        samp.append(...printed(pieces, story));
      } else {
        samp.append(...direction.nodes(text.replace(/\n$/, "")));
      }
      if (text === "") {
        samp.append("(nothing)");
      }
      const end = element("p", { className: "ending" }, `Then ${window.interleaved.endings.clause(ending)}.`);
      end.dataset.kind = ending.kind;
      const step = button("Step through it", () =>
        this.tools.stepThrough(outcomes.wayTo({ text, ending }, number), "An execution that prints this output."),
      );
      return [element("pre", { className: "transcript steps-output" }, samp), end, step];
    }

    shown() {
      this.listing.lines.clear();
    }

    close() {
      this.listing.lines.clear();
    }
  }

  function countWords({ answer, count, endings }) {
    if (count === null) {
      return [element("strong", {}, "The number of outcomes is not known"), `: ${whyNot(answer.not_counted)}.`];
    }
    if (count === 1n) {
      return [element("strong", {}, "1 possible outcome"), `: whoever goes first, the program prints the same${then(endings)}.`];
    }
    return [element("strong", {}, `${grouped(count)} possible outcomes`), `${then(endings)}.`];
  }

  /// How it ends, if there is one way only.
  function then(endings) {
    return endings.length === 1 ? `, and then ${window.interleaved.endings.clause(endings[0].ending)}` : "";
  }

  function whyNot(reason) {
    if (reason === "unbounded") {
      return "the program can print without end";
    }
    return reached(reason?.incomplete ?? reason?.["too-big"]);
  }

  /// What makes this output different comes first.
  function preview(output, ending, differs) {
    const lines = output.replace(/\n$/, "").split("\n");
    const start = Math.min(differs, Math.max(lines.length - 1, 0));
    const shown = lines.slice(start, start + PREVIEW_LINES);
    const before = start > 0 ? "… " : "";
    const isTorn = output !== "" && !output.endsWith("\n");
    const torn = isTorn ? " (and no end of the line)" : "";
    const after = start + PREVIEW_LINES < lines.length ? " …" : torn;
    const text = shown.some((line) => line !== "") ? before + direction.named(shown.join(" ⏎ ")) + after : "(nothing)";
    return ending.kind === "returned" ? text : `${text} — ${window.interleaved.endings.clause(ending)}`;
  }

  function firstDifference(outputs) {
    if (outputs.length < 2) {
      return 0;
    }
    let index = 0;
    while (outputs.every((lines) => index < lines.length && lines[index] === outputs[0][index])) {
      index += 1;
    }
    return index;
  }

  window.interleaved.AllOutcomes = AllOutcomes;
})();
// Shows what many runs of one program came to: every different outcome, how
// often it was seen, and its output.

"use strict";

(() => {
  const { outputStrip, endings } = window.interleaved;
  const { element, button } = window.interleaved.elements;
  const MIME = "application/vnd.interleaved.runs+json";
  const PREVIEW_LINES = 5;

  /// The list of outcomes, kept up to date while the runs go on.
  class RunsView {
    constructor(element, listing) {
      this.element = element;
      this.listing = listing;
      this.heading = document.createElement("p");
      this.heading.className = "listing-label";
      this.list = document.createElement("ol");
      this.list.className = "runs";
      this.rows = new Map();
      this.heading.textContent = "Running…";
      element.replaceChildren(this.heading, this.list);
    }

    handle(message) {
      const data = message.content.data?.[MIME];
      if (data) {
        this.show(data);
      }
      // There was not even one run: rustc's words stand here instead.
      if (message.header.msg_type === "error" && message.content.ename !== "Interrupted") {
        this.instead = new window.interleaved.OutputView(this.element);
        this.instead.handle(message);
      }
    }

    /// `outcomes`, where they are known, say how many there could have been.
    finish(reply, outcomes) {
      if (this.instead) {
        return this.instead.finish(reply);
      }
      const { seconds } = reply.metadata?.interleaved ?? {};
      this.time = seconds === undefined ? "" : `, in ${window.interleaved.endings.duration(seconds)}`;
      this.heading.textContent += this.time;
      this.learn(outcomes);
      return this.heading.textContent;
    }

    /// Says how many outputs there could have been, once they are known.
    /// Each row then has its picture.
    learn(outcomes) {
      if (outcomes && !this.instead) {
        this.rows.forEach((row) => row.learn(outcomes));
      }
      if (this.instead || this.isLearned || !outcomes?.count || !(this.data?.done > 0)) {
        return;
      }
      this.isLearned = true;
      const possible = window.interleaved.outcomes.grouped(outcomes.count);
      this.heading.textContent = `${headingOf(this.data, "output")}, of ${possible} possible${this.time}`;
      this.heading.after(coverage(BigInt(this.data.outcomes.length), outcomes.count));
    }

    abandon() {}

    show(data) {
      this.data = data;
      this.heading.textContent = headingOf(data);
      const lines = data.outcomes.map(({ stdout }) => linesOf(stdout));
      const most = data.outcomes[0]?.count ?? 0;
      const focused = document.activeElement;
      data.outcomes.forEach((outcome, index) => {
        const key = JSON.stringify([outcome.stdout, outcome.stderr, outcome.ending]);
        const row = this.rows.get(key) ?? this.add(key, outcome);
        row.update(outcome.count, most, firstDifference(lines, index));
        // Only rows out of their place are moved: moving loses the focus.
        if (this.list.children[index] !== row.element) {
          this.list.insertBefore(row.element, this.list.children[index] ?? null);
        }
      });
      if (focused !== document.activeElement && this.list.contains(focused)) {
        focused.focus({ preventScroll: true });
      }
    }

    add(key, outcome) {
      const row = new Row(outcome, this.listing);
      this.rows.set(key, row);
      return row;
    }
  }

  class Row {
    constructor(outcome, listing) {
      this.text = outcome.stdout;
      this.lines = linesOf(outcome.stdout);
      this.ending = outcome.ending;
      this.known = endings.ofEngine(outcome.ending);
      this.element = document.createElement("li");
      this.element.innerHTML =
        '<details><summary><span class="runs-count"></span>' +
        '<span class="runs-bar" aria-hidden="true"></span>' +
        '<span class="output-strip" aria-hidden="true"></span>' +
        '<span class="runs-preview"></span></summary></details>';
      const details = this.element.firstChild;
      this.count = details.querySelector(".runs-count");
      this.bar = details.querySelector(".runs-bar");
      this.preview = details.querySelector(".runs-preview");
      details.append(transcript(outcome.stdout, "stdout"));
      if (outcome.stderr) {
        details.append(transcript(outcome.stderr, "stderr"));
      }
      const ending = document.createElement("p");
      ending.className = "ending";
      ending.dataset.kind = outcome.ending.kind;
      ending.textContent = window.interleaved.endings.sentence(outcome.ending);
      details.append(ending);
      const tools = listing?.outcomes;
      if (tools && this.known) {
        this.step = button("Step through it", () => this.walk(tools), { className: "runs-step" });
        details.append(this.step);
      }
    }

    /// Steps through an execution that prints this, once there are outcomes to
    /// find one in.
    walk(tools) {
      const { text, known } = this;
      tools.stepThrough((outcomes) => outcomes.wayTo({ text, ending: known }), "An execution that prints what your run has printed.");
    }

    /// What can come of the program is known: then so is who printed what.
    learn(outcomes) {
      const path = this.known && outcomes.pathOf({ text: this.text, ending: this.known });
      if (path) {
        this.element.querySelector(".output-strip").replaceWith(outputStrip(path, outcomes));
      } else if (outcomes.graph && this.step) {
        const why = outcomes.isPrompt ? "No execution on a machine that is never late comes out so." : "The engine finds no execution that comes out so.";
        this.step.replaceWith(element("p", { className: "runs-beyond" }, why));
        this.step = null;
      }
    }

    update(count, most, differs) {
      const times = `${count}×`;
      if (this.count.textContent !== times) {
        this.count.textContent = times;
      }
      this.bar.style.setProperty("--share", String(count / most));
      const preview = this.previewFrom(differs);
      if (this.preview.textContent !== preview) {
        this.preview.textContent = preview;
      }
    }

    // What makes this outcome different comes first.
    previewFrom(differs) {
      const start = Math.min(differs, Math.max(this.lines.length - 1, 0));
      const shown = this.lines.slice(start, start + PREVIEW_LINES);
      const before = start > 0 ? "… " : "";
      const after = start + PREVIEW_LINES < this.lines.length ? " …" : "";
      const text = shown.some((line) => line !== "") ? before + window.interleaved.direction.named(shown.join(" ⏎ ")) + after : "no output";
      const endsWell = this.ending.kind === "returned";
      return endsWell ? text : `${text} — ${window.interleaved.endings.sentence(this.ending)}`;
    }
  }

  function transcript(text, stream) {
    const pre = document.createElement("pre");
    pre.className = `transcript ${stream}`;
    const samp = document.createElement("samp");
    samp.append(window.interleaved.ansi.toFragment(text.replace(/\n$/, "") || "(nothing)"));
    pre.append(samp);
    return pre;
  }

  /// How much of what is possible was seen, as a bar.
  function coverage(seen, possible) {
    const bar = document.createElement("div");
    bar.className = "runs-coverage";
    bar.setAttribute("aria-hidden", "true");
    bar.style.setProperty("--share", String(Number((seen * 10_000n) / possible) / 10_000));
    return bar;
  }

  function headingOf(data, outcome = "outcome") {
    const of = data.done < data.runs ? `${data.done} of ${data.runs}` : String(data.runs);
    const runs = data.runs === 1 ? "run" : "runs";
    const different =
      data.outcomes.length === 1
        ? `always the same ${outcome}`
        : `${data.outcomes.length} different ${outcome}s`;
    const rest = data.not_kept ? `, and ${data.not_kept} runs that printed too much to keep` : "";
    return data.done === 0 ? `0 of ${data.runs} runs` : `${of} ${runs}: ${different}${rest}`;
  }

  function linesOf(text) {
    return text.replace(/\n$/, "").split("\n");
  }

  /// The line at which an outcome parts from the most frequent one; for that
  /// one, from all others.
  function firstDifference(outcomes, index) {
    const [most, ...others] = outcomes;
    const parts = (a, b) => {
      const at = a.findIndex((line, number) => line !== b[number]);
      return at === -1 ? a.length : at;
    };
    if (index > 0) {
      return parts(most, outcomes[index]);
    }
    return others.length === 0 ? 0 : Math.min(...others.map((other) => parts(most, other)));
  }

  window.interleaved.RunsView = RunsView;
})();
// One execution to take along: as text, in columns, or as a drawing that needs
// no style sheet.

"use strict";

(() => {
  const { element, svg } = window.interleaved.elements;
  const { timeInWords } = window.interleaved.words;
  const HEAD = 36;
  const PAD = 8;
  const STYLES = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap"];

  /// The story as text: a step a line, then the output and the end.
  function asText(story, title) {
    const names = story.rows.map(({ thread }) => story.name(thread));
    const width = Math.max(...names.map((name) => name.length));
    const digits = String(story.rows.length).length;
    const steps = story.rows.map((row, index) => {
      const time = story.isPrompt ? `  at ${timeInWords(row.time)}` : "";
      const line = row.line === null ? "" : `  (line ${row.line})`;
      return `${String(index + 1).padStart(digits)}  ${names[index].padEnd(width)}  ${story.words(row)}${line}${time}`;
    });
    const printed = story.rows.map(({ text }) => text).join("");
    const end = story.ending ? [`Then ${window.interleaved.endings.clause(story.ending)}.`] : [];
    return `${[title, "", ...steps, ...end, "", "Output:", printed.replace(/\n$/, "") || "(nothing)"].join("\n")}\n`;
  }

  /// A diagram as an SVG of its own, in the colours that it has on the page.
  function asSvg(diagram, title) {
    const drawn = diagram.element.querySelector(".steps-drawing");
    const copy = drawn.cloneNode(true);
    const originals = [...drawn.querySelectorAll("*")];
    [...copy.querySelectorAll("*")].forEach((made, index) => {
      const style = getComputedStyle(originals[index]);
      made.removeAttribute("class");
      if (made.tagName !== "g") {
        made.setAttribute("style", STYLES.map((name) => `${name}:${style.getPropertyValue(name)}`).join(";"));
      }
    });
    const width = Math.max(...diagram.rowEnds()) + PAD;
    const height = diagram.height + HEAD + PAD;
    const page = getComputedStyle(diagram.element);
    // Lines pass under the words.
    const halo = `paint-order:stroke;stroke:${page.backgroundColor};stroke-width:4px;stroke-linejoin:round`;
    const words = (text, x, y, style) => svg("text", { x, y, style: `font:${style.weight} 13px ${style.family};fill:${style.colour};${halo}` }, text);
    const sans = "system-ui, sans-serif";
    const heads = diagram.threads.map((thread) => {
      const { x } = diagram.places.get(thread);
      const colour = getComputedStyle(diagram.element.querySelector(`.steps-lane.thread-${thread % 6}`)).color;
      return words(diagram.story.name(thread), x - 5, 22, { weight: 600, family: sans, colour });
    });
    const rows = diagram.rows.map((row, index) => {
      const shown = row.querySelector(".steps-words");
      const family = shown.classList.contains("is-printed") ? "monospace" : sans;
      return words(shown.textContent, diagram.wordsAt(index), HEAD + diagram.y(index) + 4, { weight: 400, family, colour: page.color });
    });
    const clock = diagram.times.map(({ row, words: time }) => words(time, 9, HEAD + diagram.y(row) + 4, { weight: 400, family: sans, colour: page.color }));
    const body = svg("g", { transform: `translate(0 ${HEAD})` }, ...copy.childNodes);
    const made = svg(
      "svg",
      { width, height, viewBox: `0 0 ${width} ${height}`, role: "img" },
      svg("title", {}, title),
      svg("rect", { width, height, style: `fill:${page.backgroundColor}` }),
      ...heads,
      body,
      ...clock,
      ...rows,
    );
    return new XMLSerializer().serializeToString(made);
  }

  /// Into the clipboard; or, where the browser doesn't let us, into a field to
  /// copy from.
  async function copyText(text, pressed, place) {
    try {
      await navigator.clipboard.writeText(text);
      place.replaceChildren(element("p", { className: "steps-copied", role: "status" }, `${pressed.textContent.replace("Copy", "Copied")}.`));
    } catch {
      const field = element("textarea", { className: "steps-field", readOnly: true, rows: 4, value: text, "aria-label": pressed.textContent });
      place.replaceChildren(field);
      field.select();
    }
  }

  window.interleaved.executionCopy = { asText, asSvg, copyText };
})();
// The panel that goes through one execution, step by step.

"use strict";

(() => {
  const { element, button, svg } = window.interleaved.elements;
  const { Diagram, OutputSoFar, standing, markLines } = window.interleaved.diagram;
  const { asText, asSvg, copyText } = window.interleaved.executionCopy;
  const PACE = 800;

  class StepThrough {
    /// `title` says which execution it is; `row` is the step to begin with.
    constructor(listing, outcomes, path, title, row = 0) {
      this.listing = listing;
      this.tools = listing.outcomes;
      this.outcomes = outcomes;
      this.element = element("div", { className: "steps", keydown: (event) => this.key(event) });
      this.tell(path ?? outcomes.first(), title ?? this.firstTitle(path), row);
    }

    firstTitle(path) {
      return !path && this.outcomes.recorded ? "An execution that prints the recorded output." : "One of many executions.";
    }

    tell(path, title, row = 0) {
      this.pause();
      this.path = path;
      this.story = this.outcomes.story(path);
      this.last = this.story.rows.length - 1;
      this.diagram = this.draw();
      this.output = new OutputSoFar();
      this.title = element("p", { className: "panel-lead" }, title);
      this.now = element("p", { className: "steps-now", role: "status" });
      this.threads = element("ul", { className: "standings" });
      this.element.replaceChildren(
        this.title,
        this.controls(),
        this.now,
        element(
          "div",
          { className: "steps-columns" },
          this.diagram.element,
          element("div", { className: "steps-side" }, this.output.element, element("p", { className: "listing-label" }, "The threads"), this.threads),
        ),
        this.copies(),
      );
      this.row = -1;
      this.go(row);
    }

    draw() {
      return new Diagram(this.story, (row) => this.goByHand(row), this.tools.width());
    }

    controls() {
      const control = (label, shape, row) =>
        button(icon(shape), () => this.goByHand(row()), { className: "steps-control", "aria-label": label, title: label });
      this.slider = element("input", {
        type: "range",
        className: "steps-slider",
        min: 0,
        max: this.last,
        value: 0,
        "aria-label": "Step",
        input: () => this.goByHand(Number(this.slider.value)),
      });
      this.playing = button("Play", () => this.togglePlay(), { className: "steps-play" });
      const another = this.outcomes.hasAnother()
        ? button("Another", () => this.another(), { title: "Another execution, by chance" })
        : null;
      return element(
        "div",
        { className: "steps-controls" },
        control("First step", "M2 2v12M14 2 5 8l9 6z", () => 0),
        control("Step back", "M12 2 3 8l9 6z", () => this.row - 1),
        this.slider,
        control("Next step", "M4 2l9 6-9 6z", () => this.row + 1),
        control("Last step", "M14 2v12M2 2l9 6-9 6z", () => this.last),
        this.playing,
        another,
      );
    }

    /// The execution to take along. Without a graph there is no way to name it
    /// in a link.
    copies() {
      const { listing, outcomes, story } = this;
      const place = element("div");
      const title = `${listing.title}: an execution`;
      const copy = (label, text) =>
        button(label, async ({ currentTarget }) => copyText(await text(), currentTarget, place), { className: "steps-copy" });
      const canLink = listing.name && outcomes.graph && Array.isArray(this.path);
      return element(
        "div",
        { className: "steps-copies" },
        canLink ? copy("Copy link", () => window.interleaved.executionLink.addressOf(listing, outcomes, this.path, this.row)) : null,
        this.tools.compareWith && outcomes.hasAnother()
          ? button("Compare side by side", () => this.tools.compareWith(this.path, this.row), { className: "steps-copy steps-compare" })
          : null,
        copy("Copy as text", () => asText(story, title)),
        copy("Copy as SVG", () => asSvg(this.diagram, title)),
        place,
      );
    }

    another() {
      if (!this.outcomes.graph) {
        this.tools.stepThrough(this.outcomes.another(), "An execution by chance: each output as likely as the others.");
        return;
      }
      this.tell(this.outcomes.another(), "An execution by chance: each choice as likely as the others.");
      this.element.querySelector(".steps-controls > :last-child").focus();
    }

    /// mdBook turns the page with ← and →; here they step.
    key(event) {
      const moves = {
        ArrowLeft: -1,
        ArrowUp: -1,
        ArrowRight: 1,
        ArrowDown: 1,
        Home: -Infinity,
        End: Infinity,
      };
      const move = moves[event.key];
      const isText = event.target.tagName === "TEXTAREA";
      if (move === undefined || isText || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      this.goByHand(this.row + move);
    }

    goByHand(row) {
      this.pause();
      this.go(row);
    }

    go(row) {
      const to = Math.min(Math.max(row, 0), this.last);
      if (to === this.row) {
        return;
      }
      this.row = to;
      this.show();
    }

    show() {
      const { story, row } = this;
      const event = story.rows[row];
      const ended = row === this.last && story.ending;
      this.diagram.at(row);
      this.output.show(story.printedUpTo(row), story);
      this.slider.value = row;
      this.slider.setAttribute("aria-valuetext", `${row + 1} of ${this.last + 1}: ${story.told(event)}`);
      this.now.replaceChildren(
        element("span", { className: "steps-count" }, `${row + 1} of ${this.last + 1} `),
        `${story.told(event)}.`,
        ended ? ` Then ${window.interleaved.endings.clause(story.ending)}.` : "",
      );
      const positions = story.positionsAfter(row);
      const over = ended && story.ending.kind !== "deadlocked" ? [] : positions;
      this.threads.replaceChildren(
        ...(over.length > 0
          ? standing(story, over, this.listing.lines)
          : ended ? [element("li", {}, "The program has ended.")] : []),
      );
      markLines(story, over, this.listing.lines, row);
    }

    togglePlay() {
      if (this.timer) {
        this.pause();
        return;
      }
      if (this.row === this.last) {
        this.go(0);
      }
      this.playing.textContent = "Pause";
      this.timer = setInterval(() => {
        this.go(this.row + 1);
        if (this.row === this.last) {
          this.pause();
        }
      }, PACE);
    }

    pause() {
      clearInterval(this.timer);
      this.timer = null;
      if (this.playing) {
        this.playing.textContent = "Play";
      }
    }

    shown() {
      this.show();
    }

    /// There is more room, or less.
    redraw() {
      const old = this.diagram.element;
      this.diagram = this.draw();
      old.replaceWith(this.diagram.element);
      this.show();
    }

    close() {
      this.pause();
      this.listing.lines.clear();
    }
  }

  function icon(shape) {
    return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: shape }));
  }

  window.interleaved.StepThrough = StepThrough;
})();
// The panel that shows two executions of a program side by side: the same up to a
// step, which is marked and told, and each on its own from there.

"use strict";

(() => {
  const { element, button, svg } = window.interleaved.elements;
  const { Diagram, OutputSoFar } = window.interleaved.diagram;
  const { grouped } = window.interleaved.outcomes;
  const SIDES = ["left", "right"];

  /// One of the two.
  class Side {
    /// `chosen` is told the number of another output, from 0.
    constructor(name, outcomes, chosen) {
      this.name = name;
      this.outcomes = outcomes;
      this.now = element("p", { className: "compare-now" });
      this.diagramPlace = element("div", {});
      this.output = new OutputSoFar();
      this.title = element("p", { className: "compare-title" });
      this.field = element("input", {
        type: "number",
        className: "compare-number",
        min: 1,
        max: Number(outcomes.choosable()),
        "aria-label": `The output on the ${name}: its number`,
        change: () => chosen(BigInt(Math.trunc(Number(this.field.value))) - 1n),
      });
      const turn = (label, by, shape) =>
        button(icon(shape), () => chosen((this.number ?? -1n) + by), { className: "compare-turn", "aria-label": `${label} output on the ${name}`, title: `${label} output` });
      const total = outcomes.choosable();
      const choice =
        total > 1n
          ? element("div", { className: "compare-choice" }, turn("Previous", -1n, "M12 2 3 8l9 6z"), this.field, element("span", {}, `of ${grouped(total)}`), turn("Next", 1n, "M4 2l9 6-9 6z"))
          : null;
      this.element = element(
        "section",
        { className: "compare-side", "aria-label": `The execution on the ${name}` },
        element("div", { className: "compare-head" }, this.title, choice),
        this.now,
        this.diagramPlace,
        this.output.element,
      );
    }

    /// The execution that it shows from now on, and which output that has.
    set(way) {
      const { outcomes } = this;
      this.way = way;
      this.story = outcomes.story(way);
      this.last = this.story.rows.length - 1;
      const text = this.story.rows.map((row) => row.text).join("");
      this.number = outcomes.numberOf(text, this.story.ending);
      this.field.value = this.number === null ? "" : String(this.number + 1n);
      const isRecorded = outcomes.recorded !== null && outcomes.recorded.text === text;
      const side = this.name === "left" ? "Left" : "Right";
      const which = this.number === null ? "an execution" : `output ${grouped(this.number + 1n)}`;
      this.title.textContent = `${side}: ${which}${isRecorded ? ", the recorded one" : ""}`;
    }

    draw(other, parting, select, available) {
      this.diagram = new Diagram(this.story, select, available, other.story);
      this.diagram.element.setAttribute("aria-label", `The execution on the ${this.name}, step by step`);
      if (parting !== null) {
        this.diagram.part(parting);
      }
      this.diagramPlace.replaceChildren(this.diagram.element);
    }

    at(row) {
      const { story, last } = this;
      const here = Math.min(row, last);
      const isOver = here === last && story.ending;
      this.diagram.at(here);
      this.output.show(story.printedUpTo(here), story);
      this.now.replaceChildren(
        element("span", { className: "steps-count" }, `${here + 1} of ${last + 1} `),
        `${story.told(story.rows[here])}.`,
        isOver ? ` Then ${window.interleaved.endings.clause(story.ending)}.` : "",
      );
    }
  }

  class Compare {
    /// `ways` are two executions: a way through the graph or a trace each. The
    /// page may begin at a step; without one, where they part.
    constructor(listing, outcomes, tools, ways, row = null) {
      this.listing = listing;
      this.outcomes = outcomes;
      this.tools = tools;
      this.sides = SIDES.map((name, index) => new Side(name, outcomes, (number) => this.choose(index, number)));
      this.told = element("div", { className: "compare-told", role: "status" });
      this.place = element("div", {});
      this.copied = element("div", {});
      const control = (label, shape, to) => button(icon(shape), () => this.go(to()), { className: "steps-control", "aria-label": label, title: label });
      this.slider = element("input", { type: "range", className: "steps-slider", min: 0, "aria-label": "Step of both", input: () => this.go(Number(this.slider.value)) });
      this.partButton = button("Where they part", () => this.go(this.parting), { className: "compare-part" });
      const canLink = listing.name && outcomes.graph && ways.every(Array.isArray);
      this.element = element(
        "div",
        { className: "compare", keydown: (event) => this.key(event) },
        this.told,
        element(
          "div",
          { className: "steps-controls" },
          control("First step", "M2 2v12M14 2 5 8l9 6z", () => 0),
          control("Step back", "M12 2 3 8l9 6z", () => this.row - 1),
          this.slider,
          control("Next step", "M4 2l9 6-9 6z", () => this.row + 1),
          control("Last step", "M14 2v12M2 2l9 6-9 6z", () => this.last),
          this.partButton,
        ),
        this.place,
        element("div", { className: "compare-sides" }, ...this.sides.map((side) => side.element)),
        element("div", { className: "steps-copies" }, canLink ? button("Copy link", (event) => this.copyLink(event.currentTarget), { className: "steps-copy" }) : null, this.copied),
      );
      this.sides.forEach((side, index) => side.set(ways[index]));
      this.start = row;
    }

    /// Both are known, and there is room to draw them.
    shown() {
      this.compare();
      this.row = -1;
      this.go(this.start ?? this.parting ?? 0);
    }

    redraw() {
      this.draw();
      this.show();
    }

    compare() {
      const [left, right] = this.sides;
      this.last = Math.max(left.last, right.last);
      this.parting = partingOf(left.story, right.story);
      this.slider.max = this.last;
      this.partButton.disabled = this.parting === null;
      this.told.replaceChildren(...inWords(left.story, right.story, this.parting));
      this.draw();
    }

    draw() {
      const [left, right] = this.sides;
      const available = left.element.clientWidth - 4;
      left.draw(right, this.parting, (row) => this.go(row), available);
      right.draw(left, this.parting, (row) => this.go(row), available);
      const scrolls = this.sides.map((side) => side.diagram.element);
      scrolls.forEach((scroll, index) => {
        const other = scrolls[1 - index];
        scroll.addEventListener("scroll", () => {
          other.scrollTop = scroll.scrollTop;
          other.scrollLeft = scroll.scrollLeft;
        });
      });
    }

    /// Another output on one side: an execution that parts from the other side's
    /// as late as can be.
    async choose(index, number) {
      const { outcomes } = this;
      const total = outcomes.choosable();
      const side = this.sides[index];
      const wanted = ((number % total) + total) % total;
      const { text, ending } = outcomes.output(wanted);
      const other = this.sides[1 - index].way;
      let way = outcomes.graph ? outcomes.nearest({ text, ending }, other) : outcomes.wayTo({ text, ending }, wanted);
      if (way instanceof window.interleaved.Question) {
        try {
          way = (await this.tools.ask(way, this.place)).trace;
        } catch (error) {
          this.place.replaceChildren(this.tools.explain(error));
          return;
        }
        this.place.replaceChildren();
      }
      side.set(way);
      this.compare();
      this.row = -1;
      this.go(this.parting ?? 0);
    }

    /// As in step-through.js; both go at once.
    key(event) {
      const moves = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };
      const move = moves[event.key];
      const isText = event.target.type === "number" || event.target.tagName === "TEXTAREA";
      if (isText && event.key.startsWith("Arrow")) {
        event.stopPropagation();
        return;
      }
      if (move === undefined || isText || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      this.go(this.row + move);
    }

    go(row) {
      const to = Math.min(Math.max(row, 0), this.last);
      if (to !== this.row) {
        this.row = to;
        this.show();
      }
    }

    show() {
      const { row } = this;
      this.sides.forEach((side) => side.at(row));
      this.slider.value = row;
      this.slider.setAttribute("aria-valuetext", this.sides.map((side) => `${side.name}: ${side.now.textContent}`).join(" "));
      this.listing.lines.show(this.marks());
    }

    /// The lines of what happens at this step: once, as long as it is the same.
    marks() {
      const isSame = this.parting === null || this.row < this.parting;
      const sides = isSame ? this.sides.slice(0, 1) : this.sides;
      return sides
        .filter(({ last }) => this.row <= last)
        .map(({ story, name }) => {
          const { thread, line } = story.rows[this.row];
          return { thread, name: isSame ? story.name(thread) : `${name}: ${story.name(thread)}`, line, blocked: false };
        });
    }

    async copyLink(pressed) {
      const { addressOf } = window.interleaved.executionLink;
      const [left, right] = this.sides;
      const address = await addressOf(this.listing, this.outcomes, left.way, this.row, right.way);
      await window.interleaved.executionCopy.copyText(address, pressed, this.copied);
    }

    close() {
      this.listing.lines.clear();
    }
  }

  /// The first row in which two stories differ; `null` if they don't.
  function partingOf(left, right) {
    const length = Math.max(left.rows.length, right.rows.length);
    for (let row = 0; row < length; row += 1) {
      const [a, b] = [left.rows[row], right.rows[row]];
      if (!a || !b || a.thread !== b.thread || left.told(a) !== right.told(b)) {
        return row;
      }
    }
    return null;
  }

  function inWords(left, right, parting) {
    if (parting === null) {
      return [element("p", { className: "compare-lead" }, "These two are the same execution.")];
    }
    const before = parting === 0 ? "They part at the first step:" : `They are the same up to step ${parting}, and part at step ${parting + 1}:`;
    const step = (story, name) => {
      const row = story.rows[parting];
      const words = row ? `${story.told(row)}.` : "It is over.";
      return element("li", {}, element("span", { className: "compare-which" }, `on the ${name}:`), " ", words);
    };
    return [element("p", { className: "compare-lead" }, before), element("ul", { className: "compare-steps" }, step(left, "left"), step(right, "right"))];
  }

  function icon(shape) {
    return svg("svg", { class: "icon", viewBox: "0 0 16 16", "aria-hidden": "true" }, svg("path", { d: shape }));
  }

  window.interleaved.Compare = Compare;
})();
// The panel in which the reader decides which thread goes next.

"use strict";

(() => {
  const { element, button, sentence, colour, dot, hidden } = window.interleaved.elements;
  const { Diagram, OutputSoFar, waiting, markLines } = window.interleaved.diagram;
  const { grouped } = window.interleaved.outcomes;

  class Scheduler {
    constructor(listing, outcomes, tools) {
      this.listing = listing;
      this.outcomes = outcomes;
      this.graph = outcomes.graph;
      this.tools = tools;
      this.path = [];
      this.announcement = element("p", { className: "visually-hidden", role: "status" });
      this.choices = element("ul", { className: "choices" });
      this.heading = element("p", { className: "listing-label" });
      this.output = new OutputSoFar();
      this.diagramPlace = element("div", { className: "scheduler-diagram" });
      // What the chapter asks is about the program as it stands there.
      this.goals = listing.isEdited() ? null : listing.goals;
      this.undoButton = button("Undo", () => this.undo());
      this.restartButton = button("Start again", () => this.restart());
      this.randomButton = button("Let chance choose", () => this.chance());
      this.restButton = button("… to the end", () => this.chanceToTheEnd(), { "aria-label": "Let chance choose to the end" });
      this.element = element(
        "div",
        { className: "scheduler", keydown: (event) => this.key(event) },
        element(
          "p",
          { className: "panel-lead" },
          "Whoever you choose does what it is about to do. A hollow dot is a thread that has to wait.",
        ),
        this.goals?.list(),
        this.heading,
        this.choices,
        element("div", { className: "scheduler-buttons" }, this.randomButton, this.restButton, this.undoButton, this.restartButton),
        this.announcement,
        element("div", { className: "steps-columns" }, this.diagramPlace, element("div", { className: "steps-side" }, this.output.element)),
      );
      this.show();
    }

    edges() {
      const state = this.graph.endOf(this.path);
      return state === null ? [] : this.graph.edgesOf(state).filter((edge) => edge.choice !== null);
    }

    take(edge) {
      const before = this.outcomes.story(this.path).rows.length;
      this.path = this.graph.settled([...this.path, edge]);
      this.show();
      const said = edge.thread === null ? ["Time passes"] : this.story.rows.slice(before).map((row) => this.story.sentence(row));
      this.announcement.textContent = `${said.join(". ")}. ${this.heading.textContent}`;
      this.focusFirst();
    }

    undo() {
      const last = this.path.findLastIndex((edge) => edge.choice !== null);
      this.path = this.path.slice(0, Math.max(last, 0));
      this.show();
      this.announcement.textContent = `Undone. ${this.heading.textContent}`;
      (this.undoButton.disabled ? this.choices.querySelector("button") : this.undoButton)?.focus();
    }

    restart() {
      this.path = [];
      this.show();
      this.announcement.textContent = `From the start. ${this.heading.textContent}`;
      this.focusFirst();
    }

    chance() {
      const edges = this.edges();
      this.take(edges[Math.floor(Math.random() * edges.length)]);
      (this.randomButton.disabled ? this.restartButton : this.randomButton).focus();
    }

    chanceToTheEnd() {
      for (let steps = 0; steps < 1000 && this.edges().length > 0; steps += 1) {
        const edges = this.edges();
        this.path = this.graph.settled([...this.path, edges[Math.floor(Math.random() * edges.length)]]);
      }
      this.show();
      this.announcement.textContent = this.heading.textContent;
      this.restartButton.focus();
    }

    focusFirst() {
      (this.choices.querySelector("button.choice") ?? this.restartButton).focus();
    }

    /// The digits choose; arrows go from choice to choice.
    key(event) {
      if (event.ctrlKey || event.altKey || event.metaKey) {
        return;
      }
      const buttons = [...this.choices.querySelectorAll("button.choice")];
      if (/^[1-9]$/.test(event.key) && buttons[Number(event.key) - 1]) {
        event.preventDefault();
        event.stopPropagation();
        buttons[Number(event.key) - 1].click();
        return;
      }
      if (!event.key.startsWith("Arrow")) {
        return;
      }
      event.stopPropagation();
      const at = buttons.indexOf(document.activeElement);
      if (at !== -1) {
        event.preventDefault();
        const move = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : buttons.length - 1;
        buttons[(at + move) % buttons.length].focus();
      }
    }

    show() {
      this.story = this.outcomes.story(this.path);
      const { story } = this;
      const last = story.rows.length - 1;
      const edges = this.edges();
      const over = edges.length === 0;
      this.heading.textContent = over ? `${this.verdict()}${this.reached()}` : "Who goes next?";
      this.heading.classList.toggle("scheduler-verdict", over);
      const positions = over && story.ending?.kind !== "deadlocked" ? [] : story.positionsAfter(last);
      const passing = edges.filter((edge) => edge.thread === null);
      this.choices.replaceChildren(
        ...positions.flatMap((position) => this.choicesOf(position, edges)),
        ...passing.map((edge) => element("li", {}, this.passing(edge, edges.indexOf(edge)))),
      );
      for (const control of [this.randomButton, this.restButton]) {
        control.disabled = over;
      }
      this.undoButton.disabled = this.path.length === 0;
      this.restartButton.disabled = this.path.length === 0;
      this.output.show(story.printedUpTo(last), story);
      const diagram = new Diagram(story, () => {}, this.tools.width());
      this.diagramPlace.replaceChildren(diagram.element);
      diagram.at(last);
      markLines(story, positions, this.listing.lines, last);
    }

    choicesOf(position, edges) {
      const { thread } = position;
      const own = edges.filter((edge) => edge.thread === thread);
      if (own.length > 0) {
        return own.map((edge) => element("li", {}, this.choice(position, edge, edges.indexOf(edge))));
      }
      const name = element("strong", {}, this.story.name(thread));
      const partner = edges.find((edge) => edge.with === thread);
      const words = partner
        ? [`goes on when ${this.story.name(partner.thread)} does`]
        : waiting(position, this.listing.lines);
      const kind = partner ? "is-met" : "is-blocked";
      return [element("li", { className: `standing ${kind} ${colour(thread)}` }, dot(thread, kind), name, " ", ...sentence(words))];
    }

    /// What a thread would do if it went next.
    choice({ thread, at }, edge, number) {
      const { listing } = this;
      const next = this.outcomes.story([...this.path, edge]);
      const rows = next.rows.slice(this.story.rows.length);
      const first = rows.find((row) => row.thread === thread) ?? rows[0];
      const met = rows.find((row) => row.thread === edge.with);
      const to = met ? ` to ${next.name(edge.with)}` : "";
      const line = first?.line ?? at?.line ?? null;
      const words = `${first ? next.words(first) : "goes on"}${to}`;
      const point = () => listing.lines.point(line);
      const away = () => listing.lines.point(null);
      const made = button("", () => this.take(edge), {
        className: `choice ${colour(thread)}`,
        mouseenter: point,
        mouseleave: away,
        focus: point,
        blur: away,
      });
      made.append(
        dot(thread),
        element("strong", {}, next.name(thread)),
        hidden(" "),
        element("span", { className: "choice-words" }, words),
        element("span", { className: "choice-line" }, line === null ? "" : `line ${line}`),
        shortcut(number),
      );
      return made;
    }

    /// On the prompt clock, where all who could go on have let others go first.
    passing(edge, number) {
      const made = button("", () => this.take(edge), { className: "choice is-time" });
      made.append(element("span", { className: "choice-words" }, "Time passes until the next sleep or timeout is over"), shortcut(number));
      return made;
    }

    /// Which goals this execution has reached, which is kept.
    reached() {
      const goals = this.goals?.reach(this.graph.textOf(this.path), this.story.ending) ?? [];
      return goals.map((goal) => ` Goal reached: ${goal}`).join("");
    }

    verdict() {
      const ending = this.story.ending;
      const how = ending ? `Then ${window.interleaved.endings.clause(ending)}.` : "Nothing more can happen.";
      const rank = this.outcomes.rank(this.graph.textOf(this.path), ending);
      if (rank === null) {
        return how;
      }
      const { recorded, count } = this.outcomes;
      const same = recorded && recorded.text === this.graph.textOf(this.path) ? ": the recorded one" : "";
      return count === 1n
        ? `${how} This is the only output there is.`
        : `${how} This is output ${grouped(rank + 1n)} of ${grouped(count)}${same}.`;
    }

    shown() {
      this.show();
    }

    redraw() {
      this.show();
    }

    close() {
      this.listing.lines.clear();
    }
  }

  /// The key that takes this choice.
  function shortcut(number) {
    return number < 9 ? element("kbd", { "aria-hidden": "true" }, String(number + 1)) : "";
  }

  window.interleaved.Scheduler = Scheduler;
})();
// The panel that answers "can this happen?": an output to edit, line by line, and
// the answer while it is edited.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { direction } = window.interleaved;
  const { grouped, foundBy, reached } = window.interleaved.outcomes;
  const { linesOf, possibleLines, whyNot } = window.interleaved.whyNot;

  class Possible {
    constructor(listing, outcomes, tools) {
      this.outcomes = outcomes;
      this.tools = tools;
      /// Without the graph it is the kernel that answers, when it is asked.
      this.isAsked = outcomes.graph === null;
      this.start = outcomes.recorded?.text ?? this.anOutput(listing);
      this.list = element("ol", { className: "lines", "aria-label": "The output to ask about" });
      this.answer = element("div", { className: "answer", role: "status" });
      this.showButton = button("Show me", () => this.showMe());
      this.askButton = button("Ask", () => this.askKernel(), { className: "possible-ask" });
      this.place = element("div");
      this.element = element(
        "div",
        { className: "possible", keydown: (event) => this.key(event) },
        element(
          "p",
          { className: "panel-lead" },
          "Could the program print this? Move lines, edit them, add some, take some away.",
        ),
        element(
          "div",
          { className: "possible-columns" },
          element(
            "div",
            {},
            this.list,
            element(
              "div",
              { className: "scheduler-buttons" },
              button("Add a line", () => this.add(this.list.children.length, "")),
              button("Shuffle", () => this.shuffle()),
              button("Start again", () => this.reset()),
            ),
          ),
          element("div", { className: "possible-answer" }, this.askButton, this.place, this.answer, this.showButton),
        ),
      );
      this.fill(linesOf(this.start));
    }

    /// An output to begin with.
    anOutput(listing) {
      const { graph, answer } = this.outcomes;
      return graph ? graph.textOf(this.outcomes.first()) : (listing.shownText() ?? answer.listed?.[0]?.text ?? "");
    }

    fill(lines) {
      this.list.replaceChildren(...lines.map((line) => this.row(line)));
      this.ask();
    }

    reset() {
      this.fill(linesOf(this.start));
    }

    shuffle() {
      const lines = this.lines();
      for (let index = lines.length - 1; index > 0; index -= 1) {
        const other = Math.floor(Math.random() * (index + 1));
        [lines[index], lines[other]] = [lines[other], lines[index]];
      }
      this.fill(lines);
    }

    lines() {
      return [...this.list.querySelectorAll("input")].map((input) => input.value);
    }

    row(text) {
      const handle = element(
        "span",
        { className: "line-handle", "aria-hidden": "true", title: "Drag to move", pointerdown: (event) => this.drag(event, row) },
        "⠿",
      );
      const input = element("input", { type: "text", value: text, spellcheck: false, autocomplete: "off", input: () => this.ask(), paste: (event) => this.paste(event, row) });
      const act = (label, sign, click) => button(sign, click, { className: "line-act", "aria-label": label, title: label });
      const row = element(
        "li",
        {},
        handle,
        input,
        element("span", { className: "line-named" }),
        act("Move up", "↑", () => this.move(row, -1)),
        act("Move down", "↓", () => this.move(row, 1)),
        act("Remove", "×", () => this.remove(row)),
      );
      return row;
    }

    add(index, text) {
      const row = this.row(text);
      this.list.insertBefore(row, this.list.children[index] ?? null);
      row.querySelector("input").focus();
      this.ask();
    }

    /// Several lines at once, in place of this one.
    paste(event, row) {
      const lines = event.clipboardData.getData("text").replace(/\n$/, "").split(/\r?\n/);
      if (lines.length > 1) {
        event.preventDefault();
        const rows = lines.map((line) => this.row(line));
        row.replaceWith(...rows);
        rows.at(-1).querySelector("input").focus();
        this.ask();
      }
    }

    remove(row) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (next?.querySelector("input") ?? this.element.querySelector(".scheduler-buttons button")).focus();
      this.ask();
    }

    move(row, by) {
      const focused = document.activeElement;
      const rows = [...this.list.children];
      const to = Math.min(Math.max(rows.indexOf(row) + by, 0), rows.length - 1);
      if (to === rows.indexOf(row)) {
        return;
      }
      row.remove();
      this.list.insertBefore(row, this.list.children[to] ?? null);
      if (row.contains(focused)) {
        focused.focus();
      }
      this.ask();
    }

    /// In a line: Alt with ↑ or ↓ moves it, Enter begins another.
    key(event) {
      if (event.key.startsWith("Arrow")) {
        event.stopPropagation();
      }
      const row = event.target.closest("li");
      if (!row || event.target.tagName !== "INPUT") {
        return;
      }
      const rows = [...this.list.children];
      const goTo = (index) => rows[index]?.querySelector("input").focus();
      const at = rows.indexOf(row);
      if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        event.preventDefault();
        const by = event.key === "ArrowUp" ? -1 : 1;
        if (event.altKey) {
          this.move(row, by);
        } else {
          goTo(at + by);
        }
      } else if (event.key === "Enter") {
        event.preventDefault();
        this.add(at + 1, "");
      } else if (event.key === "Backspace" && event.target.value === "") {
        event.preventDefault();
        this.remove(row);
      }
    }

    drag(event, row) {
      event.preventDefault();
      const handle = event.currentTarget;
      handle.setPointerCapture(event.pointerId);
      row.classList.add("is-dragged");
      const move = ({ clientY }) => {
        const others = [...this.list.children].filter((other) => other !== row);
        const after = others.find((other) => {
          const { top, height } = other.getBoundingClientRect();
          return clientY < top + height / 2;
        });
        if (row.nextElementSibling !== (after ?? null)) {
          // Moving the row itself would lose the pointer: the others move around it.
          this.moveAround(row, after ?? null);
        }
      };
      const drop = () => {
        row.classList.remove("is-dragged");
        handle.removeEventListener("pointermove", move);
        this.ask();
      };
      handle.addEventListener("pointermove", move);
      handle.addEventListener("lostpointercapture", drop, { once: true });
    }

    moveAround(row, after) {
      const rows = [...this.list.children];
      const to = after ? rows.indexOf(after) : rows.length;
      const from = rows.indexOf(row);
      if (to > from) {
        rows.slice(from + 1, to).forEach((other) => row.before(other));
      } else {
        rows
          .slice(to, from)
          .reverse()
          .forEach((other) => row.after(other));
      }
      this.ask();
    }

    ask() {
      const rows = [...this.list.children];
      rows.forEach((row, index) => {
        const input = row.querySelector("input");
        input.setAttribute("aria-label", `Line ${index + 1}`);
        // A field shows no character by name, so it stands beside.
        const named = direction.named(input.value);
        row.querySelector(".line-named").textContent = named === input.value ? "" : named;
      });
      this.askButton.hidden = !this.isAsked;
      if (this.isAsked) {
        this.forget();
      } else {
        this.tell(this.outcomes.find(this.text()));
      }
    }

    text() {
      return this.lines().join("\n");
    }

    /// Nothing is known of the text as it is now.
    forget() {
      this.tools.stopAsking();
      this.found = null;
      this.showButton.hidden = true;
      this.answer.replaceChildren();
      delete this.element.dataset.possible;
      for (const row of this.list.children) {
        row.classList.remove("is-possible", "is-impossible");
      }
    }

    async askKernel() {
      this.forget();
      const text = this.text();
      const question = this.outcomes.questionWhether(text.endsWith("\n") ? `${text}\n` : text);
      this.askButton.hidden = true;
      try {
        const found = foundBy(await this.tools.ask(question, this.place));
        if (this.text() === text) {
          this.tell(found);
        }
      } catch (error) {
        if (this.text() === text) {
          this.answer.replaceChildren(this.tools.explain(error));
        }
      } finally {
        question.element.remove();
        this.askButton.hidden = false;
      }
    }

    tell(found) {
      const rows = [...this.list.children];
      const lines = this.lines();
      this.found = found;
      if (found.unknown) {
        this.answer.replaceChildren(
          element("p", { className: "answer-word" }, "There is no telling."),
          element("p", {}, `Whether the program can print this is not known: ${reached(found.unknown)}.`),
          element("p", {}, "What to try: smaller numbers, that is fewer threads, messages or rounds."),
        );
        return;
      }
      this.showButton.hidden = !found.possible;
      this.element.dataset.possible = String(found.possible);
      const good = found.possible ? rows.length : possibleLines(found);
      rows.forEach((row, index) => {
        row.classList.toggle("is-possible", index < good);
        row.classList.toggle("is-impossible", index === good);
      });
      this.answer.replaceChildren(...(found.possible ? this.yes(found, lines) : this.no(found, lines)));
    }

    yes(found) {
      const { text } = found;
      const rank = this.outcomes.rank(text, found.ending);
      const { count, recorded } = this.outcomes;
      const number = rank === null ? "" : ` It is output ${grouped(rank + 1n)} of ${grouped(count)}.`;
      const same = recorded?.text === text ? " It is the recorded one." : "";
      return [
        element("p", { className: "answer-word is-yes" }, "Yes, this can happen."),
        element("p", {}, `Then ${window.interleaved.endings.clause(found.ending)}.${number}${same}`),
      ];
    }

    no(found, lines) {
      return [element("p", { className: "answer-word is-no" }, "No, this can’t happen."), ...whyNot(found, lines, (thread) => this.name(thread))];
    }

    name(thread) {
      this.story ??= this.outcomes.story([]);
      return this.story.name(thread);
    }

    showMe() {
      this.tools.stepThrough(this.found.path, "An execution that prints the output you asked about.");
    }

    shown() {}

    close() {}
  }

  window.interleaved.Possible = Possible;
})();
// How a listing is laid out while somebody steps through it: where there is room,
// the code stands beside the lanes; where there is none, it stays in view above
// them. It scrolls within itself, and the output is folded.

"use strict";

(() => {
  const { element } = window.interleaved.elements;

  /// Pixels that code and lanes need beside each other, those that are of use to
  /// them, and those that stay free on both sides.
  const LEAST = 880;
  const MOST = 1320;
  const MARGIN = 12;
  /// Of a window: mdBook's bar, the listing's caption, and some air.
  const AROUND_CODE = 170;
  /// How much of a window the code may have above the lanes.
  const ABOVE = 0.28;
  const FEWEST_LINES = 6;

  class SteppingLayout {
    /// `redraw` is called when the room has changed.
    constructor(listing, redraw) {
      this.listing = listing;
      this.redraw = redraw;
      this.fold = new Fold(listing);
      this.isOn = false;
      this.resized = () => this.place();
      // The sidebar makes room, or takes it.
      this.observer = new ResizeObserver(this.resized);
    }

    /// Lays the listing out for stepping, or as it is otherwise; `isWide` wants
    /// the room, but not the code beside it.
    set(isOn, isWide = false) {
      const { figure } = this.listing;
      if (isOn !== this.isOn) {
        this.isOn = isOn;
        figure.classList.toggle("is-stepping", isOn);
        this.fold.set(isOn);
      }
      this.isWide = isWide;
      if (isOn || isWide) {
        this.observer.observe(figure.parentElement);
        addEventListener("resize", this.resized);
      } else {
        this.observer.disconnect();
        removeEventListener("resize", this.resized);
      }
      this.place();
    }

    place() {
      const { figure, editor } = this.listing;
      const before = this.width;
      const room = this.isOn || this.isWide ? roomOf(figure) : null;
      this.isBeside = this.isOn && room !== null;
      figure.classList.toggle("is-beside", this.isBeside);
      figure.classList.toggle("is-wide", room !== null);
      figure.style.marginInlineStart = room ? `${room.start}px` : "";
      figure.style.width = room ? `${room.width}px` : "";
      if (editor) {
        editor.renderer.updateFontSize();
        const lines = this.isOn ? this.lines() : Infinity;
        if (editor.getOption("maxLines") !== lines) {
          editor.setOption("maxLines", lines);
        }
        editor.resize(true);
      }
      this.width = this.isOn || this.isWide ? figure.clientWidth : null;
      if (before && this.width && Math.abs(before - this.width) > 1) {
        this.redraw();
      }
    }

    /// How many lines of code there is room for.
    lines() {
      const height = this.isBeside ? innerHeight - AROUND_CODE : innerHeight * ABOVE;
      return Math.max(FEWEST_LINES, Math.floor(height / this.listing.editor.renderer.lineHeight));
    }
  }

  /// Where a figure may be if it leaves its column, from that column's start;
  /// `null` where that is no gain. What is part of something else stays there.
  function roomOf(figure) {
    const column = figure.parentElement;
    const content = column.closest(".content");
    if (!content || column.tagName !== "MAIN") {
      return null;
    }
    const around = content.getBoundingClientRect();
    let [left, right] = [around.left, around.right];
    // mdBook's arrows stand on both sides.
    for (const arrow of document.querySelectorAll(".nav-chapters")) {
      const box = arrow.getBoundingClientRect();
      if (box.width > 0 && box.right < (around.left + around.right) / 2) {
        left = Math.max(left, box.right);
      } else if (box.width > 0) {
        right = Math.min(right, box.left);
      }
    }
    const width = Math.min(right - left - 2 * MARGIN, MOST);
    if (width < LEAST) {
      return null;
    }
    return { start: (left + right - width) / 2 - column.getBoundingClientRect().left, width };
  }

  /// Folds a listing's output away, to be opened again.
  class Fold {
    constructor(listing) {
      this.listing = listing;
      this.button = element("button", { type: "button", className: "listing-fold", hidden: true, click: () => this.open(!this.isOpen) });
      listing.output.before(this.button);
    }

    set(isOn) {
      const hasOutput = this.listing.output.hasChildNodes();
      this.button.hidden = !isOn || !hasOutput;
      this.open(!isOn || !hasOutput);
    }

    open(isOpen) {
      const { output } = this.listing;
      this.isOpen = isOpen;
      output.classList.toggle("is-folded", !isOpen);
      this.button.setAttribute("aria-expanded", String(isOpen));
      const label = output.querySelector(".listing-label")?.textContent ?? "Output";
      this.button.textContent = isOpen ? "Fold the output" : label;
    }

    /// Something new is in it.
    show() {
      if (!this.button.hidden) {
        this.open(true);
      } else if (this.listing.figure.classList.contains("is-stepping")) {
        this.button.hidden = false;
        this.open(true);
      }
    }
  }

  window.interleaved.SteppingLayout = SteppingLayout;
})();
// The buttons about a listing's outcomes, and the panel that they open.

"use strict";

(() => {
  const { element, button, reveal } = window.interleaved.elements;
  const { AllOutcomes, StepThrough, Compare, Scheduler, Possible, SourceLines, SteppingLayout, Question, NoAnswer, kernels } = window.interleaved;
  const { fromSite, questionAbout, Outcomes, NotThereYet } = window.interleaved.outcomes;

  const PANELS = {
    all: {
      title: "All outcomes",
      make: (listing, outcomes, tools) => new AllOutcomes(listing, outcomes, tools),
    },
    steps: {
      title: "Step through",
      isStepping: true,
      make: (listing, outcomes, tools) =>
        outcomes.graph || outcomes.answer.trace ? new StepThrough(listing, outcomes) : tools.stepsOfRun(outcomes),
    },
    /// Opened from the others.
    compare: {
      title: "Two executions side by side",
      isWide: true,
      hasNoButton: true,
      make: (listing, outcomes, tools) => tools.comparison(outcomes, outcomes.first()),
    },
    scheduler: {
      title: "You are the scheduler",
      isStepping: true,
      make: (listing, outcomes, tools) => new Scheduler(listing, outcomes, tools),
      cannot: ({ graph }) =>
        graph
          ? null
          : "This program is in too many states for the page to hold, so you can’t choose your way through them. “Step through” shows you one execution, and “Can this happen?” finds others.",
    },
    possible: {
      title: "Can this happen?",
      make: (listing, outcomes, tools) => new Possible(listing, outcomes, tools),
      cannot: async ({ graph }) => (graph || (await hasKernel()) ? null : NEEDS_KERNEL),
    },
  };
  const NEEDS_KERNEL =
    "This program is in too many states for the page to hold, so the book’s own server has to answer: read the book with “cargo run”.";

  const RUN_FIRST =
    "This program is in too many states to look at all of them. Run it, and this shows an execution that prints what your run has printed. “Can this happen?” finds a way to any other output.";

  /// Whether there is a server to ask.
  function hasKernel() {
    return kernels.check().then(
      () => true,
      () => false,
    );
  }

  /// Why there is no answer about a listing, for its reader; `again` asks once
  /// more. Throws what is no such error.
  function explained(error, listing, again) {
    if (error instanceof NoAnswer) {
      const words = element("p", { className: "panel-lead" }, error.message);
      if (error.stopped && again) {
        return element("div", {}, words, element("div", { className: "scheduler-buttons" }, button("Explore it", again)));
      }
      if (!error.rustc) {
        return words;
      }
      const samp = element("samp", {}, window.interleaved.ansi.toFragment(error.rustc.replace(/\n+$/, "")));
      return element("div", {}, words, element("pre", { className: "transcript rustc" }, samp));
    }
    if (error instanceof kernels.Unavailable) {
      const why = listing.isEdited()
        ? "You have edited the program, so its outcomes have to be found anew."
        : "This has to be found first, by the book’s own server.";
      return element(
        "div",
        {},
        element("p", { className: "panel-lead" }, why),
        window.interleaved.help(error.reason, error.message, listing.source()),
      );
    }
    throw error;
  }

  class OutcomesTools {
    /// `address` is where the site keeps what is known of the listing; `null` if
    /// there is nothing to know, as it doesn't compile before the reader mends it.
    constructor(listing, address) {
      this.listing = listing;
      this.address = address;
      this.open = null;
      /// Whether the open panel was about the program before the reader changed it.
      this.isOutdated = false;
      listing.lines = new SourceLines(listing);
      this.layout = new SteppingLayout(listing, () => this.view?.redraw?.());
      this.panel = element("section", { className: "listing-panel", hidden: true });
      this.panel.id = `outcomes-${listing.name}-${document.querySelectorAll(".listing-panel").length}`;
      this.buttons = new Map();
      for (const [name, { title, hasNoButton }] of Object.entries(PANELS)) {
        if (!hasNoButton) {
          this.buttons.set(name, this.buttonFor(name, title));
        }
      }
      listing.manyButton.after(...this.buttons.values());
      listing.tools.after(this.panel);
      listing.figure.classList.add("has-outcomes");
      listing.editor?.session.on("change", () => this.programChanged());
    }

    /// Whether there is a program to ask about.
    offer(isThere) {
      this.buttons.forEach((made) => (made.hidden = !isThere));
      if (!isThere && this.open !== null) {
        this.close(false);
      }
    }

    buttonFor(name, title) {
      return button(title, () => this.toggle(name), {
        className: `listing-tool listing-${name}`,
        "aria-expanded": "false",
        "aria-controls": this.panel.id,
      });
    }

    async toggle(name) {
      if (this.open === name) {
        this.close();
        return;
      }
      await this.show(name);
      if (this.open === name && this.layout.isOn) {
        this.bring();
      }
    }

    /// Scrolls the page to where the panel can be seen; while the reader steps,
    /// with the code.
    bring() {
      if (!this.layout.isOn) {
        reveal(this.panel, "nearest");
        return;
      }
      const boxes = [this.panel, this.listing.pre].map((it) => it.getBoundingClientRect());
      if (boxes.some(({ top, bottom }) => top < 0 || bottom > innerHeight)) {
        reveal(this.panel, "start");
      }
    }

    close(takesFocus = true) {
      const name = this.open;
      this.leave();
      this.stopLoading();
      this.asked = null;
      this.open = null;
      this.isOutdated = false;
      this.panel.hidden = true;
      this.panel.replaceChildren();
      this.listing.lines.clear();
      this.listing.lines.number(false);
      this.layout.set(false);
      this.showPressed();
      if (takesFocus) {
        (this.buttons.get(name) ?? this.buttons.get("all")).focus();
      }
    }

    /// Ends what the panel shows.
    leave() {
      this.view?.close();
      this.view = null;
      this.stopAsking();
    }

    showPressed() {
      for (const [name, made] of this.buttons) {
        made.setAttribute("aria-expanded", String(name === this.open));
      }
    }

    /// Opens a panel; `make` makes another view than its usual one.
    async show(name, make) {
      this.begin(name);
      this.panel.setAttribute("aria-busy", "true");
      const asked = {};
      this.asked = asked;
      const view = await this.viewOf(name, make);
      if (this.asked !== asked || this.open !== name) {
        view.close?.();
        return;
      }
      this.view = view.shown ? view : null;
      this.panel.setAttribute("aria-busy", "false");
      this.panel.replaceChildren(this.head(name), view.element);
      if (this.view) {
        this.listing.lines.number(true);
        this.view.shown();
      }
    }

    begin(name) {
      this.leave();
      this.open = name;
      this.isOutdated = false;
      this.opened = performance.now();
      this.showPressed();
      this.panel.hidden = false;
      this.layout.set(PANELS[name].isStepping === true, PANELS[name].isWide === true);
      this.panel.setAttribute("aria-label", `${PANELS[name].title}: ${this.listing.title}`);
    }

    /// Opens a panel with a sentence in it, and perhaps a button.
    say(name, sentence, ...buttons) {
      this.begin(name);
      this.stopLoading();
      this.asked = null;
      this.panel.setAttribute("aria-busy", "false");
      this.panel.replaceChildren(
        this.head(name),
        element("p", { className: "panel-lead" }, sentence),
        element("div", { className: "scheduler-buttons" }, ...buttons),
      );
    }

    async viewOf(name, make) {
      const panel = PANELS[name];
      try {
        const outcomes = this.known() ?? (await this.load(name).catch((error) => this.without(error, name)));
        if (make) {
          return await make(this.listing, outcomes, this);
        }
        const why = await panel.cannot?.(outcomes);
        return why ? { element: element("p", { className: "panel-lead" }, why) } : panel.make(this.listing, outcomes, this);
      } catch (error) {
        return { element: this.explain(error, () => this.show(name, make)) };
      }
    }

    /// "Can this happen?" can do without all outcomes, if the reader doesn't want
    /// to wait for them.
    without(error, name) {
      if (!(error instanceof NoAnswer && error.stopped && name === "possible")) {
        throw error;
      }
      return new Outcomes({}, this.program());
    }

    head(name) {
      return element(
        "div",
        { className: "panel-head" },
        element("p", { className: "panel-title" }, PANELS[name].title),
        button("×", () => this.close(), { className: "panel-close", "aria-label": `Close: ${PANELS[name].title}` }),
      );
    }

    explain(error, again) {
      return explained(error, this.listing, again);
    }

    /// The panel's width inside, in pixels.
    width() {
      const { paddingLeft, paddingRight } = getComputedStyle(this.panel);
      return this.panel.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 4;
    }

    /// The program as it stands.
    program() {
      const { listing } = this;
      return {
        source: listing.source(),
        clock: listing.figure.dataset.clock ?? "any",
        edition: listing.edition(),
        recorded: listing.isEdited() ? null : listing.recordedText(),
      };
    }

    /// What is known of the program as it stands.
    known() {
      return this.loaded?.program.source === this.listing.source() ? this.loaded : null;
    }

    /// Finds out what there is to know. A question to the kernel is asked once
    /// for all panels, and shown in the one that is open.
    async load(name) {
      const program = this.program();
      if (this.loading?.program.source !== program.source) {
        this.stopLoading();
        const question = questionAbout(program);
        const loading = { program, question, outcomes: this.find(program, question) };
        this.loading = loading;
        loading.outcomes.catch(() => {}).finally(() => {
          this.loading = this.loading === loading ? null : this.loading;
        });
      }
      if (name) {
        this.panel.replaceChildren(this.head(name), this.loading.question.element);
      }
      const { outcomes } = this.loading;
      this.loaded = await outcomes;
      this.listing.learn(this.loaded);
      return this.loaded;
    }

    async find(program, question) {
      if (this.address !== null && !this.listing.isEdited()) {
        try {
          return await fromSite(this.address, program);
        } catch (error) {
          // The kernel can tell, if there is one.
          if (!(error instanceof NotThereYet) || !(await hasKernel())) {
            throw error;
          }
        }
      }
      const outcomes = new Outcomes(await question.answer(), program);
      outcomes.isLive = true;
      return outcomes;
    }

    stopLoading() {
      this.loading?.question.stop();
      this.loading = null;
    }

    /// What is known of a program without asking anyone but the site.
    async ofProgram(source) {
      if (this.loaded?.program.source === source) {
        return this.loaded;
      }
      if (this.address === null || source !== this.bookSource() || location.protocol === "file:") {
        return null;
      }
      try {
        return await this.ofBook();
      } catch (error) {
        if (error instanceof NoAnswer) {
          return null;
        }
        throw error;
      }
    }

    /// Asks the kernel something more, and shows in `place` how far it is. A
    /// later question, or closing the panel, stops it.
    async ask(question, place) {
      this.stopAsking();
      this.asking = question;
      place.replaceChildren(question.element);
      try {
        return await question.answer();
      } finally {
        this.asking = this.asking === question ? null : this.asking;
      }
    }

    stopAsking() {
      this.asking?.stop();
      this.asking = null;
    }

    /// Steps through an execution: a way through the graph, a trace, a question
    /// that is answered by one, or what finds it among the outcomes. Begins at its first step, or at another
    /// (`row`), and takes the reader there.
    async stepThrough(way, title, row = 0) {
      await this.openSteps(way, title, row);
      this.panel.querySelector(".steps-scroll")?.focus({ preventScroll: true });
      this.bring();
    }

    /// The same, but the reader stays where he is.
    openSteps(way, title, row = 0) {
      const make = async (listing, outcomes) => {
        const found = await this.found(typeof way === "function" ? way(outcomes) : way);
        return new StepThrough(listing, outcomes, found, title, row);
      };
      return this.show("steps", make);
    }

    /// Two outputs side by side, by their numbers.
    compareOutputs(one, other) {
      return this.showComparison(async (outcomes) => {
        const [left, right] = [one, other].map((number) => ({ number, ...outcomes.output(number) }));
        const first = await this.found(outcomes.wayTo(left, left.number));
        const second = outcomes.graph ? outcomes.nearest(right, first) : await this.found(outcomes.wayTo(right, right.number));
        return new Compare(this.listing, outcomes, this, [first, second]);
      });
    }

    /// An execution beside another one.
    compareWith(way) {
      return this.showComparison((outcomes) => this.comparison(outcomes, way ?? outcomes.first()));
    }

    async showComparison(compare) {
      await this.show("compare", (_, outcomes) => compare(outcomes));
      this.panel.querySelector(".compare-part")?.focus({ preventScroll: true });
      reveal(this.panel, "start");
    }

    /// An execution beside one with another output: the recorded one, or the next.
    /// Where all print the same, beside any.
    async comparison(outcomes, way) {
      const story = outcomes.story(way);
      const text = story.rows.map((row) => row.text).join("");
      const number = outcomes.numberOf(text, story.ending);
      const total = outcomes.choosable();
      const recorded = outcomes.recorded && outcomes.recorded.text !== text ? outcomes.numberOf(outcomes.recorded.text, outcomes.recorded.ending) : null;
      const next = recorded ?? (((number ?? -1n) + 1n) % (total > 0n ? total : 1n));
      const isAlone = total < 2n && number !== null;
      const output = isAlone ? null : outcomes.output(next);
      const nearest = output && outcomes.graph ? outcomes.nearest(output, way) : null;
      const other = nearest ?? (await this.found(output ? outcomes.wayTo(output, next) : outcomes.another()));
      return new Compare(this.listing, outcomes, this, [way ?? outcomes.answer.trace, other]);
    }

    /// A way, or what a question about one is answered by.
    found(way) {
      return way instanceof Question ? this.traceBy(way) : way;
    }

    /// What the book knows of the listing as it stands there, whatever the reader
    /// has made of it.
    ofBook() {
      const { listing } = this;
      const source = this.bookSource();
      this.book ??= fromSite(this.address, { ...this.program(), source, recorded: listing.recordedText() });
      // It may be there later.
      this.book.catch(() => (this.book = null));
      return this.book;
    }

    bookSource() {
      return this.listing.editor?.originalCode ?? this.listing.source();
    }

    async traceBy(question) {
      const place = element("div");
      this.panel.replaceChildren(this.head(this.open), place);
      const { trace } = await this.ask(question.again(), place);
      return trace;
    }

    /// Steps through an execution that prints what the reader's last run did,
    /// where nothing else is known.
    async stepsOfRun(outcomes) {
      const printed = this.listing.printedNow();
      const trace = typeof printed === "string" ? await this.traceBy(outcomes.questionWhether(printed)) : null;
      return trace
        ? new StepThrough(this.listing, outcomes, trace, "An execution that prints what your run has printed.")
        : { element: element("p", { className: "panel-lead" }, RUN_FIRST) };
    }

    /// What is shown is about the program as it was: at the first change it goes,
    /// and comes back where the change is taken back.
    programChanged() {
      if (this.open === null) {
        return;
      }
      if (this.known() && this.view) {
        return;
      }
      const name = this.open;
      if (this.known() || !this.listing.isEdited()) {
        this.show(name);
        return;
      }
      if (this.isOutdated) {
        return;
      }
      this.listing.lines.clear();
      this.say(
        name,
        "You have changed the program. Run it, and this shows what can come of it now; or find that out without a run.",
        button("Find its outcomes", () => this.show(name)),
      );
      this.isOutdated = true;
    }

    /// Whoever runs a changed program wants to see what it does: the open panel
    /// follows, unless it has changed again or was no program at all.
    programRan(source, ending) {
      const isProgram = ending && !["rejected", "not-built"].includes(ending.kind);
      if (this.isOutdated && isProgram && source === this.listing.source()) {
        this.show(this.open);
      }
    }
  }

  window.interleaved.explained = explained;
  window.interleaved.OutcomesTools = OutcomesTools;
})();
// A listing on the page: its editor, its buttons, and what stands below it.

"use strict";

(() => {
  const { kernels, here, OutputView, RunsView, OutcomesTools, scrollable } = window.interleaved;
  const MANY = 100;

  class Listing {
    constructor(pre) {
      this.pre = pre;
      this.figure = pre.closest("figure.listing") ?? bareFigure(pre);
      this.name = this.figure.dataset.listing;
      this.title = this.figure.querySelector(".listing-title")?.textContent ?? "Program";
      this.output = this.figure.querySelector(".listing-output");
      this.recorded = [...this.output.childNodes];
      this.editor = editorOf(pre);
      /// The address of what this page can run by itself, if it can.
      this.program = location.protocol === "file:" ? undefined : this.figure.dataset.program;
      this.run = null;
      /// The last run that has come to its end: `{ source, printed }`.
      this.ran = null;
      this.view = null;
      this.addTools();
      this.prepareEditor();
      this.preparePlayButton();
      this.addOutcomes();
      for (const transcript of this.output.querySelectorAll("pre")) {
        scrollable(transcript, "Output, as recorded");
      }
    }

    addTools() {
      this.tools = this.figure.querySelector(".listing-tools");
      this.runButton = button("listing-run", "Run");
      this.manyButton = button("listing-run-many", `Run ×${MANY}`);
      this.recordedButton = button("listing-recorded", "Show the recorded output");
      this.recordedButton.hidden = true;
      this.status = document.createElement("span");
      this.status.className = "visually-hidden";
      this.status.setAttribute("role", "status");
      this.tools.append(this.runButton, this.manyButton, this.recordedButton, this.status);
      this.tools.setAttribute("role", "group");
      this.tools.setAttribute("aria-label", `Tools: ${this.title}`);
      this.tools.hidden = false;
      /// A program that doesn't compile, as it stands in the book.
      this.isBroken = this.figure.dataset.error !== undefined;
      this.runButton.addEventListener("click", () => this.toggle(1));
      this.manyButton.addEventListener("click", () => this.toggle(MANY));
      for (const each of [this.runButton, this.manyButton]) {
        each.addEventListener("pointerenter", () => this.warm());
        each.addEventListener("focus", () => this.warm());
      }
      this.recordedButton.addEventListener("click", () => this.showRecorded());
    }

    warm() {
      if (this.program) {
        here.warm(this.program);
      } else {
        kernels.warm();
      }
    }

    /// Where the book knows the program's outcomes, there are tools about them;
    /// and where the reader may make one of it that compiles.
    addOutcomes() {
      const { outcomes } = this.figure.dataset;
      const isRepairable = this.isBroken && this.editor !== null;
      this.outcomes = outcomes || isRepairable ? new OutcomesTools(this, outcomes ?? null) : null;
      this.showTools();
    }

    /// What doesn't compile has one outcome, which Run shows.
    showTools() {
      const hasTools = !this.isBroken || this.isEdited();
      this.manyButton.hidden = !hasTools;
      this.outcomes?.offer(hasTools);
    }

    prepareEditor() {
      if (!this.editor) {
        return;
      }
      const editor = this.editor;
      const run = () => this.start(1);
      editor.commands.addCommand({
        name: "run",
        bindKey: { win: "Ctrl-Enter", mac: "Ctrl-Enter|Command-Enter" },
        exec: run,
      });
      const input = editor.textInput.getElement();
      input.setAttribute("aria-label", `${this.title}: the program, to edit. Ctrl-Enter runs it.`);
      leaveWithTab(editor);
      printSource(this);
      keepEdits(this);
      editor.session.on("change", () => this.showEdited());
      this.showEdited();
    }

    preparePlayButton() {
      this.playButton = this.pre.querySelector(".play-button");
      if (this.playButton) {
        this.playButton.hidden = false;
        this.playButton.classList.remove("hidden");
        // Before mdBook's own listener, which would send it to the Playground.
        this.pre.addEventListener("click", (event) => this.play(event), { capture: true });
      }
    }

    play(event) {
      if (this.playButton.contains(event.target)) {
        event.stopImmediatePropagation();
        this.toggle(1);
      }
    }

    source() {
      return window.playground_text(this.pre);
    }

    /// The edition that the book gives the program; `undefined` if it gives none.
    edition() {
      return this.figure.dataset.edition;
    }

    /// What the program printed when it was recorded; `null` if it wasn't.
    recordedText() {
      const samp = this.recorded.find((node) => node.matches?.("pre.stdout"));
      return samp ? samp.textContent : null;
    }

    /// What the program as it stands printed when it last ran; `null` if it
    /// wasn't run.
    printedNow() {
      return this.ran?.source === this.source() ? this.ran.printed : null;
    }

    /// The same; or else what was recorded, be it of another program.
    shownText() {
      return this.printedNow() ?? this.recordedText();
    }

    isEdited() {
      return this.editor !== null && this.editor.getValue() !== this.editor.originalCode;
    }

    showEdited() {
      this.figure.classList.toggle("is-edited", this.isEdited());
      this.showTools();
      this.showStale();
    }

    /// Whether what stands below is of the program as it is now.
    showStale() {
      const shown = this.shownSource ?? this.editor?.originalCode;
      this.output.classList.toggle("is-stale", this.editor !== null && this.editor.getValue() !== shown);
    }

    toggle(runs) {
      if (this.run) {
        this.stop();
      } else {
        this.start(runs);
      }
    }

    async start(runs) {
      if (this.run) {
        return;
      }
      const run = { runs, kernel: null, stopped: false };
      this.run = run;
      this.outcomes?.layout.fold.show();
      this.showRunning(runs);
      const View = runs === 1 ? OutputView : RunsView;
      const view = new View(this.output, this);
      this.view = null;
      try {
        run.kernel = await this.kernelFor(runs);
        if (run.stopped) {
          run.kernel.release();
          this.showRecorded();
          return;
        }
        const source = this.source();
        this.shownSource = source;
        this.showStale();
        const handle = (message) => view.handle(message);
        const reply = await this.executeOn(run.kernel, source, runs, handle);
        run.kernel.release();
        this.announce(view.finish(reply, await this.outcomes?.ofProgram(source)));
        this.view = view;
        this.ran = { source, printed: view.printed?.() ?? null };
        this.outcomes?.programRan(source, reply.metadata?.interleaved?.ending);
      } catch (error) {
        view.abandon();
        if (!(error instanceof kernels.Unavailable)) {
          throw error;
        }
        this.explain(error);
      } finally {
        this.run = null;
        this.showIdle();
      }
    }

    /// What runs the program: this page itself, as long as it is the book's, or
    /// a server's kernel.
    async kernelFor(runs) {
      const { needs } = this.figure.dataset;
      if (this.program && !this.isEdited()) {
        await here.isolate(this.program, { listing: this.index(), runs });
        return new here.Here(this.program);
      }
      if (this.program && kernels.isNowhere()) {
        throw new kernels.Unavailable("edited", "");
      }
      if (needs && kernels.isNowhere()) {
        throw new kernels.Unavailable("needs", `It needs ${needs}.`);
      }
      return kernels.acquire();
    }

    executeOn(kernel, source, runs, handle) {
      if (kernel instanceof here.Here) {
        return kernel.execute(runs, handle);
      }
      const code = runs === 1 ? source : `%%run ${runs}\n${source}`;
      return kernel.execute(code, handle, { interleaved: { edition: this.edition() } });
    }

    /// Its place among the page's listings: one may be there twice.
    index() {
      return window.interleaved.listings.indexOf(this);
    }

    async stop() {
      const run = this.run;
      run.stopped = true;
      this.announce("Stopping");
      try {
        await run.kernel?.interrupt();
      } catch {
        // The server is gone, and with it the program: the connection's end
        // says so.
      }
    }

    showRunning(runs) {
      // What is below doesn't jump while the output begins anew.
      this.output.style.minHeight = `${this.output.offsetHeight}px`;
      const [active, other] =
        runs === 1 ? [this.runButton, this.manyButton] : [this.manyButton, this.runButton];
      active.textContent = "Stop";
      active.classList.add("is-running");
      other.disabled = true;
      this.recordedButton.hidden = true;
      this.playButton?.classList.add("is-running");
      this.namePlayButton("Stop");
      this.announce("Running");
    }

    showIdle() {
      this.output.style.minHeight = "";
      this.runButton.textContent = "Run";
      this.manyButton.textContent = `Run ×${MANY}`;
      for (const each of [this.runButton, this.manyButton]) {
        each.classList.remove("is-running");
        each.disabled = false;
      }
      this.recordedButton.hidden = this.output.contains(this.recorded[0]) || this.recorded.length === 0;
      this.playButton?.classList.remove("is-running");
      this.namePlayButton("Run this code");
    }

    namePlayButton(name) {
      this.playButton?.setAttribute("aria-label", name);
      this.playButton?.setAttribute("title", name);
    }

    showRecorded() {
      const hadFocus = document.activeElement === this.recordedButton;
      this.output.replaceChildren(...this.recorded);
      this.shownSource = null;
      this.view = null;
      this.showStale();
      this.recordedButton.hidden = true;
      if (hadFocus) {
        this.runButton.focus();
      }
    }

    /// What can come of the program is known now, and so what its run was of it.
    learn(outcomes) {
      if (this.shownSource === outcomes.program.source) {
        this.view?.learn(outcomes);
      }
    }

    announce(text) {
      this.status.textContent = text;
    }

    explain(error) {
      const help = window.interleaved.help(error.reason, error.message, this.source());
      this.output.replaceChildren(help);
      this.announce(help.querySelector(".help-title").textContent);
    }
  }

  function editorOf(pre) {
    const code = pre.querySelector("code");
    return window.ace && code.classList.contains("editable") ? window.ace.edit(code) : null;
  }

  /// For a program that is no listing of the book: only a place for its output.
  function bareFigure(pre) {
    const figure = document.createElement("figure");
    figure.className = "listing";
    pre.replaceWith(figure);
    const output = document.createElement("div");
    output.className = "listing-output";
    const tools = document.createElement("div");
    tools.className = "listing-tools";
    figure.append(pre, output, tools);
    return figure;
  }

  /// An editor that keeps the Tab key would keep who reads with the keyboard.
  /// Tab indents only after something was typed; Escape lets go again.
  function leaveWithTab(editor) {
    const indent = editor.commands.commands.indent;
    const outdent = editor.commands.commands.outdent;
    const take = (taken) => {
      editor.commands.bindKey("Tab", taken ? indent : null);
      editor.commands.bindKey("Shift-Tab", taken ? outdent : null);
    };
    take(false);
    editor.on("focus", () => take(false));
    editor.session.on("change", () => take(true));
    editor.commands.addCommand({
      name: "letGo",
      bindKey: "Esc",
      exec: () => {
        editor.exitMultiSelectMode?.();
        take(false);
      },
    });
  }

  /// ACE shows what fits the window; paper gets all of every line.
  function printSource(listing) {
    const copy = document.createElement("pre");
    copy.className = "listing-source";
    matchMedia("print").addEventListener("change", ({ matches }) => {
      if (matches) {
        copy.textContent = listing.source();
        listing.pre.before(copy);
      } else {
        copy.remove();
      }
    });
  }

  /// An edited listing survives a reload, as long as the listing itself is the
  /// same as when it was edited.
  function keepEdits(listing) {
    const { editor } = listing;
    const index = [...document.querySelectorAll(".playground")].indexOf(listing.pre);
    const key = `interleaved-edit:${location.pathname}:${listing.name ?? index}`;
    try {
      const kept = JSON.parse(sessionStorage.getItem(key));
      if (kept && kept.original === editor.originalCode) {
        editor.setValue(kept.text, -1);
      }
      editor.session.on("change", () => {
        if (listing.isEdited()) {
          const edit = { original: editor.originalCode, text: editor.getValue() };
          sessionStorage.setItem(key, JSON.stringify(edit));
        } else {
          sessionStorage.removeItem(key);
        }
      });
    } catch {
      // No store, no keeping.
    }
  }

  function button(className, text) {
    const element = document.createElement("button");
    element.type = "button";
    element.className = `listing-button ${className}`;
    element.textContent = text;
    return element;
  }

  window.interleaved.listings = [...document.querySelectorAll("pre.playground")].map(
    (pre) => new Listing(pre),
  );

  const again = here.reloadedFor();
  if (again) {
    window.interleaved.listings[again.listing]?.start(again.runs);
  }
  // So that the next page needs no second load.
  const first = window.interleaved.listings.find(({ program }) => program);
  if (first && !crossOriginIsolated) {
    addEventListener("load", () => here.register(first.program));
  }
})();
// The address of one execution: `#execution=two-locks&by=1*3 2&step=4`, with
// the program, packed, if the reader has changed it (`&edit=…`), and the one that
// it is compared with, if there is one (`&with=…`). Opens where it
// leads. A program that comes with an address is shown before anything is asked
// about it: to explore is to run it, and whoever made the link is not known.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const START = "#execution=";
  const TITLE = "The execution of the link.";
  /// The longest program that an address may bring, unpacked.
  const LONGEST = 100_000;
  /// Whether it is this script that changes a program, and not the reader.
  let isOpening = false;

  /// The address of an execution at one of its steps, perhaps beside another.
  async function addressOf(listing, outcomes, path, row, other = null) {
    const fields = new URLSearchParams({ execution: listing.name, by: outcomes.graph.scheduleOf(path), step: row + 1 });
    if (other) {
      fields.set("with", outcomes.graph.scheduleOf(other));
    }
    const { source } = outcomes.program;
    if (listing.editor && source !== listing.editor.originalCode) {
      fields.set("edit", await pack(source));
    }
    // What stands in a query is the reader's own: a token, what he searched for.
    return `${location.href.split(/[?#]/)[0]}#${fields}`;
  }

  async function through(bytes, stream) {
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
  }

  /// Text, compressed, in letters that an address takes as they are.
  async function pack(text) {
    const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
    const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    return btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  /// The text; `null` if it is none, or too long.
  async function unpack(packed) {
    try {
      const letters = atob(packed.replaceAll("-", "+").replaceAll("_", "/"));
      const bytes = Uint8Array.from(letters, (letter) => letter.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      let length = 0;
      const pieces = [];
      for (const reader = stream.getReader(); ; ) {
        const { done, value } = await reader.read();
        if (done) {
          break;
        }
        length += value.length;
        if (length > LONGEST) {
          await reader.cancel();
          return null;
        }
        pieces.push(value);
      }
      return await new Blob(pieces).text();
    } catch {
      return null;
    }
  }

  /// Opens what the page's address names.
  async function open() {
    if (!location.hash.startsWith(START)) {
      return;
    }
    const fields = new URLSearchParams(location.hash.slice(1));
    const listing = window.interleaved.listings.find(({ name }) => name === fields.get("execution"));
    const tools = listing?.outcomes;
    if (!tools) {
      return;
    }
    for (let around = listing.figure.closest("details"); around; around = around.parentElement.closest("details")) {
      around.open = true;
    }
    const packed = fields.get("edit");
    const { hash } = location;
    const source = packed === null ? (listing.editor?.originalCode ?? null) : await unpack(packed);
    if (location.hash !== hash) {
      // Another link was followed meanwhile.
      return;
    }
    if (packed !== null && !listing.editor) {
      tools.say("steps", "This link brings a program of its own, and programs can’t be edited here.");
      return;
    }
    if (packed !== null && source === null) {
      tools.say("steps", "The link’s program can’t be read: a part of the link is missing.");
      return;
    }
    if (listing.editor && listing.source() !== source) {
      isOpening = true;
      listing.editor.setValue(source, -1);
      isOpening = false;
    }
    const by = fields.get("by") ?? "";
    const row = Math.max(Number(fields.get("step")) - 1 || 0, 0);
    const beside = fields.get("with");
    const make = (it, outcomes) => {
      const path = outcomes.graph?.follow(by) ?? null;
      const other = beside === null ? null : (outcomes.graph?.follow(beside) ?? null);
      if (path && other) {
        return new window.interleaved.Compare(it, outcomes, tools, [path, other], row);
      }
      return path && beside === null
        ? new window.interleaved.StepThrough(it, outcomes, path, TITLE, row)
        : { element: element("p", { className: "panel-lead" }, "The link’s execution is none of this program: it may have been another when the link was made.") };
    };
    const panel = beside === null ? "steps" : "compare";
    const go = () => tools.show(panel, make);
    if (packed === null) {
      await go();
    } else {
      tools.say(panel, "This link brings a program that somebody has changed. Read it. Then this page runs it, to find the execution.", button("Find the execution", go));
    }
    window.interleaved.elements.reveal(tools.panel, "nearest");
  }

  /// Once the reader changes the program, the address is no longer about it: a
  /// reload must not take the change away.
  function leaveLink(listing) {
    const fields = new URLSearchParams(location.hash.slice(1));
    if (!isOpening && location.hash.startsWith(START) && fields.get("execution") === listing.name) {
      history.replaceState(history.state, "", location.pathname + location.search);
    }
  }

  addEventListener("hashchange", open);
  // When all listings are there.
  document.addEventListener(
    "DOMContentLoaded",
    async () => {
      await open();
      for (const listing of window.interleaved.listings) {
        listing.editor?.session.on("change", () => leaveLink(listing));
      }
    },
    { once: true },
  );

  window.interleaved.executionLink = { addressOf };
})();
// Keys that work wherever the focus is. While a listing's tool is open, ← and →
// step, and never turn mdBook's page. `?` lists our keys with mdBook's.

"use strict";

(() => {
  const { element } = window.interleaved.elements;

  /// Where arrows move a cursor, or choose.
  const TEXT = 'input:not([type="range"], [type="checkbox"], [type="button"]), textarea, select, [contenteditable="true"]';
  /// What takes its arrows itself.
  const OWN = ".steps, .compare, .scheduler, .possible";

  /// The tool that the reader uses: that around the focus, or the one opened
  /// last.
  function toolsInUse(target) {
    const open = window.interleaved.listings.map(({ outcomes }) => outcomes).filter((tools) => tools?.open);
    const around = open.find((tools) => tools.listing.figure.contains(target));
    return around ?? open.sort((a, b) => b.opened - a.opened)[0] ?? null;
  }

  // Before mdBook's own listener.
  document.addEventListener(
    "keydown",
    (event) => {
      const { key, target } = event;
      const isArrow = key === "ArrowLeft" || key === "ArrowRight";
      if (!isArrow || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) {
        return;
      }
      if (target.closest?.(TEXT) || target.closest?.(OWN)) {
        return;
      }
      const tools = toolsInUse(target);
      if (tools) {
        event.stopPropagation();
        tools.view?.key?.(event);
      }
    },
    { capture: true },
  );

  const help = document.querySelector("#mdbook-help-popup");
  const keys = [
    ["Ctrl", "Enter", "Run the program that you edit"],
    ["←", "→", "Step, while a listing’s tool is open"],
    ["1", "9", "Choose who goes next, as the scheduler"],
    ["Alt", "↑ ↓", "Move a line of the output that you ask about"],
  ];
  if (help) {
    const between = { "←": " or ", 1: " to " };
    const lines = keys.map(([first, second, what]) =>
      element("p", {}, "Press ", element("kbd", {}, first), between[first] ?? " + ", element("kbd", {}, second), ` ${what}`),
    );
    (help.querySelector("div") ?? help).append(...lines);
  }
})();
// Below a listing: outputs of it that the reader judges, "possible" or
// "impossible". Whatever he says, the proof opens: an execution that prints the
// output, or the longest beginning of it that is possible.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { linesOf, possibleLines, whyNot } = window.interleaved.whyNot;
  const { progress, NoAnswer } = window.interleaved;

  /// One output.
  class Candidate {
    constructor(item, quiz) {
      this.quiz = quiz;
      this.item = item;
      this.text = item.dataset.text;
      this.isPossible = item.dataset.possible === "true";
      this.ending = item.dataset.ends ? window.interleaved.endings.fromRegistry(item.dataset.ends) : undefined;
      const answer = item.querySelector(".quiz-answer");
      // "Possible. Why …": the first word is said by the page itself.
      this.why = answer.querySelector("p").textContent.replace(/^\S+\s*/, "");
      const choice = (says, words) => button(words, () => this.judge(says), { className: "quiz-choice", "aria-pressed": "false" });
      this.choices = new Map([
        [true, choice(true, "Possible")],
        [false, choice(false, "Impossible")],
      ]);
      this.verdict = element("div", { className: "quiz-verdict", role: "status" });
      const number = quiz.items.indexOf(item) + 1;
      const group = element("div", { className: "quiz-choices", role: "group", "aria-label": `Output ${number}: possible, or not?` }, ...this.choices.values());
      // Paper can't be asked, so it keeps the answer.
      answer.classList.add("is-for-paper");
      answer.before(group, this.verdict);
    }

    async judge(says) {
      // The reader may think again before the proof is there.
      const judgement = (this.judgement = {});
      for (const [word, made] of this.choices) {
        made.setAttribute("aria-pressed", String(word === says));
      }
      const isRight = says === this.isPossible;
      this.item.classList.toggle("is-right", isRight);
      this.item.classList.toggle("is-wrong", !isRight);
      const is = this.isPossible ? "possible" : "impossible";
      const word = element("p", { className: "quiz-word" }, element("strong", {}, isRight ? `Right, it is ${is}. ` : `No, it is ${is}. `), this.why);
      this.verdict.replaceChildren(word);
      this.quiz.judged(this);
      const proof = await this.prove();
      if (proof && this.judgement === judgement) {
        this.verdict.append(...proof.words);
        await this.open(proof, isRight);
      }
    }

    /// What the graph says; nothing where there is none, and the book's word has
    /// to do.
    async prove() {
      const tools = this.quiz.listing.outcomes;
      try {
        const outcomes = await tools.ofBook();
        const found = outcomes.graph?.find(this.text, this.ending);
        if (!found) {
          return null;
        }
        if (found.possible) {
          return { found, outcomes, words: [], title: "Possible: this execution prints it." };
        }
        const lines = linesOf(this.text);
        this.mark(lines, possibleLines(found));
        const story = outcomes.story([]);
        return {
          found,
          outcomes,
          words: whyNot(found, lines, (thread) => story.name(thread)),
          title: "Impossible: this is the longest beginning of it that can happen.",
        };
      } catch (error) {
        if (error instanceof NoAnswer) {
          return null;
        }
        throw error;
      }
    }

    /// Shows which lines are possible.
    mark(lines, good) {
      const marked = lines.map((line, index) => {
        const kind = index < good ? "is-possible" : index === good ? "is-impossible" : "";
        return element("span", { className: `quiz-line ${kind}` }, ...window.interleaved.direction.nodes(line));
      });
      if (marked.length > 0) {
        this.item.querySelector("samp").replaceChildren(...marked);
      }
    }

    /// Opens the proof in the listing's panel. Who was wrong is taken there; who
    /// was right may go.
    async open({ found, outcomes, title }, isRight) {
      const { listing, place } = this.quiz;
      if (listing.isEdited()) {
        this.noteEdited();
        return;
      }
      const row = found.possible ? 0 : Math.max(outcomes.story(found.path).rows.length - 1, 0);
      const go = () => (listing.isEdited() ? this.noteEdited() : listing.outcomes.stepThrough(found.path, title, row));
      const label = found.possible ? "See it, step by step" : "See where it stops";
      this.verdict.append(button(label, go, { className: "quiz-show" }));
      if (!isRight) {
        await go();
        return;
      }
      const before = place.getBoundingClientRect().top;
      await listing.outcomes.openSteps(found.path, title, row);
      // The panel stands above: the question stays where it was.
      scrollBy({ top: place.getBoundingClientRect().top - before, behavior: "instant" });
    }

    /// The steps would not be those of the program that stands there.
    noteEdited() {
      this.verdict.querySelector(".quiz-note")?.remove();
      this.verdict.append(element("p", { className: "quiz-note" }, "You have edited the program: this is about the one in the book."));
    }
  }

  class Quiz {
    constructor(place, listing) {
      this.place = place;
      this.listing = listing;
      this.name = `quiz ${listing.name}`;
      this.items = [...place.querySelectorAll(".quiz-output")];
      this.counts = [];
      this.open = new Set(this.items.map((item) => new Candidate(item, this)));
      if (!progress.isDone(this.name)) {
        this.hideCount();
      }
    }

    /// How many outputs there are is told when these were judged, or when the
    /// reader wants to know: below the listing, and in the prose that follows.
    hideCount() {
      const isBelow = (it) => this.place.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING;
      this.counts = [...document.querySelectorAll(".count")]
        .filter((it) => it.dataset.listing === this.listing.name && isBelow(it))
        .map((place) => this.hide(place));
      const among = this.listing.output.querySelector(".listing-among");
      if (among) {
        const words = element("span", { className: "among-words" }, ...among.childNodes);
        const ask = button("How many outputs can it have?", () => this.showCount(), { className: "is-link" });
        this.among = { place: among, words, ask };
        among.replaceChildren(words, ask);
        among.classList.add("is-asked");
      }
    }

    hide(place) {
      const figure = element("span", { className: "count-figure" }, ...place.childNodes);
      const ask = button("?", () => this.showCount(), {
        className: "count-ask",
        title: "Judge the outputs above first, or press to see",
        "aria-label": `How many outputs “${this.listing.title}” can have: not told before you have judged some. Show it.`,
      });
      place.replaceChildren(figure, ask);
      place.classList.add("is-asked");
      return { place, figure, ask };
    }

    showCount() {
      for (const { place, figure, ask } of this.counts) {
        const hadFocus = document.activeElement === ask;
        place.classList.remove("is-asked");
        place.replaceChildren(...figure.childNodes);
        if (hadFocus) {
          place.tabIndex = -1;
          place.focus();
        }
      }
      this.counts = [];
      if (this.among) {
        const { place, words, ask } = this.among;
        const hadFocus = document.activeElement === ask;
        this.among = null;
        place.classList.remove("is-asked");
        place.replaceChildren(...words.childNodes);
        if (hadFocus) {
          place.tabIndex = -1;
          place.focus();
        }
      }
    }

    judged(candidate) {
      this.open.delete(candidate);
      if (this.open.size === 0) {
        this.showCount();
        progress.set(this.name, true);
      }
    }
  }

  for (const place of document.querySelectorAll(".quiz")) {
    const listing = window.interleaved.listings.find(({ name }) => name === place.dataset.listing);
    if (listing?.outcomes) {
      new Quiz(place, listing);
    }
  }
})();
// What the reader is to bring about as a listing's scheduler. The goals stand in
// the chapter and in the scheduler's panel, which asks here when an execution
// is over.

"use strict";

(() => {
  const { element, button, hidden } = window.interleaved.elements;
  const { progress } = window.interleaved;

  class Goals {
    constructor(place, listing) {
      this.listing = listing;
      this.goals = [...place.querySelectorAll(".goal")].map((item) => this.goalOf(item));
      place.append(button("Play the scheduler", () => this.play(), { className: "goals-play" }));
      this.show();
    }

    goalOf(item) {
      const words = item.querySelector(".goal-words").textContent;
      const goal = {
        words,
        name: `goal ${this.listing.name}: ${words}`,
        condition: JSON.parse(item.dataset.condition),
        way: item.dataset.way,
        marks: [mark()],
      };
      item.prepend(...goal.marks);
      const step = button("Step through it", () => this.stepThrough(goal), { className: "goal-way" });
      item.querySelector("details").append(step);
      return goal;
    }

    async play() {
      await this.listing.outcomes.show("scheduler");
      const { panel } = this.listing.outcomes;
      window.interleaved.elements.reveal(panel, "start");
      panel.querySelector("button.choice")?.focus({ preventScroll: true });
    }

    /// A way to reach a goal.
    async stepThrough({ way, condition, words }) {
      const tools = this.listing.outcomes;
      const ending = condition.ends ? window.interleaved.endings.fromRegistry(condition.ends) : undefined;
      let why = "You have edited the program: this is about the one in the book.";
      if (!this.listing.isEdited()) {
        try {
          const found = (await tools.ofBook()).graph?.find(way, ending);
          if (found?.possible) {
            await tools.stepThrough(found.path, `One way: ${words}`);
            return;
          }
          why = "This program is in too many states for the page to hold.";
        } catch (error) {
          if (!(error instanceof window.interleaved.NoAnswer)) {
            throw error;
          }
          why = error.message;
        }
      }
      tools.say("steps", why);
      window.interleaved.elements.reveal(tools.panel, "nearest");
    }

    /// The goals, for the scheduler's panel.
    list() {
      const items = this.goals.map((goal) => {
        const [first] = goal.marks;
        const made = mark();
        goal.marks = [first, made];
        return element("li", { className: "goal" }, made, goal.words);
      });
      this.show();
      return element("ul", { className: "goals-list", "aria-label": "Goals" }, ...items);
    }

    /// The goals that an execution reaches, in words. They are kept as reached.
    reach(text, ending) {
      const reached = this.goals.filter(({ condition }) => holds(condition, text, ending));
      reached.forEach(({ name }) => progress.set(name, true));
      this.show();
      return reached.map(({ words }) => words);
    }

    show() {
      for (const { name, marks } of this.goals) {
        const isReached = progress.isDone(name);
        for (const one of marks) {
          one.classList.toggle("is-reached", isReached);
          one.replaceChildren(hidden(isReached ? "Reached: " : "Not reached yet: "));
        }
      }
    }
  }

  function mark() {
    return element("span", { className: "goal-mark" });
  }

  /// Whether an execution that is over is what was asked for. As `Goal::holds`.
  function holds({ ends, has = [], lacks = [] }, text, ending) {
    let from = 0;
    const hasAll = has.every((piece) => {
      const at = text.indexOf(piece, from);
      from = at + piece.length;
      return at !== -1;
    });
    return (
      hasAll &&
      lacks.every((piece) => !text.includes(piece)) &&
      (ends === undefined || (ending !== null && window.interleaved.endings.registered(ending) === ends))
    );
  }

  for (const place of document.querySelectorAll(".goals")) {
    const listing = window.interleaved.listings.find(({ name }) => name === place.dataset.listing);
    if (listing?.outcomes) {
      listing.goals = new Goals(place, listing);
    }
  }
})();
// Below an exercise: a check of what the reader made of the listing, against the
// answer's outcomes. Where these can't be explored, it is what one run prints, but
// for figures; where the answer must not compile, the compiler's error. A hint and
// the answer itself are in the page, to be opened.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { Outcomes, questionAbout, grouped } = window.interleaved.outcomes;
  const { explained, kernels, NoAnswer } = window.interleaved;

  class Exercise {
    constructor(place, listing) {
      this.place = place;
      this.listing = listing;
      this.question = null;
      this.work = element("div", { className: "exercise-work" });
      this.checkButton = button("Check my program", () => this.check());
      place.prepend(element("div", { className: "exercise-tools" }, this.checkButton), this.work);
      listing.editor.session.on("change", () => this.programChanged());
      for (const details of place.querySelectorAll("details")) {
        // An editor that was hidden doesn't know how large it is.
        details.addEventListener("toggle", () => resizeEditors(details));
      }
    }

    async check() {
      const { listing } = this;
      if (!listing.isEdited()) {
        this.say("is-open", `Change the program “${listing.title}” in this chapter, and then check it here.`);
        return;
      }
      const { error, unexplored } = this.place.dataset;
      if (error !== undefined || unexplored !== undefined) {
        await this.checkByRun(error);
        return;
      }
      this.question?.stop();
      const source = listing.source();
      const program = { source, clock: this.place.dataset.clock, edition: listing.edition(), recorded: null };
      const question = questionAbout(program);
      this.question = question;
      this.isOutdated = false;
      this.work.replaceChildren(question.element);
      try {
        const outcomes = new Outcomes(await question.answer(), program);
        if (this.question === question) {
          this.tell(outcomes);
        }
      } catch (error) {
        if (this.question === question) {
          this.work.replaceChildren(explained(error, listing));
        }
      }
    }

    tell(outcomes) {
      const { dataset } = this.place;
      const expected = dataset.outputs === undefined ? null : BigInt(dataset.outputs);
      const ends = new Set(outcomes.endings.map(({ ending }) => window.interleaved.endings.registered(ending)));
      const wanted = new Set(dataset.ends.split(","));
      const endsRight = ends.size === wanted.size && [...ends].every((end) => wanted.has(end));
      const countRight = outcomes.count === expected;
      const { count } = outcomes;
      const number = count === null ? "no end of possible outputs" : `${grouped(count)} possible ${count === 1n ? "output" : "outputs"}`;
      const yours = `Your program has ${number}, and it ${[...ends].join(" or ")}`;
      if (endsRight && countRight) {
        this.right(`Right. ${yours}, as the answer does.`);
      } else {
        const what = endsRight ? "in the number of its outputs" : countRight ? "in how it ends" : "in both";
        this.say("is-wrong", `Not yet. ${yours}. The answer differs ${what}.`);
      }
    }

    /// What was said is of the program before.
    programChanged() {
      if (this.work.hasChildNodes() && !this.isOutdated) {
        this.question?.stop();
        this.question = null;
        this.say("is-open", "You have changed the program since it was checked: check it again.");
        this.isOutdated = true;
      }
    }

    /// Checks by what one run comes to, or by the error that it must give.
    async checkByRun(error) {
      this.checkButton.disabled = true;
      this.say("is-open", "Running your program…");
      const source = this.listing.source();
      const isOutdated = () => this.listing.source() !== source;
      try {
        const run = await runOnce(this.listing);
        if (isOutdated()) {
          // The reader was told to check it again.
          return;
        }
        if (error !== undefined) {
          this.tellRejected(run, error);
        } else if (run.rustc !== null) {
          throw new NoAnswer("Your program doesn’t compile.", { rustc: run.rustc });
        } else {
          this.tellRun(run);
        }
      } catch (failure) {
        if (!isOutdated()) {
          this.work.replaceChildren(explained(failure, this.listing));
        }
      } finally {
        this.checkButton.disabled = false;
      }
    }

    tellRejected({ rustc }, error) {
      if (rustc === null) {
        this.say("is-wrong", "Not yet. Your program compiles, and the answer doesn’t.");
      } else if (rustc.includes(error)) {
        this.right(`Right. The compiler says ${error}, as it does of the answer.`);
      } else {
        const [said] = /E\d{4}/.exec(rustc) ?? ["something else"];
        this.say("is-wrong", `Not yet. The compiler says ${said}, which isn’t what it says of the answer.`);
      }
    }

    tellRun({ text, ending }) {
      const { endings } = window.interleaved;
      const end = endings.registered(ending);
      const answer = this.place.querySelector(".exercise-answer figure");
      const recorded = window.interleaved.listings.find(({ figure }) => figure === answer).recordedText();
      if (!this.place.dataset.ends.split(",").includes(end)) {
        this.say("is-wrong", `Not yet. Your program ${end}, which the answer doesn’t.`);
      } else if (withoutFigures(text) === withoutFigures(recorded)) {
        this.right("Right. Your program prints the lines of the answer, but for figures.");
      } else {
        this.say("is-wrong", "Not yet. Your program prints other lines than the answer, and not only other figures.");
      }
    }

    right(sentence) {
      this.say("is-right", sentence);
      this.place.dispatchEvent(new CustomEvent("interleaved:right"));
    }

    say(kind, sentence) {
      this.isOutdated = false;
      this.work.replaceChildren(element("p", { className: `exercise-result ${kind}`, role: "status" }, sentence));
    }
  }

  /// What one run of a listing comes to: what it printed and how it ended, or what
  /// rustc says.
  async function runOnce(listing) {
    const kernel = await kernels.acquire();
    try {
      const run = { text: "", rustc: null, ending: null };
      const metadata = { interleaved: { edition: listing.edition() } };
      let failure = null;
      const reply = await kernel.execute(
        listing.source(),
        ({ header, content }) => {
          if (header.msg_type === "stream" && content.name === "stdout") {
            run.text += content.text;
          } else if (header.msg_type === "error" && content.ename === "CompileError") {
            run.rustc = content.traceback.join("\n");
          } else if (header.msg_type === "error" && ["BuildError", "RunError"].includes(content.ename)) {
            failure = content.evalue;
          }
        },
        metadata,
      );
      if (failure !== null) {
        throw new NoAnswer(failure);
      }
      run.ending = reply.metadata?.interleaved?.ending ?? { kind: "aborted" };
      return run;
    } finally {
      kernel.release();
    }
  }

  /// Lines in which `#` stands for each number. As the book's own tests compare
  /// what is measured.
  function withoutFigures(text) {
    const lines = text.trim().split("\n");
    return lines.map((line) => line.replace(/\d(?:[\d.,_]*\d)?/g, "#").replace(/ +/g, " ").trim()).join("\n");
  }

  function resizeEditors(details) {
    for (const listing of window.interleaved.listings) {
      if (details.contains(listing.pre)) {
        listing.editor?.resize(true);
      }
    }
  }

  for (const place of document.querySelectorAll(".exercise")) {
    const { question } = place.dataset;
    const listing = window.interleaved.listings.find(({ name }) => name === question);
    if (listing?.editor) {
      new Exercise(place, listing);
    }
  }
})();
// Ticks: below each exercise, for the reader to set, and in the sidebar behind
// the chapters in which all that is asked is done.

"use strict";

(() => {
  const { element, hidden } = window.interleaved.elements;
  const { progress } = window.interleaved;

  /// An exercise is done when its check says so, or when the reader does: not
  /// all of them can be checked.
  function exercise(place) {
    const answer = place.querySelector(".exercise-answer figure")?.dataset.listing;
    const name = `exercise ${answer}`;
    const box = element("input", { type: "checkbox", checked: progress.isDone(name), change: () => progress.set(name, box.checked) });
    const label = element("label", { className: "exercise-done" }, box, "Done");
    const tools = place.querySelector(".exercise-tools") ?? element("div", { className: "exercise-tools" });
    if (!tools.isConnected) {
      place.prepend(tools);
    }
    tools.append(label);
    place.addEventListener("interleaved:right", () => {
      box.checked = true;
      progress.set(name, true);
    });
    return name;
  }

  /// All that this chapter asks.
  function asked() {
    const quizzes = [...document.querySelectorAll(".quiz")].map(({ dataset }) => `quiz ${dataset.listing}`);
    const goals = [...document.querySelectorAll(".goals .goal-words")].map(
      (words) => `goal ${words.closest(".goals").dataset.listing}: ${words.textContent}`,
    );
    return [...quizzes, ...goals, ...[...document.querySelectorAll(".exercise")].map(exercise)];
  }

  function tick() {
    const { chapters } = progress.read();
    for (const link of document.querySelectorAll("#mdbook-sidebar .chapter a[href]")) {
      const { done = [], of = 0 } = (link.hash === "" && chapters[link.pathname]) || {};
      const isDone = of > 0 && done.length >= of;
      const mark = link.querySelector(".chapter-done");
      if (isDone && !mark) {
        link.append(element("span", { className: "chapter-done" }, element("span", { "aria-hidden": "true" }, " ✓"), hidden(" (done)")));
      } else if (!isDone) {
        mark?.remove();
      }
    }
  }

  const names = asked();
  // The page that prints all chapters is none of them.
  if (names.length > 0 && document.querySelector("#mdbook-sidebar a.active")) {
    progress.change((all) => {
      const here = progress.chapter(all);
      here.of = names.length;
      // What is no longer asked doesn't count.
      here.done = here.done.filter((name) => names.includes(name));
    });
  }
  tick();
  document.addEventListener("interleaved:progress", tick);
  // Another tab may be reading, too.
  addEventListener("storage", tick);
})();
// "Go on where you were", on the book's first page: the chapter and the section
// that the reader saw last. It stays in this browser.

"use strict";

(() => {
  const { element, button } = window.interleaved.elements;
  const { progress } = window.interleaved;

  const first = document.querySelector("#mdbook-sidebar .chapter a[href]");
  const isFirst = first?.pathname === location.pathname || /\/(index\.html)?$/.test(location.pathname);
  const main = document.querySelector(".content main");
  // The page that prints all chapters is none of them.
  const isChapter = document.querySelector("#mdbook-sidebar a.active") !== null;

  /// The last heading above the middle of the window.
  function heading() {
    const headings = [...main.querySelectorAll(":is(h1, h2, h3)[id]")];
    return headings.findLast((one) => one.getBoundingClientRect().top < innerHeight / 2) ?? null;
  }

  function remember() {
    const section = heading();
    const chapter = main.querySelector("h1")?.textContent ?? document.title;
    const isSection = section !== null && section.tagName !== "H1";
    progress.change((all) => {
      all.last = {
        address: location.pathname.slice(progress.root.length) + (isSection ? `#${section.id}` : ""),
        title: isSection ? `${chapter}: ${section.textContent}` : chapter,
      };
    });
  }

  function offer({ address, title }) {
    const link = element("a", {}, title);
    // Within the book, whatever is stored.
    link.href = new URL(`./${address}`, new URL(progress.root, location.origin)).href;
    const forget = button("Forget it", () => {
      progress.change((all) => {
        all.last = undefined;
        all.chapters = {};
      });
      document.dispatchEvent(new CustomEvent("interleaved:progress"));
      place.remove();
    }, { className: "is-link", title: "Forget where I was and what I have done" });
    const place = element("p", { className: "where-you-were" }, "Go on where you were: ", link, ". ", forget);
    main.querySelector("h1")?.after(place);
  }

  if (main && isFirst) {
    const { last } = progress.read();
    if (last) {
      offer(last);
    }
  } else if (main && isChapter) {
    remember();
    addEventListener("pagehide", remember);
    document.addEventListener("visibilitychange", () => document.hidden && remember());
  }
})();
// Repairs what mdBook's stock page withholds from keyboards and screen readers.

"use strict";

(() => {
  // The sidebar's toggle is a label: it can't be reached with the keyboard, and
  // may not say whether the sidebar is expanded. A button does it instead.
  const label = document.getElementById("mdbook-sidebar-toggle");
  const checkbox = document.getElementById("mdbook-sidebar-toggle-anchor");
  if (label && checkbox) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = label.className;
    button.title = label.title;
    button.setAttribute("aria-label", label.title);
    button.setAttribute("aria-controls", "mdbook-sidebar");
    button.append(...label.childNodes);
    label.after(button);
    label.hidden = true;
    const tell = () => button.setAttribute("aria-expanded", String(checkbox.checked));
    tell();
    checkbox.addEventListener("change", tell);
    button.addEventListener("click", () => label.click());
  }

  // Everything on the page is in a landmark, and landmarks have names of their own.
  document.getElementById("mdbook-menu-bar")?.setAttribute("role", "banner");
  document.querySelector(".nav-wide-wrapper")?.setAttribute("aria-label", "Chapters before and after");

  // Its placeholder is no name.
  document.getElementById("mdbook-searchbar")?.setAttribute("aria-label", "Search this book");

  // Each chapter has a first heading of its own; the book's title is none.
  document.querySelector("h1.menu-title")?.setAttribute("role", "presentation");

  // mdBook turns the page with ← and →. Where they scroll, they only scroll.
  document.body.addEventListener("keydown", (event) => {
    const scrolls = event.target.closest?.('[role="region"][tabindex]');
    if (scrolls && event.key.startsWith("Arrow")) {
      event.stopPropagation();
    }
  });

  const scrolling = { ".table-wrapper": "Table", "pre.report": "Report" };
  for (const [selector, name] of Object.entries(scrolling)) {
    for (const wrapper of document.querySelectorAll(selector)) {
      const scroll = () => window.interleaved.scrollable(wrapper, name);
      scroll();
      addEventListener("resize", scroll);
    }
  }
})();
// mdBook's bar follows the reader by his scrolling. Where the page jumps up, as
// when something above closes, it would be left in the middle of the window, over
// code: one more event, and it goes to the top.

"use strict";

(() => {
  const bar = document.querySelector("#mdbook-menu-bar");
  // After mdBook's own listener.
  document.addEventListener(
    "scroll",
    (event) => {
      if (bar && event.isTrusted && bar.getBoundingClientRect().top > 1 && document.scrollingElement.scrollTop > 0) {
        document.dispatchEvent(new Event("scroll"));
      }
    },
    { passive: true },
  );
})();
// Shows the book as it is while it is being written: the server tells which
// version of the site it has, now and whenever that changes.

"use strict";

(() => {
  const SCROLL = "interleaved-scroll";
  const LOADED_FOR = "interleaved-loaded-for";
  const token = window.interleaved.token();
  const shown = document.querySelector('meta[name="interleaved-site"]')?.content;
  let events = null;

  restoreScroll();
  if (token !== null && shown !== undefined) {
    begin();
  }

  async function begin() {
    try {
      await window.interleaved.kernels.check();
    } catch {
      // Not our server, or not this token's: Run says more when it is pressed.
      return;
    }
    listen();
    // A browser has few connections for one server: hidden pages keep none.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) {
        events.close();
      } else {
        listen();
      }
    });
  }

  function listen() {
    const query = new URLSearchParams({ token });
    events = new EventSource(`/interleaved/reload?${query}`);
    events.addEventListener("site", ({ data }) => compare(data));
    // A server that was stopped is not asked again and again.
    events.addEventListener("error", () => events.close());
  }

  /// Loads the page again if the site is of another version than the page: once,
  /// since something between us and the server may keep an old page.
  function compare(version) {
    const loadedFor = `${version} ${location.pathname}`;
    if (version !== shown && stored(LOADED_FOR) !== loadedFor) {
      store(LOADED_FOR, loadedFor);
      store(SCROLL, JSON.stringify([location.pathname, scrollX, scrollY]));
      location.reload();
    }
  }

  function restoreScroll() {
    const [path, x, y] = JSON.parse(stored(SCROLL) ?? "[]");
    store(SCROLL, "[]");
    if (path === location.pathname) {
      addEventListener("load", () => scrollTo(x, y));
    }
  }

  function stored(key) {
    try {
      return sessionStorage.getItem(key);
    } catch {
      // No store, nothing kept: a page opens at its top.
      return null;
    }
  }

  function store(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {
      // See above.
    }
  }
})();
