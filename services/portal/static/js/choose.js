/* Several incidents of a list: how many are chosen is said, and one link chooses all that are shown, or none. */
const boxes = () => [...document.querySelectorAll("#rangees input[type=checkbox]")];

const tell = () => {
  const status = document.querySelector("[data-chosen]");
  const link = document.querySelector("a[data-choose]");
  if (!status || !link) return;
  const all = boxes();
  const number = all.filter((box) => box.checked).length;
  status.textContent = number ? `${number}\u00a0${number > 1 ? "incidents choisis" : "incident choisi"}` : "Aucun incident choisi";
  link.textContent = all.length && number === all.length ? "Ne rien choisir" : "Tout sélectionner";
};

document.addEventListener("change", (event) => event.target.closest("#rangees") && tell());
document.addEventListener("swapped", tell);

document.addEventListener("click", (event) => {
  if (!event.target.closest("a[data-choose]")) return;
  event.preventDefault();
  const all = boxes();
  const isChosen = !all.every((box) => box.checked);
  for (const box of all) box.checked = isChosen;
  tell();
});
