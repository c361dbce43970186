// What the person at this page does and sees right now: the acting person, waiting buttons, warnings.
import { act } from "./api.js";
import { drawImage } from "./blocks.js";

/** What is entered in a form now: {block_id: {action_id: value}}. */
export function valuesOf(fields) {
  const values = {};
  for (const field of fields) {
    values[field.block_id] ??= {};
    values[field.block_id][field.action_id] = field.read();
  }
  return values;
}

/**
 * The page's own memory. Everything that belongs to the workspace comes from the server;
 * this holds only what is between a press and the next state.
 */
export function createSession({ redraw }) {
  const pending = new Map();
  const warnings = new Map();
  const picked = new Map();
  const session = {
    me: null,
    people: null,
    files: new Map(),

    /** Everything about one message or view that is not in the server's state, for change detection. */
    signature: (owner) =>
      JSON.stringify([
        [...pending.keys()].filter((key) => key.startsWith(`${owner}|`)),
        warnings.get(owner) ?? null,
      ]),

    /** Tells the server what the person did, shows waiting until it answers, and then a warning if there is one. */
    async press({ owner, action, details }) {
      const key = `${owner}|${details.block_id}|${details.action_id}`;
      if (pending.has(key)) return { ok: true };
      pending.set(key, true);
      picked.set(key, details.value);
      warnings.delete(owner);
      redraw();
      const answer = await act(session.me, action, details);
      pending.delete(key);
      if (!answer.ok && answer.shown) warnings.set(owner, { block_id: details.block_id, text: answer.shown });
      redraw();
      return answer;
    },

    /** Forgets warnings and waiting, for another person. */
    forget() {
      pending.clear();
      warnings.clear();
      picked.clear();
    },

    /** The place of one message, view or Home tab; see elements.js for what a place is. */
    place({ owner, action, details, form = null }) {
      return {
        people: session.people,
        warning: warnings.get(owner) ?? null,
        isPending: (blockId, actionId) => pending.has(`${owner}|${blockId}|${actionId}`),
        act: (what) =>
          session.press({
            owner,
            action,
            details: { ...details, ...(form ? { values: valuesOf(form.fields) } : {}), ...what },
          }),
        image: (source, className) =>
          drawImage(source, {
            className,
            fileUrl: (id) => session.files.get(id)?.url ?? `/page/files/${id}`,
          }),
        fields: form?.fields ?? null,
        inputs: form?.inputs ?? null,
        errorOf: form?.errorOf ?? null,
        remembered:
          form?.remembered ?? ((blockId, actionId) => picked.get(`${owner}|${blockId}|${actionId}`)),
      };
    },
  };
  return session;
}
