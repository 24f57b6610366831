// The phone itself: the home screen, which app is open, the clock, the banner of a new message.
import { closePage, openPage, putAside } from "./browser.js";
import { byId, drawWhenChanged, h, icon } from "./dom.js";
import { CHANNELS, clock, fullDay } from "./format.js";
import { copy, sms, yuezhengyi } from "./letters.js";
import * as api from "./api.js";
import { addressIn, changed, holder, now, onArrival, place, refresh, setPlace, state, unread, watch } from "./store.js";
import { card, chat, chatList, scanNatively } from "./wechat.js";

const BANNER_MS = 5000;
const APPS = [
  ["wechat", "微信", "chats", () => setPlace({ app: "wechat" }), "wechat"],
  ["sms", "短信", "letter", () => setPlace({ app: "sms" }), "sms"],
  ["yuezhengyi", "粤政易", "building", () => setPlace({ app: "yuezhengyi", account: null }), "yuezhengyi"],
  ["scan", "扫一扫", "scan", scanNatively, null],
];
const SCREENS = {
  home,
  wechat: chatList,
  chat,
  account: card,
  sms,
  yuezhengyi: () => yuezhengyi(place().account),
};
const OPENED_BY = { wechat: "chat", sms: "sms", yuezhengyi: "yuezhengyi" };
let bannerTimer = 0;
let bannerApp = null; // which app the banner on the screen belongs to

export function startHandset() {
  const draw = drawWhenChanged(drawScreen);
  watch(() => {
    const { app, account, typing } = place();
    draw(state.openid, app, account, typing, holder(), state.menu, state.menuIsOld, state.chat, state.messages.at(-1)?.id, state.seen);
    byId("app-down").hidden = state.appUp;
    byId("holder-name").textContent = holder()?.name ?? "";
  });
  onArrival(announce);
  byId("home-button").addEventListener("click", goHome);
  setInterval(tick, 1000);
  tick();
}

// Whoever is writing does not lose the words to a redraw.
function drawScreen() {
  const screen = byId("screen");
  const { app } = place();
  const written = screen.querySelector("form.menu-bar input")?.value ?? "";
  const hadFocus = Boolean(document.activeElement?.closest("form.menu-bar"));
  screen.dataset.app = app;
  if (app === bannerApp) hideBanner();
  screen.replaceChildren(...SCREENS[app]().flat().filter(Boolean));
  const input = screen.querySelector("form.menu-bar input");
  if (input) {
    input.value = written;
    if (hadFocus) input.focus();
  }
  const talk = screen.querySelector(".talk");
  if (talk) talk.scrollTop = talk.scrollHeight;
}

function home() {
  const persona = holder();
  if (!persona) return [h("p", { className: "blank" }, "请先添加人物")];
  return [
    h("div", { className: "home" },
      h("p", { className: "home__clock num", id: "home-clock" }, clock(now())),
      h("p", { className: "home__day" }, fullDay(now())),
      h("div", { className: "apps" }, ...APPS.map(appButton)),
      h("dl", { className: "mine" },
        h("div", { className: "mine__hd" }, `${persona.name}的手机`),
        detail("手机号码", persona.phone), detail("证件号码", persona.id_number))),
  ];
}

function appButton([id, name, shape, open, channel]) {
  const count = channel ? unread(channel) : 0;
  return h("button", { type: "button", className: "app", dataset: { app: id }, onclick: open },
    h("span", { className: "app__ic" }, icon(shape), count > 0 && h("span", { className: "count", "aria-label": `${count} 条未读` }, String(count))),
    name);
}

function detail(label, value) {
  return value ? h("div", {}, h("dt", {}, label),
    h("dd", {}, h("button", { type: "button", className: "num", title: "复制", onclick: () => copy(value) }, value, icon("copy")))) : null;
}

function goHome() {
  closePage();
  byId("scanner").hidden = true;
  setPlace({ app: "home" });
}

function tick() {
  const time = clock(now());
  byId("status-time").textContent = time;
  const big = byId("home-clock");
  if (big) big.textContent = time;
}

// ---- a new message slides in ----

function announce(message) {
  if (addressIn(message.channel) !== message.to) return;
  const reading = byId("browser").hidden && place().app === OPENED_BY[message.channel];
  if (reading) return;
  const { name, icon: shape } = CHANNELS[message.channel];
  const banner = byId("banner");
  banner.replaceChildren(h("button", { type: "button", onclick: () => openFrom(message) },
    icon(shape), h("span", {}, h("b", {}, name), h("span", {}, message.raw.title ?? message.text))));
  banner.classList.add("is-on");
  bannerApp = OPENED_BY[message.channel];
  clearTimeout(bannerTimer);
  bannerTimer = setTimeout(hideBanner, BANNER_MS);
}

function hideBanner() {
  bannerApp = null;
  byId("banner").classList.remove("is-on");
}

function openFrom(message) {
  hideBanner();
  closePage();
  setPlace({ app: OPENED_BY[message.channel], account: null });
}

// ---- into other hands ----

export async function switchTo(openid) {
  if (openid === state.openid) return;
  putAside();
  byId("scanner").hidden = true;
  hideBanner();
  await api.put("/phone/holder", { openid });
  Object.assign(state, { openid, menu: null, menuIsOld: false, chat: [] });
  await refresh();
  changed();
  const { address, title } = place();
  if (address) openPage(address, title);
}

export async function takePhone() {
  if (!state.openid) return;
  await api.put("/phone/holder", { openid: state.openid });
  const { address, title } = place();
  if (address) openPage(address, title);
}
