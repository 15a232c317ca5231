/* What is typed is kept: on the server a moment after each pause, and in this tab until the server has it. The tab's
   copy survives an expired session or a cut line; it is dropped as soon as the server has answered, and that of a form
   that was sent when the next page has come. It belongs to one person and one draft, and remembers what the server
   had when it was made (`base`): what the server got since is newer. */
const PAUSE = 800; // ms

const clock = () => {
  const now = new Date();
  return `${now.getHours()}\u00a0h\u00a0${String(now.getMinutes()).padStart(2, "0")}`;
};

/* The tab's copies. Storage may be refused (private windows, policies): then the server's copy is the only one. */
const tab = {
  read(name) {
    try {
      return JSON.parse(sessionStorage.getItem(name));
    } catch {
      return null;
    }
  },
  write(name, copy) {
    try {
      sessionStorage.setItem(name, JSON.stringify(copy));
    } catch {
      /* the server's copy remains */
    }
  },
  drop(name) {
    try {
      sessionStorage.removeItem(name);
    } catch {
      /* nothing was kept */
    }
  },
  names() {
    try {
      return Object.keys(sessionStorage).filter((name) => name.startsWith("draft "));
    } catch {
      return [];
    }
  },
};

const nameOf = (form) => `draft ${document.body.dataset.person ?? ""} ${form.elements.namedItem("draft").value}`;
const baseOf = (form) => Number(form.dataset.saved || 0);

const texts = (form) => {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return new URLSearchParams(data);
};

const say = (form, message) => {
  const status = form.querySelector("[data-draft-status]");
  if (status) status.textContent = message;
};

const copy = (form, sent = false) =>
  tab.write(nameOf(form), { base: baseOf(form), fields: texts(form).toString(), sent });

const restore = (form) => {
  const kept = tab.read(nameOf(form));
  if (!kept) return;
  if (kept.base < baseOf(form)) {
    tab.drop(nameOf(form));
    return;
  }
  let changed = false;
  for (const [name, value] of new URLSearchParams(kept.fields)) {
    const field = form.elements.namedItem(name);
    if (!field || !("value" in field) || field.type === "hidden" || field.value === value) continue;
    field.value = value;
    changed = true;
  }
  if (!changed) return;
  say(form, "Ce que vous aviez écrit a été retrouvé.");
  schedule(nameOf(form), PAUSE * 5);
};

/* A page that says that something failed proves nothing; any other one does: the server has what was sent. */
const forgetSent = () => {
  if (document.querySelector("[data-failure]")) return;
  for (const name of tab.names()) if (!formOf(name) && tab.read(name)?.sent) tab.drop(name);
};

/* By name, because a live page may put a new form in the place of the one that was typed into. */
const timers = new Map();
const formOf = (name) => [...document.querySelectorAll("form[data-draft]")].find((form) => nameOf(form) === name);

const save = async (name) => {
  timers.delete(name);
  const asked = formOf(name);
  if (!asked) return;
  const answer = await fetch(asked.dataset.draft, { method: "POST", body: texts(asked) }).catch(() => null);
  const said = answer && !answer.redirected ? await answer.json().catch(() => null) : null;
  const form = formOf(name);
  if (!form || form.dataset.sent) return;
  if (said?.kept) {
    form.dataset.saved = said.saved_at;
    if (timers.has(name)) copy(form);
    else tab.drop(name);
    say(form, `Brouillon enregistré à ${clock()}`);
  } else if (answer?.status === 409) {
    say(form, "Ce formulaire a déjà été envoyé. Votre texte est gardé dans cette fenêtre, envoyez-le s’il dit autre chose.");
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
  copy(form);
  schedule(nameOf(form), PAUSE);
};

/* Forms that come into the page later are given back what this tab kept, too. */
export const restoreIn = (root) => {
  for (const form of root.querySelectorAll("form[data-draft]")) restore(form);
};

forgetSent();
restoreIn(document);
document.addEventListener("input", changed);
document.addEventListener("change", changed);

// What is sent is the server's to keep as soon as it has answered.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.dataset.draft) return;
  const name = nameOf(event.target);
  clearTimeout(timers.get(name));
  timers.delete(name);
  copy(event.target, true);
});

/* Leaving before the pause is over: the browser delivers this even though the page, or the form, goes. */
export const leave = () => {
  for (const [name, timer] of timers) {
    clearTimeout(timer);
    const form = formOf(name);
    if (form && !form.dataset.sent) navigator.sendBeacon(form.dataset.draft, texts(form));
  }
  timers.clear();
};

window.addEventListener("pagehide", leave);
