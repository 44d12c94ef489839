// Every page has its chapter as a notebook, beside it.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { launch, open, publish, serve } from "./book.mjs";

const NAME = "This chapter as a Jupyter notebook";

let site;
let browser;
let server;

before(async () => {
  browser = await launch();
  site = await publish();
  server = await serve();
});

after(async () => {
  await browser?.close();
  await site?.stop();
  await server?.stop();
});

const places = {
  "a host of files": () => `${site.origin}/deadlock.html`,
  "interleaved serve": () => server.chapter("deadlock"),
};

for (const [place, address] of Object.entries(places)) {
  test(`on ${place}, a page offers its notebook`, async () => {
    const { page, close } = await open(browser, address());
    const link = page.getByRole("link", { name: NAME });
    assert.equal(await link.count(), 1);
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    assert.equal(download.suggestedFilename(), "deadlock.ipynb");
    const notebook = JSON.parse(await readFile(await download.path(), "utf8"));
    assert.equal(notebook.nbformat, 4);
    assert.ok(notebook.cells.some((cell) => cell.id === "listing-forgotten-drop"));
    await close();
  });
}

test("the link is under the title, and not on paper", async () => {
  const { page, close } = await open(browser, `${site.origin}/deadlock.html`, { width: 390 });
  const link = page.getByRole("link", { name: NAME });
  const [title, box] = await Promise.all([
    page.locator("main h1").boundingBox(),
    link.boundingBox(),
  ]);
  assert.ok(box.y >= title.y + title.height / 2, "under the title");
  assert.ok(box.x >= 0 && box.x + box.width <= 390, "on the screen");
  await page.emulateMedia({ media: "print" });
  assert.equal(await link.isVisible(), false);
  await close();
});
