/* Keys that do what an element does, which says them in aria-keyshortcuts: links and buttons are pressed, fields get the
   focus. With Alt, the letter is read from the layout first and from its place second, because Alt makes some systems
   type another sign. A sign alone acts only where it would not be typed, and behind no window. */
const FIELDS = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=submit])";

const isAlone = (keys) => [...keys].length === 1;

const pressed = (event, keys) => {
  if (isAlone(keys)) return event.key.toLowerCase() === keys && !event.altKey && !event.ctrlKey && !event.metaKey;
  const parts = keys.toLowerCase().split("+");
  const letter = parts.at(-1);
  return (
    event.altKey === parts.includes("alt") &&
    event.shiftKey === parts.includes("shift") &&
    event.ctrlKey === parts.includes("control") &&
    !event.metaKey &&
    (event.key.toLowerCase() === letter || event.code === `Key${letter.toUpperCase()}`)
  );
};

const follow = (element) => {
  if (!element.matches(FIELDS)) {
    element.click();
    return;
  }
  const details = element.closest("details");
  if (details) details.open = true;
  element.focus();
};

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.shortcuts === "off" || event.repeat || event.isComposing) return;
  const typing = event.target.closest?.(FIELDS) || document.querySelector("dialog[open]");
  for (const element of document.querySelectorAll("[aria-keyshortcuts]")) {
    const keys = element.getAttribute("aria-keyshortcuts");
    if ((typing && isAlone(keys)) || !pressed(event, keys) || element.closest("[inert]")) continue;
    event.preventDefault();
    follow(element);
    return;
  }
});
