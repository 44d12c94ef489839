// What a name in a listing is: by the mouse, by a finger, by the keyboard.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PATIENCE, THEMES, eventually, listing, open, publish, published } from "./book.mjs";

const here = published();
const AXE = fileURLToPath(import.meta.resolve("axe-core/axe.min.js"));

/// Opens a chapter, and counts what is asked for.
async function chapter(name, options = {}) {
  const origin = options.origin ?? here.site.origin;
  const opened = await open(here.browser, `${origin}/${name}.html`, options);
  // The editor comes when a reader turns to the code, and with it what it tells.
  await opened.page.evaluate(() => Promise.all(window.interleaved.listings.map(({ editor }) => editor?.upgrade?.())));
  const requests = [];
  opened.page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  return { ...opened, asked: () => requests.filter((path) => path.endsWith("/names.json")).length };
}

/// The middle of the first place where a text stands in a listing's code, scrolled to.
async function middleOf(figure, text, within = text) {
  await figure.evaluate((figure) => window.interleaved.listings.find((it) => it.figure === figure).editor.upgrade?.());
  await figure.locator(".ace_editor").scrollIntoViewIfNeeded();
  return figure.locator(".ace_editor").evaluate(
    (place, [text, within]) => {
      const editor = window.ace.edit(place);
      const lines = editor.session.getDocument().getAllLines();
      const row = lines.findIndex((line) => line.includes(within));
      const column = lines[row].indexOf(text, lines[row].indexOf(within));
      editor.renderer.scrollToLine(row, true, false);
      editor.renderer.updateFull(true);
      const from = editor.renderer.textToScreenCoordinates(row, column);
      const to = editor.renderer.textToScreenCoordinates(row, column + text.length);
      return { x: (from.pageX + to.pageX) / 2, y: from.pageY + editor.renderer.lineHeight / 2, row, column };
    },
    [text, within],
  );
}

async function point(page, figure, text, within) {
  const { x, y } = await middleOf(figure, text, within);
  await page.mouse.move(x - 1, y);
  await page.mouse.move(x, y);
}

/// Puts the editor's cursor into a name, and presses the key.
async function ask(page, figure, text, within) {
  const { row, column } = await middleOf(figure, text, within);
  await figure.locator(".ace_text-input").focus();
  await figure.locator(".ace_editor").evaluate((place, [row, column]) => window.ace.edit(place).gotoLine(row + 1, column, false), [row, column + 1]);
  await page.keyboard.press("Shift+F1");
}

const path = (figure) => figure.locator(".name-card .name-path");

test("the mouse that rests on a name is told what it is", async () => {
  const { page, close, asked } = await chapter("every-outcome");
  const { figure } = listing(page, "two-threads");
  assert.equal(asked(), 0, "nobody has asked");
  await point(page, figure, "spawn", "thread::spawn(print");
  const card = figure.locator(".name-card");
  await card.waitFor();
  assert.equal(await path(figure).innerText(), "std::thread::spawn");
  assert.match(await card.locator(".name-signature").innerText(), /^pub fn spawn<F, T>\(f: F\) -> JoinHandle<T>\nwhere\n/);
  assert.match(await card.locator(".name-sentence").innerText(), /thread.*\.$/);
  const link = card.getByRole("link", { name: "Documentation" });
  assert.match(await link.getAttribute("href"), /^https:\/\/doc\.rust-lang\.org\/.*\/std\/thread\/fn\.spawn\.html$/);
  assert.match(await card.locator(".name-source").innerText(), /Rust’s standard library [\d.]+, MIT or Apache-2\.0/);

  // The mouse comes in, and stays as long as it likes.
  const box = await card.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await setTimeout(600);
  assert.equal(await card.count(), 1);
  // Methods are those of their types.
  await point(page, figure, "join", "printing.join");
  await eventually(async () => assert.equal(await path(figure).innerText(), "std::thread::JoinHandle::join"));
  // A name of the program's own is nobody else's.
  await point(page, figure, "print_numbers", "fn print_numbers");
  await card.waitFor({ state: "detached" });
  await point(page, figure, "println", "println!(\"Waiting");
  await eventually(async () => assert.equal(await path(figure).innerText(), "std::println!"));
  await page.mouse.move(2, 2);
  await card.waitFor({ state: "detached" });
  assert.equal(asked(), 1, "once is enough");
  await close();
});

test("a key tells it at the cursor, leads on, and Escape leads back", async () => {
  const { page, close } = await chapter("every-outcome");
  const { figure, status } = listing(page, "two-threads");
  await ask(page, figure, "join", "printing.join");
  await figure.locator(".name-card").waitFor();
  await eventually(async () => assert.match(await status.innerText(), /^std::thread::JoinHandle::join: Waits for .* pub fn join/));
  await page.keyboard.press("Shift+F1");
  const link = figure.locator(".name-card a");
  assert.equal(await link.evaluate((it) => it === document.activeElement), true);
  await page.keyboard.press("Escape");
  await figure.locator(".name-card").waitFor({ state: "detached" });
  const input = figure.locator(".ace_text-input");
  await eventually(async () => assert.equal(await input.evaluate((it) => it === document.activeElement), true));
  // Whoever types isn't told anything.
  await page.keyboard.press("Shift+F1");
  await figure.locator(".name-card").waitFor();
  await page.keyboard.type("x");
  assert.equal(await figure.locator(".name-card").count(), 0);
  await page.keyboard.press("Backspace");
  await ask(page, figure, "number", "for number");
  await eventually(async () => assert.equal(await status.innerText(), "Nothing is known of a name here."));
  await page.keyboard.press("Escape");
  await close();
});

test("a finger that taps on a name is told what it is", async () => {
  const context = await here.browser.newContext({ viewport: { width: 390, height: 800 }, hasTouch: true, isMobile: true });
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(`${here.site.origin}/many-workers.html`);
  const { figure } = listing(page, "workers-share-a-channel");
  const { x, y } = await middleOf(figure, "bounded", "bounded(0)");
  await page.touchscreen.tap(x, y);
  await figure.locator(".name-card").waitFor();
  assert.equal(await path(figure).innerText(), "crossbeam_channel::bounded");
  assert.match(await figure.locator(".name-card a").getAttribute("href"), /^https:\/\/docs\.rs\/crossbeam_channel\/[\d.]+\/crossbeam_channel\/fn\.bounded\.html$/);
  assert.match(await figure.locator(".name-source").innerText(), /crossbeam-channel [\d.]+/);
  const within = await figure.evaluate((figure) => {
    const card = figure.querySelector(".name-card").getBoundingClientRect();
    return card.left >= 0 && card.right <= innerWidth && document.documentElement.scrollWidth <= innerWidth;
  });
  assert.equal(within, true);
  await page.touchscreen.tap(x, 5);
  await figure.locator(".name-card").waitFor({ state: "detached" });
  await context.close();
});

test("after an edit, only what is as it was is told", async () => {
  const { page, close } = await chapter("every-outcome");
  const { figure, edit } = listing(page, "two-threads");
  const source = await figure.locator(".ace_editor").evaluate((place) => window.ace.edit(place).getValue());
  const told = async (text, within) => {
    await ask(page, figure, text, within);
    // Something is said of every name, known or not.
    await eventually(async () => assert.match(await listing(page, "two-threads").status.innerText(), /\S/));
    const said = await listing(page, "two-threads").status.innerText();
    await page.keyboard.press("Escape");
    return said.split(": ")[0];
  };
  const nothing = "Nothing is known of a name here.";
  const status = listing(page, "two-threads").status;
  const fresh = () => status.evaluate((it) => (it.textContent = ""));

  await edit(source.replace("    println!(\"Waiting", "    let x = vec![1];\n    println!(\"Waiting"));
  await fresh();
  assert.equal(await told("join", "printing.join"), "std::thread::JoinHandle::join");
  await fresh();
  assert.equal(await told("vec", "vec!"), nothing, "of a line that is new");
  await edit(source.replace("printing.join()", "printing.join().map(drop)"));
  await fresh();
  assert.equal(await told("join", "printing.join"), nothing, "of a line that was edited");
  await fresh();
  assert.equal(await told("join", "generating.join"), "std::thread::JoinHandle::join");
  await edit(source.replace("use std::thread;", "use loom::thread;"));
  await fresh();
  assert.equal(await told("join", "generating.join"), nothing, "with other things in use");
  await close();
});

/// What is said of a name, by the key.
async function toldOf(page, name, text, within) {
  const { figure, status } = listing(page, name);
  await status.evaluate((it) => (it.textContent = ""));
  await ask(page, figure, text, within);
  // Something is said of every name, known or not.
  await eventually(async () => assert.match(await status.innerText(), /\S/));
  const said = await status.innerText();
  await page.keyboard.press("Escape");
  return said.split(": ")[0];
}

test("what an edit leaves alone keeps its card", async () => {
  const { page, close } = await chapter("every-outcome");
  const { figure, edit } = listing(page, "two-threads");
  const source = await figure.locator(".ace_editor").evaluate((place) => window.ace.edit(place).getValue());
  const nothing = "Nothing is known of a name here.";
  const join = "std::thread::JoinHandle::join";
  const edits = [
    ["another import", ["use std::thread;", "use std::thread;\nuse std::time::{self, Duration};"], ["join", "printing.join", join]],
    ["one of a name that is used", ["use std::thread;", "use std::thread;\nuse other::printing;"], ["join", "printing.join", nothing]],
    ["one of all names", ["use std::thread;", "use std::thread;\nuse other::*;"], ["spawn", "thread::spawn", nothing]],
    ["edits above and below", ["Waiting", "Wait", "Done!", "Good."], ["join", "generating.join", join]],
    ["lines that changed places", ["    printing.join().unwrap();\n    generating", "    generating.join().unwrap();\n    printing.join().unwrap();\n    // generating"], ["join", "printing.join", join]],
    ["what a method is called on", ["let printing = thread::spawn(print_numbers)", "let printing = Some(3)"], ["join", "printing.join", nothing]],
    ["what another is called on", ["let printing = thread::spawn(print_numbers)", "let printing = Some(3)"], ["join", "generating.join", join]],
    ["a path", ["let printing = thread::spawn(print_numbers)", "let printing = Some(3)"], ["spawn", "thread::spawn(||", "std::thread::spawn"]],
    ["what it was made of", ["let printing = thread::spawn(print_numbers);", "let first = Some(3);\n    let printing = first;"], ["join", "printing.join", nothing]],
  ];
  for (const [what, replaced, [text, within, expected]] of edits) {
    let edited = source;
    for (let index = 0; index < replaced.length; index += 2) {
      assert.ok(edited.includes(replaced[index]), what);
      edited = edited.replace(replaced[index], replaced[index + 1]);
    }
    await edit(edited);
    assert.equal(await toldOf(page, "two-threads", text, within), expected, what);
  }
  await close();
});

test("what waits has its card, and so have the arms of a select", async () => {
  const { page, close } = await chapter("async");
  assert.equal(await toldOf(page, "waits-no-longer", "from_millis", "from_millis"), "std::time::Duration::from_millis");
  assert.equal(await toldOf(page, "squares-in-a-set", "unwrap", "square.unwrap"), "std::result::Result::unwrap");
  await page.goto(`${here.site.origin}/select.html`);
  assert.equal(await toldOf(page, "until-both-are-closed", "never", "left = never"), "crossbeam_channel::never");
  assert.equal(await toldOf(page, "first-wins", "unwrap", "answer.unwrap"), "std::result::Result::unwrap");
  assert.equal(await toldOf(page, "first-wins", "recv", "recv(pam)"), "Nothing is known of a name here.");
  await close();
});

test("a name that the program gives itself has the card of what it names", async () => {
  const names = JSON.parse(await readFile(`${process.env.SITE}/interleaved/names.json`, "utf8"));
  const thread = names.cards.findIndex(([path]) => path === "std::thread");
  // As if the program had called the module so.
  names.listings["two-threads"] = [[4, "    let printing = thread::spawn(".length, thread, "print_numbers"]];
  const site = await publish({ "/interleaved/names.json": Buffer.from(JSON.stringify(names)) });
  const { page, close } = await chapter("every-outcome", { origin: site.origin });
  assert.equal(await toldOf(page, "two-threads", "print_numbers", "print_numbers);"), "std::thread");
  await close();
  await site.stop();
});

test("a card that its reader is in stays, wherever his mouse goes", async () => {
  const { page, close } = await chapter("every-outcome");
  const { figure } = listing(page, "two-threads");
  const card = figure.locator(".name-card.is-placed");
  const isIn = () => card.evaluate((it) => it.contains(document.activeElement));
  const other = await middleOf(figure, "spawn", "thread::spawn(print");
  await ask(page, figure, "join", "printing.join");
  await card.waitFor();
  await page.keyboard.press("Shift+F1");
  assert.equal(await isIn(), true);
  await card.locator(".name-sentence").click();
  assert.equal(await isIn(), true);
  // Over another name, and then out of everything.
  await page.mouse.move(other.x - 1, other.y);
  await page.mouse.move(other.x, other.y);
  await setTimeout(600);
  await page.mouse.move(2, 2);
  await setTimeout(600);
  assert.equal(await path(figure).innerText(), "std::thread::JoinHandle::join");
  assert.equal(await isIn(), true);
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "detached" });
  await eventually(async () => assert.equal(await figure.locator(".ace_text-input").evaluate((it) => it === document.activeElement), true));

  // One that only the mouse has opened stays when it is clicked into, too.
  await point(page, figure, "spawn", "thread::spawn(print");
  await card.locator(".name-sentence").click();
  await page.mouse.move(2, 2);
  await setTimeout(600);
  assert.equal(await path(figure).innerText(), "std::thread::spawn");
  // And goes when its reader goes on.
  await page.keyboard.press("Tab");
  assert.equal(await card.getByRole("link").evaluate((it) => it === document.activeElement), true);
  await page.keyboard.press("Tab");
  await card.waitFor({ state: "detached" });
  await point(page, figure, "spawn", "thread::spawn(print");
  await card.locator(".name-sentence").click();
  await page.locator("main h1").click();
  await card.waitFor({ state: "detached" });
  await close();
});

test("where a thread stands stays in view", async () => {
  const { page, close } = await chapter("deadlock");
  const { figure } = listing(page, "two-locks");
  await figure.getByRole("button", { name: "Step through" }).click();
  await figure.getByRole("button", { name: "Last step" }).click();
  await eventually(async () => assert.match(await figure.locator(".steps-now").innerText(), /^(\d+) of \1\D/));
  await eventually(async () => assert.ok((await figure.locator(".source-badge").count()) > 2));
  // With room on both sides.
  await figure.locator(".ace_editor").evaluate((editor) => editor.scrollIntoView({ block: "start", behavior: "instant" }));
  await point(page, figure, "lock", ".lock()");
  await figure.locator(".name-card.is-placed").waitFor();
  const covered = await figure.evaluate((figure) => {
    const card = figure.querySelector(".name-card").getBoundingClientRect();
    const marks = [...figure.querySelectorAll(".source-marks .source-mark:not([hidden])")].map((it) => it.getBoundingClientRect());
    return { marks: marks.length, hidden: marks.filter((mark) => mark.bottom > card.top && mark.top < card.bottom).length };
  });
  assert.ok(covered.marks > 1);
  assert.equal(covered.hidden, 0);
  // The card is closed first, and the tool stays.
  await page.keyboard.press("Escape");
  await figure.locator(".name-card").waitFor({ state: "detached" });
  assert.equal(await figure.locator(".steps-now").count(), 1);
  await close();
});

test("a book that knows no names is as good as ever", async () => {
  const site = await publish({ "/interleaved/names.json": Buffer.from("null") });
  const { page, close } = await chapter("every-outcome", { origin: site.origin });
  const { figure, status } = listing(page, "two-threads");
  await point(page, figure, "spawn", "thread::spawn(print");
  await ask(page, figure, "spawn", "thread::spawn(print");
  await eventually(async () => assert.equal(await status.innerText(), "Nothing is known of a name here."));
  assert.equal(await figure.locator(".name-card").count(), 0);
  await close();
  await site.stop();
});

test("what is known of another version of a listing isn't told", async () => {
  const names = JSON.parse(await readFile(`${process.env.SITE}/interleaved/names.json`, "utf8"));
  names.listings["two-threads"] = names.listings["two-threads"].map(([line, ...rest]) => [line + 1, ...rest]);
  const site = await publish({ "/interleaved/names.json": Buffer.from(JSON.stringify(names)) });
  const { page, close } = await chapter("every-outcome", { origin: site.origin });
  const { figure, status } = listing(page, "two-threads");
  await ask(page, figure, "spawn", "thread::spawn(print");
  await eventually(async () => assert.equal(await status.innerText(), "Nothing is known of a name here."));
  await close();
  await site.stop();
});

test("in every theme a card can be read", async () => {
  const axe = await readFile(AXE, "utf8");
  for (const theme of THEMES) {
    const { page, close } = await chapter("every-outcome", { theme });
    const { figure } = listing(page, "two-threads");
    await point(page, figure, "spawn", "thread::spawn(print");
    await figure.locator(".name-card.is-placed").waitFor();
    await page.evaluate(() => Promise.all(document.getAnimations().map((it) => it.finished.catch(() => {}))));
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const { violations } = await axe.run(document.querySelector(".name-card"), { resultTypes: ["violations"] });
      return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
    });
    assert.deepEqual(found, [], theme);
    await close();
  }
});

test("paper has no cards", async () => {
  const { page, close } = await chapter("every-outcome");
  const { figure } = listing(page, "two-threads");
  await point(page, figure, "spawn", "thread::spawn(print");
  await figure.locator(".name-card.is-placed").waitFor();
  await page.emulateMedia({ media: "print" });
  assert.equal(await figure.locator(".name-card").isVisible(), false);
  await close();
});
