// Reading the published site on a host of plain files: its listings run in the
// browser, each thread a worker.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { SITE, eventually, launch, listing, open, publish } from "./book.mjs";

const TARGET = "wasm32-wasip1-threads";

// tests/browser/run says why there may be none.
const skip = existsSync(path.join(SITE, "programs")) ? false : `the compiler has no std for ${TARGET}`;

let browser;
let site;

before(async () => {
  browser = await launch();
  site = await publish();
});

after(async () => {
  await browser?.close();
  await site?.stop();
});

/// Opens a listing of a chapter, on that site or on another.
async function opened(chapter, name, use, on = site) {
  const { page, close } = await open(browser, `${on.origin}/${chapter}.html`, { keeps: true });
  await use(page, listing(page, name));
  await close();
}

/// Presses Run, and waits until it has run. The page may be loaded again in
/// between, once, to be allowed to share memory.
async function press(page, { run, figure }) {
  await run.click();
  await page.waitForFunction(() => crossOriginIsolated);
  await figure.locator(".listing-recorded:not([hidden])").waitFor();
}

/// The transcript without what is only read aloud.
async function printed(page, { lines }) {
  return lines.locator(".stdout").evaluate((piece) => {
    const copy = piece.cloneNode(true);
    copy.querySelectorAll(".visually-hidden").forEach((hidden) => hidden.remove());
    return copy.textContent;
  });
}

/// What the site knows of a listing's outcomes, as the page has it.
function outcomes(page, name) {
  return page.evaluateHandle(async (name) => {
    const one = window.interleaved.listings.find((listing) => listing.name === name);
    return one.outcomes.ofProgram(one.source());
  }, name);
}

/// Whether an output with this ending is possible.
function isPossible(known, text, ending) {
  return known.evaluate((known, [text, ending]) => known.graph.find(text, ending).possible, [text, ending]);
}

test("a listing runs as it stands, without a server, in an order that is possible", { skip }, () =>
  opened("many-workers", "workers-share-a-channel", async (page, here) => {
    assert.equal(await page.evaluate(() => crossOriginIsolated), false, "this host sends no headers");
    await press(page, here);
    assert.match(await here.ending.innerText(), /^Returned after .* · output [\d,]+ of 117,120 possible$/);
    const text = await printed(page, here);
    assert.match(text, /Done!\n$/);
    const known = await outcomes(page, "workers-share-a-channel");
    assert.equal(await isPossible(known, text, { kind: "returned" }), true, text);
    assert.equal(await isPossible(known, text.replace("read 1", "read 6"), { kind: "returned" }), false);
  }));

test("a second page needs no second load, and Run begins at once", { skip }, async () => {
  const { page, close } = await open(browser, `${site.origin}/many-workers.html`, { keeps: true });
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  await page.goto(`${site.origin}/not-parallelism.html`);
  assert.equal(await page.evaluate(() => crossOriginIsolated), true);
  const here = listing(page, "pam-and-jim");
  await here.run.click();
  // Its lines are there while it sleeps. What was recorded has the same, but has returned.
  await page.waitForFunction(() => {
    const output = document.querySelector('[data-listing="pam-and-jim"] .listing-output');
    const isRunning = output.querySelector('.ending[data-kind="running"]') !== null;
    return isRunning && output.innerText.includes("Jim: doing my work");
  });
  await here.ending.and(page.locator('[data-kind="returned"]')).waitFor();
  // Three seconds, measured by itself.
  assert.match(await printed(page, here), /all work was done in 3 seconds\n$/);
  const seconds = Number(/after ([\d.]+) s/.exec(await here.ending.innerText())[1]);
  assert.ok(seconds >= 3, `${seconds} s`);
  await close();
});

test("Run ×100 shows how often each outcome was seen", { skip }, () =>
  opened("many-workers", "workers-share-a-channel", async (page, here) => {
    await press(page, here);
    await here.runMany.click();
    const heading = here.output.locator(".listing-label");
    await eventually(async () =>
      assert.match(await heading.innerText(), /^100 runs: \d+ different outputs, of 117,120 possible, in /),
    );
    const counts = await here.output.locator(".runs-count").allInnerTexts();
    assert.equal(counts.reduce((sum, count) => sum + Number.parseInt(count, 10), 0), 100);
    assert.ok(counts.length > 1, "its threads run at the same time");
    const known = await outcomes(page, "workers-share-a-channel");
    for (const text of await here.output.locator(".runs .transcript.stdout").allTextContents()) {
      assert.equal(await isPossible(known, `${text}\n`, { kind: "returned" }), true, text);
    }
  }));

test("a deadlock is told", { skip }, () =>
  opened("deadlock", "forgotten-drop", async (page, here) => {
    await press(page, here);
    assert.match(await here.ending.innerText(), /^Deadlock: both threads are blocked \(found after/);
    const known = await outcomes(page, "forgotten-drop");
    const text = await printed(page, here);
    assert.equal(await isPossible(known, text, { kind: "deadlocked" }), true, text);
  }));

test("what a browser doesn't have is named", { skip }, () =>
  opened("what-comes-back", "unwrap-a-panic", async (page, { run, output }) => {
    await run.click();
    await output.getByText("This listing can’t run in a browser").waitFor();
    assert.match(await output.innerText(), /It needs to go on after a thread has panicked/);
  }));

test("an edited listing says what it needs, and runs again as it was", { skip }, () =>
  opened("many-workers", "workers-share-a-channel", async (page, here) => {
    await here.edit("fn main() {}\n");
    await here.run.click();
    await here.output.getByText("An edited listing needs a compiler").waitFor();
    await page.keyboard.press("Control+Z");
    await here.figure.locator(".ace_text-input").focus();
    await page.keyboard.press("Control+Z");
    await press(page, here);
    assert.match(await here.ending.innerText(), /^Returned/);
  }));

/// Programs in the place of a listing's, to see what the page makes of them.
const PROGRAMS = {
  panics: 'fn main() {\n    println!("so far");\n    None::<u32>.expect("nothing there");\n}\n',
  "panics-apart":
    'fn main() {\n    std::thread::spawn(|| panic!("apart")).join().unwrap();\n    println!("never here");\n}\n',
  exits: 'fn main() {\n    print!("bye");\n    eprintln!("not well");\n    std::process::exit(3);\n}\n',
  "goes-on-forever":
    'fn main() {\n    std::thread::spawn(|| loop { std::hint::spin_loop() });\n    println!("begun");\n    loop { std::thread::yield_now() }\n}\n',
  floods: 'fn main() {\n    loop { println!("{}", "x".repeat(1000)) }\n}\n',
};

test("endings are told as the book's server tells them", { skip }, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "programs-"));
  const modules = {};
  for (const [name, source] of Object.entries(PROGRAMS)) {
    const [input, output] = [path.join(folder, `${name}.rs`), path.join(folder, `${name}.wasm`)];
    writeFileSync(input, source);
    const flags = ["--target", TARGET, "--edition", "2024", "-O", "-C", "strip=symbols", "-C", "panic=abort"];
    execFileSync("rustc", [...flags, "-o", output, input]);
    modules[name] = readFileSync(output);
  }
  rmSync(folder, { recursive: true });
  const instead = {};
  const other = await publish(instead);
  const put = (name) => {
    instead["/programs/workers-share-a-channel.wasm"] = modules[name];
  };
  const run = async (name, use) => {
    put(name);
    await opened("many-workers", "workers-share-a-channel", use, other);
  };

  await run("panics", async (page, here) => {
    await press(page, here);
    assert.match(await here.ending.innerText(), /^main panicked after/);
    assert.match(await here.lines.locator(".stderr").textContent(), /panicked at .*\nnothing there\n/);
    assert.equal(await printed(page, here), "so far\n");
  });
  await run("panics-apart", async (page, here) => {
    await press(page, here);
    assert.match(await here.ending.innerText(), /^Aborted: a thread panicked, and in a browser that ends the whole program/);
  });
  await run("exits", async (page, here) => {
    await press(page, here);
    assert.match(await here.ending.innerText(), /^Exited with code 3 after/);
    assert.equal(await printed(page, here), "bye");
  });
  await run("goes-on-forever", async (page, here) => {
    await here.run.click();
    await here.lines.getByText("begun").waitFor();
    assert.equal(await here.run.innerText(), "Stop");
    await here.run.click();
    await here.ending.and(page.locator('[data-kind="stopped"]')).waitFor();
    assert.equal(await here.run.innerText(), "Run");
  });
  await run("floods", async (page, here) => {
    await press(page, here);
    assert.equal(await here.ending.innerText(), "Stopped: it printed more than 8 MiB");
  });
  await other.stop();
});
