// The phone's scanner sheet: the same scanner that the JS-SDK shows, in a frame of its own.
import { byId, h } from "./dom.js";
import { state } from "./store.js";

// Resolves to { text, format }, or null when it was cancelled.
export function openScanner() {
  const sheet = byId("scanner");
  const frame = h("iframe", {
    src: `/sandbox/scanner?for=${encodeURIComponent(location.origin)}`, title: "扫一扫", allow: "camera; clipboard-read",
  });
  sheet.replaceChildren(frame);
  sheet.hidden = false;
  return new Promise((resolve) => {
    function hear(event) {
      if (event.origin !== location.origin || event.source !== frame.contentWindow) return;
      if (event.data?.type === "sandbox:scanner-ready") {
        frame.contentWindow.postMessage({ type: "sandbox:album", codes: state.album }, location.origin);
      }
      if (event.data?.type === "sandbox:scanned") finish(event.data.result);
    }
    function finish(result) {
      window.removeEventListener("message", hear);
      sheet.hidden = true;
      sheet.replaceChildren();
      resolve(result);
    }
    window.addEventListener("message", hear);
  });
}
