// 短信 and 粤政易 on the phone.
import { openPage } from "./browser.js";
import { h, icon } from "./dom.js";
import { moment } from "./format.js";
import { addressIn, markRead, messagesOf, now, setPlace, state } from "./store.js";
import { toast } from "./toast.js";
import { linked, titleBar } from "./wechat.js";

const SENDERS = { "sms.mas": "移动云MAS", "sms.mas2": "移动云MAS 备用", "sms.tencent": "腾讯云短信", "sms.aliyun": "阿里云短信" };

const home = () => setPlace({ app: "home" });
const nothing = (shape, text) => h("div", { className: "blank" }, icon(shape), h("p", {}, text));

// ---- 短信 ----

export function sms() {
  markRead("sms");
  const phone = addressIn("sms");
  const letters = messagesOf("sms");
  const body = letters.length > 0 ? letters.map(smsBubble) : [nothing("letter", phone ? "还没有短信" : "此人没有手机号码")];
  return [titleBar(phone ? `短信 · ${phone}` : "短信", home), h("div", { className: "scroll talk", tabindex: "0" }, ...body)];
}

function smsBubble({ text, provider, at }) {
  const code = /(?<!\d)\d{6}(?!\d)/.exec(text)?.[0];
  return h("article", { className: "sms" },
    h("p", { className: "sms__hd" }, h("span", {}, SENDERS[provider] ?? provider), h("time", {}, moment(at, now()))),
    h("p", { className: "sms__bd" }, ...linked(text)),
    code && h("button", { type: "button", className: "letter__go", onclick: () => copy(code) }, `复制 ${code}`, icon("copy")));
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(`已复制 ${text}`);
  } catch {
    toast("浏览器不允许复制，请手动选取");
  }
}

// ---- 粤政易 ----

export function yuezhengyi(account) {
  const userid = account ?? addressIn("yuezhengyi");
  if (!userid) return accounts();
  markRead("yuezhengyi", userid);
  const letters = messagesOf("yuezhengyi", userid);
  const goBack = account ? () => setPlace({ account: null }) : home;
  return [
    titleBar(`粤政易 · ${userid}`, goBack),
    h("div", { className: "scroll talk", tabindex: "0" },
      ...(letters.length > 0 ? letters.map(note) : [nothing("building", "还没有消息")])),
  ];
}

// Somebody without an account may look into those that got something.
function accounts() {
  const known = [...new Set(state.messages.filter((one) => one.channel === "yuezhengyi").map((one) => one.to))];
  return [
    titleBar("粤政易", home),
    h("div", { className: "scroll" },
      h("p", { className: "talk__hint" }, "此人没有粤政易账号，可在人物资料里填写。"),
      known.length > 0 && h("p", { className: "talk__hint" }, "收到过消息的账号："),
      ...known.map((userid) => h("button", { type: "button", className: "chat-row", onclick: () => setPlace({ account: userid }) },
        h("span", { className: "face" }, userid.slice(0, 1).toUpperCase()),
        h("span", { className: "chat-row__bd" }, h("b", {}, userid)), icon("right")))),
  ];
}

function note(message) {
  const { text, url, at, raw } = message;
  const time = h("p", { className: "talk__time" }, moment(at, now()));
  if (raw.msgtype === "file") return h("div", {}, time, fileNote(message));
  if (raw.msgtype !== "textcard") return h("div", {}, time, h("div", { className: "heard" }, h("p", {}, ...linked(text))));
  const [title, ...rest] = text.split("\n");
  return h("div", {}, time, h("article", { className: "letter" },
    h("h3", {}, title), h("p", { className: "letter__p" }, rest.join("\n")),
    h("button", { type: "button", className: "letter__go", onclick: () => openPage(url, title) },
      raw.textcard?.btntxt || "详情", icon("right"))));
}

function fileNote({ file_name: name, url }) {
  return h("a", { className: "file", href: url, download: name }, icon("file"),
    h("span", {}, h("b", {}, name), h("small", {}, "点按下载")));
}
