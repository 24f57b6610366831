// Deciding: an old scan asks to be brought up to date, and a decision survives a bad network.

const FRESH = document.querySelector("[data-fresh-seconds]");
const stale = document.querySelector("[data-stale]");
if (FRESH && stale) {
  setTimeout(
    () => {
      stale.hidden = false;
    },
    Math.max(0, Number(FRESH.dataset.freshSeconds)) * 1000,
  );
}

// Typing a reason of one's own chooses 其他原因.
const text = document.querySelector("[data-other-text]");
if (text) {
  const other = document.querySelector("[data-other]");
  const count = document.querySelector("[data-other-count]");
  const show = () => {
    count.textContent = `${text.value.length}/50`;
  };
  text.addEventListener("input", () => {
    if (text.value) other.checked = true;
    show();
  });
  show();
}

// The reasons open over the scan; a link to their own page stands in without this script.
const sheet = document.querySelector("[data-deny-sheet]");
if (sheet) {
  const opener = document.querySelector("[data-deny-open]");
  const missing = sheet.querySelector("[data-deny-missing]");
  const page = document.querySelector(".page");
  const show = (isOpen) => {
    sheet.hidden = !isOpen;
    page.inert = isOpen;
    if (isOpen) sheet.querySelector("input[type=radio]").focus();
    else opener.focus();
  };
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    show(true);
  });
  for (const closer of sheet.querySelectorAll("[data-deny-close]")) {
    closer.addEventListener("click", () => show(false));
  }
  sheet.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  sheet.querySelector("form").addEventListener(
    "submit",
    (event) => {
      const { reason, reason_text: text } = event.target.elements;
      const isWhole = reason.value && (reason.value !== "other" || text.value.trim());
      missing.hidden = isWhole;
      if (isWhole) return;
      missing.querySelector("span").textContent = reason.value ? "请填写原因" : "请选择不予通行的原因";
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true,
  );
}
