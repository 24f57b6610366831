// Calls the app back twice, as WeChat does: the first answer is dropped, 20 ms later comes the second.
const { first, second } = document.getElementById("twice").dataset;
fetch(first, { mode: "no-cors", credentials: "include" }).catch(() => {});
setTimeout(() => location.replace(second), 20);
