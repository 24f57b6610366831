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
