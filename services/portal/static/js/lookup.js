/* What fits is shown while one types or chooses: the field's own answer is fetched and put below it. */
const field = document.querySelector("[data-lookup]");
const result = document.querySelector("[data-lookup-result]");
const PAUSE = 200; // ms: not for every letter
let timer = 0;
let asked = 0;

const look = async () => {
  const mine = ++asked;
  const address = new URL(field.dataset.lookup, location.href);
  address.searchParams.set(field.name, field.value);
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected || mine !== asked) return;
  result.innerHTML = await answer.text();
};

if (field && result) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, PAUSE);
  });
}
