// Reads codes from pictures: the browser's own BarcodeDetector where it exists, else zxing.
const ZXING = "/sandbox/static/vendor/zxing/";
const NATIVE_FORMATS = { qr_code: "QRCode", code_128: "Code128", code_39: "Code39", code_93: "Code93",
  codabar: "Codabar", ean_13: "EAN13", ean_8: "EAN8", upc_a: "UPCA", upc_e: "UPCE", itf: "ITF" };

let zxing = null;

// One load for all; a failed one may be tried again.
function loadZxing() {
  zxing ??= import(`${ZXING}reader/index.js`).then((module) => {
    module.prepareZXingModule({ overrides: { locateFile: (name) => `${ZXING}${name}` } });
    return module;
  }).catch((error) => {
    zxing = null;
    throw error;
  });
  return zxing;
}

async function readNatively(source) {
  if (!("BarcodeDetector" in window)) return null;
  try {
    const [found] = await new window.BarcodeDetector().detect(source);
    return found ? { text: found.rawValue, format: NATIVE_FORMATS[found.format] ?? found.format } : null;
  } catch {
    return null; // the detector exists but not on this machine
  }
}

async function readWithZxing(source) {
  const { readBarcodes } = await loadZxing();
  const [found] = await readBarcodes(source, { tryHarder: true, maxNumberOfSymbols: 1 });
  return found?.text ? { text: found.text, format: found.format } : null;
}

function pixels(drawable, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(drawable, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

function loadPicture(blob) {
  const picture = new Image();
  picture.src = URL.createObjectURL(blob);
  return picture.decode().then(() => picture).finally(() => URL.revokeObjectURL(picture.src));
}

// The code on a picture: { text, format }, or null when there is none.
export async function readPicture(blob) {
  const picture = await loadPicture(blob);
  const most = 1600;
  const width = picture.naturalWidth || 600;
  const height = picture.naturalHeight || 600;
  const scale = Math.min(1, most / Math.max(width, height));
  const image = pixels(picture, Math.round(width * scale), Math.round(height * scale));
  return (await readNatively(image)) ?? readWithZxing(image);
}

// The code in front of the camera just now, or null.
export async function readVideo(video) {
  if (!video.videoWidth) return null;
  const found = await readNatively(video);
  return found ?? readWithZxing(pixels(video, video.videoWidth, video.videoHeight));
}
