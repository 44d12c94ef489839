// A trace in JupyterLab: drawn as on the page, and stepped through with the
// keyboard, in a notebook that nobody has called trusted.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { PATIENCE, eventually, launch } from "../browser/book.mjs";

const TOKEN = "a-token-of-this-test";

/// How long JupyterLab may take to end, in milliseconds.
const GOODBYE = 10_000;

let lab;
let browser;
let address;

/// How long the kernel may take to answer before it is asked again, in
/// milliseconds.
const ANSWER = 10_000;

before(async () => {
  lab = spawn(
    process.env.JUPYTER_LAB,
    [
      "--allow-root",
      "--no-browser",
      "--ip=127.0.0.1",
      "--port=0",
      `--IdentityProvider.token=${TOKEN}`,
      `--ServerApp.root_dir=${process.env.NOTEBOOKS}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let said = "";
  address = await new Promise((resolve, reject) => {
    lab.stderr.on("data", (text) => {
      said += text;
      const match = /http:\/\/127\.0\.0\.1:\d+\//.exec(said);
      if (match) {
        resolve(match[0]);
      }
    });
    lab.on("exit", (code) => reject(new Error(`JupyterLab ended with ${code}:\n${said}`)));
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  const ended = once(lab, "exit");
  lab.kill("SIGTERM");
  // It has been seen to wait forever for a thread of its own. Its kernel ends
  // with it either way.
  const killing = setTimeout(() => lab.kill("SIGKILL"), GOODBYE);
  await ended;
  clearTimeout(killing);
});

test("a trace is stepped through", async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  page.setDefaultTimeout(PATIENCE);
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" && message.location().url.includes("@interleaved")) {
      complaints.push(message.text());
    }
  });
  await page.goto(`${address}lab/tree/trace.ipynb?token=${TOKEN}`);

  const slider = page.getByRole("slider", { name: "Step" });
  await slider.scrollIntoViewIfNeeded();
  const now = page.locator(".steps-now");
  // JupyterLab may draw a cell again while it gets ready.
  await eventually(async () => {
    assert.match(await now.innerText(), /^1 of \d+\s*Main starts/);
    assert.match(await page.locator(".steps-source").innerText(), /fn main\(\)/);
    const [program, source] = await Promise.all([
      page.locator(".steps-source").boundingBox(),
      page.locator(".steps-source code").evaluate((code) => getComputedStyle(code).fontSize),
    ]);
    assert.ok(program?.height > 100 && source === "13px", "drawn at JupyterLab's size");
  });
  await eventually(async () => {
    await slider.press("Home");
    await slider.press("ArrowRight");
    assert.match(await now.innerText(), /^2 of/);
  });
  await eventually(async () => {
    await slider.press("End");
    assert.match(await now.innerText(), /a deadlock\.$/);
    assert.equal(await page.locator(".source-badge").count(), 2, "where both threads stand");
    assert.match(await page.locator(".standings").innerText(), /waits to receive from the channel/);
    assert.match(await page.locator(".steps-output").innerText(), /read 3 from channel/);
  });
  assert.deepEqual(complaints, []);
  await page.close();
});

test("a cell is formatted", async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1600 } });
  page.setDefaultTimeout(PATIENCE);
  await page.goto(`${address}lab/tree/format.ipynb?token=${TOKEN}`);
  const editor = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell .cm-content").first();
  const formatted = /^%%run 2\nfn main\(\) \{\n {4}println!\("a"\);\n\}$/;
  await eventually(async () => {
    await editor.focus();
    await page.keyboard.press("Alt+Shift+F");
    // The kernel may still be starting.
    const deadline = Date.now() + ANSWER;
    while (Date.now() < deadline && !formatted.test(await editor.innerText())) {
      await page.waitForTimeout(100);
    }
    assert.match(await editor.innerText(), formatted);
  });
  await page.close();
});
