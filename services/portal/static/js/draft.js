/* What is typed is kept: on the server a moment after each pause, and in this tab until the server has it. The tab's
   copy survives an expired session or a cut line; it is dropped as soon as the server has answered. */
const PAUSE = 800; // ms
const form = document.querySelector("form[data-draft]");

const clock = () => {
  const now = new Date();
  return `${now.getHours()}\u00a0h\u00a0${String(now.getMinutes()).padStart(2, "0")}`;
};

const texts = () => {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return new URLSearchParams(data);
};

const say = (message) => {
  const status = form.querySelector("[data-draft-status]");
  if (status) status.textContent = message;
};

/* Storage may be refused (private windows, policies): then the server's copy is the only one. */
const keep = (text) => {
  try {
    if (text === null) sessionStorage.removeItem(form.dataset.draft);
    else sessionStorage.setItem(form.dataset.draft, text);
  } catch {
    /* nothing to do: the server's copy remains */
  }
};

const kept = () => {
  try {
    return sessionStorage.getItem(form.dataset.draft);
  } catch {
    return null;
  }
};

const restore = () => {
  const copy = kept();
  if (copy === null) return;
  let changed = false;
  for (const [name, value] of new URLSearchParams(copy)) {
    const field = form.elements.namedItem(name);
    if (!field || field.type === "hidden" || field.value === value || !("value" in field)) continue;
    field.value = value;
    changed = true;
  }
  if (changed) say("Ce que vous aviez écrit a été retrouvé.");
};

let timer = 0;
let latest = 0;

const save = async () => {
  clearTimeout(timer);
  const mine = ++latest;
  const body = texts();
  const answer = await fetch(form.dataset.draft, { method: "POST", body, redirect: "manual" }).catch(() => null);
  if (mine !== latest) return;
  if (answer?.ok) {
    keep(null);
    say(`Brouillon enregistré à ${clock()}`);
  } else {
    say("Votre texte est gardé dans cette fenêtre, il sera enregistré dès que possible.");
    timer = setTimeout(save, PAUSE * 10);
  }
};

const changed = () => {
  keep(texts().toString());
  clearTimeout(timer);
  timer = setTimeout(save, PAUSE);
};

if (form) {
  restore();
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  // Leaving before the pause is over: the browser delivers this even though the page goes.
  window.addEventListener("pagehide", () => {
    if (kept() !== null && !form.dataset.sent) navigator.sendBeacon(form.dataset.draft, texts());
  });
  form.addEventListener("submit", () => clearTimeout(timer));
}
