// The outcomes of a program that the book has no data about, found by the
// kernel: one that was edited, one that is too big for a graph.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { ROOT, listing, open, served } from "./book.mjs";

const CHAPTER = "at-the-same-time";
const LISTING = "two-threads";

/// More states than anybody waits for.
async function tooBig() {
  const program = await source("workers-share-a-channel");
  return program.replace("1..=3", "1..=10").replace("generate_numbers(5,", "generate_numbers(14,");
}

const here = served();

async function chapter(name, listed, use) {
  const { page, close } = await open(here.browser, here.server.chapter(name));
  const program = listing(page, listed);
  const panel = program.figure.locator(".listing-panel");
  await use(page, {
    ...program,
    panel,
    tool: async (title) => {
      await program.figure.getByRole("button", { name: title, exact: true }).click();
      await panel.locator(".panel-title", { hasText: title }).waitFor();
    },
    isReady: () => program.figure.locator('.listing-panel[aria-busy="false"]').waitFor(),
  });
  await close();
}

function source(name) {
  return readFile(path.join(ROOT, "crates/listings/examples", `${name}.rs`), "utf8");
}

test("a panel says how far the kernel is, and stops it", () =>
  chapter(CHAPTER, LISTING, async (page, { edit, tool, isReady, panel }) => {
    await edit(await tooBig());
    await tool("All outcomes");
    await panel.getByText(/[\d,]+ states, [\d,]+ executions?, \d+ MiB · \d+ s/).waitFor();
    await panel.getByRole("button", { name: "Stop" }).click();
    await isReady();
    assert.match(await panel.innerText(), /Exploring was stopped\./);

    // To ask about one output, nobody has to wait for all.
    await tool("Can this happen?");
    await panel.getByRole("button", { name: "Stop" }).click();
    await panel.getByRole("button", { name: "Ask" }).waitFor();

    // Closing the panel stops exploring, too, and so does changing the program.
    await tool("All outcomes");
    await panel.getByText(/ states, /).waitFor();
    await panel.getByRole("button", { name: /^Close/ }).click();
    await edit('fn main() {\n    println!("small");\n}\n');
    await tool("All outcomes");
    await isReady();
    assert.match(await panel.innerText(), /1 possible outcome: /);
  }));

test("an edited program has all four tools, as the book's own have", async () => {
  const program = (await source("workers-share-a-channel")).replace("Done!", "All done!");
  await chapter("many-workers", "workers-share-a-channel", async (page, { edit, tool, isReady, panel }) => {
    await edit(program);
    await tool("All outcomes");
    await isReady();
    assert.match(await panel.innerText(), /117,120 possible outcomes/);
    assert.equal(await panel.locator(".outputs-where").innerText(), "1–10 of 117,120");

    await tool("Step through");
    await isReady();
    await panel.getByRole("button", { name: "Another" }).click();
    await panel.getByRole("button", { name: "Last step" }).click();
    assert.match(await panel.locator(".steps-output").innerText(), /All done!$/);

    await tool("You are the scheduler");
    await isReady();
    await panel.getByRole("button", { name: "Let chance choose to the end" }).click();
    assert.match(await panel.locator(".scheduler-verdict").innerText(), /This is output [\d,]+ of 117,120/);

    await tool("Can this happen?");
    await isReady();
    assert.match(await panel.locator(".answer").innerText(), /^Yes, this can happen\./);
  });
});

test("a program that is too big for the page is asked one output at a time", () =>
  chapter("many-workers", "workers-share-a-channel", async (page, { run, edit, ending, tool, isReady, panel }) => {
    await edit(await tooBig());
    await run.click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    await tool("You are the scheduler");
    await panel.getByText(/ states, /).waitFor();
    await isReady();
    assert.match(await panel.innerText(), /in too many states for the page to hold/);

    await tool("All outcomes");
    await isReady();
    assert.match(await panel.innerText(), /The number of outcomes is not known: .*So far: /s);

    await tool("Step through");
    await isReady();
    assert.match(await panel.innerText(), /An execution that prints what your run has printed\./);
    await panel.getByRole("button", { name: "Last step" }).click();
    assert.match(await panel.locator(".steps-output").innerText(), /Done!$/);

    // It begins with what the reader's own run has printed.
    await tool("Can this happen?");
    await isReady();
    assert.equal(await panel.locator(".lines > li").count(), 30);
    const answer = panel.locator(".answer");
    assert.equal(await answer.innerText(), "");
    await panel.getByRole("button", { name: "Ask" }).click();
    await answer.getByText("Yes, this can happen.").waitFor();

    await panel.getByRole("button", { name: "Show me" }).click();
    await panel.getByRole("button", { name: "Last step" }).click();
    assert.match(await panel.locator(".steps-output").innerText(), /Done!$/);

    await tool("Can this happen?");
    await isReady();
    await panel.getByRole("textbox", { name: "Line 2", exact: true }).fill("nobody prints this");
    assert.equal(await answer.innerText(), "");
    await panel.getByRole("button", { name: "Ask" }).click();
    await answer.getByText("No, this can’t happen.").waitFor();
    assert.match(await answer.innerText(), /The first line is possible\. Then “nobody prints this” can’t come\./);
    assert.equal(await panel.locator(".lines > .is-impossible").count(), 1);
  }));

test("an edited program keeps its clock, and shows its times", async () => {
  const program = (await source("pam-and-jim")).replaceAll("Pam", "Ann");
  await chapter("not-parallelism", "pam-and-jim", async (page, { edit, tool, isReady, panel }) => {
    await edit(program);
    await tool("Step through");
    await isReady();
    assert.deepEqual(await panel.locator(".steps-time").allInnerTexts(), ["0 s", "2 s", "3 s"]);
    await panel.getByRole("button", { name: "Last step" }).click();
    assert.match(await panel.locator(".steps-now").innerText(), /, at 3\ss\. Then main returns\.$/);
    await tool("All outcomes");
    await isReady();
    assert.match(await panel.innerText(), /4 possible outcomes/);
  });
});

test("where the book's data are of an earlier program, the kernel answers", () =>
  chapter(CHAPTER, LISTING, async (page, { tool, isReady, panel }) => {
    await page.route("**/outcomes/two-threads.json*", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), version: "0", graph: { old: true } } });
    });
    await tool("All outcomes");
    await isReady();
    assert.match(await panel.innerText(), /140 possible outcomes/);
    assert.match(await panel.innerText(), /The recorded output is one of 140/);
  }));

test("where all who could go on let others go first, the reader lets time pass", () =>
  chapter("not-parallelism", "pam-and-jim", async (page, { edit, tool, isReady, panel }) => {
    await edit(`
use std::thread;
use std::time::Duration;

fn main() {
    let sleeper = thread::spawn(|| {
        thread::sleep(Duration::from_millis(5));
        println!("awake");
    });
    while !sleeper.is_finished() {
        thread::yield_now();
    }
    println!("seen");
}
`);
    await tool("All outcomes");
    await isReady();
    assert.match(await panel.innerText(), /1 possible outcome: .*main returns/s);

    await tool("You are the scheduler");
    await isReady();
    const time = panel.getByRole("button", { name: "Time passes until the next sleep or timeout is over" });
    const main = panel.getByRole("button", { name: /^main/ });
    for (let steps = 0; steps < 20 && (await time.count()) === 0; steps += 1) {
      await main.click();
    }
    await time.click();
    await panel.getByRole("button", { name: /^thread 1/ }).waitFor();
    await panel.getByRole("button", { name: "Let chance choose to the end" }).click();
    assert.match(await panel.locator(".scheduler-verdict").innerText(), /This is the only output there is\./);
  }));

test("a thread wakes up for no reason only where the output needs it", () =>
  chapter(CHAPTER, LISTING, async (page, { edit, tool, isReady, panel }) => {
    await edit(`
use std::sync::{Condvar, Mutex};

fn main() {
    let told = Mutex::new(false);
    let condvar = Condvar::new();
    println!("waiting");
    let told = condvar.wait(told.lock().unwrap()).unwrap();
    println!("told: {told}");
}
`);
    await tool("All outcomes");
    await isReady();
    assert.match(await panel.locator(".outcomes-count").innerText(), /^2 possible outcomes/);
    const stepsOf = async (output) => {
      const row = panel.locator(".outputs > li").filter({ hasText: output });
      await row.locator("summary").click();
      await row.getByRole("button", { name: "Step through it" }).click();
      await panel.locator(".steps-row").first().waitFor();
      const steps = await panel.locator(".steps-row").allInnerTexts();
      await tool("All outcomes");
      await isReady();
      return steps.join("\n");
    };
    assert.match(await stepsOf("told: false"), /wakes up spuriously: nobody notified it/);
    assert.doesNotMatch(await stepsOf("a deadlock"), /spuriously/);
  }));
