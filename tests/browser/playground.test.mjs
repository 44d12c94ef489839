// An edited listing on the published site: it goes to the Rust Playground when its
// reader has agreed, and to a server that he names; and nowhere else, and not before.

import assert from "node:assert/strict";
import http from "node:http";
import net from "node:net";
import { after, before, test } from "node:test";
import { PATIENCE, eventually, listing, published, serve } from "./book.mjs";

const here = published();

/// What the Playground takes, name by name: `ExecuteRequest` of its `public_http_api.rs`.
const FORM = { channel: "string", mode: "string", edition: "string", crateType: "string", tests: "boolean", backtrace: "boolean", code: "string" };

/// A stand-in for the Playground, which is as strict as that. Its answers are what it
/// would say of a program, by the program's text.
async function standIn() {
  const got = [];
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => (body += piece));
    request.on("end", () => {
      const wrong = [];
      const { method, url, headers } = request;
      if (method !== "POST" || url !== "/execute") wrong.push(`${method} ${url}`);
      if (headers["content-type"] !== "application/json") wrong.push(`Content-Type: ${headers["content-type"]}`);
      for (const name of ["cookie", "authorization", "referer"]) {
        if (headers[name] !== undefined) wrong.push(`${name}: ${headers[name]}`);
      }
      const asked = JSON.parse(body);
      for (const [name, type] of Object.entries(FORM)) {
        if (typeof asked[name] !== type) wrong.push(`${name} is ${typeof asked[name]}`);
      }
      for (const name of Object.keys(asked)) {
        if (!(name in FORM)) wrong.push(`it knows no ${name}`);
      }
      got.push({ asked, wrong });
      response.writeHead(200, { "Content-Type": "application/json", "Access-Control-Allow-Origin": "*" });
      response.end(JSON.stringify(answerTo(asked.code)));
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { got, origin: `http://127.0.0.1:${server.address().port}`, stop: () => server.close() };
}

const BUILT = "   Compiling playground v0.0.1 (/playground)\n    Finished `dev` profile [unoptimized + debuginfo] target(s) in 0.43s\n     Running `target/debug/playground`\n";

function answerTo(code) {
  if (code.includes("does not compile")) {
    const stderr = "   Compiling playground v0.0.1 (/playground)\nerror[E0425]: cannot find value `x` in this scope\n --> src/main.rs:1:1\n\nerror: could not compile `playground` (bin \"playground\") due to 1 previous error\n";
    return { success: false, exitDetail: "Exited with status 101", stdout: "", stderr };
  }
  if (code.includes("panics")) {
    const stderr = `${BUILT}\nthread 'main' (13) panicked at src/main.rs:1:1:\nit panics\nnote: run with \`RUST_BACKTRACE=1\`\n`;
    return { success: false, exitDetail: "Exited with status 101", stdout: "so far\n", stderr };
  }
  return { success: true, exitDetail: "Exited with status 0", stdout: "from there\n     Running `me`\n", stderr: `${BUILT}a warning of its own\n` };
}

let playground;

before(async () => (playground = await standIn()));
after(() => playground?.stop());

/// Opens a listing of the published site, and watches where requests go.
async function opened(use) {
  const context = await here.browser.newContext({ viewport: { width: 1280, height: 900 }, serviceWorkers: "block" });
  context.setDefaultTimeout(PATIENCE);
  const left = [];
  await context.route("https://play.rust-lang.org/**", async (route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const headers = { ...(await request.allHeaders()) };
    const answer = await fetch(playground.origin + pathname, { method: request.method(), headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(":"))), body: request.postData() });
    await route.fulfill({ status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() });
  });
  const page = await context.newPage();
  page.on("request", (request) => !request.url().startsWith(here.site.origin) && !/^(data|blob):/.test(request.url()) && left.push(request.url()));
  await page.goto(`${here.site.origin}/at-the-same-time.html`);
  playground.got.length = 0;
  await use(page, listing(page, "two-threads"), left);
  await context.close();
}

const SEND = { name: "Send it and run it there" };

test("nothing leaves the site before the reader agrees; then the program does, in the Playground's form", () =>
  opened(async (page, { edit, run, output, lines, ending, figure }, left) => {
    await edit('fn main() {\n    println!("from there");\n}\n');
    await run.click();
    await output.getByText("is sent to").waitFor();
    await figure.getByRole("button", { name: "All outcomes" }).click();
    await figure.locator('.listing-panel[aria-busy="false"]').getByText("This needs a server").waitFor();
    assert.deepEqual(left, []);
    await output.getByRole("button", SEND).click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.equal(await ending.innerText(), "Returned, on the Rust Playground");
    assert.match(await lines.innerText(), /from there\n.*Running `me`/);
    assert.match(await lines.innerText(), /a warning of its own/);
    assert.doesNotMatch(await lines.innerText(), /Compiling/);
    assert.equal(playground.got.length, 1);
    const [{ asked, wrong }] = playground.got;
    assert.deepEqual(wrong, []);
    assert.deepEqual(asked, { channel: "stable", mode: "debug", edition: "2024", crateType: "bin", tests: false, backtrace: false, code: 'fn main() {\n    println!("from there");\n}\n' });
    // Once is not for good.
    await run.click();
    await output.getByText("is sent to").waitFor();
    assert.equal(playground.got.length, 1);
  }));

test("who has agreed for good is not asked again, until he says so", () =>
  opened(async (page, { edit, run, output, ending }) => {
    await edit("fn main() {}\n");
    await run.click();
    await output.getByLabel("Don’t ask again in this browser").check();
    await output.getByRole("button", SEND).click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    await run.click();
    await eventually(async () => assert.equal(playground.got.length, 2));
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    await ending.getByRole("button", { name: "Ask me again next time" }).click();
    await run.click();
    await output.getByText("is sent to").waitFor();
    assert.equal(playground.got.length, 2);
  }));

test("what doesn't compile, or panics, is told as by any server", () =>
  opened(async (page, { edit, run, output, lines, ending }) => {
    const send = async (source) => {
      await edit(source);
      await run.click();
      await output.getByRole("button", SEND).click();
    };
    await send("fn main() { x } // does not compile\n");
    await ending.and(page.locator('[data-kind="rejected"]')).waitFor();
    assert.match(await output.locator("pre.rustc").innerText(), /^error\[E0425\]/);
    await send("fn main() { panics() }\n");
    await ending.and(page.locator('[data-kind="panicked"]')).waitFor();
    assert.match(await lines.innerText(), /so far/);
  }));

test("a program without main is wrapped as rustdoc wraps it", () =>
  opened(async (page, { edit, run, output, ending }) => {
    const sent = async (source) => {
      playground.got.length = 0;
      await edit(source);
      await run.click();
      await output.getByRole("button", SEND).click();
      await ending.and(page.locator('[data-kind="returned"]')).waitFor();
      assert.deepEqual(playground.got[0].wrong, []);
      return playground.got[0].asked;
    };
    assert.equal((await sent("let x = 1;\nprintln!(\"{x}\");\n")).code, '#![allow(unused)] fn main() { let x = 1;\nprintln!("{x}");\n}\n');
    const attributes = "#![allow(dead_code)]\n#[macro_use]\nextern crate log;\n\nlet x = 1; // fn main is only a word\n";
    assert.equal(
      (await sent(attributes)).code,
      "#![allow(unused)] #![allow(dead_code)]\n#[macro_use]\nextern crate log;\n\nfn main() { let x = 1; // fn main is only a word\n}\n",
    );
    assert.match((await sent('"1".parse::<u8>()?;\nOk::<(), std::num::ParseIntError>(())\n')).code, /fn _inner\(\) -> core::result::Result<\(\), impl core::fmt::Debug> \{ [^]*\(\(\)\)\n\} _inner\(\)\.unwrap\(\) \}\n$/);
    const { crateType, tests } = await sent("#[test]\nfn works() {}\n");
    assert.deepEqual([crateType, tests], ["lib", true]);
    assert.equal((await sent("#![feature(never_type)]\nfn main() {}\n")).channel, "nightly");
  }));

/// A stock Jupyter server that allows pages of other origins, as far as it can be
/// seen from a page: before the book's own server, which allows none. It answers only
/// what browsers call simple.
async function jupyter(server, allowed) {
  const { hostname, port, host } = new URL(server.origin);
  const refused = [];
  const proxy = http.createServer((request, response) => {
    const cors = { "Access-Control-Allow-Origin": allowed };
    if (request.method === "OPTIONS" || request.headers.authorization) {
      refused.push(`${request.method} ${request.url}`);
      response.writeHead(403).end();
      return;
    }
    const headers = { ...request.headers, host };
    delete headers.origin;
    for (const name of Object.keys(headers).filter((name) => name.startsWith("sec-"))) {
      delete headers[name];
    }
    const onward = http.request({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
      const kept = { ...answer.headers };
      delete kept["cross-origin-resource-policy"];
      response.writeHead(answer.statusCode, { ...kept, ...cors });
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  proxy.on("upgrade", (request, socket, head) => {
    const onward = net.connect(Number(port), hostname, () => {
      const lines = request.rawHeaders.reduce((all, text, index) => (index % 2 === 0 ? [...all, text] : [...all.slice(0, -1), `${all.at(-1)}: ${text}`]), []);
      const own = lines.map((line) => line.replace(/^host:.*/i, `Host: ${host}`).replace(/^origin:.*/i, `Origin: ${server.origin}`));
      onward.write(`GET ${request.url} HTTP/1.1\r\n${own.join("\r\n")}\r\n\r\n`);
      onward.write(head);
      socket.pipe(onward).pipe(socket);
    });
    for (const one of [socket, onward]) {
      one.on("error", () => (socket.destroy(), onward.destroy()));
    }
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${proxy.address().port}`, refused, stop: () => proxy.closeAllConnections() ?? proxy.close() };
}

test("a server that the reader names runs it, and nobody else", async () => {
  const server = await serve();
  const proxy = await jupyter(server, here.site.origin);
  const token = new URL(server.chapter("index")).hash.slice("#token=".length);
  await opened(async (page, { edit, run, runMany, output, lines, ending }, left) => {
    await edit('fn main() {\n    println!("on my own server");\n}\n');
    await run.click();
    await output.getByText("Run it on a server of your own").click();
    const address = output.getByLabel("The address of your server, with its token");
    await address.fill("not an address");
    await output.getByRole("button", { name: "Use it" }).click();
    await output.getByText("That is no address of a server").waitFor();
    // The book's own server answers its own pages alone.
    await address.fill(`${server.origin}/#token=${token}`);
    await output.getByRole("button", { name: "Use it" }).click();
    const there = output.getByRole("link", { name: "open this chapter there" });
    assert.equal(await there.getAttribute("href"), `${server.origin}/at-the-same-time.html#token=${token}`);
    assert.deepEqual(left, []);
    await address.fill(`${proxy.origin}/lab?token=${token}`);
    await output.getByRole("button", { name: "Use it" }).click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.match(await lines.innerText(), /on my own server/);
    await runMany.click();
    await output.getByText(/^100 runs: always the same/).waitFor();
    assert.ok(left.length > 0 && left.every((url) => url.startsWith(proxy.origin)), left.join("\n"));
    assert.deepEqual(playground.got, []);
  });
  proxy.stop();
  await server.stop();
});

test("where the reader's own server is gone, the Playground is as good, once", () =>
  opened(async (page, { edit, run, output, ending }) => {
    await edit("fn main() {}\n");
    await run.click();
    await output.getByText("Run it on a server of your own").click();
    // Nobody listens there.
    await output.getByLabel("The address of your server, with its token").fill("http://127.0.0.1:9/?token=none");
    await output.getByRole("button", { name: "Use it" }).click();
    const gone = output.getByText("Your server can’t run this now");
    await gone.waitFor();
    await output.getByRole("button", SEND).click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.equal(playground.got.length, 1);
    await run.click();
    await gone.waitFor();
    await output.getByRole("button", { name: "Forget it" }).click();
    await run.click();
    await output.getByText("is sent to").waitFor();
    assert.equal(playground.got.length, 1);
  }));
