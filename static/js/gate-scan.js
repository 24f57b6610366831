// 【扫一扫】: WeChat's own scanner where there is one; else this browser's camera or a picture.
// Whatever read the code, it is posted to one place; nothing of it is kept here.

const page = document.querySelector("[data-gate]");
const form = document.querySelector("[data-scanned]");
const button = document.querySelector("[data-scan]");
const note = document.querySelector("[data-scan-note]");

function submit(code) {
  form.elements.code.value = code;
  form.submit();
}

// ---- WeChat's JS-SDK --------------------------------------------------------------------------

const WAIT_FOR_WECHAT_MS = 5000;
let wechatIsReady = false;

function sdkLoaded(script) {
  return new Promise((loaded, failed) => {
    if (window.wx) loaded();
    script.addEventListener("load", loaded);
    script.addEventListener("error", failed);
  });
}

// Answers when WeChat's scanner is ready, or cannot be had.
async function prepareWechat() {
  const script = document.querySelector("[data-js-sdk]");
  if (!script) return;
  await sdkLoaded(script);
  const body = new URLSearchParams({ url: location.href.split("#")[0] });
  const answer = await fetch(page.dataset.sign, {
    method: "POST",
    headers: { "X-CSRFToken": page.dataset.csrf, Accept: "application/json" },
    body,
  });
  if (!answer.ok) return;
  const signed = await answer.json();
  const settled = new Promise((done) => {
    wx.ready(() => {
      wechatIsReady = true;
      page.dataset.wechat = "ready";
      done();
    });
    wx.error(done);
  });
  wx.config({
    debug: false,
    appId: signed.app_id,
    timestamp: signed.timestamp, // text: iOS ignores the scan button when it is a number
    nonceStr: signed.nonce,
    signature: signed.signature,
    jsApiList: ["scanQRCode", "checkJsApi"],
  });
  await settled;
}

function scanWithWechat() {
  wx.scanQRCode({
    needResult: 1,
    scanType: ["qrCode"],
    success: (result) => submit(result.resultStr),
    fail: openScanner,
  });
}

// ---- this browser's camera --------------------------------------------------------------------

const scanner = document.querySelector("[data-scanner]");
const video = document.querySelector("[data-scanner-video]");
const says = document.querySelector("[data-scanner-note]");
const torch = document.querySelector("[data-scanner-torch]");
const LOOK_EVERY_MS = 200;
let stream;
let looking;
let decoder;

async function makeDecoder() {
  const formats = (await window.BarcodeDetector?.getSupportedFormats?.()) ?? [];
  if (formats.includes("qr_code")) {
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (image) => {
      const source = image instanceof Blob ? await createImageBitmap(image) : image;
      return (await detector.detect(source))[0]?.rawValue;
    };
  }
  const zxing = await import(page.dataset.zxing);
  zxing.prepareZXingModule({ overrides: { locateFile: () => page.dataset.zxingWasm } });
  return async (image) => {
    const results = await zxing.readBarcodes(image instanceof Blob ? image : pixels(image), {
      formats: ["QRCode"],
      tryHarder: true,
      tryInvert: true,
    });
    return results.find((result) => result.isValid)?.text;
  };
}

function pixels(source) {
  const canvas = document.createElement("canvas");
  canvas.width = source.videoWidth;
  canvas.height = source.videoHeight;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function openScanner() {
  scanner.hidden = false;
  scanner.querySelector("[data-scanner-close]").focus();
  decoder ??= makeDecoder();
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 } },
    });
  } catch {
    says.textContent = "摄像头没有打开：请允许使用摄像头，或从相册选图、输入短码";
    return;
  }
  video.srcObject = stream;
  await video.play();
  says.textContent = "把通行码放进画面";
  offerTorch(stream.getVideoTracks()[0]);
  look();
}

async function look() {
  try {
    const code = video.videoWidth && (await (await decoder)(video));
    if (code) {
      closeScanner();
      submit(code);
      return;
    }
  } catch {
    says.textContent = "无法识别，请从相册选图或输入短码";
    return;
  }
  if (stream) looking = setTimeout(look, LOOK_EVERY_MS);
}

function offerTorch(track) {
  if (!track.getCapabilities?.().torch) return;
  let isOn = false;
  torch.hidden = false;
  torch.onclick = () => {
    isOn = !isOn;
    track.applyConstraints({ advanced: [{ torch: isOn }] });
  };
}

function closeScanner() {
  clearTimeout(looking);
  stream?.getTracks().forEach((track) => track.stop());
  stream = undefined;
  torch.hidden = true;
  scanner.hidden = true;
  button.focus();
}

document.querySelector("[data-scanner-close]").addEventListener("click", closeScanner);
scanner.addEventListener("keydown", (event) => event.key === "Escape" && closeScanner());
document.querySelector("[data-scanner-file]").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (!file) return;
  says.textContent = "正在识别图片";
  try {
    decoder ??= makeDecoder();
    const read = await decoder;
    const code = await read(file);
    if (code) {
      closeScanner();
      submit(code);
      return;
    }
  } catch {
    // said below: a picture that cannot be read is the same to the one who chose it
  }
  says.textContent = "图片里没有认出二维码，请换一张或输入短码";
});

// ---- the button -------------------------------------------------------------------------------

const wechat = prepareWechat().catch(() => {
  note.textContent = "微信扫码暂不可用，将使用摄像头";
});

async function begin() {
  button.disabled = true;
  await Promise.race([wechat, new Promise((done) => setTimeout(done, WAIT_FOR_WECHAT_MS))]);
  button.disabled = false;
  if (wechatIsReady) scanWithWechat();
  else openScanner();
}

button.addEventListener("click", begin);
// 继续扫码 leads here and goes on at once.
if (location.hash === "#scan") {
  history.replaceState(null, "", location.pathname);
  begin();
}
