// What can come of a listing, on the published site: all outcomes, step through,
// the reader as scheduler, and "can this happen?".

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { SITE, eventually, listing, open, published, serve } from "./book.mjs";

const here = published();

/// Uses a listing of the site with one of its panels open.
async function withPanel([chapter, name, tool], use, options) {
  const address = `${here.site.origin}/${chapter}.html`;
  const { page, close } = await open(here.browser, address, options);
  const { figure } = listing(page, name);
  await figure.getByRole("button", { name: tool, exact: true }).click();
  const panel = figure.getByRole("region", { name: new RegExp(`^${tool.replace("?", "\\?")}: `) });
  await figure.locator('.listing-panel[aria-busy="false"]').waitFor();
  await use({ page, figure, panel });
  assert.equal(page.url(), address, "the page was not turned");
  await close();
}

const TWO = ["at-the-same-time", "two-threads"];
const STUCK = ["deadlock", "forgotten-drop"];

test("All outcomes counts, browses and filters", () =>
  withPanel([...TWO, "All outcomes"], async ({ page, panel }) => {
    assert.match(await panel.locator(".outcomes-count").innerText(), /^140 possible outcomes, and then main returns\.$/);
    const rows = panel.locator(".outputs > li");
    const where = panel.locator(".outputs-where");
    assert.equal(await rows.count(), 10);
    assert.equal(await where.innerText(), "1–10 of 140");
    await panel.getByRole("button", { name: "Next" }).click();
    assert.equal(await where.innerText(), "11–20 of 140");

    await panel.getByRole("button", { name: "Show it in the list" }).click();
    const recorded = panel.locator("li.is-recorded");
    assert.equal(await recorded.locator("details").getAttribute("open"), "");
    assert.equal(
      (await recorded.locator("samp").innerText()).trim(),
      (await page.locator('figure[data-listing="two-threads"] .listing-output samp').innerText()).trim(),
    );

    await panel.getByRole("searchbox").fill("Printing number 2\nPr");
    await panel.getByRole("searchbox").fill("number 2");
    assert.equal(await where.innerText(), "1–10 of 140 found");
    await panel.getByRole("searchbox").fill("number 4");
    assert.match(await where.innerText(), /^None contains that/);
  }));

test("a deadlock says who waits for what, and points to the lines", () =>
  withPanel([...STUCK, "All outcomes"], async ({ page, figure, panel }) => {
    const deadlock = panel.locator(".outcomes-report");
    const [main, reader, ...others] = await deadlock.locator("li").allInnerTexts();
    assert.match(main, /^main waits for .* to finish.*, at line 11\.$/);
    assert.match(reader, /^thread 1 \(started on line 7\) waits to receive from the channel .*line 5, at line 23\./);
    assert.deepEqual(others, []);
    const pointer = figure.locator(".source-pointer");
    assert.equal(await pointer.isVisible(), false);
    await deadlock.getByRole("button", { name: "line 11" }).focus();
    await eventually(async () => assert.equal(await lineOf(page, pointer), 11));
    await deadlock.getByRole("button", { name: "line 23" }).hover();
    await eventually(async () => assert.equal(await lineOf(page, pointer), 23));

    await deadlock.getByRole("button", { name: "Step there" }).click();
    const steps = figure.getByRole("region", { name: /^Step through: / });
    await steps.getByRole("button", { name: "Last step" }).click();
    assert.match(await steps.locator(".steps-now").innerText(), /Then every thread waits forever: a deadlock\.$/);
    assert.equal(await steps.locator(".standing .is-blocked").count(), 2);
  }));

/// The number of the line that a mark lies on.
function lineOf(page, mark) {
  return mark.evaluate((mark) => {
    const editor = window.ace.edit(mark.closest("figure").querySelector(".ace_editor"));
    return Math.round(mark.offsetTop / editor.renderer.lineHeight) + 1;
  });
}

test("Step through goes by keys, shows lines, output and who waits", () =>
  withPanel([...STUCK, "Step through"], async ({ page, figure, panel }) => {
    const now = panel.locator(".steps-now");
    const rows = panel.locator(".steps-rows > li");
    const count = await rows.count();
    assert.ok(count > 10);
    assert.match(await now.innerText(), new RegExp(`^1 of ${count}`));
    await panel.getByRole("slider", { name: "Step" }).focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowDown");
    assert.match(await now.innerText(), new RegExp(`^3 of ${count} *Main prints “sending 1 to channel”, line 17\\.`));
    assert.equal((await panel.locator(".steps-output").innerText()).trim(), "sending 1 to channel");
    assert.equal(await rows.nth(2).getAttribute("aria-current"), "step");
    const badges = figure.locator(".source-badge");
    assert.deepEqual(await badges.allInnerTexts(), ["main", "thread 1"]);
    await page.keyboard.press("ArrowLeft");
    assert.match(await now.innerText(), /^2 of /);
    await page.keyboard.press("End");
    assert.match(await now.innerText(), new RegExp(`^${count} of ${count}`));
    assert.deepEqual(await figure.locator(".source-badge.is-blocked").allInnerTexts(), ["main", "thread 1"]);
    await page.keyboard.press("Home");
    assert.match(await now.innerText(), /^1 of /);

    await rows.nth(4).click();
    assert.match(await now.innerText(), /^5 of .*Thread 1 receives 1/);
    assert.equal(await panel.locator(".steps-arrow.is-meet").count(), 3);
    assert.ok((await panel.locator(".steps-hollow").count()) >= 2);

    await panel.getByRole("button", { name: /^Close/ }).click();
    assert.equal(await badges.count(), 0);
  }));

test("where sleeps last as long as was asked for, the time is shown and told", () =>
  withPanel(["not-parallelism", "pam-and-jim", "Step through"], async ({ figure, panel }) => {
    assert.deepEqual(await panel.locator(".steps-time").allInnerTexts(), ["0 s", "2 s", "3 s"]);
    const told = await panel.locator(".steps-rows > li").allTextContents();
    const woken = told.filter((row) => /thread \d wakes up, line 16, at 2\ss$/i.test(row));
    assert.equal(woken.length, 2, told.join("\n"));
    assert.match(told.at(-1), /Main returns(, line \d+)?, at 3\ss$/);
    await panel.getByRole("button", { name: "Last step" }).click();
    assert.match(await panel.locator(".steps-now").innerText(), /at 3\ss\. Then main returns\.$/);

    await figure.getByRole("button", { name: "You are the scheduler" }).click();
    await figure.locator('.listing-panel[aria-busy="false"] .choices').waitFor();
    assert.deepEqual(await panel.page().locator(".scheduler .steps-time").allInnerTexts(), ["0 s"]);
    await figure.getByRole("button", { name: "Let chance choose to the end" }).click();
    assert.deepEqual(await panel.page().locator(".scheduler .steps-time").allInnerTexts(), ["0 s", "2 s", "3 s"]);
  }));

test("where time passes in any way, there is none to show", () =>
  withPanel([...TWO, "Step through"], async ({ panel }) => {
    assert.equal(await panel.locator(".steps-time, .steps-gutter").count(), 0);
    assert.doesNotMatch((await panel.locator(".steps-rows").textContent()) ?? "", /, at 0\ss/);
  }));

test("a program without a graph says what needs the server", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/${TWO[0]}.html`);
  await page.route("**/outcomes/two-threads.json*", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), graph: null } });
  });
  const { figure } = listing(page, TWO[1]);
  const panel = figure.locator(".listing-panel");
  const said = async (tool) => {
    await figure.getByRole("button", { name: tool, exact: true }).click();
    await figure.locator('.listing-panel[aria-busy="false"] .panel-title', { hasText: tool }).waitFor();
    return panel.innerText();
  };
  assert.match(await said("All outcomes"), /140 possible outcomes/);
  assert.match(await said("You are the scheduler"), /too many states for the page to hold, so you can’t choose/);
  assert.match(await said("Can this happen?"), /so a server has to answer, and this page has none/);
  assert.match(await said("Step through"), /An execution that prints the recorded output\./);
  await close();
});

test("the reader schedules, with the keyboard alone", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/${TWO[0]}.html`);
  const { figure } = listing(page, TWO[1]);
  const tool = figure.getByRole("button", { name: "You are the scheduler" });
  await tool.focus();
  await page.keyboard.press("Enter");
  const choices = figure.locator("button.choice");
  await choices.first().waitFor();
  assert.equal(await choices.count(), 3);
  assert.match(await choices.first().innerText(), /main\s+prints “Waiting for threads to finish...”\s+line 7/);
  await choices.first().focus();
  await page.keyboard.press("Enter");
  assert.equal(await choices.count(), 2, "main waits now");
  const blocked = figure.locator(".choices .standing.is-blocked");
  assert.match(await blocked.innerText(), /main waits for the thread to finish that was started on line 4/);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("2");
  const output = figure.locator(".scheduler .steps-output");
  assert.equal((await output.innerText()).trim(), "Waiting for threads to finish...\nGenerating number 1");
  await figure.getByRole("button", { name: "Undo" }).press("Enter");
  assert.equal((await output.innerText()).trim(), "Waiting for threads to finish...");
  await choices.first().focus();
  for (let step = 0; step < 20 && (await choices.count()) > 0; step += 1) {
    await page.keyboard.press("1");
  }
  const verdict = figure.locator(".scheduler-verdict");
  assert.match(await verdict.innerText(), /^Then main returns\. This is output \d+ of 140(: the recorded one)?\.$/);
  assert.match((await output.innerText()).trim(), /\nDone!$/);
  await figure.getByRole("button", { name: "Start again" }).press("Enter");
  assert.equal(await choices.count(), 3);
  await figure.getByRole("button", { name: "to the end" }).press("Enter");
  assert.match(await verdict.innerText(), /of 140/);
  await close();
});

test("can this happen: moved, edited, and shown", () =>
  withPanel([...TWO, "Can this happen?"], async ({ page, figure, panel }) => {
    const answer = panel.locator(".answer");
    const input = (line) => panel.getByRole("textbox", { name: `Line ${line}`, exact: true });
    assert.match(await answer.innerText(), /^Yes, this can happen\.\s+Then main returns\. It is output \d+ of 140\. It is the recorded one\./);
    // Done! can't come before the threads have finished.
    await input(8).focus();
    await page.keyboard.press("Alt+ArrowUp");
    assert.equal(await input(7).inputValue(), "Done!");
    assert.match(await answer.innerText(), /^No, this can’t happen\.\s+The first 6 lines are possible\. Then “Done!” can’t come\.\s+Only this could have come:\s+“(.+)”, by (main|thread \d)$/);
    assert.equal(await panel.getByRole("button", { name: "Show me" }).isVisible(), false);
    await page.keyboard.press("Alt+ArrowDown");
    // What main says first may come first, wherever it stands in the record.
    let waiting = 1;
    while (!(await input(waiting).inputValue()).startsWith("Waiting")) {
      waiting += 1;
    }
    await input(waiting).focus();
    for (let line = waiting; line > 1; line -= 1) {
      await page.keyboard.press("Alt+ArrowUp");
    }
    assert.match(await answer.innerText(), /^Yes/);
    await panel.getByRole("button", { name: "Show me" }).click();
    const steps = figure.getByRole("region", { name: /^Step through: / });
    await steps.getByRole("button", { name: "Last step" }).click();
    const printed = (await steps.locator(".steps-output").innerText()).trim().split("\n");
    assert.equal(printed[0], "Waiting for threads to finish...");
    assert.equal(printed.length, 8);
  }));

test("a line is dragged to its place", () =>
  withPanel([...TWO, "Can this happen?"], async ({ page, panel }) => {
    const input = (line) => panel.getByRole("textbox", { name: `Line ${line}`, exact: true });
    const last = panel.locator(".lines > li").last();
    await last.locator(".line-handle").hover();
    // Once the page has scrolled there.
    const first = await panel.locator(".lines > li").first().boundingBox();
    await page.mouse.down();
    await page.mouse.move(first.x + 10, first.y + 2, { steps: 8 });
    await page.mouse.up();
    await eventually(async () => assert.equal(await input(1).inputValue(), "Done!"));
    assert.match(await panel.locator(".answer").innerText(), /^No, this can’t happen\.\s+The first line can’t be that/);
  }));

test("one worker gets everything: a big program, asked and shown", () =>
  withPanel(["many-workers", "workers-share-a-channel", "Can this happen?"], async ({ figure, panel }) => {
    const reads = [1, 2, 3, 4, 5].flatMap((n) => [`sending ${n} to channel`, `2: read ${n} from channel`]);
    const text = [...reads, "Waiting for workers to finish...", "Done!", ""].join("\n");
    await panel.getByRole("button", { name: "Remove" }).nth(1).waitFor();
    while ((await panel.locator(".lines > li").count()) > 1) {
      await panel.getByRole("button", { name: "Remove" }).last().click();
    }
    await panel.getByRole("textbox", { name: "Line 1", exact: true }).evaluate((input, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text", text);
      input.dispatchEvent(new ClipboardEvent("paste", { clipboardData, cancelable: true }));
    }, text);
    assert.match(await panel.locator(".answer").innerText(), /^Yes, this can happen\.\s+Then main returns\. It is output [\d,]+ of 117,120\./);
    await panel.getByRole("button", { name: "Show me" }).click();
    const steps = figure.getByRole("region", { name: /^Step through: / });
    await steps.getByRole("button", { name: "Last step" }).click();
    assert.equal((await steps.locator(".steps-output").innerText()).trim(), text.trim());
  }));

test("on a file, the panels know what they know on a host", async () => {
  const address = pathToFileURL(path.join(SITE, "at-the-same-time.html")).href;
  const { page, close } = await open(here.browser, address);
  const { figure } = listing(page, "two-threads");
  await figure.getByRole("button", { name: "All outcomes" }).click();
  await figure.locator(".listing-panel").getByText("140 possible outcomes").waitFor();
  await figure.getByRole("button", { name: "Step through", exact: true }).click();
  await figure.locator(".steps-row").first().waitFor();
  await close();
});

test("without data there are no buttons about outcomes", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/at-the-same-time.html`);
  const { figure } = listing(page, "closure-may-outlive-main");
  assert.equal(await figure.getAttribute("data-outcomes"), null);
  assert.equal(await figure.getByRole("button", { name: "All outcomes" }).count(), 0);
  await close();
});

test("every panel fits a phone", async () => {
  const { page, close } = await open(here.browser, `${here.site.origin}/many-workers.html`, { width: 390 });
  const { figure } = listing(page, "workers-share-a-channel");
  for (const tool of ["All outcomes", "Step through", "You are the scheduler", "Can this happen?"]) {
    await figure.getByRole("button", { name: tool, exact: true }).click();
    await figure.locator('.listing-panel[aria-busy="false"] .panel-title', { hasText: tool }).waitFor();
    const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(content <= window, `${tool} is ${content} px wide`);
  }
  await close();
});

test("on paper there is what was found, and no buttons", () =>
  withPanel([...TWO, "All outcomes"], async ({ page, panel }) => {
    await page.emulateMedia({ media: "print" });
    assert.equal(await panel.locator(".outcomes-count").isVisible(), true);
    assert.equal(await panel.locator(".outputs-bar").isVisible(), false);
    assert.equal(await panel.locator(".panel-close").isVisible(), false);
  }));

test("runs are set against what is possible, and edits are the kernel's to explore", async () => {
  const server = await serve();
  const { page, close } = await open(here.browser, server.chapter("at-the-same-time"));
  const { figure, run, runMany, ending, output, edit } = listing(page, "two-threads");
  await run.click();
  await ending.and(page.locator('[data-kind="returned"]')).waitFor();
  await output.getByText(/output \d+ of 140 possible/).waitFor();
  await runMany.click();
  const heading = output.locator(".listing-label");
  await heading.getByText(/^100 runs: .* of 140 possible, in /).waitFor();

  // What the site knows is about the listing as it was.
  await figure.getByRole("button", { name: "All outcomes" }).click();
  await figure.locator(".outcomes-count").waitFor();
  await edit('fn main() {\n    println!("edited");\n}\n');
  await figure.getByText("You have changed the program.").waitFor();
  await figure.getByRole("button", { name: "Find its outcomes" }).click();
  const panel = figure.locator(".listing-panel");
  await panel.locator(".outcomes-count, .panel-lead:not([role])").first().waitFor();
  const said = await panel.innerText();
  assert.match(said, /1 possible outcome: /);

  // A program that can't be explored is told so.
  await edit("fn main() {\n    std::fs::read(\"x\").unwrap();\n}\n");
  await figure.getByRole("button", { name: "Find its outcomes" }).click();
  await panel.locator(".panel-lead:not([role])").waitFor();
  assert.equal(await panel.locator(".outcomes-count").count(), 0);
  assert.match(await panel.innerText(), /fs/);
  await close();
  await server.stop();
});
