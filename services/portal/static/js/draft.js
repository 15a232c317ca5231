/* What is typed is kept: on the server a moment after each pause, and in this tab until the server has it. The tab's
   copy survives an expired session or a cut line; it is dropped as soon as the server has answered. */
const PAUSE = 800; // ms

const clock = () => {
  const now = new Date();
  return `${now.getHours()}\u00a0h\u00a0${String(now.getMinutes()).padStart(2, "0")}`;
};

/* The tab's copy. Storage may be refused (private windows, policies): then the server's copy is the only one. */
const tab = {
  read(name) {
    try {
      return sessionStorage.getItem(name);
    } catch {
      return null;
    }
  },
  write(name, text) {
    try {
      if (text === null) sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, text);
    } catch {
      /* the server's copy remains */
    }
  },
};

/* The address of a form stays the same from one loading to the next; its draft's need not. */
const nameOf = (form) => `draft ${new URL(form.action, location.href).pathname}`;

const texts = (form) => {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return new URLSearchParams(data);
};

const say = (form, message) => {
  const status = form.querySelector("[data-draft-status]");
  if (status) status.textContent = message;
};

const restore = (form) => {
  const copy = tab.read(nameOf(form));
  if (copy === null) return;
  let changed = false;
  for (const [name, value] of new URLSearchParams(copy)) {
    const field = form.elements.namedItem(name);
    if (!field || !("value" in field) || field.type === "hidden" || field.value === value) continue;
    field.value = value;
    changed = true;
  }
  if (changed) say(form, "Ce que vous aviez écrit a été retrouvé.");
};

/* By name, because a live page may put a new form in the place of the one that was typed into. */
const timers = new Map();
const formOf = (name) => [...document.querySelectorAll("form[data-draft]")].find((form) => nameOf(form) === name);

const save = async (name) => {
  timers.delete(name);
  const asked = formOf(name);
  if (!asked) return;
  const answer = await fetch(asked.dataset.draft, { method: "POST", body: texts(asked) }).catch(() => null);
  const form = formOf(name);
  if (!form || form.dataset.sent) return;
  if (answer?.ok && !answer.redirected) {
    if (!timers.has(name)) tab.write(name, null);
    say(form, `Brouillon enregistré à ${clock()}`);
  } else {
    say(form, "Votre texte est gardé dans cette fenêtre, il sera enregistré dès que possible.");
    schedule(name, PAUSE * 10);
  }
};

const schedule = (name, pause) => {
  clearTimeout(timers.get(name));
  timers.set(name, setTimeout(save, pause, name));
};

const changed = (event) => {
  const form = event.target.form;
  if (!form?.dataset.draft || event.target.type === "file") return;
  tab.write(nameOf(form), texts(form).toString());
  schedule(nameOf(form), PAUSE);
};

for (const form of document.querySelectorAll("form[data-draft]")) restore(form);
document.addEventListener("input", changed);
document.addEventListener("change", changed);

// What is sent is the server's to keep, whatever becomes of it.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.dataset.draft) return;
  const name = nameOf(event.target);
  clearTimeout(timers.get(name));
  timers.delete(name);
  tab.write(name, null);
});

// Leaving before the pause is over: the browser delivers this even though the page goes.
window.addEventListener("pagehide", () => {
  for (const name of timers.keys()) {
    const form = formOf(name);
    if (form && !form.dataset.sent) navigator.sendBeacon(form.dataset.draft, texts(form));
  }
});
