// On every page of the back office, beside htmx: a drawer keeps the keyboard and can be closed,
// a form is sent once, ticked rows are counted. Without it everything works a page at a time.

const over = () => document.getElementById("over");
let openedOverList = false;

// ---- drawers and dialogs over a list ----------------------------------------------------------

document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.body.dataset.csrf ?? "";
});

// What renews a dialog that is open already was not opened over the list by this swap.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "over") return;
  if (!over().querySelector('[role="dialog"]')) openedOverList = true;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "over") return; // none when a page comes back from the history
  const dialog = over().querySelector('[role="dialog"]');
  const first = dialog?.querySelector("[aria-invalid]") ?? dialog?.querySelector("[autofocus]");
  (first ?? dialog)?.focus({ preventScroll: !first });
});

document.addEventListener("htmx:historyRestore", () => {
  openedOverList = false;
});

function close(link) {
  if (openedOverList) history.back();
  else location.assign(link.href);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-close]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  close(link);
});

document.addEventListener("keydown", (event) => {
  const link = over()?.querySelector("a[data-close]");
  if (event.key === "Escape" && link) close(link);
});

document.addEventListener("focusin", (event) => {
  const dialog = over()?.querySelector('[role="dialog"]');
  if (dialog && !dialog.contains(event.target)) dialog.focus({ preventScroll: true });
});

// ---- forms ------------------------------------------------------------------------------------

const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("hx-post")) return;
  if (form.matches("[data-once]")) {
    if (sent.has(form)) {
      event.preventDefault();
      return;
    }
    sent.add(form);
  }
  document.querySelector(".sheet")?.setAttribute("aria-busy", "true");
  event.submitter?.classList.add("is-busy");
});

// A page from the browser's memory may tell of rows that are long over.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// ---- ticking rows -----------------------------------------------------------------------------

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!box.matches("input[data-pick], input[data-pick-all]")) return;
  const sheet = box.closest(".sheet");
  const boxes = [...sheet.querySelectorAll("input[data-pick]")];
  if (box.matches("[data-pick-all]")) for (const one of boxes) one.checked = box.checked;
  for (const one of boxes) one.closest("tr").classList.toggle("on", one.checked);
  const count = boxes.filter((one) => one.checked).length;
  const bar = sheet.querySelector(".picked");
  if (!bar) return;
  bar.hidden = count === 0;
  for (const place of bar.querySelectorAll("[data-count]")) place.textContent = count;
});

// ---- printing ---------------------------------------------------------------------------------

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});

// ---- fields that belong to one choice ---------------------------------------------------------

function showChosen(choice) {
  for (const part of choice.form.querySelectorAll("[data-when]"))
    part.hidden = part.dataset.when !== choice.value;
}

const showAllChosen = () => document.querySelectorAll("select[data-shows]").forEach(showChosen);
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-shows]")) showChosen(event.target);
});
document.addEventListener("htmx:afterSwap", showAllChosen);
showAllChosen();

// ---- a form that says what its button will do --------------------------------------------------

function sayChoices(form) {
  const dialog = form.closest('[role="dialog"]') ?? form;
  for (const radio of form.querySelectorAll('input[type="radio"]')) {
    radio.closest(".pick")?.classList.toggle("on", radio.checked);
    if (!radio.checked || !radio.dataset.words) continue;
    for (const place of dialog.querySelectorAll(`[data-said="${radio.name}"]`))
      place.textContent = radio.dataset.words;
  }
  for (const place of dialog.querySelectorAll("[data-counted]"))
    place.textContent = form.querySelectorAll(`input[name="${place.dataset.counted}"]:checked`).length;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-says]");
  if (form) sayChoices(form);
});
for (const form of document.querySelectorAll("form[data-says]")) sayChoices(form);
document.addEventListener("htmx:afterSwap", (event) => {
  const renewed = event.detail.target ?? document;
  for (const form of renewed.querySelectorAll("form[data-says]")) sayChoices(form);
});
