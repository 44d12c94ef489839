"use strict";

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const follow = () => (document.documentElement.className = dark.matches ? "js coal" : "js light");
  dark.addEventListener("change", follow);
  follow();
  window.interleaved = { scrollable() {} };
})();
