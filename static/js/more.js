// 加载更多: the next page's rows come below these; without scripts the link leads to that page.

document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-more]");
  if (!link) return;
  event.preventDefault();
  link.classList.add("is-busy");
  try {
    const answer = await fetch(link.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const rows = page.querySelector("[data-rows]");
    if (!answer.ok || answer.redirected || !rows) throw new Error(String(answer.status));
    const first = rows.firstElementChild;
    link.replaceWith(...rows.children);
    first?.focus({ preventScroll: true });
  } catch {
    location.assign(link.href);
  }
});
