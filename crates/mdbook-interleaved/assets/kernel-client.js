// Speaks Jupyter's kernel protocol: kernels over REST, messages over WebSocket.
// <https://jupyter-server.readthedocs.io/en/stable/developers/websocket-protocols.html>
// The server is the one that served the page, or one that the reader has named, of
// another origin: that one is asked only what browsers call simple, since it answers
// nothing else. Knows nothing of the page.

"use strict";

(() => {
  const { server } = window.interleaved;
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

  /// Whether this page knows of no server: nobody gave it a token, or named one.
  function isNowhere() {
    return server.named() === null && window.interleaved.token() === null && !refused;
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
    const named = server.named();
    if (named) {
      return requestOf(named, method, path, body, options);
    }
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

  /// The same of a server that the reader has named.
  async function requestOf({ base, token }, method, path, body, options) {
    const url = new URL(path, base);
    url.searchParams.set("token", token);
    let response;
    try {
      response = await fetch(url, { method, body: body && JSON.stringify(body), credentials: "omit", referrerPolicy: "no-referrer", ...options });
    } catch {
      throw new Unavailable("named", `${base} doesn’t answer this page. Does it run, and does it allow pages of ${location.origin}? A Jupyter server is told so with --ServerApp.allow_origin=${location.origin}.`);
    }
    if (response.status === 401 || response.status === 403) {
      throw new Unavailable("named", `${base} doesn’t know the token.`);
    }
    if (!response.ok) {
      const why = await refusal(response);
      const isMissing = /No such kernel named/i.test(why);
      throw new Unavailable("named", isMissing ? `${base} has no kernel for the book’s programs.` : `${base} says: ${why}`);
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

  function channelsOf(id) {
    const named = server.named();
    const query = new URLSearchParams({ token: named?.token ?? window.interleaved.token(), session_id: session });
    const path = `api/kernels/${id}/channels?${query}`;
    return new URL(named ? new URL(path, named.base) : address(path));
  }

  class Kernel {
    static connect(id, subprotocols) {
      const url = channelsOf(id);
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

  /// Ends every kernel: another server is about to be named, or none.
  function endAll() {
    for (const kernel of [...all]) {
      kernel.close();
    }
    idle.length = 0;
  }

  window.interleaved.kernels = { acquire, check, endAll, isNowhere, warm, Unavailable };
})();
