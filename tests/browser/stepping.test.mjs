// Where a listing's code, lanes and output stand while the reader steps through
// it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, listing, open, published } from "./book.mjs";

const here = published();

/// A listing with a tool open, in a window of this size.
async function stepping([chapter, name, tool], { width, height = 900, theme }, use) {
  const { page, close } = await open(here.browser, `${here.site.origin}/${chapter}.html`, { width, theme });
  await page.setViewportSize({ width, height });
  const { figure, output } = listing(page, name);
  await figure.getByRole("button", { name: tool, exact: true }).click();
  await figure.locator('.listing-panel[aria-busy="false"] .steps-row').first().waitFor();
  const box = (selector) => figure.locator(selector).first().evaluate((it) => it.getBoundingClientRect().toJSON());
  await use({ page, figure, output, box });
  await close();
}

const MANY = ["many-workers", "workers-share-a-channel", "Step through"];

/// Whether every mark's line is in view within the code, and the code in view.
function marksInView(figure) {
  return figure.evaluate((figure) => {
    const code = figure.querySelector(".ace_scroller").getBoundingClientRect();
    const marks = [...figure.querySelectorAll(".source-marks .source-badge")].map((it) => it.closest(".source-mark").getBoundingClientRect());
    const isIn = ({ top, bottom }) => top >= code.top - 1 && bottom <= code.bottom + 1 && top >= 0 && bottom <= innerHeight;
    return { count: marks.length, first: marks.some(isIn), all: marks.every(isIn) };
  });
}

for (const tool of ["Step through", "You are the scheduler"]) {
  test(`${tool}: code and lanes stand side by side where there is room`, () =>
    stepping([MANY[0], MANY[1], tool], { width: 1280 }, async ({ page, figure, output, box }) => {
      const [code, panel] = [await box("pre.playground"), await box(".listing-panel")];
      assert.ok(panel.left >= code.right - 1, "the panel is beside the code");
      assert.ok(panel.top < code.bottom && code.top < panel.bottom, "and not below it");
      const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `the page is ${content} px wide`);

      // The output is folded, and can be opened.
      assert.equal(await output.isVisible(), false);
      const fold = figure.getByRole("button", { name: "Output, as recorded" });
      await fold.press("Enter");
      assert.equal(await output.isVisible(), true);
      await figure.getByRole("button", { name: "Fold the output" }).press("Enter");
      assert.equal(await output.isVisible(), false);

      // On paper everything is there, in one column.
      const place = () => figure.evaluate((it) => [it.getBoundingClientRect().left, it.clientWidth]);
      const before = await place();
      await page.emulateMedia({ media: "print" });
      assert.equal(await output.isVisible(), true);
      assert.equal(await figure.locator(".listing-fold").isVisible(), false);
      const column = await page.locator("main").boundingBox();
      assert.ok((await figure.boundingBox()).width <= column.width + 1, "no wider than the text");
      await page.emulateMedia({ media: "screen" });
      // The page slides back beside the sidebar.
      await eventually(async () => assert.deepEqual(await place(), before));

      await figure.getByRole("button", { name: /^Close/ }).click();
      assert.equal(await output.isVisible(), true);
      assert.equal(await fold.count(), 0);
      const after = await box("pre.playground");
      const below = await box(".listing-tools");
      assert.ok(after.width < 800 && below.top >= after.bottom, "as it was");
    }));
}

test("the marked line stays in view, and the page where it is", () =>
  stepping(MANY, { width: 1280, height: 560 }, async ({ page, figure, box }) => {
    // The page goes there by itself.
    await eventually(async () => assert.ok((await box("pre.playground")).bottom <= 560));
    await page.waitForFunction(() => {
      const before = window.wasAt;
      window.wasAt = scrollY;
      return before === scrollY;
    }, null, { polling: 300 });
    await figure.locator(".steps-scroll").evaluate((it) => it.focus({ preventScroll: true }));
    const before = await page.evaluate(() => scrollY);
    const seen = new Set();
    const count = await figure.locator(".steps-row").count();
    for (let step = 1; step < count; step += 1) {
      await page.keyboard.press("ArrowRight");
      await eventually(async () => {
        const { count, first } = await marksInView(figure);
        assert.ok(count === 0 || first, `step ${step}`);
      });
      seen.add(await figure.evaluate((figure) => window.ace.edit(figure.querySelector(".ace_editor")).session.getScrollTop()));
    }
    assert.ok(seen.size > 1, "the code has scrolled");
    assert.equal(await page.evaluate(() => scrollY), before);
  }));

test("on a phone the code stays above the lanes, and nothing covers it", () =>
  stepping(MANY, { width: 390, height: 844, theme: "navy" }, async ({ page, figure, box }) => {
    // The page goes there by itself.
    await eventually(async () => assert.ok((await box(".steps-now")).bottom <= 844));
    await figure.locator(".steps-scroll").evaluate((it) => it.focus({ preventScroll: true }));
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await eventually(async () => {
      const { count, all } = await marksInView(figure);
      assert.ok(count > 0 && all);
    });
    const [code, now, bar] = [await box("pre.playground"), await box(".steps-now"), await page.locator("#mdbook-menu-bar").boundingBox()];
    assert.ok(code.bottom <= now.top, "what happens is told below the code");
    assert.ok(now.bottom <= 844);
    assert.ok(bar === null || bar.y + bar.height <= code.top + 1, "mdBook's bar is above it");
  }));

test("mdBook's bar is never left in the middle of the window", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/many-workers.html`, { width: 390 });
  const bar = page.locator("#mdbook-menu-bar");
  for (const to of [1500, 900, 1600, 1000, 300]) {
    await page.evaluate((to) => scrollTo({ top: to, behavior: "instant" }), to);
    await eventually(async () => assert.ok((await bar.boundingBox()).y <= 1, `after ${to}`));
  }
  await close();
});
