/* A canned text is put where the cursor stands, or after what is written; nothing is sent. */
const insert = (field, text) => {
  const at = field.selectionEnd ?? field.value.length;
  const before = field.value.slice(0, at).trimEnd();
  const after = field.value.slice(at);
  field.value = (before ? `${before}\n\n` : "") + text + after;
  field.focus();
  field.selectionStart = field.selectionEnd = field.value.length - after.length;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button[data-insert]");
  const field = button && document.getElementById(button.dataset.insert);
  const chosen = button?.form.elements.namedItem("canned")?.selectedOptions[0];
  if (!field || !chosen) return;
  event.preventDefault();
  insert(field, chosen.dataset.text);
});
