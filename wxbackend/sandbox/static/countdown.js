// Counts the check's seconds down, and shows the page for a check that is over when they are gone.
const left = document.getElementById("left");
const endsAt = Date.now() + Number(left.dataset.seconds) * 1000;

function tick() {
  const seconds = Math.max(0, Math.round((endsAt - Date.now()) / 1000));
  left.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  if (seconds === 0) location.reload();
  else setTimeout(tick, 1000);
}

tick();
