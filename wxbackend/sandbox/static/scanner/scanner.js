// The scanner in its frame: camera, picture, typed text; the result goes to the one who asked.
import { readPicture, readVideo } from "./decode.js";

const FRAME_MS = 180;
const page = document.body;
const origins = JSON.parse(page.dataset.origins);
const asked = new URLSearchParams(location.search).get("for");
const parentOrigin = origins.includes(asked) ? asked : null;
const part = (name) => document.querySelector(`[data-part="${name}"]`);
const video = part("video");
let stream = null;

function say(text, kind = "") {
  const line = part("status");
  line.textContent = text;
  line.dataset.kind = kind;
}

function give(result) {
  stopCamera();
  if (parentOrigin && window.parent !== window) {
    window.parent.postMessage({ type: "sandbox:scanned", result }, parentOrigin);
  } else {
    say(result ? `内容：${result.text}` : "已取消");
  }
}

// ---- camera ----

async function startCamera() {
  say("正在打开摄像头");
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  } catch {
    say("摄像头不可用，请选择图片或输入内容", "bad");
    return;
  }
  video.srcObject = stream;
  await video.play();
  page.classList.add("is-live");
  say("将二维码放入框内");
  look();
}

async function look() {
  while (stream) {
    let found = null;
    try {
      found = await readVideo(video);
    } catch {
      say("识别组件没有加载，请输入二维码内容", "bad");
      return;
    }
    if (found) {
      give(found);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, FRAME_MS));
  }
}

function stopCamera() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  page.classList.remove("is-live");
}

// ---- pictures ----

async function take(file) {
  say("正在识别图片");
  try {
    const found = await readPicture(file);
    if (found) give(found);
    else say("图片里没有找到二维码", "bad");
  } catch {
    say("图片无法识别，请换一张或输入内容", "bad");
  }
}

function pictureIn(items) {
  const item = [...(items ?? [])].find((one) => one.kind === "file" && one.type.startsWith("image/"));
  return item?.getAsFile() ?? null;
}

function takeChosen() {
  const [file] = part("file").files;
  if (file) take(file);
  part("file").value = "";
}

part("file").addEventListener("change", takeChosen);
window.addEventListener("paste", (event) => {
  const picture = pictureIn(event.clipboardData?.items);
  if (!picture) return;
  event.preventDefault();
  take(picture);
});
window.addEventListener("dragover", (event) => {
  event.preventDefault();
  page.classList.add("is-target");
});
window.addEventListener("dragleave", () => page.classList.remove("is-target"));
window.addEventListener("drop", (event) => {
  event.preventDefault();
  page.classList.remove("is-target");
  const picture = pictureIn(event.dataTransfer?.items);
  const text = event.dataTransfer?.getData("text/plain");
  if (picture) take(picture);
  else if (text) part("text").value = text.trim();
});

// ---- typed text, cancel ----

part("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = part("text").value.trim();
  if (text) give({ text, format: "QRCode" });
  else say("请先填写二维码内容", "bad");
});
part("camera").addEventListener("click", startCamera);
part("cancel").addEventListener("click", () => give(null));
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape") give(null);
});

// ---- codes that the phone photographed ----

window.addEventListener("message", (event) => {
  const fromParent = event.source === window.parent && event.origin === parentOrigin;
  if (!fromParent || event.data?.type !== "sandbox:album") return;
  part("album").hidden = event.data.codes.length === 0;
  part("codes").replaceChildren(...event.data.codes.map(codeButton));
});

function codeButton({ text, from }) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "seen";
  const who = document.createElement("b");
  who.textContent = from;
  const what = document.createElement("span");
  what.textContent = text;
  button.append(who, what);
  button.addEventListener("click", () => give({ text, format: "QRCode" }));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

// Nothing can be pressed before this script is there to hear it; a picture may have been chosen.
document.querySelectorAll("button, input").forEach((control) => (control.disabled = false));
takeChosen();
if (parentOrigin && window.parent !== window) {
  window.parent.postMessage({ type: "sandbox:scanner-ready" }, parentOrigin);
}
