// The browser inside WeChat: a frame with the app's pages, and the talk with the JS-SDK in them.
import { byId, h, icon, iconButton } from "./dom.js";
import { APP_ORIGIN, changed, holder, place, setPlace, state, now } from "./store.js";
import { clock } from "./format.js";
import { openScanner } from "./scan.js";
import { toast } from "./toast.js";

const LOOK_MS = 2000;
const LOCAL = /^(localhost|\[::1\]|127(\.\d+){3})$/;

let frame = null;
let baseLength = 0; // of the tab's history, when the frame was opened
let depth = 0; // how many pages back from here there are within the frame
let goingBack = false;

// The address as this phone opens it, or null when it is no web address. All names of this
// machine are the app's own, so that its cookies stay together.
export function webAddress(text) {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return null;
  const url = new URL(text);
  const app = new URL(APP_ORIGIN);
  if (LOCAL.test(url.hostname) && LOCAL.test(app.hostname)) url.hostname = app.hostname;
  return url;
}

export function openPage(text, title = "") {
  const url = webAddress(text);
  if (!url) return;
  setPlace({ address: url.href, title });
  if ([APP_ORIGIN, location.origin].includes(url.origin)) show(url.href);
  else showForeign(url);
}

function show(address) {
  frame = h("iframe", { src: address, title: "网页", allow: "camera; clipboard-write" });
  baseLength = history.length;
  depth = 0;
  frame.addEventListener("load", noteLoad);
  byId("page-slot").replaceChildren(frame);
  byId("browser").hidden = false;
  drawBar();
}

function showForeign(url) {
  frame = null;
  byId("page-slot").replaceChildren(h("div", { className: "blank" },
    icon("info"), h("p", {}, "这个链接不属于本系统"), h("p", { className: "code" }, url.href),
    h("a", { className: "btn btn_act", href: url.href, target: "_blank", rel: "noreferrer" }, "在新标签页打开")));
  byId("browser").hidden = false;
  drawBar();
}

export function closePage() {
  if (byId("browser").hidden) return;
  frame = null;
  byId("page-slot").replaceChildren();
  byId("browser").hidden = true;
  setPlace({ address: null, title: "" });
}

// Takes the page off the screen without forgetting it: another person gets the phone.
export function putAside() {
  frame = null;
  byId("page-slot").replaceChildren();
  byId("browser").hidden = true;
}

// The frame's own history cannot be read; the tab's length tells how deep one went.
function noteLoad() {
  if (!goingBack) depth = Math.max(depth, 0, history.length - baseLength);
  goingBack = false;
  try {
    const { href } = frame.contentWindow.location;
    if (href !== "about:blank") setPlace({ address: href, title: frame.contentDocument.title });
  } catch {
    // the app's own page: it tells its title and address through the JS-SDK, if at all
  }
  drawBar();
}

function back() {
  if (depth === 0) {
    closePage();
    return;
  }
  depth -= 1;
  goingBack = true;
  history.back();
}

function reload() {
  const { address } = place();
  if (frame && address) show(address);
}

function drawBar() {
  const { address, title } = place();
  const shown = address ? new URL(address) : null;
  byId("page-bar").replaceChildren(
    iconButton("x", "关闭网页", closePage),
    iconButton("back", "返回上一页", back),
    h("span", { className: "bar-title" },
      h("b", {}, title || "网页"),
      h("span", { className: "code" }, shown ? `${shown.host}${shown.pathname}${shown.hash}` : "")),
    iconButton("cam", "拍下二维码", takePhoto),
    iconButton("refresh", "刷新", reload),
    h("a", { className: "round", href: address ?? "#", target: "_blank", rel: "noreferrer", title: "在新标签页打开", "aria-label": "在新标签页打开" }, icon("open")));
}

// ---- the talk with the page ----

function isFromPage(event) {
  return frame !== null && event.source === frame.contentWindow && event.origin === APP_ORIGIN;
}

const tell = (message) => frame?.contentWindow.postMessage(message, APP_ORIGIN);

const TOPICS = {
  "sandbox:hello": ({ title, url }) => {
    tell({ type: "sandbox:phone" });
    if (webAddress(String(url))) setPlace({ address: String(url), title: String(title) });
    drawBar();
  },
  "sandbox:scan": async () => tell({ type: "sandbox:scanned", result: await openScanner() }),
  "sandbox:close": () => closePage(),
};

export function startBrowser() {
  window.addEventListener("message", (event) => {
    if (isFromPage(event)) TOPICS[event.data?.type]?.(event.data);
  });
}

// ---- 拍下二维码 ----

async function takePhoto() {
  const pictures = await askForPictures();
  if (pictures === null) {
    toast("这个页面拍不了，请截图后在扫一扫里粘贴");
    return;
  }
  const { readPicture } = await import("../scanner/decode.js");
  const found = (await Promise.all(pictures.map((one) => readPicture(one).catch(() => null)))).filter(Boolean);
  if (found.length === 0) {
    toast("屏幕上没有找到二维码");
    return;
  }
  const from = `${holder()?.name ?? ""}的手机 ${clock(now())}`;
  const fresh = found.map(({ text }) => ({ text, from }));
  state.album = [...fresh, ...state.album.filter((old) => fresh.every((one) => one.text !== old.text))].slice(0, 8);
  changed();
  toast("已拍下，换一个人后可在扫一扫里选用");
}

function askForPictures() {
  if (!frame) return Promise.resolve(null);
  return new Promise((resolve) => {
    function hear(event) {
      if (!isFromPage(event) || event.data?.type !== "sandbox:pictures") return;
      finish(event.data.pictures);
    }
    const timer = setTimeout(() => finish(null), LOOK_MS);
    function finish(pictures) {
      clearTimeout(timer);
      window.removeEventListener("message", hear);
      resolve(pictures);
    }
    window.addEventListener("message", hear);
    tell({ type: "sandbox:look" });
  });
}
