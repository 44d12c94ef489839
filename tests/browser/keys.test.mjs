// Keys that work wherever the focus is, and what stands beside the code while
// the reader steps and edits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, listing, open, published } from "./book.mjs";

const here = published();

test("with a tool open the arrows step, and never turn the page", async () => {
  const address = `${here.site.origin}/deadlock.html`;
  const { page, close } = await open(here.browser, address);
  const { figure, edit } = listing(page, "two-locks");
  await figure.getByRole("button", { name: "Step through" }).click();
  const now = figure.locator(".steps-now");
  assert.match(await now.innerText(), /^1 of /);
  // The focus is on the button that opened it, and then nowhere.
  await page.keyboard.press("ArrowRight");
  assert.match(await now.innerText(), /^2 of /);
  await page.locator("h1#deadlock, main h1").first().click();
  await page.keyboard.press("ArrowRight");
  assert.match(await now.innerText(), /^3 of /);
  await page.keyboard.press("ArrowLeft");
  assert.match(await now.innerText(), /^2 of /);

  for (const tool of ["All outcomes", "You are the scheduler", "Can this happen?"]) {
    await figure.getByRole("button", { name: tool, exact: true }).click();
    await figure.locator('.listing-panel[aria-busy="false"] .panel-title', { hasText: tool }).waitFor();
    await figure.getByRole("button", { name: /^Close/ }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    assert.equal(page.url(), address, tool);
  }

  // In text they move the cursor.
  await edit("ab");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.type("c");
  await eventually(async () => assert.match(await figure.locator(".ace_content").innerText(), /acb/));

  await figure.getByRole("button", { name: /^Close/ }).click();
  await page.keyboard.press("ArrowRight");
  await page.waitForURL((url) => url.href !== address);
  await close();
});

test("the list of keys has ours", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/deadlock.html`);
  await page.keyboard.press("?");
  const help = page.locator("#mdbook-help-popup");
  await help.waitFor();
  assert.match(await help.innerText(), /→ Step, while a listing’s tool is open/);
  await page.keyboard.press("Escape");
  await close();
});

test("what is of the program before an edit says so", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/every-outcome.html`);
  const figure = page.locator("figure.listing:has(.listing-among)").first();
  const name = await figure.getAttribute("data-listing");
  const { output, edit } = listing(page, name);
  const mark = () => output.locator(".listing-label").first().evaluate((label) => getComputedStyle(label, "::after").content);
  assert.equal(await mark(), "none");
  await edit("fn main() {}\n");
  assert.match(await mark(), /of the program before your edit/);
  assert.equal(await output.locator(".listing-among").isVisible(), false);
  await page.keyboard.press("Control+z");
  await eventually(async () => assert.equal(await mark(), "none"));
  await close();
});

test("on a phone nothing covers the code", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/deadlock.html`, { width: 390 });
  const { figure } = listing(page, "two-locks");
  await figure.getByRole("button", { name: "Step through" }).click();
  await figure.getByRole("button", { name: "Last step" }).click();
  await figure.locator(".source-badge").first().waitFor();
  const covered = await figure.evaluate((figure) => {
    const code = figure.querySelector(".ace_scroller").getBoundingClientRect();
    const buttons = [...figure.querySelectorAll("pre > .buttons button")].map((it) => it.getBoundingClientRect());
    const badges = [...figure.querySelectorAll(".source-badge")].map((it) => it.getBoundingClientRect().width);
    return { buttons: buttons.filter(({ bottom, height }) => height > 0 && bottom > code.top).length, badges: Math.max(...badges) };
  });
  assert.equal(covered.buttons, 0);
  assert.ok(covered.badges < 14, `a badge is ${covered.badges} px wide`);
  await close();
});
