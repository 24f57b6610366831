// Times and names as people read them. Times are China's, whatever the browser's zone.
const ZONE = { timeZone: "Asia/Shanghai", hour12: false };
const clockOf = new Intl.DateTimeFormat("zh-CN", { ...ZONE, hour: "2-digit", minute: "2-digit" });
const secondsOf = new Intl.DateTimeFormat("zh-CN", { ...ZONE, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const dayOf = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", month: "long", day: "numeric" });
const weekdayOf = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", weekday: "long" });
const keyOf = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });

export const clock = (moment) => clockOf.format(moment);
export const clockWithSeconds = (moment) => secondsOf.format(moment);
export const fullDay = (moment) => `${dayOf.format(moment)} ${weekdayOf.format(moment)}`;

export function moment(iso, now = new Date()) {
  const at = new Date(iso);
  if (keyOf.format(at) === keyOf.format(now)) return clock(at);
  return `${dayOf.format(at)} ${clock(at)}`;
}

export const CHANNELS = {
  wechat: { name: "微信", icon: "chats" },
  sms: { name: "短信", icon: "letter" },
  yuezhengyi: { name: "粤政易", icon: "building" },
};

export const TARGETS = {
  wechat: "微信",
  "wechat.push": "微信推送",
  weijing: "微警认证",
  yuezhengyi: "粤政易",
  "sms.mas": "移动云MAS",
  "sms.mas2": "移动云MAS 备用",
  "sms.tencent": "腾讯云短信",
  "sms.aliyun": "阿里云短信",
  "sms.receipts": "短信回执",
  health: "健康信息库",
};

export const FAULTS = {
  refuse: "拒绝连接",
  timeout: "超时，没有生效",
  timeout_after_effect: "超时，但已生效",
  http_500: "HTTP 500",
  garbage: "答复乱码",
  slow: "变慢",
  errcode: "返回错误码",
};

// Splits a text into words and addresses: [{ text, url }].
export function pieces(text) {
  return text.split(/(https?:\/\/[^\s<>"'，。；）]+)/i).filter(Boolean)
    .map((piece) => ({ text: piece, url: /^https?:\/\//i.test(piece) ? piece : null }));
}
