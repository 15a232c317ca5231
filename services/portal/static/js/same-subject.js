/* An open incident on the same subject is shown as soon as the subject is chosen. */
const select = document.querySelector("select[data-same-subject]");
const result = document.querySelector("[data-same-subject-result]");
let asked = 0;

const look = async () => {
  const mine = ++asked;
  const address = new URL(select.dataset.sameSubject, location.href);
  address.searchParams.set("subject", select.value);
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected || mine !== asked) return;
  result.innerHTML = await answer.text();
};

if (select && result) select.addEventListener("change", look);
