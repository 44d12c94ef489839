// What the page shows once the reader has changed a program: nothing of the
// program before, unless it says so; and what is open follows the next run.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, listing, open, served } from "./book.mjs";

const here = served();

const TWO_LINES = `use std::thread;

fn main() {
    let other = thread::spawn(|| println!("theirs"));
    println!("mine");
    other.join().unwrap();
}
`;

async function chapter(name, listed, use) {
  const { page, close } = await open(here.browser, here.server.chapter(name));
  const program = listing(page, listed);
  const panel = program.figure.locator(".listing-panel");
  await use(page, {
    ...program,
    panel,
    tool: async (title) => {
      await program.figure.getByRole("button", { name: title, exact: true }).click();
      await program.figure.locator('.listing-panel[aria-busy="false"] .panel-title', { hasText: title }).waitFor();
    },
  });
  await close();
}

test("an open tool goes at the first key, and follows the next run", () =>
  chapter("at-the-same-time", "two-threads", async (page, { tool, edit, run, panel, figure, ending }) => {
    await tool("All outcomes");
    assert.match(await panel.innerText(), /140 possible outcomes/);
    await figure.locator(".ace_text-input").focus();
    await page.keyboard.type(" ");
    await panel.getByText("You have changed the program.").waitFor();
    assert.doesNotMatch(await panel.innerText(), /140/);
    // What is taken back is as before.
    await page.keyboard.press("Control+z");
    await panel.getByText("140 possible outcomes").waitFor();

    await edit(TWO_LINES);
    await panel.getByText("You have changed the program.").waitFor();
    await run.click();
    await panel.getByText("2 possible outcomes").waitFor();
    // The run is placed among them when they are known.
    assert.match(await ending.innerText(), /output [12] of 2 possible/);

    await tool("Step through");
    await panel.getByRole("button", { name: "Last step" }).click();
    assert.deepEqual((await panel.locator(".steps-output").innerText()).trim().split("\n").sort(), ["mine", "theirs"]);
    // A program that doesn't compile has nothing to show.
    await edit(TWO_LINES.replace("let other", "let another"));
    await run.click();
    await ending.and(page.locator('[data-kind="rejected"]')).waitFor();
    assert.match(await panel.innerText(), /You have changed the program\./);
    assert.equal(await figure.locator(".source-badge").count(), 0);
    await edit(TWO_LINES.replace("mine", "my own"));
    await run.click();
    await panel.locator(".steps-row").first().waitFor();
    assert.match(await panel.locator(".steps-rows").textContent(), /my own/);
  }));

test("a hundred runs are set against what comes to be known later", () =>
  chapter("at-the-same-time", "two-threads", async (page, { edit, runMany, output, tool }) => {
    await edit(TWO_LINES);
    await runMany.click();
    const heading = output.locator(".listing-label").first();
    await heading.getByText(/^100 runs: .*, in /).waitFor();
    assert.doesNotMatch(await heading.innerText(), /possible/);
    await tool("All outcomes");
    assert.match(await heading.innerText(), /^100 runs: (2 different outputs|always the same output), of 2 possible, in /);
    const mark = () => heading.evaluate((label) => getComputedStyle(label, "::after").content);
    assert.equal(await mark(), "none");
    await edit(TWO_LINES.replace("mine", "my own"));
    assert.match(await mark(), /of the program before your edit/);
  }));

test("each row of a hundred runs has its picture, and its steps", () =>
  chapter("at-the-same-time", "two-threads", async (page, { edit, runMany, output, panel, figure }) => {
    const rows = output.locator("ol.runs > li");
    const stepsOf = async (row) => {
      await row.locator("summary").click();
      const printed = (await row.locator(".transcript.stdout").innerText()).trim();
      await row.getByRole("button", { name: "Step through it" }).click();
      await panel.getByText("An execution that prints what your run has printed.").waitFor();
      await panel.getByRole("button", { name: "Last step" }).click();
      assert.equal((await panel.locator(".steps-output").innerText()).trim(), printed);
    };
    await runMany.click();
    await output.getByText(/^100 runs: .* of 140 possible, in /).waitFor();
    for (const row of await rows.all()) {
      assert.equal(await row.locator(".output-strip > *").count(), 8, await row.innerText());
    }
    await stepsOf(rows.last());

    // Of a changed program nothing is known until somebody asks.
    await figure.getByRole("button", { name: /^Close/ }).click();
    await edit(TWO_LINES);
    assert.equal(await output.getByRole("button", { name: "Step through it" }).count(), 0);
    await runMany.click();
    await output.getByText(/^100 runs: .*, in /).waitFor();
    assert.equal(await rows.first().locator(".output-strip > *").count(), 0);
    await stepsOf(rows.first());
    assert.equal(await rows.first().locator(".output-strip > *").count(), 2);
  }));

test("what didn't compile has all tools once the reader mends it", () =>
  chapter("at-the-same-time", "closure-may-outlive-main", async (page, { figure, edit, run, runMany, output, ending, panel, tool }) => {
    const tools = ["Run ×100", "All outcomes", "Step through", "You are the scheduler", "Can this happen?"];
    const offered = async () => {
      const names = await figure.locator(".listing-tools").getByRole("button").allInnerTexts();
      return tools.filter((name) => names.includes(name));
    };
    assert.deepEqual(await offered(), []);
    const broken = await page.evaluate(() => window.interleaved.listings.find(({ name }) => name === "closure-may-outlive-main").source());
    await edit(broken.replace("spawn(||", "spawn(move ||"));
    assert.deepEqual(await offered(), tools);
    await run.click();
    await ending.and(page.locator('[data-kind="returned"]')).waitFor();
    await runMany.click();
    await output.getByText(/^100 runs: always the same/).waitFor();
    await tool("All outcomes");
    assert.match(await panel.innerText(), /1 possible outcome: /);
    await tool("Step through");
    await panel.getByRole("button", { name: "Last step" }).click();
    assert.match(await panel.locator(".steps-output").innerText(), /Printing number 3/);
    await tool("You are the scheduler");
    await figure.locator("button.choice").first().waitFor();
    // As it stands in the book it has nothing to step through.
    await edit(broken);
    assert.deepEqual(await offered(), []);
    assert.equal(await panel.isVisible(), false);
    await edit(broken.replace("&numbers", "& numbers"));
    await tool("All outcomes");
    assert.match(await panel.innerText(), /error\[E0373\]/);
  }));

test("lanes bear the names that a program gives its threads", () =>
  chapter("at-the-same-time", "two-threads", async (page, { figure, edit, panel, tool }) => {
    await edit(`use std::thread::Builder;

fn main() {
    let one = Builder::new().name("the reader".into()).spawn(|| println!("reads")).unwrap();
    let other = Builder::new().name("the writer".into()).spawn(|| println!("writes")).unwrap();
    one.join().unwrap();
    other.join().unwrap();
}
`);
    const named = ["main", "the reader", "the writer"];
    const lanes = (place) => place.locator(".steps-lane").allInnerTexts();
    await tool("Step through");
    assert.deepEqual(await lanes(panel), named);
    await panel.getByRole("button", { name: "Compare side by side" }).click();
    for (const side of ["left", "right"]) {
      const region = panel.getByRole("region", { name: `The execution on the ${side}`, exact: true });
      await region.locator(".steps-row").first().waitFor();
      assert.deepEqual(await lanes(region), named);
    }
    await tool("You are the scheduler");
    await panel.getByRole("button", { name: "Let chance choose to the end" }).click();
    assert.deepEqual(await lanes(panel), named);
    // Where a lane is narrow, the name is told when pointed at.
    await page.setViewportSize({ width: 390, height: 844 });
    await tool("Step through");
    assert.deepEqual(await panel.locator(".steps-lane").evaluateAll((names) => names.map(({ title }) => title)), named);
  }));

test("a check and a quiz's proof are of the program that they were made of", async () => {
  await chapter("deadlock", "two-locks", async (page, { edit, figure, panel }) => {
    const quiz = page.locator('.quiz[data-listing="two-locks"] .quiz-output').nth(1);
    await quiz.getByRole("button", { name: "Possible", exact: true }).click();
    const proof = quiz.getByRole("button", { name: "See it, step by step" });
    await proof.waitFor();
    await edit(TWO_LINES);
    await panel.getByText("You have changed the program.").waitFor();
    await proof.click();
    await quiz.getByText("You have edited the program: this is about the one in the book.").waitFor();
    assert.equal(await figure.locator(".steps-row").count(), 0);
  });
  await chapter("deadlock", "two-locks", async (page, { edit }) => {
    const exercise = page.locator('.exercise[data-question="two-locks"]').first();
    await edit(TWO_LINES);
    await exercise.getByRole("button", { name: "Check my program" }).click();
    await exercise.getByText("Not yet. The number is right, but your program prints something else.").waitFor();
    await edit(TWO_LINES.replace("mine", "my own"));
    await eventually(async () => assert.match(await exercise.locator(".exercise-result").innerText(), /^You have changed the program since/));
  });
});
