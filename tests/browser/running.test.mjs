// Running listings on a page that `interleaved serve` serves.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { eventually, listing, open, served } from "./book.mjs";

const CHAPTER = "at-the-same-time";
const LISTING = "two-threads";

/// Prints a line, then goes on forever, without a deadlock.
const ENDLESS = `use std::{thread, time::Duration};
fn main() {
    println!("begun");
    loop {
        thread::sleep(Duration::from_millis(50));
    }
}
`;

const here = served();

async function chapter(use, options) {
  const { page, close } = await open(here.browser, here.server.chapter(CHAPTER), options);
  await use(page, listing(page, LISTING));
  await close();
}

async function text(locator) {
  return (await locator.innerText()).trim();
}

test("the token leaves the address", () =>
  chapter(async (page) => {
    await eventually(() => assert.equal(page.url(), `${here.server.origin}/${CHAPTER}.html`));
  }));

test("Run shows what the program prints and how it ended", () =>
  chapter(async (page, { run, lines, ending, status }) => {
    await run.click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    const printed = (await text(lines)).split("\n");
    assert.equal(printed.length, 8);
    assert.equal(printed.at(-1), "Done!");
    assert.match(await text(ending), /^Returned after (less than )?[\d.]+ m?s\b/);
    assert.match(await status.textContent(), /^Returned after .* 8 lines printed\.$/);
    await assertIdle(run, "Run");
  }));

test("what was recorded comes back", () =>
  chapter(async (page, { run, output, ending, figure }) => {
    const recorded = await text(output);
    await run.click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    await figure.getByRole("button", { name: "Show the recorded output" }).click();
    await eventually(async () => assert.equal(await text(output), recorded));
  }));

test("lines appear while the program runs, and Stop ends it", () =>
  chapter(async (page, { edit, run, lines, ending }) => {
    await edit(ENDLESS);
    await run.click();
    await lines.getByText("begun").waitFor();
    assert.equal(await ending.getAttribute("data-kind"), "running");
    assert.equal(await text(run), "Stop");
    await run.click();
    await ending.and(page.locator('[data-kind="stopped"]')).waitFor();
    assert.match(await text(ending), /^Stopped after/);
    await assertIdle(run, "Run");
  }));

test("several listings run at once", () =>
  chapter(async (page, first) => {
    const second = listing(page, "no-waiting");
    await first.edit(ENDLESS);
    await first.run.click();
    await first.lines.getByText("begun").waitFor();
    await second.run.click();
    await second.ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.equal(await first.ending.getAttribute("data-kind"), "running");
    await first.run.click();
    await first.ending.and(page.locator('[data-kind="stopped"]')).waitFor();
  }));

test("stdout and stderr are told apart, by more than colour", () =>
  chapter(async (page, { edit, run, lines, ending }) => {
    await edit('fn main() {\n    println!("out");\n    eprintln!("err");\n}\n');
    await run.click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.equal(await lines.locator(".stdout").textContent(), "out\n");
    assert.equal(await lines.locator(".stderr").textContent(), "Standard error: err\n");
    const border = await lines
      .locator(".stderr")
      .evaluate((element) => getComputedStyle(element).borderInlineStartStyle);
    assert.equal(border, "solid");
  }));

for (const [kind, source, sentence] of [
  ["exited", "fn main() { std::process::exit(3) }", /^Exited with code 3 after/],
  ["panicked", 'fn main() { panic!("no") }', /^main panicked after/],
  ["signalled", "fn main() { std::process::abort() }", /^Killed by signal 6/],
]) {
  test(`a program that ${kind} says so`, () =>
    chapter(async (page, { edit, run, ending }) => {
      await edit(source);
      await run.click();
      await ending.and(page.locator(`[data-kind="${kind}"]`)).waitFor();
      assert.match(await text(ending), sentence);
    }));
}

test("a deadlock is found", { skip: process.platform !== "linux" }, () =>
  chapter(async (page, { edit, run, ending }) => {
    await edit(
      "use std::thread;\nfn main() {\n    thread::spawn(|| thread::park()).join().unwrap();\n}\n",
    );
    await run.click();
    await ending.and(page.locator('[data-kind="deadlocked"]')).waitFor();
    assert.match(await text(ending), /^Deadlock: both threads are blocked/);
  }));

test("a compile error is shown as rustc colours it", () =>
  chapter(async (page, { edit, run, lines, ending, output }) => {
    await edit("fn main() {\n    let x: u32 = \"1\";\n}\n");
    await run.click();
    await ending.and(page.locator('[data-kind="rejected"]')).waitFor();
    assert.equal(await text(output.locator(".listing-label")), "What rustc says");
    const words = await lines.innerText();
    assert.match(words, /error\[E0308\]: mismatched types/);
    assert.doesNotMatch(words, /\x1b|\[0m/);
    const error = lines.locator(".ansi-red", { hasText: "error" }).first();
    const colour = (locator) => locator.evaluate((element) => getComputedStyle(element).color);
    assert.notEqual(await colour(error), await colour(lines));
  }));

test("a listing that must not compile is refused when it is run", () =>
  chapter(async (page) => {
    const { figure, run, lines, ending } = listing(page, "closure-may-outlive-main");
    await figure.scrollIntoViewIfNeeded();
    await run.click();
    await ending.and(page.locator('[data-kind="rejected"]')).waitFor();
    assert.match(await lines.innerText(), /error\[E0373\]/);
  }));

test("mdBook's play button runs here", () =>
  chapter(async (page, { figure, lines, ending }) => {
    await figure.locator("pre.playground").hover();
    await figure.getByRole("button", { name: "Run this code" }).click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.match(await lines.innerText(), /Done!/);
  }));

test("Ctrl-Enter runs what is in the editor, and reset undoes it", () =>
  chapter(async (page, { figure, edit, lines, ending }) => {
    await edit('fn main() {\n    println!("edited");\n}\n');
    await figure.and(page.locator(".is-edited")).waitFor();
    await page.keyboard.press("Control+Enter");
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.equal(await text(lines), "edited");
    await figure.locator("pre.playground").hover();
    await figure.getByRole("button", { name: "Undo changes" }).click();
    await figure.and(page.locator(":not(.is-edited)")).waitFor();
  }));

test("an edit outlives a reload of the page", () =>
  chapter(async (page, { figure, edit }) => {
    await edit("fn main() { /* kept */ }");
    await page.reload();
    await figure.and(page.locator(".is-edited")).waitFor();
    // The editor draws it when it gets round to it.
    await figure.locator(".ace_content").getByText("kept").waitFor();
  }));

test("Run ×100 counts every outcome", () =>
  chapter(async (page, { runMany, output, status, figure }) => {
    await runMany.click();
    await output.locator(".listing-label", { hasText: /^100 runs:/ }).waitFor();
    const counts = await output.locator(".runs-count").allTextContents();
    const numbers = counts.map((count) => Number(count.replace("×", "")));
    assert.equal(numbers.reduce((sum, count) => sum + count, 0), 100);
    assert.deepEqual(numbers, numbers.toSorted((a, b) => b - a));
    await eventually(async () => assert.match(await status.textContent(), /^100 runs/));
    await output.locator("summary").first().click();
    assert.match(await output.locator("details[open] .transcript").innerText(), /Done!/);
    await assertIdle(figure.locator(".listing-run-many"), "Run ×100");
  }));

test("Run ×100 can be stopped, and shows what was counted", () =>
  chapter(async (page, { edit, runMany, output }) => {
    // 16 run at once, so that there is half a minute to stop them in.
    await edit(
      "use std::{thread, time::Duration};\nfn main() {\n    thread::sleep(Duration::from_secs(5));\n    println!(\"slow\");\n}\n",
    );
    await runMany.click();
    await output.locator(".runs-count").first().waitFor();
    await runMany.click();
    await assertIdle(runMany, "Run ×100");
    assert.match(await text(output.locator(".listing-label")), /^\d+ of 100 runs/);
  }));

test("the keyboard is enough", () =>
  chapter(async (page, { figure, run, ending, lines }) => {
    const focused = () => page.evaluate(() => document.activeElement.className);
    await figure.locator(".listing-file").focus();
    // Through the buttons and the editor, which lets go of Tab.
    for (let presses = 0; !(await focused()).includes("listing-run"); presses++) {
      assert.ok(presses < 10, `stuck at ${await focused()}`);
      await page.keyboard.press("Tab");
    }
    await page.keyboard.press("Enter");
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.match(await lines.innerText(), /Done!/);
    assert.match(await focused(), /listing-run/, "the focus stays on the button");
  }));

test("the editor keeps Tab only from who has typed", () =>
  chapter(async (page, { figure }) => {
    const inEditor = () =>
      page.evaluate(() => document.activeElement.classList.contains("ace_text-input"));
    await figure.locator(".ace_content").click();
    await page.keyboard.type("/");
    await page.keyboard.press("Tab");
    assert.equal(await inEditor(), true, "Tab indents");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Tab");
    await eventually(async () => assert.equal(await inEditor(), false, "Escape lets go"));
  }));

test("a page without the token says what to do", async () => {
  const { page, close } = await open(here.browser, `${here.server.origin}/${CHAPTER}.html`);
  const { run, output } = listing(page, LISTING);
  await run.click();
  await output.locator(".help").waitFor();
  assert.match(await text(output), /Open the very address that the terminal printed/);
  await close();
});

test("a page with an old token says what to do", async () => {
  const address = `${here.server.origin}/${CHAPTER}.html#token=${"0".repeat(64)}`;
  const { page } = await open(here.browser, address);
  const { run, output } = listing(page, LISTING);
  await run.click();
  await output.locator(".help").waitFor();
  assert.match(await text(output), /Open the address that the terminal printed/);
  // The browser logs the refusals itself, so the page is not asked for complaints.
  await page.context().close();
});

test("one kernel is started, however soon Run is pressed", () =>
  chapter(async (page, { run, runMany, ending }) => {
    // The page must know that programs run here.
    const listening = page.waitForResponse(/\/interleaved\/reload/);
    await page.reload();
    await listening;
    const started = startedBy(page);
    let release;
    const released = new Promise((resolve) => (release = resolve));
    await page.route("**/api/kernels", async (route) => {
      await released;
      await route.continue();
    });
    await run.dispatchEvent("click");
    // While that kernel is not there yet, the next button asks for one.
    await runMany.hover();
    await runMany.focus();
    release();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    assert.equal((await started()).length, 1);
  }));

test("kernels end with their page", async () => {
  const { page, close } = await open(here.browser, here.server.chapter(CHAPTER));
  const started = startedBy(page);
  const { run, ending } = listing(page, LISTING);
  await run.click();
  await ending.and(page.locator('[data-kind="returned"]')).waitFor();
  const own = await started();
  assert.equal(own.length, 1);
  assert.ok((await here.server.kernels()).includes(own[0]));
  await page.goto(`${here.server.origin}/introduction.html`);
  // The page is gone before its last request is answered.
  while ((await here.server.kernels()).includes(own[0])) {
    await setTimeout(20);
  }
  await close();
});

/// Gives the ids of the kernels that this page has started from now on. Those
/// of the pages before it may still be on their way in or out.
function startedBy(page) {
  const answers = [];
  page.on("request", (request) => {
    if (request.method() === "POST" && request.url().endsWith("/api/kernels")) {
      answers.push(request.response());
    }
  });
  return async () => {
    const responses = await Promise.all(answers);
    return Promise.all(responses.map(async (response) => (await response.json()).id));
  };
}

async function assertIdle(button, label) {
  await button.and(button.page().locator(":not(.is-running)")).waitFor();
  assert.equal(await text(button), label);
}
