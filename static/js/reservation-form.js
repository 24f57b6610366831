// The reservation form: what is typed goes to the draft on the server, pictures go up at once,
// passengers come and go, and the steps on top say what is filled in.

const form = document.getElementById("reservation");
const saved = document.querySelector("[data-saved]");
const csrf = form.elements.csrf_token.value;
const SAVE_AFTER_MS = 900;

// ---- the draft ------------------------------------------------------------------------------

let timer;
let dirty = false;

function fieldsOnly() {
  const data = new FormData(form);
  for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
  return data;
}

async function save() {
  clearTimeout(timer);
  if (!dirty || !form.dataset.draft) return; // a lead's form has no draft
  dirty = false;
  try {
    const answer = await fetch(form.dataset.draft, {
      method: "POST",
      body: new URLSearchParams(fieldsOnly()),
      keepalive: true,
    });
    if (!answer.ok) throw new Error(String(answer.status));
    saved.textContent = "已自动保存；提交后进入微警认证，须由司机本人完成";
  } catch {
    dirty = true; // the next change, or leaving the page, tries again
  }
}

function changed() {
  dirty = true;
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_AFTER_MS);
  showProgress();
}

form.addEventListener("input", (event) => event.target.type !== "file" && changed());
form.addEventListener("change", (event) => event.target.type !== "file" && changed());
addEventListener("pagehide", save);
document.addEventListener("visibilitychange", () => document.hidden && save());

// ---- pictures -------------------------------------------------------------------------------

const upload = form.querySelector("[data-upload]");

function part(tile, name) {
  return tile.querySelector(`[data-tile-${name}]`);
}

function showTile(tile, url) {
  if (url) part(tile, "image").src = url;
  part(tile, "full").hidden = !url;
  part(tile, "remove").hidden = !url;
  part(tile, "empty").hidden = Boolean(url);
}

function sayTile(tile, text) {
  const box = part(tile, "error");
  box.querySelector("span").textContent = text;
  box.hidden = !text;
}

async function sendPicture(tile, file) {
  sayTile(tile, "");
  part(tile, "text").textContent = "正在上传";
  const data = new FormData();
  data.append("image", file);
  try {
    const answer = await fetch(upload.dataset.upload.replace("KIND", tile.dataset.tile), {
      method: "POST",
      headers: { "X-CSRFToken": csrf, Accept: "application/json" },
      body: data,
    });
    const content = await answer.json();
    if (answer.ok) showTile(tile, content.url);
    else sayTile(tile, content.errors?.[tile.dataset.tile] ?? content.detail ?? "上传没有成功，请重试");
  } catch {
    sayTile(tile, "网络不通，请重试");
  } finally {
    part(tile, "text").textContent = "拍照或选图";
  }
}

for (const tile of form.querySelectorAll("[data-tile]")) {
  const input = tile.querySelector("input[type=file]");
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    await sendPicture(tile, file);
    input.value = ""; // it is on the server now; the form need not carry it again
  });
  part(tile, "remove").addEventListener("click", async (event) => {
    event.preventDefault();
    const answer = await fetch(
      `${upload.dataset.upload.replace("KIND", tile.dataset.tile)}/remove`,
      { method: "POST", headers: { "X-CSRFToken": csrf } },
    );
    if (answer.ok) showTile(tile, "");
    else sayTile(tile, "没有删除成功，请重试");
  });
}

// ---- passengers -----------------------------------------------------------------------------

const passengers = form.querySelector("[data-passengers]");
const adding = passengers.querySelector("[data-passenger-add]");
const most = Number(passengers.dataset.most);

function blocks() {
  return [...passengers.querySelectorAll("[data-passenger]")];
}

function renumber() {
  blocks().forEach((block, index) => {
    block.querySelector("[data-passenger-title]").textContent = `乘车人 ${index + 1}`;
    for (const item of block.querySelectorAll("[id^=passengers-], [name^=passengers-]")) {
      const name = item.name.replace(/^passengers-[^-]+-/, `passengers-${index}-`);
      item.id = name;
      item.name = name;
    }
    for (const text of block.querySelectorAll("label[for]")) {
      text.htmlFor = text.htmlFor.replace(/^passengers-[^-]+-/, `passengers-${index}-`);
    }
    block.querySelector("[data-passenger-remove]").value = `remove_passenger:${index}`;
  });
  const left = most - blocks().length;
  adding.hidden = left <= 0;
  passengers.querySelector("[data-passenger-left]").textContent = `还可添加 ${left} 人`;
}

adding.addEventListener("click", (event) => {
  event.preventDefault();
  const copy = form.querySelector("[data-passenger-template]").content.cloneNode(true);
  passengers.insertBefore(copy, adding);
  renumber();
  blocks().at(-1).querySelector("input").focus();
  changed();
});

passengers.addEventListener("click", (event) => {
  const button = event.target.closest("[data-passenger-remove]");
  if (!button) return;
  event.preventDefault();
  button.closest("[data-passenger]").remove();
  renumber();
  changed();
});

// ---- the steps ------------------------------------------------------------------------------

const CHECK = '<svg class="i" viewBox="0 0 24 24" aria-hidden="true"><path d="M4.5 12.5l5 5 10-11"/></svg>';

function stateOf(group) {
  if ("settled" in group.dataset) return "done";
  if (group.querySelector(".is-bad")) return "bad";
  const needed = [...group.querySelectorAll("[required]")];
  const filled = needed.every((item) =>
    item.type === "radio" ? form.elements[item.name].value : item.value.trim(),
  );
  return needed.length && filled ? "done" : "open";
}

function showProgress() {
  for (const group of form.querySelectorAll("[data-group]")) {
    const state = stateOf(group);
    const step = document.querySelector(`[data-progress] a[href="#${group.id}"]`);
    const badge = step.querySelector(".badge");
    step.parentElement.classList.toggle("is-done", state === "done");
    step.parentElement.classList.toggle("is-bad", state === "bad");
    if (state === "done") badge.innerHTML = CHECK;
    else badge.textContent = state === "bad" ? "!" : badge.dataset.number;
    const note = form.querySelector(`[data-group-note="${group.id}"]`);
    note.dataset.first ??= note.textContent;
    note.textContent = state === "done" ? "已填完" : note.dataset.first;
    group.querySelector(".group__hd .badge").classList.toggle("badge_done", state === "done");
  }
}

const seen = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      const step = document.querySelector(`[data-progress] a[href="#${entry.target.id}"]`);
      step.parentElement.classList.toggle("is-on", entry.isIntersecting);
    }
  },
  { rootMargin: "-30% 0px -60% 0px" },
);
for (const group of form.querySelectorAll("[data-group]")) seen.observe(group);

// A field that was wrong is no longer marked once it is changed.
form.addEventListener("input", (event) => {
  const cell = event.target.closest(".is-bad");
  if (!cell) return;
  cell.classList.remove("is-bad");
  event.target.removeAttribute("aria-invalid");
  showProgress();
});

for (const link of document.querySelectorAll("[data-error-link]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const target = document.getElementById(link.dataset.errorLink);
    target?.closest(".weui-cell, .tile")?.scrollIntoView({ block: "center" });
    (target?.matches("input, select") ? target : target?.querySelector("input"))?.focus({ preventScroll: true });
  });
}

renumber();
showProgress();
document.getElementById("errors")?.focus();
