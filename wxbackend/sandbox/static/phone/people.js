// The people at the left: who holds the phone, and the sheet to add or change one.
import * as api from "./api.js";
import { byId, drawWhenChanged, h, icon, iconButton } from "./dom.js";
import { refresh, state, unread, watch } from "./store.js";

const FIELDS = [
  ["name", "姓名", "必填"],
  ["nickname", "微信昵称", "不填则与姓名相同"],
  ["phone", "手机号码", "短信发到这里"],
  ["id_number", "证件号码", ""],
  ["yuezhengyi_userid", "粤政易账号", "没有可不填"],
  ["note", "备注", "例如：司机"],
];
const OPENID_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

export function startPeople(switchTo) {
  const draw = drawWhenChanged((openid, personas, counts) => {
    byId("people-list").replaceChildren(
      ...personas.map((persona, index) => personItem(persona, persona.openid === openid, counts[index], switchTo)),
    );
  });
  watch(() => draw(state.openid, state.personas, state.personas.map(unreadAll)));
  byId("add-person").addEventListener("click", () => edit(null, switchTo));
}

const unreadAll = (persona) => unread("wechat", persona) + unread("sms", persona) + unread("yuezhengyi", persona);

function personItem(persona, isHolder, count, switchTo) {
  const choose = h("button", {
    type: "button", className: "pick-person", "aria-pressed": String(isHolder),
    onclick: () => switchTo(persona.openid),
  },
  h("span", { className: "face", "aria-hidden": "true" }, persona.name.slice(0, 1)),
  h("span", { className: "pick-person__bd" },
    h("b", {}, persona.name, !persona.subscribed && h("span", { className: "tag" }, "未关注")),
    h("span", {}, persona.note || persona.nickname)),
  count > 0 && h("span", { className: "count", "aria-label": `${count} 条未读` }, String(count)));
  return h("li", { className: isHolder ? "is-on" : "" }, choose,
    iconButton("pen", `编辑${persona.name}`, () => edit(persona, switchTo), "round round_s"));
}

// ---- the sheet ----

function edit(persona, switchTo) {
  const dialog = byId("person-sheet");
  const status = h("p", { className: "sheet__err", role: "alert" });
  const form = h("form", { method: "dialog", className: "sheet" },
    h("header", { className: "sheet__hd" },
      h("h2", {}, persona ? "编辑人物" : "添加人物"),
      iconButton("x", "关闭", () => dialog.close())),
    ...FIELDS.map(([name, label, hint]) => field(name, label, hint, persona?.[name] ?? "")),
    h("label", { className: "check" },
      h("input", { type: "checkbox", name: "subscribed", checked: persona?.subscribed ?? true }), "已关注公众号"),
    persona && h("p", { className: "note" }, "openid ", h("span", { className: "code" }, persona.openid)),
    status,
    h("footer", { className: "sheet__ft" },
      persona && h("button", { type: "button", className: "btn", onclick: () => drop(persona, dialog, switchTo) },
        icon("trash"), "删除"),
      h("button", { type: "submit", className: "btn btn_act" }, "保存")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await save(persona, new FormData(form), switchTo);
      dialog.close();
    } catch (error) {
      status.textContent = error.message;
    }
  });
  dialog.replaceChildren(form);
  dialog.showModal();
}

function field(name, label, hint, value) {
  return h("label", { className: "field" }, h("span", {}, label),
    h("input", { name, value, placeholder: hint, required: name === "name", autocomplete: "off", maxlength: "100" }));
}

async function save(persona, form, switchTo) {
  const openid = persona?.openid ?? newOpenid();
  const fields = Object.fromEntries(FIELDS.map(([name]) => [name, form.get(name).trim()]));
  const subscribed = form.get("subscribed") === "on";
  await api.put(`/sandbox/personas/${openid}`, { ...fields, subscribed });
  await refresh();
  if (!persona) switchTo(openid);
}

async function drop(persona, dialog, switchTo) {
  await api.remove(`/sandbox/personas/${persona.openid}`);
  dialog.close();
  await refresh();
  if (persona.openid === state.openid && state.personas.length > 0) switchTo(state.personas[0].openid);
}

function newOpenid() {
  const numbers = crypto.getRandomValues(new Uint8Array(23));
  return `oS4nd${[...numbers].map((number) => OPENID_LETTERS[number % OPENID_LETTERS.length]).join("")}`;
}
