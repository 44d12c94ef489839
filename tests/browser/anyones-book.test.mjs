// A book that anyone wrote, with one line of ours in its book.toml.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { eventually, launch, open, serveAnyones } from "./book.mjs";

const CHAPTER = `# One

\`\`\`rust
let x = 5;
println!("x is {x}");
\`\`\`

\`\`\`rust
struct OnlyDeclared {
    x: i32,
}
\`\`\`

\`\`\`rust,compile_fail,E0382
let s = String::new();
drop(s);
println!("{s}");
\`\`\`

\`\`\`rust,compile_fail,E0499
let s: u8 = "not a number";
\`\`\`

\`\`\`rust,no_run
loop {}
\`\`\`

\`\`\`rust
# use std::num::ParseIntError;
let n: i32 = "12".parse()?;
println!("{n}");
# Ok::<(), ParseIntError>(())
\`\`\`

\`\`\`rust
#[test]
fn works() {
    assert_eq!(1 + 1, 2);
}
\`\`\`

\`\`\`rust,edition2018
use std::thread;
fn main() {
    let async_is_a_word = thread::spawn(|| println!("from a thread"));
    println!("from main");
    async_is_a_word.join().unwrap();
}
\`\`\`
`;

let folder;
let server;
let browser;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "anyones-"));
  await mkdir(path.join(folder, "src"));
  await writeFile(path.join(folder, "book.toml"), '[book]\ntitle = "Anyone’s"\n\n[preprocessor.interleaved]\noutcomes = true\n');
  await writeFile(path.join(folder, "src/SUMMARY.md"), "- [One](one.md)\n");
  await writeFile(path.join(folder, "src/one.md"), CHAPTER);
  browser = await launch();
  server = await serveAnyones(folder);
});

after(async () => {
  await browser?.close();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function chapter(use) {
  const { page, close } = await open(browser, server.chapter("one"));
  await use(page, (text) => page.locator("figure.listing").filter({ hasText: text }));
  await close();
}

/// Runs a program, and gives what stands below it.
async function run(figure) {
  await figure.locator(".listing-run").click();
  const ending = figure.locator('.ending:not([data-kind="running"])');
  await ending.waitFor();
  const printed = await figure.locator("pre.transcript").allInnerTexts();
  return { printed: printed.join("").trimEnd(), ending: await ending.innerText() };
}

test("what can run has buttons, and nothing else has", () =>
  chapter(async (page) => {
    assert.equal(await page.locator("pre.playground").count(), 8);
    const figures = page.locator("figure.listing");
    assert.equal(await figures.count(), 6);
    assert.equal(await figures.filter({ hasText: "OnlyDeclared" }).count(), 0);
    assert.equal(await figures.filter({ hasText: "loop {}" }).count(), 0);
  }));

test("statements run as they do in rustdoc", () =>
  chapter(async (page, listing) => {
    const { printed, ending } = await run(listing("x is {x}"));
    assert.equal(printed, "x is 5");
    assert.match(ending, /^Returned/);
    assert.equal((await run(listing('"12".parse()?'))).printed, "12");
  }));

test("tests are run", () =>
  chapter(async (page, listing) => {
    const { printed } = await run(listing("fn works"));
    assert.match(printed, /test works \.\.\. ok/);
  }));

test("a program that must not compile doesn't, as it should, or with another error", () =>
  chapter(async (page, listing) => {
    const right = listing("drop(s)");
    const { printed, ending } = await run(right);
    assert.equal(ending, "Does not compile, as it should");
    assert.match(printed, /borrow of moved value/);
    assert.match((await run(listing("not a number"))).ending, /not with the error that it should: E0499$/);
  }));

test("a fence's edition is its program's", () =>
  chapter(async (page, listing) => {
    const { printed } = await run(listing("from main"));
    assert.match(printed, /from a thread/);
  }));

test("a program with threads is explored, and stepped through in its lines", () =>
  chapter(async (page, listing) => {
    assert.equal(await listing("x is {x}").locator(".listing-all").count(), 0);
    const figure = listing("from main");
    await figure.locator(".listing-all").click();
    const panel = figure.locator('.listing-panel[aria-busy="false"]');
    await panel.waitFor();
    assert.match(await panel.innerText(), /^2 possible outcomes/m);
    await figure.locator(".listing-steps").click();
    await figure.locator(".steps-scroll").waitFor();
    assert.ok((await figure.locator(".source-mark").count()) > 0);
    assert.doesNotMatch(await figure.locator("code").evaluate((code) => code.textContent), /main\s*main/);
  }));

test("code can be edited where the book has no editor, and is run as it is then", () =>
  chapter(async (page, listing) => {
    const figure = listing("x is {x}");
    await figure.locator("code").evaluate((code) => {
      code.focus();
      const texts = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
      let last = null;
      while (texts.nextNode()) {
        last = texts.currentNode.parentElement.closest(".boring") ? last : texts.currentNode;
      }
      getSelection().collapse(last, last.length);
    });
    await page.keyboard.insertText('println!("{}", x + 1);\n');
    await eventually(async () => assert.ok(await figure.evaluate((it) => it.classList.contains("is-edited"))));
    await page.keyboard.press("Control+Enter");
    const ending = figure.locator('.ending:not([data-kind="running"])');
    await ending.waitFor();
    assert.equal((await figure.locator("pre.transcript").innerText()).trimEnd(), "x is 5\n6");
  }));

test("nothing but listings is styled", () =>
  chapter(async (page) => {
    assert.equal(await page.locator('link[href*="interleaved/book.css"]').count(), 0);
    assert.equal(await page.locator(".where-you-were").count(), 0);
    const size = await page.locator(".content main").evaluate((main) => getComputedStyle(main).fontSize);
    assert.equal(size, "16px");
  }));
