"""What a page must be for eyes and thumbs, asked of the page itself."""

from __future__ import annotations

# Each text's colour against what is painted behind it, by the formula of WCAG 2.1.
CONTRAST = """() => {
  const parse = (text) => {
    const found = text.match(/rgba?\\(([^)]+)\\)/);
    if (!found) return null;
    const [r, g, b, a = 1] = found[1].split(/[ ,/]+/).map(Number);
    return { r, g, b, a };
  };
  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });
  const light = ({ r, g, b }) => {
    const part = (value) => {
      const share = value / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour && colour.a > 0) layers.push(colour);
      if (colour && colour.a === 1) break;
    }
    const root = matchMedia("(prefers-color-scheme: dark)").matches
      ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
    return layers.reverse().reduce((below, top) => over(top, below), root);
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest("script, style, template, noscript, .unseen, option")) continue;
    if (!element.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true })) continue;
    const ground = behind(element);
    const ink = over(parse(getComputedStyle(element).color), ground);
    const [high, low] = [light(ink), light(ground)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) poor.push(`${text.slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""

# Elements that reach past the page's edge, and whether the page can be pushed sideways.
PAST_THE_EDGE = """() => {
  const width = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > width) found.push("the page scrolls sideways");
  for (const element of document.body.querySelectorAll("*")) {
    if (element.closest(".unseen, template, .tile__file")) continue;
    if (!element.checkVisibility()) continue;
    const box = element.getBoundingClientRect();
    if (box.width && (box.right > width + 1 || box.left < -1)) {
      found.push(`${element.tagName}.${element.className} ${Math.round(box.right)}`);
    }
  }
  return found.slice(0, 5);
}"""

# Fields without a name, pictures without words, buttons and links too small for a thumb.
NAMES_AND_TARGETS = """() => {
  const found = [];
  for (const field of document.querySelectorAll("input, select, textarea")) {
    if (["hidden", "submit"].includes(field.type)) continue;
    const named = field.labels?.length || field.getAttribute("aria-label");
    if (!named) found.push(`no label: ${field.name || field.id}`);
  }
  for (const image of document.querySelectorAll("img")) {
    if (!image.hasAttribute("alt")) found.push(`no words for ${image.src}`);
  }
  const small = 44;
  for (const target of document.querySelectorAll("button, a[href], label.weui-btn")) {
    if (target.closest("p, .tip, .unseen") || target.matches(".unseen")) continue;
    if (!target.checkVisibility()) continue;
    const box = target.getBoundingClientRect();
    if (box.height < small - 0.5 || box.width < small - 0.5) {
      found.push(`small: ${target.textContent.trim().slice(0, 20)} ${box.width}x${box.height}`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length) found.push(`ids used twice: ${twice}`);
  if (!document.title) found.push("no title");
  if (document.documentElement.lang !== "zh-CN") found.push("no language");
  return found;
}"""

# What a browser keeps of a page. SEC-B07: nothing.
STORAGE = """async () => [
  Object.keys(localStorage), Object.keys(sessionStorage),
  (await indexedDB.databases()).map((one) => one.name), (await caches.keys()),
].flat()"""

# The page as a whole cannot be pushed sideways; a table inside may be.
SIDEWAYS = """() => document.documentElement.scrollWidth > document.documentElement.clientWidth
  ? ["the page scrolls sideways"] : []"""

# Fields without a name, ids that stand twice, a page without a title.
NAMES = """() => {
  const found = [];
  for (const field of document.querySelectorAll("input, select, textarea")) {
    if (["hidden", "submit"].includes(field.type)) continue;
    const named = field.labels?.length || field.getAttribute("aria-label");
    if (!named) found.push(`no label: ${field.name || field.id}`);
  }
  for (const button of document.querySelectorAll("button, a[href]")) {
    const words = button.textContent.trim() || button.getAttribute("aria-label");
    if (!words && button.getAttribute("aria-hidden") !== "true") {
      found.push(`no words: ${button.outerHTML.slice(0, 80)}`);
    }
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
  if (twice.length) found.push(`ids used twice: ${twice}`);
  if (!document.title.split("·")[0].trim()) found.push("no title");
  if (document.documentElement.lang !== "zh-CN") found.push("no language");
  if (document.querySelectorAll("h1").length < 1) found.push("no heading");
  return found;
}"""
