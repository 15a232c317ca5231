/* A list leads to what is shown beside it without loading the page anew: what differs between the two addresses is put
   in place, and the address says what is open. Back and forward do the same. Where list and incident stand one below
   the other, links lead on as they always do. */
import { leave, restoreIn } from "./draft.js";
import { listenAnew, swap } from "./live.js";

const PARTS = ["tete-file", "rangees", "incident"];
const isBeside = window.matchMedia("(min-width: 64.01rem)");
const place = () => location.pathname + location.search;
const links = () => [...document.querySelectorAll("a[data-beside]")];

let shown = place();
let latest = 0;

/* At once, and before what is asked for has come: keys that follow each other go on from here. */
const mark = (chosen) => {
  const rows = links();
  const at = rows.indexOf(chosen);
  for (const row of rows) {
    row.removeAttribute("aria-current");
    row.removeAttribute("aria-keyshortcuts");
    row.closest("li").classList.toggle("current", row === chosen);
  }
  chosen.setAttribute("aria-current", "true");
  rows[at + 1]?.setAttribute("aria-keyshortcuts", "j");
  rows[at - 1]?.setAttribute("aria-keyshortcuts", "k");
  document.querySelector("#rangees [aria-keyshortcuts=x]")?.removeAttribute("aria-keyshortcuts");
  chosen.closest("li").querySelector("input")?.setAttribute("aria-keyshortcuts", "x");
  document.getElementById("incident").inert = true; // no key does anything to the one that is about to leave
  chosen.focus();
};

const put = (page) => {
  leave();
  document.title = page.title;
  for (const id of PARTS) {
    const [old, fresh] = [document.getElementById(id), page.getElementById(id)];
    if (!old || !fresh) continue;
    if (id === "incident") old.replaceWith(document.adoptNode(fresh));
    else swap(old, document.adoptNode(fresh));
  }
  restoreIn(document.getElementById("incident"));
  listenAnew();
  document.querySelector('a[data-beside][aria-current]')?.focus();
};

/* Show what an address shows; of several that are asked for in a row, the last. */
const show = async (address, isNew) => {
  const mine = ++latest;
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  const page = answer?.ok && !answer.redirected && new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine !== latest) return;
  if (!page) {
    location.assign(address);
    return;
  }
  if (isNew) history.pushState(null, "", address);
  shown = place();
  put(page);
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-beside]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || !isBeside.matches) return;
  event.preventDefault();
  mark(link);
  const { pathname, search } = new URL(link.href);
  show(pathname + search, pathname + search !== place());
});

window.addEventListener("popstate", () => {
  if (links().length && place() !== shown) show(place(), false);
});
