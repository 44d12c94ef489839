// Below an exercise: a check of the reader's program, a hint, and an answer, each
// to open.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { test } from "node:test";
import { ROOT, eventually, listing, open, publish, served } from "./book.mjs";

const here = served();

const program = (name) => readFile(path.join(ROOT, "crates/listings/examples", `${name}.rs`), "utf8");

/// The first exercise about a listing.
function exercise(page, question) {
  const place = page.locator(`.exercise[data-question="${question}"]`).first();
  return {
    place,
    check: place.getByRole("button", { name: "Check my program" }),
    result: place.locator(".exercise-result"),
  };
}

test("what the reader made of a listing is checked against the answer", async () => {
  const { page, close } = await open(here.browser, here.server.chapter("sharing"));
  const { place, check, result } = exercise(page, "locked-twice");
  await check.click();
  assert.match(await result.innerText(), /^Change the program “Locked twice by one thread” in this chapter/);

  const question = listing(page, "locked-twice");
  const asked = await program("locked-twice");
  await question.edit(asked.replace("Pam sits", "Jim sits"));
  await check.click();
  await eventually(async () =>
    assert.equal(
      await result.innerText(),
      "Not yet. Your program has 1 possible output, and it deadlocks. The answer differs in how it ends.",
    ),
  );

  await question.edit("fn main() { nothing() }\n");
  await check.click();
  await place.locator(".transcript.rustc").waitFor();
  assert.match(await place.locator(".transcript.rustc").innerText(), /E0425/);

  await question.edit(await program("locked-once"));
  await check.click();
  await eventually(async () =>
    assert.equal(
      await result.innerText(),
      "Right. Your program has 1 possible output, and it returns. It prints what the answer prints.",
    ),
  );
  await close();
});

test("an exercise about a program that doesn't compile is checked too", async () => {
  const { page, close } = await open(here.browser, here.server.chapter("borrowing-in-parallel"));
  const { check, result } = exercise(page, "two-writers-of-a-slice");
  await listing(page, "two-writers-of-a-slice").edit(await program("split-in-two"));
  await check.click();
  await eventually(async () => assert.match(await result.innerText(), /^Right\. As many outputs as the answer’s, and the same endings\. Your program has 1 possible output/));
  await close();
});

test("a program that prints something else, or has not the words asked for, is not right", async () => {
  const { page, close } = await open(here.browser, here.server.chapter("what-for"));
  const question = listing(page, "foreground-and-background");
  const place = page.locator(".exercise", { has: page.locator('[data-listing="joined-at-once"]') });
  const check = place.getByRole("button", { name: "Check my program" });
  const result = place.locator(".exercise-result");
  await question.edit('fn main() {\n    println!("banana");\n}\n');
  await check.click();
  await eventually(async () =>
    assert.equal(await result.innerText(), "Not yet. The number is right, but your program prints something else."),
  );
  assert.match(await place.locator(".exercise-output").first().innerText(), /banana/);
  assert.match(await place.locator(".exercise-output").last().innerText(), /foreground: started/);
  await question.edit(await program("joined-at-once"));
  await check.click();
  await eventually(async () => assert.match(await result.innerText(), /^Right\. .* It prints what the answer prints\.$/));
  await close();

  const asleep = await open(here.browser, here.server.chapter("asleep-until-told"));
  const first = exercise(asleep.page, "condition-and-bell");
  const asked = await program("condition-and-bell");
  await listing(asleep.page, "condition-and-bell").edit(`// wait_while\n${asked}`);
  await first.check.click();
  await eventually(async () => assert.match(await first.result.innerText(), /needs “wait_while”\.$/));
  await listing(asleep.page, "condition-and-bell").edit(await program("waited-for-a-fact"));
  await first.check.click();
  await eventually(async () => assert.match(await first.result.innerText(), /^Right\./));
  await asleep.close();
});

test("a brace that is missing is an error of the compiler’s, whatever is pressed", async () => {
  const { page, close } = await open(here.browser, here.server.chapter("rust-you-need"));
  const question = listing(page, "when-it-is-dropped");
  const asked = await program("when-it-is-dropped");
  await question.edit(asked.replace(/^}\n\nfn main/m, "\nfn main"));
  for (const pressed of [question.run, question.runMany]) {
    await pressed.click();
    await eventually(async () => assert.match(await question.output.innerText(), /unclosed delimiter/));
  }
  await question.figure.getByRole("button", { name: "All outcomes", exact: true }).click();
  await question.figure.locator(".listing-panel .transcript.rustc").waitFor();
  const { check, place } = exercise(page, "when-it-is-dropped");
  await check.click();
  await place.locator(".transcript.rustc").waitFor();
  assert.match(await place.locator(".transcript.rustc").innerText(), /unclosed delimiter/);
  await close();
});

test("where the answer must not compile, the compiler's error is checked", async () => {
  const { page, close } = await open(here.browser, here.server.chapter("rust-you-need"));
  const { check, result } = exercise(page, "what-a-closure-takes");
  const question = listing(page, "what-a-closure-takes");
  const asked = await program("what-a-closure-takes");
  for (const [edited, verdict] of [
    [asked.replace("age = 30", "age = 31"), "Not yet. Your program compiles, and the answer doesn’t."],
    [asked.replace("greet();", "greets();"), "Not yet. The compiler says E0425, which isn’t what it says of the answer."],
    [asked.replace(/}\n$/, "    greet();\n}\n"), "Right. The compiler says E0505, as it does of the answer."],
  ]) {
    await question.edit(edited);
    await check.click();
    await eventually(async () => assert.equal(await result.innerText(), verdict));
  }
  await close();
});

test("where the answer can't be explored, one run is checked, but for figures", async () => {
  const { page, close } = await open(here.browser, here.server.chapter("how-many-threads"));
  const { place, check, result } = exercise(page, "same-work-more-threads");
  const question = listing(page, "same-work-more-threads");
  const says = (line) => `fn main() { println!(${JSON.stringify(line)}); }\n`;
  for (const [edited, verdict] of [
    [says("2.5 times as fast on 77 cores"), "Right. Your program prints the lines of the answer, but for figures."],
    [says("2.5 times as fast"), "Not yet. Your program prints other lines than the answer, and not only other figures."],
    ["fn main() { panic!() }\n", "Not yet. Your program panics, which the answer doesn’t."],
  ]) {
    await question.edit(edited);
    await check.click();
    await eventually(async () => assert.equal(await result.innerText(), verdict));
  }
  await question.edit("fn main() { nothing() }\n");
  await check.click();
  await place.locator(".transcript.rustc").waitFor();
  await close();
});

test("a hint and an answer open, and the answer is a listing like any other", async () => {
  const { page, close } = await open(here.browser, here.server.chapter("philosophers"));
  const { place } = exercise(page, "three-forks");
  const hint = place.locator(".exercise-hint");
  await hint.locator("summary").click();
  assert.match(await hint.innerText(), /A guard is dropped/);
  const answer = listing(page, "forks-put-back");
  assert.equal(await answer.figure.isVisible(), false);
  await place.locator(".exercise-answer > summary").click();
  await eventually(async () => {
    const lines = await answer.figure.locator(".ace_line").count();
    assert.ok(lines > 20, `all of it is shown: ${lines} lines`);
  });
  await answer.run.click();
  await answer.ending.and(page.locator('[data-kind="returned"]')).waitFor();
  await answer.figure.getByRole("button", { name: "All outcomes", exact: true }).click();
  await answer.figure.getByText("1 × it goes on forever").waitFor();
  await close();
});

test("without a server the reader is told what the check needs", async () => {
  const site = await publish();
  const { page, close } = await open(here.browser, `${site.origin}/sharing.html`);
  const { place, check } = exercise(page, "locked-twice");
  await listing(page, "locked-twice").edit("fn main() {}\n");
  await check.click();
  await place.locator(".help").waitFor();
  await place.locator(".exercise-answer > summary").click();
  assert.ok(await listing(page, "locked-once").figure.isVisible());
  await close();
  await site.stop();
});

test("what is asked in words is answered in words, without a script, and on paper", async () => {
  const site = await publish();
  const context = await here.browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${site.origin}/pools.html`);
  const answer = page.locator(".exercise-answer", { has: page.locator('[data-listing="report-kept"]') });
  const words = answer.locator(".exercise-words");
  const figure = answer.locator("figure");
  assert.equal(await words.isVisible(), false);
  await answer.locator("summary").click();
  assert.match(await words.innerText(), /^It prints nothing, and never ends\. squares\.iter\(\) waits/);
  assert.equal(await words.locator("code").first().innerText(), "squares.iter()");
  assert.equal(await figure.isVisible(), true);
  await answer.locator("summary").click();
  assert.equal(await words.isVisible(), false);
  await page.emulateMedia({ media: "print" });
  assert.equal(await words.isVisible(), true);
  assert.equal(await figure.isVisible(), false, "a program is longer than what asks for it");
  const exercises = page.locator(".exercise");
  for (const exercise of await exercises.all()) {
    assert.equal(await exercise.locator(".exercise-hint p").isVisible(), true);
    const label = exercise.locator(".exercise-answer summary");
    assert.equal(await label.isVisible(), (await exercise.locator(".exercise-words").count()) > 0, "no label without words");
  }
  await context.close();
  site.stop();
});
