/* The page keeps itself up to date: a change heard on /flux makes it fetch its own address and swap the fragments
   that differ. What is being typed, what is open and where one stands are carried over. */
const root = document.querySelector("[data-live]");
const SETTLED = 1000; // ms
const PAUSE = 250; // ms: several changes in a row are one refresh

const fields = (element) => element.querySelectorAll("textarea[name], select[name], input[name]:not([type=hidden])");

const typed = (field) => {
  if (field instanceof HTMLSelectElement) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.type === "file" ? field.files.length > 0 : field.value !== field.defaultValue;
};

const quoted = (text) => `"${CSS.escape(text ?? "")}"`;

/* What takes the place of an element in the new fragment. */
const twin = (fresh, element) => {
  if (element.id) return fresh.querySelector(`#${CSS.escape(element.id)}`);
  if (element.matches("a[href]")) return fresh.querySelector(`a[href=${quoted(element.getAttribute("href"))}]`);
  if (element.matches("summary")) return twin(fresh, element.parentElement)?.querySelector("summary") ?? null;
  if (element.matches("button")) {
    const action = quoted(element.form?.getAttribute("action"));
    return fresh.querySelector(`form[action=${action}] button[type=submit]`);
  }
  const chosen = element.type === "radio" ? `[value=${quoted(element.value)}]` : "";
  return element.name ? fresh.querySelector(`[name=${quoted(element.name)}]${chosen}`) : null;
};

/* A field with typed text moves over as it is, so that neither the text nor the cursor is lost. */
const carry = (old, fresh) => {
  for (const field of fields(old)) {
    if (typed(field) || field === document.activeElement) twin(fresh, field)?.replaceWith(field);
  }
  for (const details of old.querySelectorAll("details[id]")) {
    const other = twin(fresh, details);
    if (other) other.open = details.open;
  }
};

/* What a fragment says, without how long things have waited. */
const words = (element) => {
  const copy = element.cloneNode(true);
  for (const silent of copy.querySelectorAll(".due")) silent.remove();
  return copy.textContent.replace(/\s+/g, " ");
};

/* What stays where it is, whatever comes and goes around it: the row that is focused, else the first one that is seen
   and stays. */
const anchorOf = (pane, fresh) => {
  const { top, bottom } = pane.getBoundingClientRect();
  const isSeen = (one) => one.getBoundingClientRect().bottom > top && one.getBoundingClientRect().top < bottom;
  const rows = [...pane.querySelectorAll("li a[href]")].filter((one) => isSeen(one) && twin(fresh, one));
  const link = rows.find((one) => one === document.activeElement) ?? rows[0];
  return link && pane.scrollTop > 0 ? { link, at: link.getBoundingClientRect().top } : null;
};

const scrollAlike = (pane, scrolled) => {
  pane.scrollTop = scrolled?.top ?? 0;
  const link = scrolled?.anchor && twin(pane, scrolled.anchor.link);
  if (link) pane.scrollTop += link.getBoundingClientRect().top - scrolled.anchor.at;
};

/* Puts the new fragment in place; says whether it says anything else than the old one. */
export const swap = (old, fresh) => {
  if (old.outerHTML === fresh.outerHTML) return false;
  const isNews = words(old) !== words(fresh);
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...old.querySelectorAll(".pane-body")].map((pane) => ({ top: pane.scrollTop, anchor: anchorOf(pane, fresh) }));
  const [start, end] = [focused?.selectionStart, focused?.selectionEnd];
  carry(old, fresh);
  const next = focused && (fresh.contains(focused) ? focused : twin(fresh, focused));
  old.replaceWith(fresh);
  [...fresh.querySelectorAll(".pane-body")].forEach((pane, n) => scrollAlike(pane, scrolled[n]));
  fresh.dispatchEvent(new Event("swapped", { bubbles: true }));
  next?.focus({ preventScroll: true });
  if (next && typeof start === "number") next.setSelectionRange?.(start, end);
  return isNews;
};

/* Whether both are about the same incident: nothing that belongs to one person is ever put before another. */
const about = (element) => element.closest("[data-incident]")?.dataset.incident ?? "";
const comparable = (old, fresh) => !about(old) || about(old) === about(fresh);

/* While a form is on its way, or a window stands open over the page, nothing moves under the hands. */
const busy = () => document.querySelector("form[data-sent], dialog[open]");

const refresh = async () => {
  if (busy()) {
    later();
    return;
  }
  const asked = location.href;
  const answer = await fetch(asked, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || new URL(answer.url).pathname !== location.pathname) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (busy() || location.href !== asked) {
    later();
    return;
  }
  // A queue that was empty leads to its first incident: the address says from now on which one is open.
  if (answer.redirected) history.replaceState(history.state, "", answer.url + location.hash);
  const news = [...document.querySelectorAll("[data-fragment][id]")].filter((old) => {
    const fresh = old.isConnected && page.getElementById(old.id);
    return fresh && comparable(old, fresh) && swap(old, document.adoptNode(fresh));
  });
  if (news.length) announce();
};

const announce = () => {
  const status = document.querySelector("[data-live-status]");
  const state = document.querySelector("[data-announce]")?.dataset.announce;
  if (status) status.textContent = state ? `Mis à jour\u00a0: ${state}` : "La page vient d’être mise à jour.";
};

let timer = 0;
const later = () => {
  clearTimeout(timer);
  timer = setTimeout(refresh, PAUSE);
};

const concerns = (event) => {
  if (!root.dataset.live) return true;
  try {
    return JSON.parse(event.data).number === root.dataset.live;
  } catch {
    return true;
  }
};

/* A browser has few connections to one site: only the page that is seen holds one, and looks again when it comes back. */
let source = null;

const listen = () => {
  let missed = true; // what changed between the making of the page and its first listening
  const watched = document.querySelector("[data-watched]")?.dataset.watched;
  source = new EventSource(watched ? `/flux?incident=${watched}` : "/flux");
  source.addEventListener("presence", later);
  source.addEventListener("message", (event) => concerns(event) && later());
  source.addEventListener("change", (event) => concerns(event) && later());
  source.addEventListener("error", () => (missed = true));
  source.addEventListener("open", () => {
    if (missed) later();
    missed = false;
  });
};

const rest = () => {
  source?.close();
  source = null;
};

const wake = () => {
  if (document.hidden || source) return;
  listen();
};

/* Another incident is shown: once one stays at it, who else is there is to be heard. */
let settling = 0;
export const listenAnew = () => {
  clearTimeout(settling);
  settling = setTimeout(() => {
    if (!source) return;
    rest();
    wake();
  }, SETTLED);
};

if (root && "EventSource" in window) {
  if (!document.hidden) listen();
  document.addEventListener("visibilitychange", () => (document.hidden ? rest() : wake()));
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", (event) => event.persisted && wake());
}
