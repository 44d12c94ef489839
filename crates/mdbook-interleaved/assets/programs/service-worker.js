// Gives the site's pages the two headers without which a browser shares no memory
// between threads, where the host can't be told to send them:
// <https://web.dev/articles/coop-coep>. It asks for nothing that the page doesn't,
// and keeps nothing.

"use strict";

addEventListener("install", () => skipWaiting());

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  // Pages, and the threads' script, which is as isolated as its page.
  if (request.mode === "navigate" || request.destination === "worker") {
    event.respondWith(isolated(request));
  }
});

async function isolated(request) {
  const response = await fetch(request);
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
