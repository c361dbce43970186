// The app's Home tab: the view that the app published for the acting person.
import { drawBlocks } from "./blocks.js";
import { h } from "./dom.js";
import { keyed } from "./keyed.js";

const EMPTY =
  "Nothing here yet. The app has not published a Home for this person. " +
  "It does so when it hears that Home was opened; is it connected?";

/** Fills `element` with `view`, or with a sentence when there is none. */
export function drawHome(element, view, session) {
  const owner = view?.id ?? "home";
  keyed(element, [view], {
    key: () => owner,
    signature: () => JSON.stringify([view, session.me, session.signature(owner)]),
    build: () => {
      if (!view) return h("p", { class: "empty" }, EMPTY);
      const place = session.place({
        owner,
        action: "modal_action",
        details: { view_id: view.id },
        form: { fields: [] },
      });
      return h("div", { class: "home-view" }, drawBlocks(view.blocks ?? [], place));
    },
  });
}
