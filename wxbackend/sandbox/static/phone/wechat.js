// WeChat on the phone: the list of chats, the account's chat with its menu, the account's card.
import * as api from "./api.js";
import { openPage, webAddress } from "./browser.js";
import { h, icon, iconButton } from "./dom.js";
import { moment, pieces } from "./format.js";
import { openScanner } from "./scan.js";
import { APP_URL, holder, markRead, messagesOf, now, place, refresh, setPlace, state, unread } from "./store.js";
import { toast } from "./toast.js";

export const ACCOUNT = "货车通行";
const ENTRIES = [
  ["司机预约", "/yqfk/driver.html#/driversReserve", "truck"],
  ["卡口查验", "/mportal/index.html#/", "scan"],
  ["企业负责人", "/mportal/index.html#/login/phone", "building"],
  ["镇街", "/mportal/index.html#/login/index", "users"],
];

// ---- native 扫一扫 ----

export async function scanNatively() {
  const result = await openScanner();
  if (!result) return;
  if (webAddress(result.text)) openPage(result.text, "扫码打开");
  else toast(`扫到的文字：${result.text}`);
}

// ---- the list of chats ----

export function chatList() {
  const last = timeline().at(-1);
  const count = unread("wechat");
  return [
    titleBar("微信", null, iconButton("scan", "扫一扫", scanNatively)),
    h("div", { className: "scroll" },
      h("button", { type: "button", className: "chat-row", onclick: () => setPlace({ app: "chat" }) },
        logo(), h("span", { className: "chat-row__bd" },
          h("span", { className: "chat-row__t" }, h("b", {}, ACCOUNT), last && h("time", {}, moment(last.at, now()))),
          h("span", { className: "chat-row__s" }, last ? preview(last) : "公众号")),
        count > 0 && h("span", { className: "count" }, String(count)))),
  ];
}

const logo = () => h("span", { className: "logo", "aria-hidden": "true" }, icon("truck"));
const preview = (item) => (item.kind === "failed" ? "服务出现故障" : item.raw?.title ?? item.text.split("\n")[0]);

function timeline() {
  const heard = messagesOf("wechat").map((message) => ({ ...message, kind: "message" }));
  return [...heard, ...state.chat].sort((one, other) => one.at.localeCompare(other.at));
}

// ---- the chat ----

export function chat() {
  if (!holder()?.subscribed) return card();
  markRead("wechat");
  const items = timeline();
  const body = h("div", { className: "scroll talk", tabindex: "0", role: "log", "aria-label": `与${ACCOUNT}的对话` },
    items.length === 0 && h("p", { className: "talk__hint" }, "还没有消息"),
    ...items.flatMap((item, index) => [stampBetween(items[index - 1], item), bubble(item)]),
    !state.menu && entries("公众号还没有菜单，可从这里进入"),
    state.menuIsOld && oldMenu());
  return [
    titleBar(ACCOUNT, () => setPlace({ app: "wechat" }), iconButton("more", "公众号资料", () => setPlace({ app: "account" }))),
    body, footer(),
  ];
}

// In WeChat nobody can hurry this; a demonstration may.
function oldMenu() {
  return h("p", { className: "talk__hint" }, "菜单已更新，满 5 分钟后重新进入才显示。",
    h("button", { type: "button", className: "inline-link", onclick: pullMenu }, "立即更新"));
}

async function pullMenu() {
  await api.post("/phone/menu", { openid: state.openid });
  await refresh();
}

function stampBetween(before, item) {
  const gap = before ? new Date(item.at) - new Date(before.at) : Infinity;
  return gap > 300_000 ? h("time", { className: "talk__time" }, moment(item.at, now())) : null;
}

function bubble(item) {
  if (item.kind === "failed") return h("p", { className: "talk__hint" }, "该公众号提供的服务出现故障，请稍后再试");
  if (item.kind === "said") return h("div", { className: "said" }, h("p", {}, item.text));
  if (item.raw.kind === "template" || item.raw.template_id) return letter(item);
  return h("div", { className: "heard" }, logo(), h("p", {}, ...linked(item.text)));
}

export function linked(text) {
  return pieces(text).map(({ text: words, url }) =>
    url ? h("button", { type: "button", className: "inline-link", onclick: () => openPage(url) }, words) : words);
}

function letter({ text, url, raw }) {
  const rows = text.split("\n").map((line) => {
    const [label, ...value] = line.split("：");
    return h("div", {}, h("dt", {}, label), h("dd", {}, value.join("：")));
  });
  return h("article", { className: "letter" },
    h("h3", {}, raw.title ?? "服务通知"),
    h("dl", {}, ...rows),
    url && h("button", { type: "button", className: "letter__go", onclick: () => openPage(url, raw.title) },
      "查看详情", icon("right")));
}

function entries(hint) {
  return h("section", { className: "entries" }, h("p", { className: "talk__hint" }, hint),
    h("div", { className: "entries__grid" }, ...ENTRIES.map(([name, path, shape]) =>
      h("button", { type: "button", className: "entry", onclick: () => openPage(APP_URL + path, name) },
        icon(shape), name))));
}

// ---- the foot: menu or keyboard ----

function footer() {
  const buttons = state.menu?.buttons ?? [];
  if (place().typing || buttons.length === 0) return keyboard(buttons.length > 0);
  return h("footer", { className: "menu-bar" },
    iconButton("keys", "切换到键盘", () => setPlace({ typing: true })),
    ...buttons.map(menuButton));
}

function menuButton(button) {
  if (button.sub_button.length === 0) return menuItem(button, "menu-top");
  const panel = h("div", { className: "menu-subs", hidden: true },
    ...button.sub_button.map((sub) => menuItem(sub, "menu-sub")));
  const opener = h("button", { type: "button", className: "menu-top", "aria-expanded": "false" }, icon("list"), button.name);
  opener.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    opener.setAttribute("aria-expanded", String(!panel.hidden));
  });
  return h("div", { className: "menu-group" }, panel, opener);
}

function menuItem(button, className) {
  return h("button", { type: "button", className, onclick: () => tap(button) }, button.name);
}

async function tap(button) {
  const { type, key, url, name } = button;
  const told = { openid: state.openid, key: key ?? url };
  if (type === "view" || type === "miniprogram") {
    openPage(url, name);
    await api.post("/phone/tap", { ...told, key: url, event: "VIEW", menu_id: String(state.menu.id) });
  } else if (type === "click") {
    await api.post("/phone/tap", { ...told, event: "CLICK" });
  } else if (type.startsWith("scancode_")) {
    const result = await openScanner();
    if (!result) return;
    await api.post("/phone/tap", { ...told, event: type, scan_result: result.text });
    if (type === "scancode_push") openPage(result.text, name);
  } else {
    toast("模拟的手机没有这个功能");
  }
  refresh();
}

function keyboard(hasMenu) {
  const input = h("input", { "aria-label": "写给公众号", placeholder: "写给公众号", autocomplete: "off", maxlength: "600" });
  return h("form", { className: "menu-bar", onsubmit: (event) => say(event, input) },
    hasMenu && iconButton("list", "切换到菜单", () => setPlace({ typing: false })),
    input, h("button", { type: "submit", className: "btn btn_act btn_s" }, "发送"));
}

async function say(event, input) {
  event.preventDefault();
  const content = input.value.trim();
  if (!content) return;
  input.value = "";
  await api.post("/phone/say", { openid: state.openid, content });
  refresh();
}

// ---- the account's card ----

export function card() {
  const persona = holder();
  const follows = persona?.subscribed;
  const goBack = () => setPlace({ app: follows && place().app === "account" ? "chat" : "wechat" });
  return [
    titleBar("公众号资料", goBack),
    h("div", { className: "scroll account" },
      h("div", { className: "account__hd" }, logo(), h("h2", {}, ACCOUNT), h("p", { className: "note" }, "货车司机预约、通行和通知")),
      h("button", { type: "button", className: follows ? "btn" : "btn btn_act", onclick: () => setFollowing(!follows) },
        follows ? "取消关注" : "关注公众号"),
      follows && h("button", { type: "button", className: "btn btn_act", onclick: () => setPlace({ app: "chat" }) }, "发消息"),
      !follows && entries("不关注也可以打开网页")),
  ];
}

async function setFollowing(subscribed) {
  await api.put("/phone/following", { openid: state.openid, subscribed });
  await refresh();
  setPlace({ app: subscribed ? "chat" : "account" });
}

export function titleBar(title, onBack, ...buttons) {
  return h("header", { className: "title-bar" },
    onBack ? iconButton("back", "返回", onBack) : h("span", { className: "round" }),
    h("h2", {}, title), buttons.length > 0 ? buttons : h("span", { className: "round" }));
}
