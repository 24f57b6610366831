// The page of a reservation stays true while it is open: a live clock, and what the gate or 微警 did.

const main = document.querySelector("[data-watch]");
const clock = document.querySelector("[data-clock]");
const EVERY_MS = main.dataset.checking === "true" ? 3000 : 5000;

function tick() {
  const now = new Date();
  const two = (number) => String(number).padStart(2, "0");
  clock.textContent =
    `${now.getMonth() + 1}月${now.getDate()}日 ` +
    `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(main.dataset.watch, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const { state, checking } = await answer.json();
    const wasChecking = main.dataset.checking === "true";
    if (state !== main.dataset.state || (wasChecking && !checking)) location.reload();
  } catch {
    // Without a network the page stays as it is; the code on it is good.
  }
}

if (clock) {
  tick();
  setInterval(tick, 1000);
}
setInterval(look, EVERY_MS);
