// How long a reader waits after pressing Run, where the page runs the listing by
// itself and where `interleaved serve` does: see tests/browser/benchmark.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { PATIENCE, SITE, launch, listing, publish, serve } from "./book.mjs";

const TIMES = 15;

/// The first chapter that shows a listing, as its page is called.
function chapterOf(name) {
  const pages = readdirSync(SITE).filter((file) => file.endsWith(".html") && file !== "print.html");
  const page = pages.find((file) => readFileSync(path.join(SITE, file), "utf8").includes(`data-listing="${name}"`));
  if (!page) {
    throw new Error(`no page shows ${name}`);
  }
  return page.replace(/\.html$/, "");
}

/// Presses Run, and tells after how many milliseconds something was printed, and
/// all was.
async function press(page, { figure }) {
  const handle = await figure.elementHandle();
  return page.evaluate(
    (figure) =>
      new Promise((resolve) => {
        const output = figure.querySelector(".listing-output");
        let first = null;
        const started = performance.now();
        const observer = new MutationObserver(() => {
          const now = performance.now() - started;
          if (first === null && output.querySelector("samp [data-stream]")) {
            first = now;
          }
          const kind = output.querySelector(".ending")?.dataset.kind;
          if (first !== null && kind && kind !== "running") {
            observer.disconnect();
            resolve({ first, whole: now });
          }
        });
        observer.observe(output, { childList: true, subtree: true, attributes: true });
        figure.querySelector(".listing-run").click();
      }),
    handle,
  );
}

async function measure(page, name) {
  const here = listing(page, name);
  const idle = here.figure.locator(".listing-recorded:not([hidden])");
  // Has the program built, or the page isolated.
  const started = performance.now();
  await here.run.click();
  await here.figure.locator('.ending[data-kind="running"]').waitFor({ state: "detached" });
  await idle.waitFor();
  const before = performance.now() - started;
  const runs = [];
  for (let time = 0; time < TIMES; time += 1) {
    runs.push(await press(page, here));
    await idle.waitFor();
  }
  await here.runMany.click();
  await idle.waitFor();
  const heading = await here.output.locator(".listing-label").innerText();
  const many = / in (.*)$/.exec(heading)?.[1] ?? heading;
  const median = (key) => runs.map((run) => run[key]).sort((a, b) => a - b)[TIMES >> 1];
  return { before, first: median("first"), whole: median("whole"), many };
}

const ms = (number) => `${number.toFixed(0)} ms`;
const kB = (number) => `${(number / 1000).toFixed(0)} kB`;

async function opened(address) {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE);
  const page = await context.newPage();
  await page.goto(address);
  return { page, context };
}

const browser = await launch();
const site = await publish();
const server = await serve();
const rows = [];
try {
  // The server builds what listings use before it runs the first.
  const [first] = process.argv.slice(2);
  const { page, context } = await opened(server.chapter(chapterOf(first)));
  await listing(page, first).run.click();
  await listing(page, first).figure.locator(".listing-recorded:not([hidden])").waitFor();
  await context.close();
  for (const name of process.argv.slice(2)) {
    const chapter = chapterOf(name);
    for (const [where, address] of [
      ["in the browser", `${site.origin}/${chapter}.html`],
      ["interleaved serve", server.chapter(chapter)],
    ]) {
      const { page, context } = await opened(address);
      const { before, first, whole, many } = await measure(page, name);
      await context.close();
      rows.push({ listing: name, where, "first Run": ms(before), "first line": ms(first), "whole run": ms(whole), "×100": many });
    }
    const module = readFileSync(path.join(SITE, "programs", `${name}.wasm`));
    Object.assign(rows.at(-2), {
      module: kB(module.length),
      gzip: kB(gzipSync(module, { level: 9 }).length),
      brotli: kB(brotliCompressSync(module).length),
    });
  }
} finally {
  await browser.close();
  await site.stop();
  await server.stop();
}
console.log(`Medians of ${TIMES} runs. "first Run" is the first after the page was opened: it may have the page loaded again, or the program compiled.`);
console.table(rows);
