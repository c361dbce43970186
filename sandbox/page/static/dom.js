// Builds elements. Data only ever becomes text nodes and attributes, never markup.

const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "indeterminate"]);

/**
 * One element with attributes, listeners and children.
 * `on` maps event names to listeners, `data` maps data-* names, null and false are left out.
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name === "data") {
      for (const [key, item] of Object.entries(value)) {
        if (item !== null && item !== undefined) element.setAttribute(`data-${key}`, String(item));
      }
    } else if (PROPERTIES.has(name)) {
      element[name] = value;
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

/** The address if a click on it can only navigate (http, https, mailto), otherwise null. */
export function safeUrl(text) {
  try {
    const url = new URL(text, location.href);
    return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/**
 * The path of something that this sandbox serves, or null for anything elsewhere. The server may name itself
 * 127.0.0.1 while the page was opened as localhost; its files are its own under both names.
 */
export function ownPath(text) {
  const url = new URL(text ?? "", location.href);
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) && url.port === location.port;
  return url.origin === location.origin || loopback ? url.pathname + url.search : null;
}

/** A link that opens beside the page, or its plain label when the address is not safe to follow. */
export function link(url, ...label) {
  const href = safeUrl(url);
  if (!href) return h("span", {}, ...label);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...label);
}

/** The id attribute counter for label/control pairs. */
let serial = 0;
export function uid(prefix) {
  serial += 1;
  return `${prefix}-${serial}`;
}
