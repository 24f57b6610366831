// One short line at the foot of the phone, gone after a while.
import { byId } from "./dom.js";

const SHOWN_MS = 3500;
let timer = 0;

export function toast(text) {
  const line = byId("toast");
  line.textContent = text;
  line.classList.add("is-on");
  clearTimeout(timer);
  timer = setTimeout(() => line.classList.remove("is-on"), SHOWN_MS);
}
