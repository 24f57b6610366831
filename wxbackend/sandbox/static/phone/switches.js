// 故障: one row for each platform, to make its next calls fail.
import * as api from "./api.js";
import { byId, drawWhenChanged, h } from "./dom.js";
import { FAULTS, TARGETS } from "./format.js";
import { refresh, state, watch } from "./store.js";

const TIMED = { timeout: 30, timeout_after_effect: 30, slow: 3 };
const CODES = { wechat: "45009", weijing: "5000", yuezhengyi: "45009", "sms.mas": "IllegalSignId", "sms.mas2": "IllegalSignId",
  "sms.tencent": "LimitExceeded.PhoneNumberDailyLimit", "sms.aliyun": "isv.BUSINESS_LIMIT_CONTROL", health: "18" };
const COUNTS = [["1", "1 次"], ["3", "3 次"], ["10", "10 次"], ["", "直到关闭"]];

export function startSwitches() {
  const rows = Object.keys(CODES).map(faultRow);
  byId("faults").replaceChildren(...rows.map((row) => row.element));
  const draw = drawWhenChanged((faults) => rows.forEach((row) => row.show(faults[row.target])));
  watch(() => {
    draw(state.faults);
    const active = Object.keys(state.faults).length;
    byId("fault-count").textContent = String(active);
    byId("fault-count").hidden = active === 0;
  });
}

function faultRow(target) {
  const kind = select("方式", Object.entries(FAULTS));
  const value = h("input", { "aria-label": "参数", autocomplete: "off", hidden: true });
  const count = select("次数", COUNTS);
  const toggle = h("input", { type: "checkbox", role: "switch", "aria-label": `${TARGETS[target]}故障` });
  const status = h("p", { className: "fault__status", role: "status" });
  const offerValue = () => {
    value.hidden = !(kind.value in TIMED) && kind.value !== "errcode";
    value.value = kind.value === "errcode" ? CODES[target] : String(TIMED[kind.value] ?? "");
    value.title = kind.value === "errcode" ? "平台的错误码" : "秒";
  };
  const turn = async () => {
    try {
      if (toggle.checked) await api.put(`/sandbox/faults/${target}`, wish(kind.value, value.value, count.value));
      else await api.remove(`/sandbox/faults/${target}`);
      status.textContent = "";
      await refresh();
    } catch (error) {
      toggle.checked = false;
      status.textContent = error.message;
    }
  };
  kind.addEventListener("change", offerValue);
  toggle.addEventListener("change", turn);
  const element = h("li", { className: "fault" },
    h("label", { className: "fault__hd" }, h("b", {}, TARGETS[target]), h("span", { className: "switch" }, toggle, h("i", {}))),
    h("div", { className: "fault__how" }, kind, value, count), status);
  const show = (fault) => {
    toggle.checked = Boolean(fault);
    element.classList.toggle("is-on", Boolean(fault));
    [kind, value, count].forEach((input) => (input.disabled = Boolean(fault)));
    if (fault) status.textContent = told(fault);
    else if (!status.textContent.includes("value")) status.textContent = "";
  };
  return { target, element, show };
}

function wish(kind, value, count) {
  const fault = { kind, count: count ? Number(count) : null };
  if (kind in TIMED) fault.value = Number(value);
  if (kind === "errcode") fault.value = value.trim();
  return fault;
}

function told({ kind, value, count }) {
  const what = value === null ? FAULTS[kind] : `${FAULTS[kind]} ${value}${kind in TIMED ? " 秒" : ""}`;
  return `${what}，${count === null ? "直到关闭" : `还剩 ${count} 次`}`;
}

export function select(label, options) {
  return h("select", { "aria-label": label }, ...options.map(([value, name]) => h("option", { value }, name)));
}
