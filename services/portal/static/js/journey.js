/* The steps of an incident's life without loading the page anew: the slider and the links put the step that they lead to
   in place, and the address names it. The slider says each step at once, before it has come. */
import { swap } from "./live.js";

const PARTS = ["etapes", "etapes-compte", "etape-liens", "etape-vue", "etapes-liste"];
const form = document.querySelector("form[data-journey]");
const slider = form?.elements.etape;

const words = (step) => slider.list.options[step - 1].label;

const put = (page) => {
  document.title = page.title;
  slider.max = page.getElementById(slider.id).max; // what has happened since then is a step, too
  for (const id of PARTS) swap(document.getElementById(id), document.adoptNode(page.getElementById(id)));
};

let asked = null;

/* Show a step; of several that are asked for in a row, the last. */
const show = async (step) => {
  slider.value = step;
  slider.setAttribute("aria-valuetext", words(step));
  asked?.abort();
  const mine = (asked = new AbortController());
  const address = `${form.action}?etape=${step}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" }, signal: mine.signal }).catch(() => null);
  const text = answer?.ok && !answer.redirected && (await answer.text().catch(() => null));
  if (mine.signal.aborted) return;
  if (!text) {
    location.assign(address);
    return;
  }
  history.replaceState(null, "", address);
  put(new DOMParser().parseFromString(text, "text/html"));
};

if (form) {
  form.querySelector("[type=submit]").remove();
  slider.addEventListener("input", () => show(slider.valueAsNumber));
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-step]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const step = Number(link.dataset.step);
    form.querySelector("[data-journey-status]").textContent = words(step);
    show(step);
  });
}
