// One execution to take along: a link that opens it, with the reader's own
// program if need be, its text and its drawing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually, listing, open, published, serve } from "./book.mjs";

const here = published();

/// A page with an execution of a listing open, and what its buttons copy.
async function steps(address, name) {
  const opened = await open(here.browser, address);
  const { page } = opened;
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  const program = listing(page, name);
  const panel = program.figure.getByRole("region", { name: /^Step through: / });
  return {
    ...opened,
    ...program,
    panel,
    now: panel.locator(".steps-now"),
    copy: async (what) => {
      await panel.getByRole("button", { name: what }).click();
      await panel.locator(".steps-copied", { hasText: what.replace("Copy", "Copied") }).waitFor();
      return page.evaluate(() => navigator.clipboard.readText());
    },
  };
}

test("a link opens the execution at its step", async () => {
  const first = await steps(`${here.site.origin}/many-workers.html`, "workers-share-a-channel");
  await first.figure.getByRole("button", { name: "Step through" }).click();
  await first.panel.getByRole("button", { name: "Another" }).click();
  await first.panel.locator(".steps-row").nth(20).click();
  const link = await first.copy("Copy link");
  assert.match(link, /\/many-workers\.html#execution=workers-share-a-channel&by=.*&step=21$/);
  const told = await first.now.innerText();
  const all = await first.panel.locator(".steps-rows > li").allTextContents();
  await first.close();

  const second = await steps(link, "workers-share-a-channel");
  await second.panel.getByText("The execution of the link.").waitFor();
  assert.equal(await second.now.innerText(), told);
  assert.deepEqual(await second.panel.locator(".steps-rows > li").allTextContents(), all);
  // The same page, another link.
  await second.page.evaluate(() => (location.hash = "#execution=workers-share-a-channel&by=1*2+nobody&step=1"));
  await second.panel.getByText("The link’s execution is none of this program").waitFor();
  await second.close();
});

test("an execution is copied as text and as a drawing of its own", async () => {
  const { page, panel, copy, close } = await steps(`${here.site.origin}/deadlock.html#execution=two-locks&by=`, "two-locks");
  await panel.getByText("The execution of the link.").waitFor();
  await panel.page().evaluate(() => (location.hash = ""));
  const tools = listing(page, "two-locks").figure;
  await tools.getByRole("button", { name: "All outcomes" }).click();
  await tools.getByRole("button", { name: "Step there" }).first().click();
  await panel.locator(".steps-row").first().waitFor();
  const text = await copy("Copy as text");
  assert.match(text, /^Two locks, two orders: an execution\n\n *1 {2}main {6}starts/);
  assert.match(text, /thread 1 {2}prints “Pam has the pen” {2}\(line 17\)/);
  assert.match(text, /\nThen every thread waits forever: a deadlock\.\n\nOutput:\n(Pam has the pen\nJim has the paper|Jim has the paper\nPam has the pen)\n$/);

  const drawing = await copy("Copy as SVG");
  const seen = await page.evaluate((text) => {
    const { documentElement: svg } = new DOMParser().parseFromString(text, "image/svg+xml");
    const styles = [...svg.querySelectorAll("path, circle")].map((it) => it.getAttribute("style"));
    return {
      tag: svg.tagName,
      texts: [...svg.querySelectorAll("text")].map((it) => it.textContent),
      styled: styles.every((style) => /stroke:(rgb|none)/.test(style) && !/var\(/.test(style)),
      count: styles.length,
    };
  }, drawing);
  assert.equal(seen.tag, "svg");
  assert.ok(seen.texts.includes("thread 2") && seen.texts.includes("Jim has the paper"), seen.texts.join("\n"));
  assert.ok(seen.styled && seen.count > 10, "every stroke has its colour");
  await close();
});

test("a program that a link brings is shown before it is run", async () => {
  const server = await serve();
  const first = await steps(server.chapter("data-races"), "lost-update");
  const program = 'fn main() {\n    std::thread::spawn(|| println!("a stranger’s")).join().unwrap();\n}\n';
  await first.edit(program);
  await first.figure.getByRole("button", { name: "Step through" }).click();
  await first.panel.locator(".steps-row").first().waitFor();
  const link = await first.copy("Copy link");
  assert.match(link, /&edit=[\w-]+$/);
  const all = await first.panel.locator(".steps-rows > li").allTextContents();
  await first.close();

  const second = await steps(server.chapter("data-races"), "lost-update");
  let asked = false;
  second.page.on("websocket", () => (asked = true));
  await second.page.goto(link);
  await second.page.reload();
  await second.panel.getByText("This link brings a program that somebody has changed.").waitFor();
  await eventually(async () => assert.match(await second.figure.locator(".ace_content").innerText(), /a stranger’s/));
  assert.equal(asked, false, "nothing was run");
  await second.panel.getByRole("button", { name: "Find the execution" }).click();
  await second.panel.getByText("The execution of the link.").waitFor();
  assert.deepEqual(await second.panel.locator(".steps-rows > li").allTextContents(), all);
  await second.page.evaluate(() => (location.hash = "#execution=lost-update&by=1&edit=bm90aGluZw"));
  await second.panel.getByText("The link’s program can’t be read").waitFor();
  // What the reader then changes is his own, and stays.
  await second.page.evaluate(() => (location.hash = "#execution=lost-update&by=1"));
  await second.panel.locator(".panel-lead, .steps-row").first().waitFor();
  await second.edit("fn main() {} // mine\n");
  await eventually(async () => assert.equal(new URL(second.page.url()).hash, ""));
  await second.page.reload();
  await eventually(async () => assert.match(await second.figure.locator(".ace_content").innerText(), /mine/));
  await second.close();
  await server.stop();
});
