// Brings a container's children in line with a list, keeping every element whose content did not change.

const signatures = new WeakMap();

/**
 * Remembers where the focus of `element` is, by its message and its ids, and returns a function that puts it
 * back there even when the element was drawn again in the meantime.
 */
export function focusKeeper(element) {
  const key = element?.closest?.("[data-key]")?.dataset.key;
  const { actionId, blockId } = element?.dataset ?? {};
  return () => {
    if (element?.isConnected) {
      element.focus();
      return;
    }
    const owner = [...document.querySelectorAll("[data-key]")].find((node) => node.dataset.key === key);
    const controls = actionId && owner ? [...owner.querySelectorAll("[data-action-id]")] : [];
    controls
      .find((other) => other.dataset.actionId === actionId && other.dataset.blockId === blockId)
      ?.focus();
  };
}

/**
 * After the call `parent` holds one element per item, in order. `build` runs only for new or changed
 * items, so typing, focus, scroll positions and table pages survive an update elsewhere.
 */
export function keyed(parent, items, { key, signature, build }) {
  const before = new Map([...parent.children].map((node) => [node.dataset.key, node]));
  const focused = parent.contains(document.activeElement) ? document.activeElement : null;
  const refocus = focusKeeper(focused);
  const nodes = items.map((item) => {
    const name = key(item);
    const sign = signature(item);
    const kept = before.get(name);
    if (kept && signatures.get(kept) === sign) {
      before.delete(name);
      return kept;
    }
    const fresh = build(item);
    fresh.dataset.key = name;
    signatures.set(fresh, sign);
    return fresh;
  });
  for (const node of before.values()) node.remove();
  nodes.forEach((node, index) => {
    if (parent.children[index] !== node) parent.insertBefore(node, parent.children[index] ?? null);
  });
  if (focused && !focused.isConnected) refocus();
}
