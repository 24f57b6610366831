// Starts the page: the phone in the middle, the people left of it, the bench right of it.
import { startBrowser } from "./browser.js";
import { byId } from "./dom.js";
import { startFeed } from "./feed.js";
import { startHandset, switchTo, takePhone } from "./handset.js";
import { startPeople } from "./people.js";
import { startSettings } from "./settings.js";
import { follow, state, watch } from "./store.js";
import { startSwitches } from "./switches.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

function showTab(chosen) {
  for (const tab of tabs) {
    const isChosen = tab === chosen;
    tab.setAttribute("aria-selected", String(isChosen));
    tab.tabIndex = isChosen ? 0 : -1;
    byId(tab.getAttribute("aria-controls")).hidden = !isChosen;
  }
}

function stepTab(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  showTab(next);
  next.focus();
}

for (const tab of tabs) {
  tab.addEventListener("click", () => showTab(tab));
  tab.addEventListener("keydown", stepTab);
}

// On a narrow screen the sides are drawers.
function toggleDrawer(name) {
  const open = document.body.dataset.drawer === name ? "" : name;
  document.body.dataset.drawer = open;
  for (const button of document.querySelectorAll("[data-drawer-button]")) {
    button.setAttribute("aria-expanded", String(button.dataset.drawerButton === open));
  }
}

for (const button of document.querySelectorAll("[data-drawer-button]")) {
  button.addEventListener("click", () => toggleDrawer(button.dataset.drawerButton));
}
byId("shade").addEventListener("click", () => toggleDrawer(""));

async function handOver(openid) {
  if (document.body.dataset.drawer) toggleDrawer("");
  await switchTo(openid);
}

startBrowser();
startHandset();
startPeople(handOver);
startFeed();
startSwitches();
startSettings();
watch(() => {
  byId("dead").hidden = state.alive;
});
takePhone();
follow();
