// Reading the site that `interleaved build` writes, with no server of ours.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { PATIENCE, SITE, eventually, listing, open, publish, published } from "./book.mjs";

const CHAPTER = "at-the-same-time.html";

const here = published();

const places = {
  "a host of files": () => `${here.site.origin}/${CHAPTER}`,
  "a file": () => pathToFileURL(path.join(SITE, CHAPTER)).href,
};

for (const [place, address] of Object.entries(places)) {
  test(`on ${place}, Run says what to do, and nothing that can't be done`, async () => {
    const { page, close } = await open(here.browser, address());
    const { run, runMany, output, figure } = listing(page, "two-threads");
    const recorded = await output.innerText();
    assert.match(recorded, /Done!/);
    for (const button of [run, runMany]) {
      await button.click();
      await eventually(async () => {
        const help = await output.innerText();
        assert.match(help, /This page can’t compile a program/);
        assert.match(help, /is sent to play\.rust-lang\.org.*Nothing is sent before you press the button/s);
        // This book doesn't say where its repository is; and no server gave the page.
        assert.doesNotMatch(help, /cargo run|git clone|#token|terminal/);
      });
    }
    const link = await output.getByRole("link", { name: "Rust Playground" }).getAttribute("href");
    const playground = new URL(link);
    assert.equal(playground.origin, "https://play.rust-lang.org");
    assert.match(playground.searchParams.get("code"), /fn main\(\)/);
    await figure.getByRole("button", { name: "Show the recorded output" }).click();
    await eventually(async () => assert.equal(await output.innerText(), recorded));
    await close();
  });
}

test("on a file, a chapter's notebook is kept under its name", async () => {
  const { page, close } = await open(here.browser, places["a file"]());
  const link = page.getByRole("link", { name: "This chapter as a Jupyter notebook" });
  const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
  assert.equal(download.suggestedFilename(), CHAPTER.replace(".html", ".ipynb"));
  const notebook = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.ok(notebook.cells.some((cell) => cell.id === "listing-two-threads"));
  await close();
});

test("on a file, search and names are there", async () => {
  const { page, close } = await open(here.browser, places["a file"]());
  await page.keyboard.press("s");
  await page.waitForFunction(() => document.activeElement?.id === "mdbook-searchbar");
  await page.keyboard.type("rendezvous");
  await page.locator("#mdbook-searchresults li").first().waitFor();
  const names = await page.evaluate(async () => JSON.parse(await window.interleaved.load.text("interleaved/names.json")));
  assert.ok(names.cards.length > 10);
  await close();
});

test("every page tells what it is about, and where it is", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/index.html`);
  const pages = await page.evaluate(async () => {
    const parser = new DOMParser();
    const map = parser.parseFromString(await (await fetch("sitemap.xml")).text(), "text/xml");
    const addresses = [...map.querySelectorAll("urlset > url > loc")].map((it) => it.textContent);
    const read = async (address) => {
      const response = await fetch(address.replace("https://book.example/concurrency/", "") || "index.html");
      const html = parser.parseFromString(await response.text(), "text/html");
      const content = (selector) => html.head.querySelector(selector)?.content;
      return {
        address,
        isThere: response.ok,
        canonical: html.head.querySelector("link[rel=canonical]")?.href,
        title: content('meta[property="og:title"]'),
        description: content("meta[name=description]"),
        shown: content('meta[property="og:description"]'),
        picture: content('meta[property="og:image"]'),
      };
    };
    return Promise.all(addresses.map(read));
  });
  assert.ok(pages.length > 40, `${pages.length} pages`);
  for (const it of pages) {
    assert.ok(it.isThere, it.address);
    assert.equal(it.canonical, it.address);
    assert.equal(it.shown, it.description);
    assert.equal(it.picture, "https://book.example/concurrency/page.png");
  }
  const described = new Set(pages.map((it) => it.description));
  assert.ok(described.size === pages.length && !described.has(undefined), "each tells something else");
  assert.ok(pages.every((it) => it.title && !it.title.includes("Interleaved")));
  await close();
});

test("what isn't there is told kindly, at any depth", async () => {
  // Where the site was built to be.
  const site = await publish({}, SITE, "/concurrency");
  const { page, close } = await open(here.browser, `${site.origin}/concurrency/404.html`);
  assert.equal(await page.evaluate(() => document.querySelector("base").getAttribute("href")), "/concurrency/");
  assert.match(await page.locator("main").innerText(), /There is no such page/);
  assert.equal(await page.evaluate(() => window.interleaved.hasPage), true, "it is a page as any");
  await close();
  site.stop();
});

test("without a script, code and outputs are there, and no buttons", async () => {
  const context = await here.browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(`${here.site.origin}/${CHAPTER}`);
  const { figure, output, run } = listing(page, "two-threads");
  assert.match(await figure.locator("pre code").innerText(), /fn main\(\)/);
  assert.match(await output.innerText(), /Done!/);
  assert.equal(await run.count(), 0);
  assert.equal(await figure.locator(".listing-tools").isVisible(), false);
  await context.close();
});

test("on paper, outputs are there, and no buttons", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/${CHAPTER}`);
  await page.emulateMedia({ media: "print" });
  const { figure, output, run } = listing(page, "two-threads");
  assert.equal(await output.isVisible(), true);
  assert.equal(await run.isVisible(), false);
  assert.equal(await figure.locator(".play-button").isVisible(), false);
  await close();
});

test("every page is quiet, and fits a phone", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/introduction.html`, { width: 390 });
  const chapters = await page.evaluate(() =>
    [...document.querySelectorAll("#mdbook-sidebar a[href]")].map((link) => new URL(link.href).pathname),
  );
  const pages = [...new Set(chapters)].filter((chapter) => chapter.endsWith(".html"));
  assert.ok(pages.length >= 13, `only ${pages}`);
  for (const chapter of pages) {
    await page.goto(here.site.origin + chapter);
    const [content, window] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      innerWidth,
    ]);
    assert.ok(content <= window, `${chapter} is ${content} px wide`);
  }
  await close();
});
