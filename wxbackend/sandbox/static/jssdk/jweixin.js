// The sandbox's JS-SDK: the interface of jweixin-1.6.0, with the signature really checked by the
// sandbox. It runs in the app's page under the app's strict CSP: no inline style, no eval.
(function () {
  "use strict";

  const SANDBOX = new URL(document.currentScript.src).origin;
  const LANDING = location.href.split("#")[0];
  const IN_FRAME = window.parent !== window;
  const KNOWN = [
    "checkJsApi", "scanQRCode", "closeWindow", "hideOptionMenu", "showOptionMenu",
    "hideMenuItems", "showMenuItems", "hideAllNonBaseMenuItem", "showAllNonBaseMenuItem",
  ];
  const HELLO_MS = 400;
  const SYMBOLOGIES = {
    Code128: "CODE_128", Code39: "CODE_39", Code93: "CODE_93", Codabar: "CODABAR",
    EAN13: "EAN_13", EAN8: "EAN_8", UPCA: "UPC_A", UPCE: "UPC_E", ITF: "ITF",
  };

  let config = null;
  let verdict = null; // what the sandbox said about the signature
  let toPhone = null; // resolves to whether the parent window is the sandbox's phone
  const readyCalls = [];
  const errorCalls = [];

  // ---- settling a call the way the SDK does ----

  function settle(options, outcome, result) {
    if (typeof options[outcome] === "function") options[outcome](result);
    if (typeof options.complete === "function") options.complete(result);
  }

  function permitted(name, options) {
    const listed = verdict && verdict.ok && config.jsApiList.includes(name);
    if (!listed) settle(options, "fail", { errMsg: `${name}:permission denied` });
    return Boolean(listed);
  }

  // ---- wx.config ----

  function configure(options) {
    config = { jsApiList: [], ...options };
    const query = new URLSearchParams({
      appId: String(config.appId ?? ""),
      timestamp: String(config.timestamp ?? ""),
      nonceStr: String(config.nonceStr ?? ""),
      signature: String(config.signature ?? ""),
      url: location.href.split("#")[0],
      landing: LANDING,
    });
    fetch(`${SANDBOX}/sandbox/jssdk/check?${query}`, { credentials: "omit" })
      .then((answer) => answer.json())
      .catch(() => ({ ok: false, errMsg: "config:fail" }))
      .then(announce);
  }

  function announce(answer) {
    verdict = answer;
    if (answer.ok) readyCalls.splice(0).forEach((call) => call());
    else errorCalls.forEach((call) => call({ errMsg: answer.errMsg }));
  }

  // ---- the phone around us, if there is one ----

  function askPhone() {
    if (!IN_FRAME) return Promise.resolve(false);
    return new Promise((resolve) => {
      window.addEventListener("message", (event) => {
        if (isFromPhone(event, "sandbox:phone")) resolve(true);
      });
      tellPhone({ type: "sandbox:hello", title: document.title, url: location.href });
      setTimeout(() => resolve(false), HELLO_MS);
    });
  }

  function isFromPhone(event, type) {
    return event.origin === SANDBOX && event.source === window.parent && event.data?.type === type;
  }

  function tellPhone(message) {
    window.parent.postMessage(message, SANDBOX);
  }

  // ---- scanning ----

  function scan(options = {}) {
    if (!permitted("scanQRCode", options)) return;
    // An iPhone does nothing at all, and says nothing, when the timestamp was a number.
    if (verdict.platform === "ios" && typeof config.timestamp === "number") return;
    toPhone.then((inPhone) => (inPhone ? scanInPhone() : scanInLayer())).then((result) => {
      if (result === null) settle(options, "cancel", { errMsg: "scanQRCode:cancel" });
      else deliver(options, result);
    });
  }

  function deliver(options, { text, format }) {
    const isAddress = /^https?:\/\//i.test(text);
    const opens = !Number(options.needResult) || verdict.scan === "opens";
    if (isAddress && opens) {
      location.href = text;
      return;
    }
    settle(options, "success", { resultStr: shape(text, format), errMsg: "scanQRCode:ok" });
  }

  function shape(text, format) {
    if (verdict.platform === "devtools") return JSON.stringify({ scan_code: { scan_result: text } });
    return SYMBOLOGIES[format] ? `${SYMBOLOGIES[format]},${text}` : text;
  }

  function scanInPhone() {
    return new Promise((resolve) => {
      function hear(event) {
        if (!isFromPhone(event, "sandbox:scanned")) return;
        window.removeEventListener("message", hear);
        resolve(event.data.result);
      }
      window.addEventListener("message", hear);
      tellPhone({ type: "sandbox:scan" });
    });
  }

  function scanInLayer() {
    const layer = document.createElement("iframe");
    layer.src = `${SANDBOX}/sandbox/scanner?${new URLSearchParams({ for: location.origin })}`;
    layer.title = "扫一扫";
    layer.allow = "camera; clipboard-read";
    const look = { position: "fixed", inset: "0", width: "100%", height: "100%", border: "0", "z-index": "2147483647" };
    Object.entries(look).forEach(([name, value]) => layer.style.setProperty(name, value));
    return new Promise((resolve) => {
      function hear(event) {
        const ours = event.origin === SANDBOX && event.source === layer.contentWindow;
        if (!ours || event.data?.type !== "sandbox:scanned") return;
        window.removeEventListener("message", hear);
        layer.remove();
        resolve(event.data.result);
      }
      window.addEventListener("message", hear);
      document.body.append(layer);
      layer.focus();
    });
  }

  // ---- what the phone may ask of the page ----

  // 拍下二维码: like holding a second phone before the screen, the pictures that can be seen.
  async function takePictures() {
    const seen = [...document.querySelectorAll("img, canvas, svg")].filter(isShown);
    const pictures = await Promise.all(seen.map(toPicture));
    return pictures.filter(Boolean);
  }

  function isShown(element) {
    const box = element.getBoundingClientRect();
    const onScreen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return onScreen && box.width >= 80 && box.height >= 80;
  }

  function toPicture(element) {
    if (element instanceof HTMLCanvasElement) return new Promise((resolve) => element.toBlob(resolve));
    if (element instanceof SVGElement) return Promise.resolve(drawing(element));
    return fetch(element.currentSrc || element.src).then((answer) => answer.blob()).catch(() => null);
  }

  function drawing(element) {
    const copy = element.cloneNode(true);
    const box = element.getBoundingClientRect();
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("width", String(box.width));
    copy.setAttribute("height", String(box.height));
    return new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" });
  }

  if (IN_FRAME) {
    window.addEventListener("message", (event) => {
      if (!isFromPhone(event, "sandbox:look")) return;
      takePictures().then((pictures) => tellPhone({ type: "sandbox:pictures", pictures }));
    });
  }
  toPhone = askPhone();

  // ---- the interface ----

  function close() {
    toPhone.then((inPhone) => {
      if (inPhone) tellPhone({ type: "sandbox:close" });
      else window.close();
    });
  }

  function simple(name, act = () => {}) {
    return (options = {}) => {
      if (!permitted(name, options)) return;
      act();
      settle(options, "success", { errMsg: `${name}:ok` });
    };
  }

  const wx = {
    config: configure,
    ready: (call) => (verdict?.ok ? call() : readyCalls.push(call)),
    error: (call) => {
      errorCalls.push(call);
      if (verdict && !verdict.ok) call({ errMsg: verdict.errMsg });
    },
    checkJsApi: ({ jsApiList = [], ...options }) => {
      const checkResult = Object.fromEntries(jsApiList.map((name) => [name, KNOWN.includes(name)]));
      settle(options, "success", { checkResult, errMsg: "checkJsApi:ok" });
    },
    scanQRCode: scan,
    closeWindow: simple("closeWindow", close),
  };
  KNOWN.filter((name) => !(name in wx)).forEach((name) => (wx[name] = simple(name)));

  // ---- the older bridge, which needs no signature ----

  const bridge = {
    invoke: (name, _parameters, call) => {
      if (name === "closeWindow") close();
      if (typeof call === "function") call({ err_msg: `${name}:ok`, errMsg: `${name}:ok` });
    },
    call: (name) => bridge.invoke(name),
    on: () => {},
  };

  window.wx = window.jWeixin = wx;
  window.WeixinJSBridge = bridge;
  const sayReady = () => setTimeout(() => document.dispatchEvent(new Event("WeixinJSBridgeReady")), 0);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", sayReady);
  else sayReady();
})();
