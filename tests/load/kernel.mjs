// A kernel of `interleaved serve`, asked as the page asks it: see kernel-client.js among
// the page's scripts. Knows nothing of who asks, or what for.

import { randomUUID } from "node:crypto";
import WebSocket from "ws";

const SUBPROTOCOL = "v1.kernel.websocket.jupyter.org";

/// How long a request may take, in milliseconds.
const ANSWERS = 60_000;

/// The server has no kernel to give: its own sentence.
export class Refused extends Error {}

/// The connection ended while a cell ran.
export class Lost extends Error {}

/// What a server is asked over REST. `address` is as the terminal prints it.
export class Api {
  constructor(address) {
    this.origin = address.origin;
    this.token = new URLSearchParams(address.hash.slice(1)).get("token");
  }

  async request(method, path, body) {
    const response = await fetch(`${this.origin}/${path}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { Authorization: `token ${this.token}`, "Content-Type": "application/json" },
      signal: AbortSignal.timeout(ANSWERS),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Refused(sentenceOf(text) || `The server refused: ${response.status}.`);
    }
    return text && JSON.parse(text);
  }

  /// Starts a kernel; its id.
  async start() {
    return (await this.request("POST", "api/kernels", { name: "interleaved" })).id;
  }

  async end(id) {
    await this.request("DELETE", `api/kernels/${id}`);
  }

  async kernels() {
    return this.request("GET", "api/kernels");
  }

  async connect(id) {
    const session = randomUUID();
    const query = new URLSearchParams({ token: this.token, session_id: session });
    const url = `${this.origin.replace("http", "ws")}/api/kernels/${id}/channels?${query}`;
    const socket = new WebSocket(url, SUBPROTOCOL, { handshakeTimeout: ANSWERS });
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", (error) => reject(new Refused(`The connection to the kernel failed: ${error.message}.`)));
    });
    return new Kernel(id, session, socket);
  }
}

function sentenceOf(text) {
  try {
    return JSON.parse(text).message;
  } catch {
    return text;
  }
}

export class Kernel {
  constructor(id, session, socket) {
    this.id = id;
    this.session = session;
    this.socket = socket;
    this.sent = 0;
    this.running = null;
    socket.on("message", (data) => this.receive(decode(data)));
    socket.on("close", (code) => this.lost(code));
    // It is closed then, too.
    socket.on("error", () => {});
  }

  isOpen() {
    return this.socket.readyState === WebSocket.OPEN;
  }

  /// Runs a cell: its reply, once its idle status has come as well. `handle` gets all
  /// other messages about it, and no other cell's.
  execute(code, handle) {
    this.sent += 1;
    const header = {
      msg_id: `${this.session}-${this.sent}`,
      msg_type: "execute_request",
      session: this.session,
      username: "reader",
      date: new Date().toISOString(),
      version: "5.4",
    };
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
      this.socket.send(encode("shell", { header, parent_header: {}, metadata: {}, content }));
    });
  }

  receive(message) {
    const running = this.running;
    if (!running || message.parent_header.msg_id !== running.id) {
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

  lost(code) {
    this.running?.reject(new Lost(`The connection to the kernel was closed (${code}).`));
    this.running = null;
  }

  close() {
    this.socket.terminate();
  }
}

// The binary form: how many offsets, the offsets, then the parts themselves. Numbers
// are 64 bits, little end first.
function encode(channel, message) {
  const parts = [channel, ...["header", "parent_header", "metadata", "content"].map((key) => JSON.stringify(message[key]))];
  const bytes = parts.map((part) => Buffer.from(part));
  const count = parts.length + 1;
  const head = Buffer.alloc(8 * (count + 1));
  head.writeBigUInt64LE(BigInt(count), 0);
  let offset = head.length;
  bytes.forEach((part, index) => {
    head.writeBigUInt64LE(BigInt(offset), 8 * (index + 1));
    offset += part.length;
  });
  head.writeBigUInt64LE(BigInt(offset), 8 * count);
  return Buffer.concat([head, ...bytes]);
}

function decode(data) {
  const offset = (index) => Number(data.readBigUInt64LE(8 * (index + 1)));
  const part = (index) => JSON.parse(data.toString("utf8", offset(index), offset(index + 1)));
  return { header: part(1), parent_header: part(2), metadata: part(3), content: part(4) };
}
