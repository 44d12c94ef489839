// The page that `--html` writes of a program: one file, which needs nothing but a
// browser.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { ROOT, eventually, launch, open } from "./book.mjs";

let browser;
let folder;
let address;
let axe;

before(async () => {
  axe = await readFile(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");
  browser = await launch();
  folder = await mkdtemp(path.join(tmpdir(), "execution-page-"));
  const file = path.join(folder, "page.html");
  await promisify(execFile)(process.env.INTERLEAVED, ["outcomes", "forgotten-drop", "--html", file], { cwd: ROOT });
  address = pathToFileURL(file).href;
});

after(async () => {
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function violations(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
  });
}

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`${colorScheme}, ${width} px: a deadlock is stepped through, and an output`, async () => {
      const { page, close } = await open(browser, address, { width });
      await page.emulateMedia({ colorScheme });
      const executions = page.locator("details.execution");
      const deadlock = executions.nth(0);
      await deadlock.locator("summary", { hasText: "A deadlock of main and thread 1" }).waitFor();
      const count = deadlock.locator(".steps-count");
      await count.filter({ hasText: /^1 of \d+/ }).waitFor();
      await deadlock.getByRole("slider").focus();
      await page.keyboard.press("ArrowRight");
      await count.filter({ hasText: /^2 of / }).waitFor();
      await page.keyboard.press("End");
      await deadlock.locator(".steps-now", { hasText: "deadlock" }).waitFor();
      // Both stand where the report says.
      await eventually(async () => {
        const marked = await deadlock.locator(".steps-source").textContent();
        assert.match(marked, /printing\.join\(\)/);
      });

      await executions.nth(1).locator("summary").click();
      await executions.nth(1).locator(".steps-count").filter({ hasText: /^1 of / }).waitFor();
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      assert.deepEqual(await violations(page), []);
      const { scroll, window } = await page.evaluate(() => ({ scroll: document.documentElement.scrollWidth, window: innerWidth }));
      assert.ok(scroll <= window, `the page is ${scroll} px wide in ${window}`);
      await close();
    });
  }
}

test("without scripts there is the report, and what is missing is said", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(address);
  await page.locator(".report", { hasText: "8 possible outputs in all" }).waitFor();
  await page.locator("details[open] .without-script").waitFor();
  await context.close();
});
