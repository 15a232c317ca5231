/* Links to a dialog open it as a modal window: focus kept inside, Escape closes, focus goes back to the link. Without
   this script the same link opens it through :target. */
const dialogOf = (link) => {
  const id = new URL(link.href).hash.slice(1);
  const target = id && document.getElementById(id);
  return target instanceof HTMLDialogElement ? target : null;
};

const show = (dialog) => {
  dialog.showModal();
  dialog.querySelector("textarea, input:not([type=hidden]), select")?.focus();
};

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='#']");
  if (!link || link.origin !== location.origin || link.pathname !== location.pathname) return;
  const dialog = dialogOf(link);
  if (dialog) {
    event.preventDefault();
    show(dialog);
  } else if (link.closest("dialog[open]")) {
    event.preventDefault();
    link.closest("dialog").close();
  }
});

// A click on the veil closes; what was typed stays in the fields.
document.addEventListener("click", (event) => {
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
});

// Somebody came with #maj in the address: the modal window takes over from :target.
const asked = location.hash && document.getElementById(location.hash.slice(1));
if (asked instanceof HTMLDialogElement) {
  window.addEventListener("hashchange", () => show(asked), { once: true }); // following an anchor takes the focus away
  location.replace("#contenu");
}
