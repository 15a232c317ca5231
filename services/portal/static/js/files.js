/* A file control with a French button that says which files were chosen, and that sends them at once where the
   address of the draft is known, so that neither an error nor a reload loses them. */
const size = (bytes) => {
  const [value, unit] = bytes < 1e6 ? [bytes / 1e3, "Ko"] : [bytes / 1e6, "Mo"];
  const digits = value < 10 && unit === "Mo" ? 1 : 0;
  return `${value.toLocaleString("fr-FR", { maximumFractionDigits: digits, minimumFractionDigits: 0 })}\u00a0${unit}`;
};

const row = (file, state) => {
  const item = document.createElement("li");
  const name = document.createElement("b");
  const note = document.createElement("span");
  name.textContent = file.name;
  note.className = "muted num";
  note.textContent = `${size(file.size)}${state}`;
  item.className = "file";
  item.append(name, note);
  return item;
};

const list = (box, files, state) => {
  let shown = box.querySelector("[data-chosen]");
  if (!shown) {
    shown = document.createElement("ul");
    shown.className = "files";
    shown.dataset.chosen = "";
    box.querySelector("[data-choose]").before(shown);
  }
  shown.replaceChildren(...[...files].map((file) => row(file, state)));
};

const say = (box, message) => {
  box.querySelector("[data-files-status]").textContent = message;
};

/* The server answers with the whole element, as it stands in the page. */
const send = async (box, input) => {
  const body = new FormData();
  const token = input.form.elements.namedItem("csrf");
  if (token) body.append("csrf", token.value);
  for (const file of input.files) body.append(input.name, file);
  list(box, input.files, ", envoi en cours…");
  const answer = await fetch(box.dataset.files, { method: "POST", body }).catch(() => null);
  const html = answer && !answer.redirected && answer.status < 500 ? await answer.text() : "";
  const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("[data-files]");
  if (!fresh) {
    // Not sent: the files stay chosen and go with the form.
    list(box, input.files, "");
    say(box, "Les fichiers choisis partiront avec le formulaire.");
    return;
  }
  const count = input.files.length;
  box.replaceWith(fresh);
  prepare(fresh);
  if (answer.ok) say(fresh, count > 1 ? `${count} documents ajoutés` : "Document ajouté");
  fresh.querySelector("[data-choose]").focus();
};

const chosen = (box, input) => {
  if (!input.files.length) return;
  if (box.dataset.files) send(box, input);
  else list(box, input.files, "");
};

const dropping = (box, input) => {
  box.addEventListener("dragover", (event) => {
    event.preventDefault();
    box.classList.add("over");
  });
  box.addEventListener("dragleave", () => box.classList.remove("over"));
  box.addEventListener("drop", (event) => {
    event.preventDefault();
    box.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    chosen(box, input);
  });
};

const prepare = (box) => {
  const input = box.querySelector("input[type=file]");
  if (!input) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.dataset.choose = "";
  button.textContent = input.multiple ? "Choisir des fichiers" : "Choisir un fichier";
  const description = input.getAttribute("aria-describedby");
  if (description) button.setAttribute("aria-describedby", description);
  const status = document.createElement("span");
  status.className = "small muted";
  status.dataset.filesStatus = "";
  status.setAttribute("role", "status");
  if (matchMedia("(hover: hover)").matches) status.textContent = "ou déposez-les ici";
  // The button is what one sees and reaches: links to the control, such as those of the errors, lead to it.
  button.id = input.id;
  button.setAttribute("aria-label", button.textContent);
  input.removeAttribute("id");
  input.hidden = true;
  input.after(button, status);
  button.addEventListener("click", () => input.click());
  input.addEventListener("change", () => chosen(box, input));
  dropping(box, input);
};

for (const box of document.querySelectorAll("[data-files]")) prepare(box);
