// On every mobile page: a form is sent once per tap, and a page from the browser's memory is renewed.

const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  for (const button of document.querySelectorAll(`button[form="${form.id}"], form button`)) {
    if (button.form === form) button.classList.add("is-busy");
  }
});

// WeChat shows a page from memory after 返回: it may tell of a state that is long over.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// WeChat's own mark at the end of the address comes along through every redirect.
if (location.hash === "#wechat_redirect") {
  history.replaceState(null, "", location.pathname + location.search);
}
