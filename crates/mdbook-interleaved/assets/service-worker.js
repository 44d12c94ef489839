// Keeps a published site in its reader's browser, so that all of it is there without a
// network after one visit; and gives its pages the two headers without which a browser
// shares no memory between threads, where the host can't be told to send them:
// <https://web.dev/articles/coop-coep>. It asks for nothing but the site's own files.
//
// This script knows one version of the site: its files, and the digest of each. What
// is kept has that very digest. Once the whole version is kept, its pages and all
// that they name come from there, and only from there. Until then they come from the
// host, as they would without this script, and from what is kept if the host doesn't
// answer. A new version of the site has a new version of this script, which first
// fetches what differs, all of it, and takes over when no page of the old one is
// left. So no page is ever made of two versions.

"use strict";

/// Where the site is, with a slash at the end; its version; and the digests of its
/// files, by their paths. The site's builder writes the last two.
const ROOT = new URL("./", location).href;
const VERSION = "__VERSION__";
const FILES = __FILES__;

/// For this site alone: there may be others at the same origin.
const CACHE = `interleaved ${ROOT}`;

/// What is kept of all files is whole.
const WHOLE = `${ROOT}?whole=`;

/// When the host was first found to have something else than this version.
const DIFFERS = `${ROOT}?differs=`;

/// How long a host may take until it has all of a version, in milliseconds. One that
/// never does changes what it sends.
const PATIENCE = 24 * 3600 * 1000;

/// What the host says of its own answer, and not of what it answers.
const OF_THE_ANSWER = ["Age", "Connection", "Content-Encoding", "Content-Length", "Date", "Keep-Alive", "Transfer-Encoding"];

/// Only where listings run in the browser: what a page brings from elsewhere would need
/// a header, too.
const ISOLATES = Object.hasOwn(FILES, "programs/thread.js");

/// How many files are fetched at the same time.
const AT_ONCE = 2;

addEventListener("install", (event) => event.waitUntil(install()));

addEventListener("activate", (event) => event.waitUntil(activate()));

addEventListener("message", (event) => {
  const { kind, addresses } = event.data;
  if (kind === "visited") {
    event.waitUntil(keepVisited(addresses));
  } else if (kind === "keep") {
    event.waitUntil(keepAll("low"));
  } else if (kind === "take-over") {
    event.waitUntil(takeOver());
  } else if (kind === "version") {
    event.waitUntil(isWhole().then((isIt) => event.ports[0].postMessage(isIt ? VERSION : null)));
  }
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) {
    return;
  }
  const path = pathOf(url);
  if (path !== null || isToIsolate(request)) {
    event.respondWith(answer(event, path));
  }
});

/// The file that an address names; `null` if it is none of this version's.
function pathOf({ href, pathname }) {
  if (!href.startsWith(ROOT)) {
    return null;
  }
  let path;
  try {
    path = decodeURIComponent(pathname.slice(new URL(ROOT).pathname.length));
  } catch {
    return null;
  }
  // As hosts do it.
  const tries = [path === "" || path.endsWith("/") ? `${path}index.html` : path, `${path}.html`];
  return tries.find((one) => Object.hasOwn(FILES, one)) ?? null;
}

/// Pages, and the threads' script, which is as isolated as its page.
function isToIsolate({ mode, destination }) {
  return ISOLATES && (mode === "navigate" || destination === "worker");
}

async function answer(event, path) {
  const { request } = event;
  const response = await found(event, path);
  return isToIsolate(request) ? isolated(response) : response;
}

async function found(event, path) {
  const { request } = event;
  if (path === null || (await isOfAnotherVersion(event))) {
    return fetch(request);
  }
  if (await isWhole()) {
    const kept = await keptOf(path);
    if (kept) {
      return kept;
    }
    event.waitUntil(isNotWhole().catch(() => {}));
  }
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const kept = await keptOf(path);
    if (kept) {
      return kept;
    }
    throw error;
  }
  if (response.ok && response.type === "basic") {
    event.waitUntil(keep(path, response.clone()).catch(() => {}));
  }
  return response;
}

/// Whether what asks is a page that this version doesn't know, from a host that has
/// a newer one.
async function isOfAnotherVersion({ request, clientId }) {
  const client = request.mode !== "navigate" && clientId ? await clients.get(clientId) : null;
  return client?.type === "window" && pathOf(new URL(client.url)) === null;
}

function isolated(response) {
  // What isn't ours to read can't be changed.
  if (response.status === 0) {
    return response;
  }
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  const { status, statusText } = response;
  const hasBody = ![204, 205, 304].includes(status);
  return new Response(hasBody ? response.body : null, { status, statusText, headers });
}

// What is kept: by digest, so that versions have in common what is the same.

function keyOf(path) {
  return `${ROOT}?kept=${FILES[path]}`;
}

/// `undefined` where nothing is, or the browser can't tell: then the host is asked.
async function look(key) {
  try {
    return await (await caches.open(CACHE)).match(key);
  } catch {
    return undefined;
  }
}

function keptOf(path) {
  return look(keyOf(path));
}

/// Once known it stays so.
let whole = false;

async function isWhole() {
  whole ||= (await look(WHOLE + VERSION)) !== undefined;
  return whole;
}

/// What was taken for whole is not: whoever cleared the browser's storage may have
/// left a part.
async function isNotWhole() {
  whole = false;
  await (await caches.open(CACHE)).delete(WHOLE + VERSION);
}

/// Keeps an answer if it is what this version has there. Tells whether it is.
async function keep(path, response) {
  const bytes = await response.arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const hex = Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hex !== FILES[path]) {
    return false;
  }
  const headers = new Headers(response.headers);
  for (const name of OF_THE_ANSWER) {
    headers.delete(name);
  }
  await (await caches.open(CACHE)).put(keyOf(path), new Response(bytes, { headers }));
  return true;
}

/// What a page has brought along before this script was there. The browser has it.
async function keepVisited(addresses) {
  for (const address of addresses) {
    const path = pathOf(new URL(address));
    if (path !== null && !(await keptOf(path))) {
      const response = await fetch(address).catch(() => null);
      if (response?.ok) {
        await keep(path, response);
      }
    }
  }
}

/// Keeps every file. Throws where one can't be had, or is of another version: then a
/// new version of this script is there, too.
async function keepAll(priority) {
  if (await isWhole()) {
    return;
  }
  const paths = Object.keys(FILES);
  const inTurn = async () => {
    for (let path = paths.shift(); path !== undefined; path = paths.shift()) {
      if (!(await keptOf(path)) && !(await fetchAndKeep(path, priority))) {
        paths.length = 0;
        throw new Error(`${path} is of another version of the site`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, inTurn));
  // Another version may have begun or ended meanwhile, and removed what it didn't want.
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const gone = Object.keys(FILES).find((path) => !kept.has(keyOf(path)));
  if (gone !== undefined) {
    throw new Error(`${gone} was removed again`);
  }
  await cache.put(WHOLE + VERSION, new Response("whole"));
  await cache.delete(DIFFERS + VERSION);
}

async function fetchAndKeep(path, priority) {
  const address = ROOT + path.split("/").map(encodeURIComponent).join("/");
  // What the browser has may be of the version before.
  for (const cache of ["default", "reload"]) {
    const response = await fetch(address, { cache, priority });
    if (!response.ok) {
      throw new Error(`${path}: the host answers ${response.status}`);
    }
    if (await keep(path, response)) {
      return true;
    }
  }
  return false;
}

// Versions.

async function install() {
  const cache = await caches.open(CACHE);
  const keys = (await cache.keys()).map(({ url }) => url);
  const wholes = keys.filter((url) => url.startsWith(WHOLE));
  if (wholes.length === 0) {
    await skipWaiting();
    return;
  }
  // There is a version that is whole: so is its successor, before it comes.
  try {
    await keepAll("low");
  } catch (error) {
    const first = await cache.match(DIFFERS + VERSION);
    if (!first) {
      await cache.put(DIFFERS + VERSION, new Response(String(Date.now())));
    } else if (Date.now() - Number(await first.text()) > PATIENCE) {
      // It never will be. Rather what the host sends than the old one for ever.
      await Promise.all(wholes.map((url) => cache.delete(url)));
    }
    throw error;
  }
}

async function activate() {
  // The next version may be on its way, and counts on what is here: it will do this.
  if (!registration.installing) {
    await removeUnwanted().catch(() => {});
  }
  await clients.claim();
}

async function removeUnwanted() {
  const cache = await caches.open(CACHE);
  const wanted = new Set([WHOLE + VERSION, ...Object.keys(FILES).map(keyOf)]);
  for (const { url } of await cache.keys()) {
    if (!wanted.has(url)) {
      await cache.delete(url);
    }
  }
}

/// Takes over before all pages are closed, if the one that asks is the only one: it is
/// loaded again then.
async function takeOver() {
  // A page that was just closed may still be counted.
  for (let time = 0; time < 10; time += 1) {
    const pages = await clients.matchAll({ type: "window", includeUncontrolled: true });
    if (pages.filter(({ url }) => url.startsWith(ROOT)).length <= 1) {
      await skipWaiting();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
