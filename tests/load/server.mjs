// One `interleaved serve` of the book, with a folder of its own for what it leaves there.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { Family } from "./processes.mjs";

/// The checkout whose book is served.
const ROOT = process.env.ROOT ?? path.resolve(import.meta.dirname, "../..");

/// How long building the book's listings may take, and how long ending may.
const BUILD = 1_200_000;
const END = 30_000;

export class Server {
  static async start() {
    const folder = mkdtempSync(path.join(tmpdir(), "interleaved-load-"));
    const child = spawn(process.env.INTERLEAVED, ["serve", "--no-open", "--port", "0"], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
      // Programs and compilers get no variable of ours but PATH: so it marks them, too.
      env: { ...process.env, TMPDIR: folder, PATH: `${process.env.PATH}:${folder}` },
    });
    const server = new Server(child, folder);
    // Nothing outlives a server that is killed, either.
    process.on("exit", () => {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    });
    await server.heard(/http:\S+#token=\S+/);
    await server.heard(/The listings are built: each runs at once\./);
    server.address = new URL(/http:\S+#token=\S+/.exec(server.said)[0]);
    return server;
  }

  constructor(child, folder) {
    this.child = child;
    this.folder = folder;
    this.said = "";
    this.hasEnded = false;
    this.family = new Family(child.pid, folder);
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => (this.said += text));
    }
    this.ended = new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("exit", (code, signal) => resolve(signal ?? code));
    }).finally(() => (this.hasEnded = true));
  }

  async heard(words) {
    const deadline = performance.now() + BUILD;
    while (!words.test(this.said)) {
      if (this.hasEnded || performance.now() > deadline) {
        throw new Error(`interleaved serve ${this.hasEnded ? "has ended" : "takes too long"}:\n${this.said}`);
      }
      await setTimeout(100);
    }
  }

  /// Ends it as Ctrl-C does; a sentence for each thing that is not as it should be then.
  async end() {
    this.family.below();
    this.child.kill("SIGINT");
    const code = await Promise.race([this.ended, setTimeout(END, "late", { ref: false })]);
    if (code === "late") {
      return [`the server did not end in ${END / 1000} s`];
    }
    const wrong = code === 0 ? [] : [`the server ended with ${code}`];
    if (/panicked at/.test(this.said)) {
      wrong.push(`the server panicked: ${/.*panicked at.*/.exec(this.said)[0]}`);
    }
    // A supervisor that has much to remove does so after its server is gone.
    const deadline = performance.now() + END;
    while (this.family.left().length > 0 && performance.now() < deadline) {
      await setTimeout(100);
    }
    const processes = this.family.left().map(({ pid, name }) => `${name} (${pid})`);
    const left = (what, names) => names.length > 0 && wrong.push(`${names.length} ${what} left: ${names.slice(0, 5).join(", ")}`);
    left("processes are", processes);
    left("files or folders are", readdirSync(this.folder));
    left("control groups are", this.family.groups());
    return wrong;
  }
}
