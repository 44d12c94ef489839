// A book that anyone wrote, published: what can come of its fences is in the site.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { launch, open, publish, ROOT } from "./book.mjs";

const CHAPTER = `# One

\`\`\`rust
# use std::thread;
let hello = thread::spawn(|| println!("from a thread"));
println!("from main");
hello.join().unwrap();
\`\`\`

\`\`\`rust
use std::collections::HashMap;
let all: HashMap<u8, u8> = (0..9).map(|it| (it, it)).collect();
std::thread::spawn(move || {
    for it in all.keys() {
        println!("{it}");
    }
});
\`\`\`
`;

let folder;
let site;
let browser;

before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "anyones-"));
  await mkdir(path.join(folder, "src/more"), { recursive: true });
  await writeFile(path.join(folder, "book.toml"), '[book]\ntitle = "Anyone’s"\n\n[preprocessor.interleaved]\noutcomes = true\n');
  await writeFile(path.join(folder, "src/SUMMARY.md"), "- [One](one.md)\n- [Two](more/two.md)\n");
  await writeFile(path.join(folder, "src/one.md"), CHAPTER);
  await writeFile(path.join(folder, "src/more/two.md"), CHAPTER);
  const built = path.join(folder, "built");
  const build = ["build", "--book", folder, "--dest-dir", built, "--in-browser", "none"];
  await promisify(execFile)(process.env.INTERLEAVED, build, { cwd: ROOT });
  browser = await launch();
  site = await publish({}, built);
});

after(async () => {
  await browser?.close();
  await site?.stop();
  await rm(folder, { recursive: true, force: true });
});

for (const chapter of ["one", "more/two"]) {
  test(`${chapter}: a fence has its outcomes, and can be stepped through`, async () => {
    const { page, close } = await open(browser, `${site.origin}/${chapter}.html`);
    const figure = page.locator("figure.listing").first();
    await figure.getByRole("button", { name: "All outcomes" }).click();
    const panel = figure.locator('.listing-panel[aria-busy="false"]');
    await panel.getByText("2 possible outcomes").waitFor();
    await figure.getByRole("button", { name: "Step through", exact: true }).click();
    await panel.locator(".steps-row").first().waitFor();
    await close();
  });
}

test("what can't be explored says why", async () => {
  const { page, close } = await open(browser, `${site.origin}/one.html`);
  const figure = page.locator("figure.listing").nth(1);
  await figure.getByRole("button", { name: "All outcomes" }).click();
  const lead = figure.locator('.listing-panel[aria-busy="false"] .panel-lead');
  assert.match(await lead.innerText(), /HashMap/);
  await close();
});
