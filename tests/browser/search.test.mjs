// mdBook's search, where what it needs doesn't come.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, open, published, served } from "./book.mjs";

const here = published();
const live = served();

const SENTENCE = /^The search can’t be loaded, as the site doesn’t answer: .*\.$/;

/// What is missing, and where the book comes from.
const MISSING = [
  ["its scripts", "**/elasticlunr*", () => here.site.origin],
  ["what it searches", "**/searchindex*", () => here.site.origin],
  ["what it searches, from a server", "**/searchindex*", () => live.server.origin],
];

for (const [what, address, origin] of MISSING) {
  test(`without ${what} the button says so, and tries again`, async () => {
    // The browser tells of what was refused, so the page is not asked for complaints.
    const { page } = await open(here.browser, `${origin()}/deadlock.html`);
    await page.route(address, (route) => route.abort());
    const button = page.getByRole("button", { name: "Toggle Searchbar" });
    const alert = page.getByRole("alert");
    assert.equal(await alert.innerText(), "");

    await button.click();
    await eventually(async () => assert.match(await alert.innerText(), SENTENCE));
    const { x, y, width, height } = await alert.boundingBox();
    assert.ok(width > 0 && x >= 0 && y >= 0 && x + width <= 1280 && y + height <= 900, "it can be seen");
    assert.equal(await page.locator("#mdbook-searchbar").isVisible(), false);
    await page.locator("main h1").click();
    assert.equal(await alert.innerText(), "");

    // From far below, by the key.
    await page.evaluate(() => scrollTo({ top: document.body.scrollHeight / 2, behavior: "instant" }));
    await page.keyboard.press("/");
    await eventually(async () => assert.match(await alert.innerText(), SENTENCE));

    await page.unroute(address);
    await button.click();
    await page.locator("#mdbook-searchbar:focus").waitFor();
    assert.equal(await alert.innerText(), "");
    await page.keyboard.type("deadlock");
    await page.locator("#mdbook-searchresults li").first().waitFor();
    await page.context().close();
  });
}

test("on a phone the sentence is within the window", async () => {
  const { page } = await open(here.browser, `${here.site.origin}/deadlock.html`, { width: 320 });
  await page.context().setOffline(true);
  await page.getByRole("button", { name: "Toggle Searchbar" }).click();
  const alert = page.getByRole("alert");
  await eventually(async () => assert.match(await alert.innerText(), SENTENCE));
  const { x, width } = await alert.boundingBox();
  assert.ok(x >= 0 && x + width <= 320, `from ${x}, ${width} wide`);
  await page.context().close();
});
