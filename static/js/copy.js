// 复制链接: by the clipboard where the browser has it, else by selecting the text.

const field = document.querySelector("[data-copy-text]");
const button = document.querySelector("[data-copy]");
const said = document.querySelector("[data-copied]");

async function copy() {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    field.select();
    return document.execCommand("copy");
  }
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copy();
    said.textContent = done ? "链接已复制，可粘贴发给司机" : "请长按链接复制";
  });
  field.addEventListener("focus", () => field.select());
}
