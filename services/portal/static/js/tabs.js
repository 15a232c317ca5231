/* The links to the parts of a page say which part one has gone to. */
const tabs = [...document.querySelectorAll(".tabs a[href^='#']")];

const mark = () => {
  const asked = tabs.find((tab) => tab.hash === location.hash);
  if (!asked) return; // an anchor within a part, or a window
  for (const tab of tabs) tab.removeAttribute("aria-current");
  asked.setAttribute("aria-current", "location");
};

window.addEventListener("hashchange", mark);
mark();
