// How far the reader has come: ticks, and the way back to where he was.

import assert from "node:assert/strict";
import { test } from "node:test";
import { open, published } from "./book.mjs";

const here = published();

test("a chapter in which all is done has a tick in the sidebar, on every page", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/data-races.html`);
  const link = (title) => page.locator("#mdbook-sidebar .chapter-item a", { hasText: title }).first();
  const ticks = page.locator(".chapter-done");
  const boxes = page.getByRole("checkbox", { name: "Done" });
  assert.equal(await boxes.count(), 2);
  for (const box of await boxes.all()) {
    await box.check();
  }
  assert.equal(await ticks.count(), 0, "there is a quiz, too");
  for (const item of await page.locator(".quiz-output").all()) {
    await item.getByRole("button", { name: "Possible", exact: true }).click();
  }
  assert.equal(await ticks.count(), 0, "and goals");
  // Both goals, by chance: each is as likely as not.
  await page.getByRole("button", { name: "Play the scheduler" }).click();
  const chance = page.getByRole("button", { name: "Let chance choose to the end" });
  await chance.waitFor();
  for (let games = 0; games < 60 && (await ticks.count()) === 0; games += 1) {
    await chance.click();
    await page.getByRole("button", { name: "Start again" }).click();
  }
  assert.match(await link("Data races").innerText(), /Data races ✓\s*\(done\)$/);
  await page.goto(`${here.site.origin}/deadlock.html`);
  assert.equal(await ticks.count(), 1);
  await page.goto(`${here.site.origin}/data-races.html`);
  await boxes.first().uncheck();
  assert.equal(await ticks.count(), 0);
  assert.equal(await boxes.last().isChecked(), true);
  await close();
});

test("the introduction leads back to where the reader was", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/introduction.html`);
  const back = page.locator(".where-you-were");
  assert.equal(await back.count(), 0);
  await page.goto(`${here.site.origin}/deadlock.html#two-locks`);
  await page.goto(`${here.site.origin}/index.html`);
  assert.match(await back.innerText(), /^Go on where you were: Deadlock: Two locks\./);
  await back.getByRole("link").click();
  await page.waitForURL(`${here.site.origin}/deadlock.html#two-locks`);
  await page.goto(`${here.site.origin}/introduction.html`);
  await back.getByRole("button", { name: "Forget it" }).click();
  assert.equal(await back.count(), 0);
  await page.reload();
  assert.equal(await back.count(), 0);
  await close();
});
