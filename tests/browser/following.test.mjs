// A page that is open while the book is being written.

import assert from "node:assert/strict";
import { appendFile, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { ROOT, launch, listing, open, serve } from "./book.mjs";

const CHAPTER = "at-the-same-time";

let folder;
let server;
let browser;

before(async () => {
  // A copy, to write in. Its links lead to its own listings; and it is within the
  // workspace, whose libraries they use.
  await mkdir(path.join(ROOT, "target"), { recursive: true });
  folder = await mkdtemp(path.join(ROOT, "target/book-"));
  for (const part of ["book", "crates/listings"]) {
    await cp(path.join(ROOT, part), path.join(folder, part), { recursive: true, verbatimSymlinks: true });
  }
  browser = await launch();
  server = await serve(path.join(folder, "book"));
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true });
});

/// Writes a paragraph at the chapter's end.
function write(text) {
  return appendFile(path.join(folder, "book/src", `${CHAPTER}.md`), `\n${text}\n`);
}

test("the page follows the book, and keeps its place and its edits", async () => {
  const { page, close } = await open(browser, server.chapter(CHAPTER));
  const { edit, figure } = listing(page, "two-threads");
  await edit("fn main() { /* kept */ }");
  await page.evaluate(() => scrollTo(0, 1000));
  await write("A first addition.");
  await page.getByText("A first addition.").waitFor();
  await page.waitForFunction(() => scrollY === 1000);
  assert.match(await figure.getAttribute("class"), /is-edited/);
  await close();
});

test("a change between loading and listening is noticed", async () => {
  const { page, close } = await open(browser, server.chapter("introduction"));
  let listen;
  const may = new Promise((resolve) => (listen = resolve));
  let held;
  const asked = new Promise((resolve) => (held = resolve));
  await page.route("**/interleaved/reload?*", async (route) => {
    held();
    await may;
    await route.continue();
  });
  await page.goto(`${server.origin}/${CHAPTER}.html`);
  await asked;
  await write("A second addition.");
  const address = `${server.origin}/${CHAPTER}.html`;
  // Until the book is built.
  while (!(await (await fetch(address)).text()).includes("A second addition.")) {
    await setTimeout(50);
  }
  assert.equal(await page.getByText("A second addition.").count(), 0);
  listen();
  await page.getByText("A second addition.").waitFor();
  await close();
});

test("a page that is as the book is isn't loaded again", async () => {
  const { page, close } = await open(browser, server.chapter(CHAPTER));
  await page.addInitScript(() => {
    const { EventSource } = window;
    window.EventSource = class extends EventSource {
      constructor(address) {
        super(address);
        this.addEventListener("site", () => (window.wasTold = true));
      }
    };
  });
  let loads = 0;
  page.on("request", (request) => (loads += request.isNavigationRequest() ? 1 : 0));
  await page.reload();
  await page.waitForFunction(() => window.wasTold);
  // It would be loaded before it is for this.
  await write("A third addition.");
  await page.getByText("A third addition.").waitFor();
  assert.equal(loads, 2);
  await close();
});
