// Builds elements without a template engine, and redraws only what changed.
const SVG = "http://www.w3.org/2000/svg";

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "dataset") Object.assign(element.dataset, value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name === "className" ? "class" : name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onclick, className = "round") {
  return h("button", { type: "button", className, "aria-label": label, title: label, onclick }, icon(name));
}

export const byId = (id) => document.getElementById(id);

// Calls draw() when the values differ from those of the last time.
export function drawWhenChanged(draw) {
  let before = null;
  return (...values) => {
    const now = JSON.stringify(values);
    if (now === before) return;
    before = now;
    draw(...values);
  };
}
