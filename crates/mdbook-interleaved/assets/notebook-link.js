// The link to a chapter's notebook, on a page that was opened as a file: there a
// browser would show the notebook's text instead of keeping it.

"use strict";

(() => {
  const { load, service } = window.interleaved;
  if (location.protocol !== "file:" || service === null) {
    return;
  }
  for (const link of document.querySelectorAll(".notebook-link a[download]")) {
    link.addEventListener("click", async (event) => {
      if (link.href.startsWith("blob:")) {
        return;
      }
      event.preventDefault();
      try {
        const text = await load.text(link.href);
        link.download = decodeURIComponent(link.href.split("/").pop());
        link.href = URL.createObjectURL(new Blob([text], { type: "application/x-ipynb+json" }));
        link.click();
      } catch {
        location.href = link.href;
      }
    });
  }
})();
