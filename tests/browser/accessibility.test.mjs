// What axe finds, in every theme: nothing serious.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { THEMES, eventually, launch, listing, open, serve } from "./book.mjs";

const CHAPTERS = ["introduction", "at-the-same-time", "costs", "phrasebook"];

let server;
let browser;
let axe;

before(async () => {
  axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  browser = await launch();
  server = await serve();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

async function assertAccessible(page, where) {
  // Colours on their way from one to another are neither. What goes with scrolling
  // is never done.
  await page.evaluate(() => {
    const onTheirWay = document.getAnimations().filter((it) => it.timeline === document.timeline);
    return Promise.all(onTheirWay.map((it) => it.finished.catch(() => {})));
  });
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`),
      );
  });
  assert.deepEqual(found, [], where);
}

for (const theme of THEMES) {
  test(`${theme}: every kind of page`, async () => {
    const { page, close } = await open(browser, server.chapter(CHAPTERS[0]), { theme });
    await assertAccessible(page, CHAPTERS[0]);
    for (const chapter of CHAPTERS.slice(1)) {
      await page.goto(`${server.origin}/${chapter}.html`);
      await assertAccessible(page, chapter);
    }
    await close();
  });

  test(`${theme}: outputs, errors, counts and help`, async () => {
    const { page, close } = await open(browser, server.chapter("at-the-same-time"), { theme });
    // First, while there is no kernel yet.
    const token = await page.evaluate(() => {
      const token = localStorage.getItem("interleaved-token");
      localStorage.removeItem("interleaved-token");
      return token;
    });
    const helpless = listing(page, "no-waiting");
    await helpless.run.click();
    await helpless.output.locator(".help").waitFor();
    await page.evaluate((token) => localStorage.setItem("interleaved-token", token), token);

    const run = listing(page, "two-threads");
    await run.edit('fn main() {\n    println!("out");\n    eprintln!("err");\n    let unused = 1;\n}\n');
    await run.run.click();
    await run.ending.and(page.locator('[data-kind="returned"]')).waitFor();
    await run.output.locator("summary", { hasText: "The compiler warns" }).click();

    const refused = listing(page, "closure-may-outlive-main");
    await refused.run.click();
    await refused.ending.and(page.locator('[data-kind="rejected"]')).waitFor();

    const many = listing(page, "wait-group");
    await many.runMany.click();
    await many.output.locator(".listing-label", { hasText: /^100 runs:/ }).waitFor();
    await many.runMany.and(page.locator(":not(.is-running)")).waitFor();
    await many.output.locator("summary").first().click();

    const quiz = page.locator(".quiz").first();
    for (const [index, word] of ["Possible", "Possible"].entries()) {
      const output = quiz.locator(".quiz-output").nth(index);
      await output.getByRole("button", { name: word, exact: true }).click();
      await output.locator(".quiz-show, .quiz-note").waitFor();
    }
    await assertAccessible(page, "a page in use");
    await close();
  });

  test(`${theme}: the panels about outcomes`, async () => {
    for (const width of [1280, 390]) {
      const { page, close } = await open(browser, server.chapter("deadlock"), { theme, width });
      const { figure } = listing(page, "forgotten-drop");
      for (const tool of ["All outcomes", "Step through", "You are the scheduler", "Can this happen?"]) {
        await figure.getByRole("button", { name: tool, exact: true }).click();
        await figure.locator(".panel-title", { hasText: tool }).waitFor();
        await figure.locator(".listing-panel details, .steps-row, .choice, .lines li").first().waitFor();
        if (tool === "All outcomes") {
          await figure.locator(".outputs summary").first().click();
        } else if (tool === "Can this happen?") {
          await figure.getByRole("textbox", { name: "Line 2", exact: true }).fill("never");
        }
        await assertAccessible(page, `${tool}, ${width} px`);
      }
      if (width === 1280) {
        await figure.getByRole("button", { name: "All outcomes", exact: true }).click();
        await figure.getByRole("button", { name: "Compare output 1", exact: true }).click();
        await assertAccessible(page, "an output chosen to be compared");
        await figure.getByRole("button", { name: "Compare output 2 with 1" }).click();
        await figure.locator(".compare .steps-row").first().waitFor();
        await assertAccessible(page, "two executions side by side");
      }
      await close();
    }
  });

  test(`${theme}: the menus, and a phone`, async () => {
    const { page, close } = await open(browser, server.chapter("at-the-same-time"), { theme });
    await page.getByRole("button", { name: "Change theme" }).click();
    await assertAccessible(page, "the list of themes");
    await page.keyboard.press("Escape");
    await page.keyboard.press("s");
    // Once it has loaded its index.
    await page.locator("#mdbook-searchbar:focus").waitFor();
    await page.keyboard.type("thread");
    await page.locator("#mdbook-searchresults li").first().waitFor();
    await assertAccessible(page, "the search");
    await close();

    const phone = await open(browser, server.chapter("at-the-same-time"), { theme, width: 390 });
    await assertAccessible(phone.page, "a phone");
    await phone.page.getByRole("button", { name: "Toggle Table of Contents" }).click();
    await phone.page.locator("#mdbook-sidebar").waitFor();
    await assertAccessible(phone.page, "a phone with the sidebar");
    await phone.close();
  });
}

test("the sidebar opens and closes with the keyboard", async () => {
  const { page, close } = await open(browser, server.chapter("introduction"));
  const toggle = page.getByRole("button", { name: "Toggle Table of Contents" });
  assert.equal(await toggle.getAttribute("aria-expanded"), "true");
  await toggle.focus();
  await page.keyboard.press("Enter");
  await page.locator("#mdbook-sidebar").waitFor({ state: "hidden" });
  await eventually(async () => assert.equal(await toggle.getAttribute("aria-expanded"), "false"));
  await close();
});
