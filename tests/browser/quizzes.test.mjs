// What the chapters ask: outputs to judge, with the proof, and goals for who
// plays the scheduler.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { PATIENCE, SITE, eventually, listing, open, published } from "./book.mjs";

const here = published();

/// The outputs to judge of a listing, from 0.
function quiz(page, name) {
  const place = page.locator(`.quiz[data-listing="${name}"]`);
  return {
    place,
    output: (index) => {
      const item = place.locator(".quiz-output").nth(index);
      return {
        item,
        verdict: item.locator(".quiz-verdict"),
        say: (word) => item.getByRole("button", { name: word, exact: true }).click(),
      };
    },
  };
}

test("a right answer is proved, and the reader stays where he is", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/deadlock.html`);
  const { figure } = listing(page, "two-locks");
  const { output } = quiz(page, "two-locks");
  const stuck = output(1);
  await stuck.item.scrollIntoViewIfNeeded();
  await stuck.say("Possible");
  await stuck.verdict.getByRole("button", { name: "See it, step by step" }).waitFor();
  assert.match(await stuck.verdict.innerText(), /^Right, it is possible\. Each has what the other needs/);
  const panel = figure.getByRole("region", { name: /^Step through: / });
  await panel.getByText("Possible: this execution prints it.").waitFor();
  await eventually(async () => assert.equal(await stuck.verdict.evaluate(inView), true));

  await stuck.verdict.getByRole("button", { name: "See it, step by step" }).click();
  await eventually(async () => assert.equal(await panel.locator(".steps-now").evaluate(inView), true));
  await panel.getByRole("button", { name: "Last step" }).click();
  assert.match(await panel.locator(".steps-now").innerText(), /a deadlock\.$/);
  assert.equal((await panel.locator(".steps-output").innerText()).trim(), "Pam has the pen\nJim has the paper");
  await close();
});

function inView(element) {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

test("a wrong answer is walked to the step that fails", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/deadlock.html`);
  const { figure } = listing(page, "two-locks");
  const { output } = quiz(page, "two-locks");
  const both = output(2);
  await both.say("Possible");
  const panel = figure.getByRole("region", { name: /^Step through: / });
  await panel.getByText("Impossible: this is the longest beginning of it that can happen.").waitFor();
  await eventually(async () => assert.equal(await panel.locator(".steps-now").evaluate(inView), true));
  assert.equal((await panel.locator(".steps-output").innerText()).trim(), "Pam has the pen\nJim has the paper");
  const rows = await panel.locator(".steps-row").count();
  assert.match(await panel.locator(".steps-now").innerText(), new RegExp(`^${rows} of ${rows}\\s*Thread 2 prints`), "at its end");
  assert.match(
    await both.verdict.innerText(),
    /^No, it is impossible\. Jim holds the paper.*\n+The first 2 lines are possible\. Then “Pam has the paper too” can’t come\.\s+Only this could have come:\s+the end: every thread waits forever: a deadlock/,
  );
  const lines = both.item.locator(".quiz-line");
  assert.deepEqual(
    await lines.evaluateAll((lines) => lines.map((line) => line.className.replace("quiz-line", "").trim())),
    ["is-possible", "is-possible", "is-impossible", "", ""],
  );
  assert.equal(await both.item.getByRole("button", { name: "Possible", exact: true }).getAttribute("aria-pressed"), "true");
  await close();
});

test("how many outputs there are is told when all are judged, and stays told", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/data-races.html`);
  const { figure } = listing(page, "lost-update");
  const { output } = quiz(page, "lost-update");
  const among = figure.locator(".listing-among");
  const count = "One of 2 possible outputs.";
  assert.equal(await among.innerText(), "How many outputs can it have?");
  await output(0).say("Impossible");
  await output(1).say("Possible");
  // The output is folded beside the proof.
  const isAsked = () => among.evaluate((it) => it.classList.contains("is-asked"));
  assert.equal(await isAsked(), true);
  await output(2).say("Impossible");
  await output(2).verdict.getByText(/^No, it is possible/).waitFor();
  assert.equal(await isAsked(), false);
  assert.equal(await among.textContent(), count);
  await page.reload();
  assert.equal(await among.innerText(), count);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await among.getByRole("button").click();
  assert.equal(await among.innerText(), count);
  await close();
});

test("goals are checked while the reader plays the scheduler", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/data-races.html`);
  const { figure } = listing(page, "lost-update");
  const place = page.locator('.goals[data-listing="lost-update"]');
  await place.getByRole("button", { name: "Play the scheduler" }).click();
  const panel = figure.getByRole("region", { name: /^You are the scheduler: / });
  const marks = panel.getByRole("list", { name: "Goals" }).locator(".goal-mark");
  await panel.locator("button.choice").first().waitFor();
  assert.deepEqual(await marks.allInnerTexts(), ["Not reached yet:", "Not reached yet:"]);
  // The first thread to go always goes first: nothing is lost.
  const first = panel.locator("button.choice").first();
  while ((await first.count()) > 0) {
    await first.click();
  }
  const verdict = panel.locator(".scheduler-verdict");
  assert.match(await verdict.innerText(), /This is output 2 of 2.* Goal reached: Make it count to 2\.$/);
  assert.deepEqual(await marks.allInnerTexts(), ["Not reached yet:", "Reached:"]);

  // Once the reader goes as far as to have read, the other begins.
  await panel.getByRole("button", { name: "Start again" }).click();
  const choice = (name) => panel.locator("button.choice").filter({ hasText: name });
  while (!/line 18/.test(await choice("thread 1").innerText())) {
    await choice("thread 1").click();
  }
  while ((await choice("thread 2").count()) > 0) {
    await choice("thread 2").click();
  }
  while ((await first.count()) > 0) {
    await first.click();
  }
  assert.match(await verdict.innerText(), /Goal reached: Make it count to 1\.$/);
  assert.deepEqual(await place.locator(".goal-mark").allInnerTexts(), ["Reached:", "Reached:"]);
  await place.locator(".goal").first().locator("summary").click();
  await place.getByRole("button", { name: "Step through it" }).first().click();
  await figure.getByText("One way: Make it count to 1.").waitFor();
  await close();
});

test("every output that a chapter shows is judged as the graph judges it", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/introduction.html`);
  let judged = 0;
  for (const chapter of ["many-workers", "asleep-until-told", "philosophers"]) {
    await page.goto(`${here.site.origin}/${chapter}.html`);
    assert.ok((await page.locator(".quiz, .goals").count()) > 0, chapter);
    for (const item of await page.locator(".quiz-output").all()) {
      const isPossible = (await item.getAttribute("data-possible")) === "true";
      await item.getByRole("button", { name: isPossible ? "Possible" : "Impossible", exact: true }).click();
      await item.getByRole("button", { name: isPossible ? "See it, step by step" : "See where it stops" }).waitFor();
      judged += 1;
    }
  }
  assert.equal(judged, 9);
  await close();
});

test("on paper a question has its answer", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/data-races.html`);
  const { place: asked } = quiz(page, "lost-update");
  const answer = asked.locator(".quiz-answer").first();
  await asked.getByRole("button", { name: "Possible", exact: true }).first().waitFor();
  assert.equal(await answer.isVisible(), false);
  await page.emulateMedia({ media: "print" });
  assert.equal(await answer.isVisible(), true);
  assert.match(await answer.innerText(), /ossible\. \S/);
  assert.equal(await asked.getByRole("button").first().isVisible(), false);
  await close();
});

test("without a script a question is there, and its answer folded", async () => {
  const context = await here.browser.newContext({ javaScriptEnabled: false });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(`${here.site.origin}/philosophers.html`);
  const { output, place } = quiz(page, "three-forks");
  assert.match(await place.innerText(), /^Can this happen\?/);
  const { item } = output(1);
  assert.match(await item.innerText(), /\(nothing\)\s+Then every thread waits forever/);
  const answer = item.getByText("Possible. Each has taken a left fork");
  assert.equal(await answer.isVisible(), false);
  await item.locator("summary").click();
  assert.equal(await answer.isVisible(), true);
  assert.equal(await page.getByRole("button", { name: "Possible" }).count(), 0);
  await context.close();
});

test("from a file, the answers are the book's", async () => {
  const address = pathToFileURL(path.join(SITE, "atomics.html")).href;
  const { page, close } = await open(here.browser, address);
  const { output } = quiz(page, "each-sees-the-other");
  await output(2).say("Impossible");
  assert.match(await output(2).verdict.innerText(), /^Right, it is impossible\. Whoever raises a flag later/);
  await close();
});

test("the prose below doesn't give away how many outputs there are", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/deadlock.html`);
  const { output } = quiz(page, "two-locks");
  const count = page.locator('.count[data-listing="two-locks"]').first();
  const ask = count.getByRole("button", { name: /^How many outputs “Two locks, two orders” can have/ });
  await ask.waitFor();
  assert.equal((await count.innerText()).trim(), "?");
  // Paper can't be asked.
  await page.emulateMedia({ media: "print" });
  assert.match((await count.innerText()).trim(), /^\d+$/);
  await page.emulateMedia({ media: "screen" });
  const outputs = await page.locator('.quiz[data-listing="two-locks"] .quiz-output').count();
  for (let index = 0; index < outputs; index += 1) {
    assert.equal((await count.innerText()).trim(), "?");
    await output(index).say("Possible");
  }
  assert.match((await count.innerText()).trim(), /^\d+$/);
  assert.equal(await ask.count(), 0);

  // Or whoever wants to know is told.
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await ask.press("Enter");
  assert.match((await count.innerText()).trim(), /^\d+$/);
  assert.match(await page.evaluate(() => document.activeElement.textContent), /^\d+$/);
  await close();

  const context = await here.browser.newContext({ javaScriptEnabled: false });
  const plain = await context.newPage();
  await plain.goto(`${here.site.origin}/deadlock.html`);
  assert.match((await plain.locator('.count[data-listing="two-locks"]').first().innerText()).trim(), /^\d+$/);
  await context.close();
});
