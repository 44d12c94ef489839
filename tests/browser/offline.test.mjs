// The published site without a network: all of it, after one visit of one page; and
// never two versions of it at once.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { PATIENCE, SITE, eventually, launch, listing } from "./book.mjs";

let browser;
let folder;
const places = [];

before(async () => {
  browser = await launch();
  folder = await mkdtemp(path.join(tmpdir(), "offline-"));
  await cp(SITE, folder, { recursive: true });
});

after(async () => {
  await browser?.close();
  // Of a test that failed, too: nothing ends while one listens.
  places.forEach((place) => place.stop());
  await rm(folder, { recursive: true, force: true });
});

/// A host of files that has other sites, too, and that can be out. It says how long
/// its answers may be kept, as hosts do.
async function host() {
  const place = { isOut: false, changes: false, asked: [] };
  const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml" };
  const server = http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (place.isOut) {
      request.socket.destroy();
      return;
    }
    place.asked.push(pathname);
    try {
      const file = decodeURIComponent(pathname.replace(/^\/some\/path\//, ""));
      let bytes = await readFile(path.join(folder, file === "" ? "index.html" : file));
      if (place.changes && file.endsWith(".html")) {
        bytes = Buffer.concat([bytes, Buffer.from("<!-- counted -->")]);
      }
      response.writeHead(200, { "Content-Type": types[path.extname(file || ".html")] ?? "application/octet-stream", "Cache-Control": "max-age=600", "Referrer-Policy": "no-referrer" });
      response.end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  places.push(place);
  return Object.assign(place, {
    root: `http://127.0.0.1:${server.address().port}/some/path/`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  });
}

/// The files that the site's service worker knows, and their digests.
async function files() {
  const script = await readFile(path.join(folder, "service-worker.js"), "utf8");
  return JSON.parse(/^const FILES = (.*);$/m.exec(script)[1]);
}

/// Whether the whole of a version is kept.
function isWhole(page, version) {
  return page.evaluate(async (version) => {
    for (const name of await caches.keys()) {
      for (const { url } of await (await caches.open(name)).keys()) {
        if (url.includes(`?whole=${version ?? ""}`)) {
          return true;
        }
      }
    }
    return false;
  }, version);
}

async function reader() {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  return {
    context,
    page,
    close: async () => {
      await context.close();
      assert.deepEqual(errors, []);
    },
  };
}

test("after one visit of one page, all of the site is there without a network", async () => {
  const place = await host();
  const { page, close } = await reader();
  await page.goto(`${place.root}deadlock.html`);
  // A page's own requests come first.
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const first = place.asked.length;
  assert.ok(first < 25, `${first} requests before anything is kept`);
  await eventually(async () => assert.equal(await isWhole(page), true));
  assert.ok(place.asked.every((one) => one.startsWith("/some/path/")), "nothing outside of it");
  place.isOut = true;
  place.asked = [];

  const all = Object.keys(await files());
  assert.ok(all.length > 250 && all.includes("outcomes/two-threads.json"), `${all.length} files`);
  assert.ok(!all.some((one) => /\.(json|ipynb)\.js$/.test(one)), "what only files need is left out");
  const missing = await page.evaluate(async (all) => {
    const missing = [];
    for (const file of all) {
      const response = await fetch(new URL(`/some/path/${file}`, location.href)).catch(() => null);
      if (!response?.ok) {
        missing.push(file);
      }
    }
    return missing;
  }, all);
  assert.deepEqual(missing, []);

  for (const chapter of ["index.html", "", "at-the-same-time.html", "at-the-same-time", "many-workers.html?highlight=worker"]) {
    await page.goto(place.root + chapter);
    assert.ok((await page.locator("main p").count()) > 3, chapter);
  }
  await page.goto(`${place.root}at-the-same-time.html`);
  const { figure } = listing(page, "two-threads");
  await figure.getByRole("button", { name: "All outcomes" }).click();
  await figure.getByText("140 possible outcomes").waitFor();
  await figure.getByRole("button", { name: "Step through", exact: true }).click();
  await figure.locator(".steps-row").first().waitFor();
  await figure.locator(".ace_editor").waitFor();
  await page.getByRole("button", { name: "Toggle Searchbar" }).click();
  await page.waitForFunction(() => document.activeElement?.id === "mdbook-searchbar");
  await page.keyboard.type("rendezvous");
  await page.locator("#mdbook-searchresults li").first().waitFor();
  assert.deepEqual(place.asked, []);
  await close();
  place.stop();
});

test("what was visited is there before the rest is, and who saves data has that alone", async () => {
  const place = await host();
  const { context, page, close } = await reader();
  await context.addInitScript(() => Object.defineProperty(navigator, "connection", { value: { saveData: true } }));
  await page.goto(`${place.root}channels.html`);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  const kept = () => page.evaluate(async () => {
    const [name] = await caches.keys();
    return name ? (await (await caches.open(name)).keys()).length : 0;
  });
  await eventually(async () => assert.ok((await kept()) >= 10));
  place.isOut = true;
  await page.reload();
  assert.match(await page.locator("main h1").innerText(), /Channels|channel/i);
  await page.waitForFunction(() => window.interleaved.listings?.length > 0);
  assert.equal(await isWhole(page), false);
  await close();
  place.stop();
});

/// Makes another version of the site, whose pages and scripts say so.
async function publishAnother(mark) {
  // A few files of each kind will do.
  const wanted = /^(?:css|interleaved)\/|^[^/]*\.(?:js|css|svg|png)$|^(?:index|deadlock|channels|select|sharing)\.html$/;
  const all = Object.fromEntries(Object.entries(await files()).filter(([file]) => wanted.test(file)));
  const write = async (file, change) => {
    const text = change(await readFile(path.join(SITE, file), "utf8"));
    await writeFile(path.join(folder, file), text);
    all[file] = createHash("sha256").update(text).digest("hex").slice(0, 32);
  };
  for (const file of Object.keys(all).filter((one) => one.endsWith(".html"))) {
    await write(file, (html) => html.replace("<main>", `<main><p class="version">${mark}</p>`).replaceAll(/data-version="[^"]*"/g, `data-version="${mark}"`));
  }
  await write("interleaved/page.js", (script) => `${script}window.versionOfScript = ${JSON.stringify(mark)};\n`);
  await write("interleaved/tools.js", (script) => `${script}window.versionOfTools = ${JSON.stringify(mark)};\n`);
  const script = await readFile(path.join(SITE, "service-worker.js"), "utf8");
  const changed = script
    .replace(/^const VERSION = .*$/m, `const VERSION = ${JSON.stringify(mark)};`)
    .replace(/^const FILES = .*$/m, () => `const FILES = ${JSON.stringify(all)};`);
  await writeFile(path.join(folder, "service-worker.js"), changed);
}

test("a new version replaces the old one whole, and no page is made of both", async () => {
  const place = await host();
  await publishAnother("first");
  const { context, page, close } = await reader();
  const versions = (which) =>
    which.evaluate(async () => {
      await window.interleaved.load.tools();
      return [document.querySelector(".version")?.textContent, window.versionOfScript, window.versionOfTools];
    });
  await page.goto(`${place.root}deadlock.html`);
  await eventually(async () => assert.equal(await isWhole(page, "first"), true));
  const other = await context.newPage();
  await other.goto(`${place.root}channels.html`);

  await publishAnother("second");
  // The browser looks for a new one when a page is opened: it fetches what differs.
  await page.goto(`${place.root}select.html`);
  assert.deepEqual(await versions(page), ["first", "first", "first"]);
  await eventually(async () => assert.equal(await isWhole(page, "second"), true));
  // Another page of the old version is open: it stays, and so do all.
  await page.goto(`${place.root}sharing.html`);
  assert.deepEqual(await versions(page), ["first", "first", "first"]);
  assert.deepEqual(await versions(other), ["first", "first", "first"]);

  await other.close();
  // It is loaded a second time when the new one takes over.
  const twice = (error) => assert.match(error.message, /ERR_ABORTED/);
  await page.goto(`${place.root}deadlock.html`, { waitUntil: "commit" }).catch(twice);
  await eventually(async () => {
    const seen = await versions(page).catch(() => []);
    assert.deepEqual(seen, ["second", "second", "second"]);
  });
  place.isOut = true;
  for (const chapter of ["select.html", "channels.html"]) {
    await page.goto(place.root + chapter);
    assert.deepEqual(await versions(page), ["second", "second", "second"]);
  }
  const policy = await page.evaluate(async () => (await fetch(location.href)).headers.get("Referrer-Policy"));
  assert.equal(policy, "no-referrer", "what the host says of a page is kept with it");
  assert.equal(await isWhole(page, "first"), false, "the old one is gone");
  await close();
  place.stop();
});

test("a host that changes what it sends keeps nobody at an old version", async () => {
  const place = await host();
  await publishAnother("first");
  const { page, close } = await reader();
  await page.goto(`${place.root}deadlock.html`);
  await eventually(async () => assert.equal(await isWhole(page, "first"), true));
  place.changes = true;
  await publishAnother("second");
  const keys = () => page.evaluate(async () => {
    const [name] = await caches.keys();
    return (await (await caches.open(name)).keys()).map(({ url }) => url);
  });
  const lookForAnother = () => page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).update().then(() => {}, () => {}));
  await lookForAnother();
  let differs;
  await eventually(async () => assert.ok((differs = (await keys()).find((url) => url.endsWith("?differs=second")))));
  assert.equal(await isWhole(page, "first"), true, "a host may need a while");
  // As if that had been two days ago.
  await page.evaluate(async (key) => {
    const [name] = await caches.keys();
    const before = Date.now() - 2 * 24 * 3600 * 1000;
    await (await caches.open(name)).put(key, new Response(String(before)));
  }, differs);
  await eventually(async () => {
    await lookForAnother();
    assert.equal(await isWhole(page, "first"), false);
  });
  await close();
  place.stop();
});
