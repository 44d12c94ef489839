// The book as its readers get it: served by `interleaved serve`, or as the files
// that `interleaved build` writes; and a browser to read it in.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { after, before } from "node:test";
import { setTimeout } from "node:timers/promises";
import { chromium } from "playwright-core";

const INTERLEAVED = process.env.INTERLEAVED;
const MDBOOK_INTERLEAVED = process.env.MDBOOK_INTERLEAVED;

/// How long anything may take, in milliseconds. A machine may have much else to
/// do, and stop any process for a while; only a failing test waits so long.
export const PATIENCE = Number(process.env.PATIENCE ?? 300_000);

/// The folder that the static site was built into, for all files here.
export const SITE = process.env.SITE;

export const ROOT = path.resolve(import.meta.dirname, "../..");

export const THEMES = ["light", "rust", "coal", "navy", "ayu"];

/// Starts the server, of the book in another folder if one is given. Its
/// address has the token in it.
export async function serve(book) {
  const folder = book ? ["--book", book] : [];
  return started(INTERLEAVED, folder);
}

/// The same of a book that anyone wrote, with the command that anyone has.
export function serveAnyones(folder) {
  return started(MDBOOK_INTERLEAVED, [folder]);
}

async function started(command, book) {
  const server = spawn(command, ["serve", "--no-open", "--port", "0", ...book], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  server.stderr.on("data", (text) => (said += text));
  const address = await new Promise((resolve, reject) => {
    server.stdout.on("data", (text) => {
      said += text;
      const match = /http:\S+#token=\S+/.exec(said);
      if (match) {
        resolve(new URL(match[0]));
      }
    });
    server.on("error", reject);
    server.on("exit", (code) => reject(new Error(`${command} serve ended with ${code}:\n${said}`)));
  });
  const ended = new Promise((resolve) => server.on("exit", resolve));
  return {
    origin: address.origin,
    /// A chapter's address, as the terminal prints it: with the token.
    chapter: (name) => `${address.origin}/${name}.html${address.hash}`,
    /// The ids of the kernels that run now.
    kernels: async () => {
      const query = address.hash.slice(1);
      const response = await fetch(`${address.origin}/api/kernels?${query}`);
      return (await response.json()).map(({ id }) => id);
    },
    stop: () => {
      server.kill("SIGINT");
      return ended;
    },
  };
}

/// Serves the static site, or another one, as a host of static pages does: files and
/// nothing else. `instead` has other bytes for some of its paths. The site's root may be
/// a folder of the host, `at`.
export async function publish(instead = {}, folder = SITE, at = "") {
  const types = {
    ".html": "text/html",
    ".js": "text/javascript",
    ".css": "text/css",
    ".json": "application/json",
  };
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    try {
      const isWithin = pathname.startsWith(`${at}/`);
      const bytes = instead[pathname] ?? (isWithin && (await readFile(path.join(folder, pathname.slice(at.length)))));
      assert.notEqual(bytes, false);
      response.setHeader("Content-Type", types[path.extname(pathname)] ?? "application/octet-stream");
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    stop: () => server.close(),
  };
}

export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    timeout: PATIENCE,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/// The built site and a browser, for as long as a file's tests run.
export function published() {
  const here = { browser: undefined, site: undefined };
  before(async () => {
    here.browser = await launch();
    here.site = await publish();
  });
  after(async () => {
    await here.browser?.close();
    await here.site?.stop();
  });
  return here;
}

/// The same, where a server runs what readers ask for.
export function served() {
  const here = { browser: undefined, server: undefined };
  before(async () => {
    here.browser = await launch();
    here.server = await serve();
  });
  after(async () => {
    await here.browser?.close();
    await here.server?.stop();
  });
  return here;
}

/// Opens a page of its own and watches it: nothing may be logged as an error,
/// and no request may go anywhere but to `origin` (or to no one, for files). The site is
/// kept in the browser where that is what is tested: elsewhere a test may want to
/// answer for the host. Where it `isCalm`, its reader wants nothing to move.
export async function open(browser, address, { theme, width = 1280, origin, keeps = false, isCalm = false } = {}) {
  const serviceWorkers = keeps ? "allow" : "block";
  const reducedMotion = isCalm ? "reduce" : "no-preference";
  const context = await browser.newContext({ viewport: { width, height: 900 }, serviceWorkers, reducedMotion });
  context.setDefaultTimeout(PATIENCE);
  if (theme) {
    await context.addInitScript((name) => localStorage.setItem("mdbook-theme", name), theme);
  }
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`error: ${error.message}`));
  page.on("console", (message) => {
    const isOurs = !message.text().startsWith("Service Worker registration blocked");
    if (isOurs && (message.type() === "error" || message.type() === "warning")) {
      complaints.push(`console: ${message.text()} (${message.location().url})`);
    }
  });
  const home = origin ?? new URL(address).origin;
  page.on("request", (request) => {
    const url = request.url();
    const stays = url.startsWith("data:") || (home === "null" ? url.startsWith("file:") : url.startsWith(home));
    if (!stays) {
      complaints.push(`request: ${url}`);
    }
  });
  await page.goto(address);
  return {
    page,
    /// Closes the page, and fails if it complained.
    close: async () => {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}

/// Waits until an assertion holds: what a click has begun may not be over when
/// the click is.
export async function eventually(assertion) {
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    try {
      return await assertion();
    } catch (error) {
      if (!(error instanceof assert.AssertionError) || Date.now() > deadline) {
        throw error;
      }
    }
    await setTimeout(20);
  }
}

/// A listing of a page, by its name.
export function listing(page, name) {
  const figure = page.locator(`figure.listing[data-listing="${name}"]`);
  return {
    figure,
    output: figure.locator(".listing-output"),
    // Notes by the compiler and on the machine are folded above them.
    lines: figure.locator(".listing-output .transcript:not(details *)"),
    ending: figure.locator(".listing-output > .ending"),
    status: figure.locator('[role="status"]'),
    run: figure.locator(".listing-run"),
    runMany: figure.locator(".listing-run-many"),
    /// Replaces the program in the editor, as if pasted.
    edit: async (source) => {
      // Where a click would land depends on how long the program was. On the
      // published site the editor comes when its reader turns to the code.
      await figure.locator("pre.playground > code").evaluate((code) => (code.querySelector(".ace_text-input") ?? code).focus());
      await figure.locator(".ace_text-input").focus();
      await page.keyboard.press("Control+A");
      await page.keyboard.insertText(source);
    },
  };
}
