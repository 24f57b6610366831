// 设置: how the platforms behave, what time it is for them, and starting afresh.
import * as api from "./api.js";
import { byId, drawWhenChanged, h } from "./dom.js";
import { clockWithSeconds, fullDay } from "./format.js";
import { now, refresh, state, watch } from "./store.js";
import { select } from "./switches.js";
import { toast } from "./toast.js";

const MODES = [
  ["微信登录", "/sandbox/oauth-mode", "mode", (modes) => modes.oauth.mode, [
    ["normal", "正常"], ["double_callback_same_code", "回调两次，同一 code"], ["double_callback_new_code", "回调两次，不同 code"],
    ["snapshot", "快照页用户"], ["deny", "拒绝授权"]]],
  ["模板消息结果", "/sandbox/template-outcome", "outcome", (modes) => modes.template.outcome, [
    ["success", "送达"], ["failed:user block", "被用户拒收"], ["failed: system failed", "系统失败"]]],
  ["微警认证结果", "/sandbox/weijing-mode", "mode", (modes) => modes.weijing.mode, [
    ["unmasked", "姓名号码完整"], ["masked", "姓名号码打码"], ["without_object", "不带姓名号码"]]],
  ["JS-SDK 手机", "/sandbox/jssdk-mode", "platform", (modes) => modes.jssdk.platform, [
    ["android", "Android"], ["ios", "iPhone"], ["devtools", "开发者工具"]]],
  ["JS-SDK 扫码", "/sandbox/jssdk-mode", "scan", (modes) => modes.jssdk.scan, [
    ["returns", "返回内容"], ["opens", "直接打开网址"]]],
];
const COUNTED = new Set(["/sandbox/oauth-mode", "/sandbox/template-outcome"]);
const STEPS = [["+10 分钟", 600], ["+1 小时", 3600], ["+1 天", 86_400]];
const TOKENS = [["wechat", "微信"], ["yuezhengyi", "粤政易"], ["weijing", "微警认证"]];

export function startSettings() {
  const rows = MODES.map(modeRow);
  byId("modes").replaceChildren(...rows.map((row) => row.element));
  byId("clock-steps").replaceChildren(
    ...STEPS.map(([name, seconds]) => small(name, () => move(state.clock.offset_seconds + seconds))), small("恢复", () => move(0)));
  byId("token-kills").replaceChildren(...TOKENS.map(([target, name]) => small(name, () => kill(target, name))));
  byId("reset").addEventListener("click", reset);
  const draw = drawWhenChanged((modes) => rows.forEach((row) => row.show(modes)));
  watch(() => {
    if (state.modes) draw(state.modes);
  });
  setInterval(showClock, 1000);
}

const small = (name, onclick) => h("button", { type: "button", className: "btn btn_s", onclick }, name);

function modeRow([label, path, field, read, options]) {
  const input = select(label, options);
  input.addEventListener("change", async () => {
    const endless = COUNTED.has(path) ? { count: null } : {};
    await api.put(path, { [field]: input.value, ...endless });
    refresh();
  });
  return {
    element: h("label", { className: "field" }, h("span", {}, label), input),
    show: (modes) => (input.value = read(modes)),
  };
}

function showClock() {
  const offset = Math.round(state.clock.offset_seconds / 60);
  byId("clock-now").textContent = `${fullDay(now())} ${clockWithSeconds(now())}${offset ? `（${offset > 0 ? "+" : ""}${offset} 分钟）` : ""}`;
}

async function move(seconds) {
  await api.put("/sandbox/clock", { offset_seconds: seconds });
  await refresh();
  showClock();
}

async function kill(target, name) {
  await api.post("/sandbox/tokens/invalidate", { target });
  toast(`${name}的 access_token 已失效`);
}

async function reset() {
  await api.post("/sandbox/reset");
  await refresh();
  toast("已清空，人物和凭据不变");
}
