// What a reader waits for when he opens a chapter of the published site, and that
// what comes later comes without a flash or a jump.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { SITE, THEMES, eventually, listing, open, published } from "./book.mjs";

const here = published();

/// The most that a first chapter may take, in bytes as they are sent, and in requests.
const BYTES = 150_000;
const REQUESTS = 20;

/// A host that compresses what can be, and counts what it sends.
async function countingHost() {
  const sent = [];
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const type = types[path.extname(pathname)];
    try {
      const bytes = await readFile(path.join(SITE, pathname));
      const body = type ? gzipSync(bytes) : bytes;
      response.writeHead(200, { "Content-Type": type ?? "application/octet-stream", ...(type && { "Content-Encoding": "gzip" }) });
      response.end(body);
      sent.push({ pathname, bytes: body.length });
    } catch {
      response.writeHead(404).end();
      sent.push({ pathname, bytes: 0 });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, sent, stop: () => server.close() };
}

for (const chapter of ["index.html", "introduction.html", "at-the-same-time.html", "deadlock.html"]) {
  test(`${chapter} is light`, async (t) => {
    const host = await countingHost();
    const context = await here.browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${host.origin}/${chapter}`, { waitUntil: "load" });
    await page.waitForFunction(() => window.interleaved.listings?.length > 0);
    const bytes = host.sent.reduce((sum, one) => sum + one.bytes, 0);
    t.diagnostic(`${host.sent.length} requests, ${bytes} bytes, compressed`);
    const list = host.sent.map((one) => `${one.bytes} ${one.pathname}`).join("\n");
    assert.ok(bytes > 30_000, "what was measured is a chapter");
    assert.ok(bytes <= BYTES, `${bytes} bytes:\n${list}`);
    assert.ok(host.sent.length <= REQUESTS, `${host.sent.length} requests:\n${list}`);
    await context.close();
    host.stop();
  });
}

/// Of each letter of a listing's code: its colour, and where it is. The first
/// letters of a line tell of the others, whose widths may differ by a rounding.
function letters(figure) {
  return figure.evaluate((figure) => {
    const code = figure.querySelector("pre.playground > code");
    const lines = code.querySelector(".ace_text-layer") ?? code;
    const texts = document.createTreeWalker(lines, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
      const node = texts.currentNode;
      const style = getComputedStyle(node.parentElement);
      for (let at = 0; at < node.length; at += 1) {
        if (/\s/.test(node.data[at])) {
          continue;
        }
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + 1);
        const { left, top } = range.getBoundingClientRect();
        found.push([node.data[at], style.color, style.fontStyle, style.fontWeight, Math.round(left), Math.round(top + scrollY)]);
      }
    }
    const { height } = figure.getBoundingClientRect();
    return { found, height: Math.round(height) };
  });
}

test("code has its colours and its place before the editor is there", async () => {
  for (const theme of THEMES) {
    for (const chapter of theme === "light" ? ["at-the-same-time", "what-comes-back"] : ["one-after-the-other"]) {
      const { page, close } = await open(here.browser, `${here.site.origin}/${chapter}.html`, { theme });
      const figures = page.locator("main > figure.listing");
      assert.ok((await figures.count()) > 0);
      for (const figure of await figures.all()) {
        assert.equal(await figure.locator(".ace_editor").count(), 0);
        const before = await letters(figure);
        await figure.evaluate((figure) => window.interleaved.listings.find((it) => it.figure === figure).editor.upgrade());
        await figure.locator(".ace_editor .ace_line").first().waitFor();
        const after = await letters(figure);
        const [title] = await figure.locator(".listing-title").allInnerTexts();
        assert.equal(after.height, before.height, `${theme}: ${title}`);
        assert.ok(new Set(before.found.map(([, colour]) => colour)).size > 3, "it has colours");
        // Those of its theme, and not of any.
        const [code, own] = await figure.evaluate((figure) => ["pre.playground > code", ".listing-output"].map((part) => {
          const style = getComputedStyle(figure.querySelector(part));
          return [style.getPropertyValue("--il-code"), style.getPropertyValue("--fg")];
        }));
        assert.deepEqual(code, own, `${theme}: ${title}`);
        before.found.forEach((one, index) => {
          const [letter, colour, style, weight, left, top] = after.found[index] ?? [];
          assert.deepEqual([letter, colour, style, weight], one.slice(0, 4), `${theme}: ${title}, letter ${index}`);
          assert.ok(Math.abs(left - one[4]) <= 1 && Math.abs(top - one[5]) <= 1, `${theme}: ${title}, letter ${index} “${letter}” moves from ${one.slice(4)} to ${[left, top]}`);
        });
        assert.equal(after.found.length, before.found.length);
      }
      await close();
    }
  }
});

/// The middle of a text in a listing's code.
function middleOf(figure, text) {
  return figure.evaluate((figure, text) => {
    const texts = document.createTreeWalker(figure.querySelector("pre.playground > code"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const at = texts.currentNode.data.indexOf(text);
      if (at !== -1) {
        const range = document.createRange();
        range.setStart(texts.currentNode, at);
        range.setEnd(texts.currentNode, at + text.length);
        range.startContainer.parentElement.scrollIntoView({ block: "center", behavior: "instant" });
        const { left, right, top, bottom } = range.getBoundingClientRect();
        return [(left + right) / 2, (top + bottom) / 2];
      }
    }
    return null;
  }, text);
}

const valueOf = (page) => page.evaluate(() => window.interleaved.listings[0].editor.getValue());

test("the editor comes when a reader turns to the code, and he goes on where he is", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/at-the-same-time.html`);
  const asked = [];
  page.on("request", (request) => asked.push(request.url()));
  const { figure } = listing(page, "two-threads");
  const original = await valueOf(page);
  await page.mouse.move(2, 2);
  assert.deepEqual(asked.filter((url) => /\/ace/.test(url)), []);
  await page.mouse.click(...(await middleOf(figure, "Done!")));
  await figure.locator(".ace_editor.ace_focus").waitFor();
  await page.keyboard.type("XYZ");
  await eventually(async () => assert.match(await valueOf(page), /println!\("D.*XYZ.*!"\);/));
  assert.equal((await valueOf(page)).replace("XYZ", ""), original);
  await figure.and(page.locator(".is-edited")).waitFor();
  // Only this one.
  assert.equal(await page.locator(".ace_editor").count(), 1);
  await figure.locator("pre.playground").hover();
  await figure.getByRole("button", { name: "Undo changes" }).click();
  await eventually(async () => assert.equal(await valueOf(page), original));
  await close();
});

test("where the editor doesn't come, the code can be written in all the same", async () => {
  const { page } = await open(here.browser, `${here.site.origin}/at-the-same-time.html`);
  await page.route("**/ace-*.js", (route) => route.abort());
  const { figure } = listing(page, "two-threads");
  await page.mouse.click(...(await middleOf(figure, "Done!")));
  await page.keyboard.type("XYZ");
  await eventually(async () => assert.match(await valueOf(page), /println!\("D.*XYZ.*!"\);/));
  await figure.and(page.locator(".is-edited")).waitFor();
  await page.reload();
  await eventually(async () => assert.match(await valueOf(page), /XYZ/));
  // The browser tells of what was refused, so the page is not asked for complaints.
  await page.context().close();
});
