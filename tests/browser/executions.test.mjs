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

test("two outputs are compared, up to the step at which they part", async () => {
  const { page, figure, close } = await steps(`${here.site.origin}/at-the-same-time.html`, "two-threads");
  await figure.getByRole("button", { name: "All outcomes" }).press("Enter");
  // With the keyboard alone.
  await figure.getByRole("button", { name: "Compare output 2", exact: true }).press("Enter");
  await figure.getByText("Output 2 is chosen: choose another").waitFor();
  await figure.getByRole("button", { name: "Compare output 4 with 2" }).press("Enter");
  const panel = figure.getByRole("region", { name: /^Two executions side by side: / });
  const [left, right] = ["left", "right"].map((name) => panel.getByRole("region", { name: `The execution on the ${name}`, exact: true }));
  await left.locator(".steps-row").first().waitFor();
  const rows = (side) => side.locator(".steps-rows > li").allTextContents();
  const [a, b] = [await rows(left), await rows(right)];
  const parting = a.findIndex((row, index) => row !== b[index]);
  assert.ok(parting > 0);
  const told = (await panel.locator(".compare-told").innerText()).replace(/\s+/g, " ");
  const words = (side) => side.locator(".steps-rows > li").nth(parting).locator(".visually-hidden").textContent();
  assert.equal(told, `They are the same up to step ${parting}, and part at step ${parting + 1}: on the left: ${await words(left)}. on the right: ${await words(right)}.`);
  for (const side of [left, right]) {
    assert.equal(await side.locator("[aria-current]").textContent(), (side === left ? a : b)[parting], "it begins there");
    // At one moment, since both scroll.
    const apart = await side.evaluate((side, parting) => {
      const top = (it) => it.getBoundingClientRect().top;
      return top(side.querySelector(".steps-part")) - top(side.querySelectorAll(".steps-row")[parting]);
    }, parting);
    assert.ok(Math.abs(apart) < 2, `the mark is there: ${apart}`);
  }
  // The lanes stand where the other's do, and both step at once.
  const lanes = (side) => side.locator(".steps-lane").evaluateAll((lanes) => lanes.map((lane) => [lane.textContent, lane.offsetLeft]));
  assert.deepEqual(await lanes(left), await lanes(right));
  await page.keyboard.press("End");
  assert.match(await left.locator(".compare-now").innerText(), /Then main returns\.$/);
  assert.match(await right.locator(".compare-now").innerText(), /Then main returns\.$/);
  await page.keyboard.press("Home");
  assert.match(await right.locator(".compare-now").innerText(), /^1 of /);

  const number = panel.getByRole("spinbutton", { name: "The output on the right: its number" });
  await number.fill("140");
  await number.press("Enter");
  assert.match(await right.locator(".compare-title").innerText(), /^Right: output 140/);
  await panel.getByRole("button", { name: "Next output on the right" }).press("Enter");
  assert.match(await right.locator(".compare-title").innerText(), /^Right: output 1$/);
  await close();
});

test("two outputs part as late as can be", async () => {
  const { page, close } = await steps(`${here.site.origin}/at-the-same-time.html`, "two-threads");
  const wrong = await page.evaluate(async () => {
    const tools = window.interleaved.listings.find(({ name }) => name === "two-threads").outcomes;
    const outcomes = await tools.ofBook();
    const { graph } = outcomes;
    // Whether a text can still be printed from a state, tried one by one.
    const can = (state, text) => graph.edgesOf(state).some((edge) => text.startsWith(edge.text) && (edge.to === null ? text === edge.text : can(edge.to, text.slice(edge.text.length))));
    const wrong = [];
    for (let number = 0n; number < 140n; number += 7n) {
      const { text, ending } = outcomes.output(number);
      const other = graph.randomPath();
      const path = outcomes.nearest({ text, ending }, other);
      const parting = path.findIndex((edge, index) => edge !== other[index]);
      const beyond = parting === -1 ? [] : other.slice(0, parting + 1);
      const rest = text.startsWith(graph.textOf(beyond)) ? text.slice(graph.textOf(beyond).length) : null;
      const later = parting !== -1 && rest !== null && graph.endOf(beyond) !== null && can(graph.endOf(beyond), rest);
      if (graph.textOf(path) !== text || later) {
        wrong.push(String(number));
      }
    }
    return wrong;
  });
  assert.deepEqual(wrong, []);
  await close();
});

test("an execution from a link is compared, and the comparison is a link", async () => {
  const first = await steps(`${here.site.origin}/deadlock.html#execution=two-locks&by=`, "two-locks");
  await first.panel.getByText("The execution of the link.").waitFor();
  await first.panel.getByRole("button", { name: "Compare side by side" }).click();
  const compared = (page) => page.getByRole("region", { name: /^Two executions side by side: / });
  await compared(first.page).locator(".steps-row").first().waitFor();
  const told = await compared(first.page).locator(".compare-told").innerText();
  await compared(first.page).getByRole("button", { name: "Copy link" }).click();
  await compared(first.page).getByText("Copied link.").waitFor();
  const link = await first.page.evaluate(() => navigator.clipboard.readText());
  assert.match(link, /#execution=two-locks&by=.*&step=\d+&with=/);
  await first.close();

  const second = await steps(link, "two-locks");
  await compared(second.page).locator(".steps-row").first().waitFor();
  assert.equal(await compared(second.page).locator(".compare-told").innerText(), told);
  await second.page.setViewportSize({ width: 390, height: 844 });
  const [content, window] = await second.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${content} px wide`);
  await second.edit("fn main() {}\n");
  await compared(second.page).getByText("You have changed the program.").waitFor();
  assert.equal(await second.figure.locator(".steps-row").count(), 0);
  await second.close();
});
