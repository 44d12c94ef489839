// Runs listings through @jupyterlab/services, the client inside JupyterLab.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

const require = createRequire(import.meta.url);
const services = require("@jupyterlab/services");

const LISTING = await readFile(process.env.LISTING, "utf8");
const NEVER_ENDS = `fn main() {
    println!("started");
    loop { std::thread::sleep(std::time::Duration::from_secs(1)); }
}`;

const serverSettings = services.ServerConnection.makeSettings({
  baseUrl: `${process.env.SERVER_URL}/`,
  wsUrl: `${process.env.SERVER_URL.replace("http", "ws")}/`,
  token: process.env.SERVER_TOKEN,
  appendToken: true,
});

let kernels;
let sessions;

before(async () => {
  kernels = new services.KernelManager({ serverSettings });
  sessions = new services.SessionManager({ serverSettings, kernelManager: kernels });
  await Promise.all([kernels.ready, sessions.ready]);
});

after(async () => {
  await sessions.shutdownAll();
  await kernels.shutdownAll();
  sessions.dispose();
  kernels.dispose();
});

/// Runs a cell: its reply, and what it showed.
async function run(kernel, code) {
  const shown = [];
  const future = kernel.requestExecute({ code });
  future.onIOPub = (message) => shown.push(message);
  const reply = await future.done;
  const of = (type) => shown.filter((message) => message.header.msg_type === type);
  const printed = of("stream")
    .map((message) => message.content.text)
    .join("");
  return { reply, of, printed };
}

test("a listing runs in a session", async () => {
  const session = await sessions.startNew({
    path: "chapter.ipynb",
    name: "chapter",
    type: "notebook",
    kernel: { name: "interleaved" },
  });
  const { reply, printed } = await run(session.kernel, LISTING);
  assert.equal(reply.content.status, "ok");
  assert.equal(printed.trimEnd().split("\n").at(-1), "Done!");
  assert.deepEqual(
    (await services.SessionAPI.listRunning(serverSettings)).map(({ path }) => path),
    ["chapter.ipynb"],
  );
  await session.shutdown();
});

test("the kernel is named", async () => {
  const { default: name, kernelspecs } = await services.KernelSpecAPI.getSpecs(serverSettings);
  assert.equal(name, "interleaved");
  assert.equal(kernelspecs.interleaved.display_name, "Rust (Interleaved)");
  const logo = await fetch(`${process.env.SERVER_URL}${kernelspecs.interleaved.resources["logo-svg"]}`);
  assert.equal(logo.headers.get("content-type"), "image/svg+xml");

  const kernel = await kernels.startNew({ name });
  const info = await kernel.info;
  assert.equal(info.language_info.file_extension, ".rs");
  await kernel.shutdown();
});

test("errors are errors, and those that are queued behind are aborted", async () => {
  const kernel = await kernels.startNew({ name: "interleaved" });
  const { reply, of } = await run(kernel, "fn main() { nothing }");
  assert.equal(reply.content.ename, "CompileError");
  assert.equal(of("error").length, 1);

  // As JupyterLab's notebooks ask; this client by itself does not.
  const running = kernel.requestExecute({ code: NEVER_ENDS, stop_on_error: true });
  const queued = kernel.requestExecute({ code: LISTING });
  await new Promise((resolve) => {
    running.onIOPub = ({ header }) => header.msg_type === "stream" && resolve();
  });
  await kernel.interrupt();
  assert.equal((await running.done).content.ename, "Interrupted");
  assert.equal((await queued.done).content.status, "aborted");
  assert.equal((await run(kernel, LISTING)).reply.content.status, "ok");
  await kernel.shutdown();
});

test("a kernel restarts while a program runs", async () => {
  const kernel = await kernels.startNew({ name: "interleaved" });
  const running = kernel.requestExecute({ code: NEVER_ENDS });
  running.done.catch(() => "canceled by the restart");
  await new Promise((resolve) => {
    running.onIOPub = ({ header }) => header.msg_type === "stream" && resolve();
  });
  await kernel.restart();
  const { reply } = await run(kernel, LISTING);
  assert.equal(reply.content.execution_count, 1);
  await kernel.shutdown();
});

test("other requests are answered", async () => {
  const kernel = await kernels.startNew({ name: "interleaved" });
  const complete = await kernel.requestIsComplete({ code: "fn main() {" });
  assert.equal(complete.content.status, "incomplete");
  const completion = await kernel.requestComplete({ code: "pri", cursor_pos: 3 });
  assert.ok(completion.content.matches.includes("println!"), completion.content.matches.join());
  const inspection = await kernel.requestInspect({ code: "x", cursor_pos: 1, detail_level: 0 });
  assert.equal(inspection.content.found, false);
  const comms = await kernel.requestCommInfo({});
  assert.deepEqual(comms.content.comms, {});
  const history = await kernel.requestHistory({
    hist_access_type: "tail",
    n: 1,
    output: false,
    raw: true,
  });
  assert.deepEqual(history.content.history, []);
  await kernel.shutdown();
});

// As the protocol asks of a target that the kernel doesn't know: widgets then
// say that they have no model, and wait for nothing.
test("a comm is closed at once", async () => {
  const kernel = await kernels.startNew({ name: "interleaved" });
  const comm = kernel.createComm("jupyter.widget");
  const closed = new Promise((resolve) => {
    comm.onClose = resolve;
  });
  comm.open({});
  assert.equal((await closed).content.comm_id, comm.commId);
  assert.equal((await run(kernel, LISTING)).reply.content.status, "ok");
  // The client disposes of it once it has told of it.
  assert.ok(comm.isDisposed);
  await kernel.shutdown();
});
