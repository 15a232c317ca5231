/* The chosen appearance shows at once; the form, when sent, makes it last. */
const form = document.querySelector("form[data-theme-form]");

form?.addEventListener("change", (event) => {
  if (event.target.name !== "theme") return;
  const { theme } = Object.fromEntries(new FormData(form));
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
});
