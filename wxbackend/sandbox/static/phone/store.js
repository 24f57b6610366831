// What the page knows, and where each person left their phone.
import { get } from "./api.js";

const POLL_MS = 2000;
const KEPT = 600;
const desk = document.body;

export const APP_URL = desk.dataset.appUrl;
export const APP_ORIGIN = new URL(APP_URL).origin;

export const state = {
  openid: desk.dataset.openid,
  page: null,
  alive: true,
  appUp: true,
  personas: [],
  menu: null,
  menuIsOld: false,
  chat: [],
  messages: [],
  calls: [],
  faults: {},
  modes: null,
  clock: { offset_seconds: 0 },
  album: [],
  places: read("sandbox.places", {}), // openid -> { app, address, title }
  seen: read("sandbox.seen", {}), // "channel:to" -> number of the newest message read
};
const watchers = [];
const arrivals = [];

function read(key, fallback) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? fallback;
  } catch {
    return fallback;
  }
}

const keep = (key, value) => sessionStorage.setItem(key, JSON.stringify(value));

export const watch = (watcher) => watchers.push(watcher);
export const onArrival = (listener) => arrivals.push(listener);
export const changed = () => watchers.forEach((watcher) => watcher());
export const holder = () => state.personas.find((persona) => persona.openid === state.openid) ?? null;
export const now = () => new Date(Date.now() + state.clock.offset_seconds * 1000);

// ---- where each person left their phone ----

export const place = () => state.places[state.openid] ?? { app: "home" };

export function setPlace(change) {
  state.places[state.openid] = { ...place(), ...change };
  keep("sandbox.places", state.places);
  changed();
  if (change.app === "chat") refresh();
}

// ---- messages: whose, and which are new ----

export function addressIn(channel, persona = holder()) {
  if (!persona) return null;
  const addresses = { wechat: persona.openid, sms: persona.phone, yuezhengyi: persona.yuezhengyi_userid };
  return addresses[channel] || null;
}

export function messagesOf(channel, to = addressIn(channel)) {
  return to ? state.messages.filter((message) => message.channel === channel && message.to === to) : [];
}

export function unread(channel, persona = holder()) {
  const to = addressIn(channel, persona);
  const seen = state.seen[`${channel}:${to}`] ?? 0;
  return messagesOf(channel, to).filter((message) => message.id > seen).length;
}

export function markRead(channel, to = addressIn(channel)) {
  const newest = messagesOf(channel, to).at(-1)?.id ?? 0;
  const key = `${channel}:${to}`;
  if (!to || (state.seen[key] ?? 0) >= newest) return;
  state.seen[key] = newest;
  keep("sandbox.seen", state.seen);
  queueMicrotask(changed); // it is called while drawing
}

// ---- the feed ----

let polling = null;
let inChatOf = null; // whose chat was open at the last fetch: WeChat pulls menus on entering
let asksAgain = false;

// Fetches what is new; while one fetch is under way a second wish is granted after it.
export function refresh() {
  if (polling) {
    asksAgain = true;
    return polling;
  }
  polling = fetchFeed().finally(() => {
    polling = null;
    if (asksAgain) {
      asksAgain = false;
      refresh();
    }
  });
  return polling;
}

async function fetchFeed() {
  const asked = state.openid;
  const isInChat = place().app === "chat";
  const query = new URLSearchParams({
    openid: asked,
    page: state.page ?? "",
    messages_after: state.messages.at(-1)?.id ?? 0,
    calls_after: state.calls.at(-1)?.id ?? 0,
    entering: isInChat && inChatOf !== asked ? 1 : 0,
  });
  inChatOf = isInChat ? asked : null;
  try {
    take(await get(`/phone/feed?${query}`), asked);
  } catch {
    state.alive = false;
  }
  changed();
}

function take(feed, asked) {
  const first = state.page === null;
  if (feed.page !== state.page) {
    state.messages = [];
    state.calls = [];
    if (!first) state.seen = {};
  }
  const fresh = feed.messages;
  Object.assign(state, {
    page: feed.page,
    alive: true,
    appUp: feed.app_up,
    personas: feed.personas,
    faults: feed.faults,
    modes: feed.modes,
    clock: feed.clock,
    messages: [...state.messages, ...fresh].slice(-KEPT),
    calls: [...state.calls, ...feed.calls].slice(-KEPT),
  });
  if (asked === state.openid) {
    Object.assign(state, { menu: feed.menu, menuIsOld: feed.menu_is_old, chat: feed.chat });
  }
  if (!first) fresh.forEach((message) => arrivals.forEach((listener) => listener(message)));
}

export async function follow() {
  if (!document.hidden) await refresh();
  setTimeout(follow, POLL_MS);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) refresh();
});
