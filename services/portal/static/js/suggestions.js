/* Known errors that resemble what is being written are shown beside it. The words are posted, so that they stand in no
   address; what comes back is shown only when it says something new, and nobody has to look at it. */
const PAUSE = 700; // ms

const form = document.querySelector("form[data-suggestions]");
const result = document.querySelector("[data-suggestions-result]");
let asked = 0;
let timer;

const look = async () => {
  const mine = ++asked;
  const said = new FormData(form);
  const body = new URLSearchParams();
  for (const name of ["csrf", "subject", "description"]) body.set(name, said.get(name) ?? "");
  const answer = await fetch(form.dataset.suggestions, { method: "POST", body }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const found = await answer.text();
  if (mine === asked && found.trim() !== result.dataset.shown) {
    result.dataset.shown = found.trim();
    result.innerHTML = found;
  }
};

const soon = (event) => {
  if (!["subject", "description"].includes(event.target.name)) return;
  clearTimeout(timer);
  timer = setTimeout(look, PAUSE);
};

if (form && result) form.addEventListener("input", soon);
