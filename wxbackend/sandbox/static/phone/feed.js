// What happened, newest first: delivered messages and calls that the platforms received.
import * as api from "./api.js";
import { openPage } from "./browser.js";
import { byId, drawWhenChanged, h, icon } from "./dom.js";
import { CHANNELS, FAULTS, TARGETS, clockWithSeconds } from "./format.js";
import { refresh, state, watch } from "./store.js";

const SHOWN = 150;
const KINDS = [["all", "全部"], ["messages", "消息"], ["calls", "调用"]];
let kind = "all";

export function startFeed() {
  const draw = drawWhenChanged(drawFeed);
  const redraw = () => draw(kind, state.page, state.messages.at(-1)?.id, state.calls.at(-1)?.id, state.personas);
  byId("feed-kinds").replaceChildren(...KINDS.map(([value, name]) => h("label", {},
    h("input", { type: "radio", name: "feed-kind", value, checked: value === kind, onchange: () => { kind = value; redraw(); } }),
    h("span", {}, name))));
  byId("feed-clear").addEventListener("click", clear);
  watch(redraw);
}

async function clear() {
  await api.remove("/sandbox/messages");
  await api.remove("/sandbox/calls");
  refresh();
}

function drawFeed() {
  const messages = kind === "calls" ? [] : state.messages.map((one) => ({ ...one, isMessage: true }));
  const calls = kind === "messages" ? [] : state.calls;
  const all = [...messages, ...calls].sort((one, other) => other.at.localeCompare(one.at) || other.id - one.id);
  byId("feed-list").replaceChildren(...all.slice(0, SHOWN).map((one) => (one.isMessage ? messageItem(one) : callItem(one))));
  byId("feed-empty").hidden = all.length > 0;
}

function messageItem({ channel, to, text, url, file_name: file, at, raw }) {
  const { name, icon: shape } = CHANNELS[channel];
  return h("li", { className: "event event_message" },
    h("p", { className: "event__hd" }, icon(shape), h("b", {}, name), h("span", {}, whose(channel, to)), h("time", { className: "num" }, clockWithSeconds(new Date(at)))),
    raw.title && h("p", { className: "event__t" }, raw.title),
    h("p", { className: "event__bd" }, text),
    file ? h("a", { className: "inline-link", href: url, download: file }, "下载文件")
      : url && h("button", { type: "button", className: "inline-link", onclick: () => openPage(url, raw.title ?? name) }, "在手机里打开链接"));
}

function whose(channel, to) {
  const field = { wechat: "openid", sms: "phone", yuezhengyi: "yuezhengyi_userid" }[channel];
  const persona = state.personas.find((one) => one[field] === to);
  return persona ? persona.name : to;
}

function callItem({ target, method, path, status, fault, note, at }) {
  const bad = status === 0 || status >= 400;
  return h("li", { className: "event event_call" },
    h("p", { className: "event__hd" }, h("b", {}, TARGETS[target] ?? target), note && h("span", { className: "event__note" }, note),
      fault && h("span", { className: "tag tag_look" }, FAULTS[fault]), h("time", { className: "num" }, clockWithSeconds(new Date(at)))),
    h("p", { className: "code" }, `${method} ${path} `, h("b", { className: bad ? "bad" : "" }, status === 0 ? "无答复" : String(status))));
}
