/* Keys that follow a link: the link says them in aria-keyshortcuts. The letter is read from the layout first and from
   its place second, because Alt makes some systems type another sign. */
const pressed = (event, keys) => {
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

document.addEventListener("keydown", (event) => {
  if (document.documentElement.dataset.shortcuts === "off" || event.repeat) return;
  for (const link of document.querySelectorAll("a[aria-keyshortcuts]")) {
    if (!pressed(event, link.getAttribute("aria-keyshortcuts"))) continue;
    event.preventDefault();
    link.click();
    return;
  }
});
