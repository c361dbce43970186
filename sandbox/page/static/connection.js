// Keeps what one person sees up to date: fetches the state, again at each change, and reconnects.
import { fetchState, follow } from "./api.js";

/** `take(state)` is called with each fresh state of the person, `status(connected)` when that changes. */
export function createConnection({ take, status }) {
  let person = null;
  let stop = () => {};
  let busy = false;
  let again = false;

  /** Fetches once at a time; a change during a fetch leads to one more. */
  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      const asked = person;
      const fresh = await fetchState(asked).catch(() => null);
      if (asked !== person) again = true;
      else if (fresh) take(fresh);
      else status(false);
    } while (again);
    busy = false;
  }

  return {
    refresh,

    /** From now on the state of `user`. */
    follow(user) {
      person = user;
      stop();
      stop = follow(user, { changed: refresh, status });
      return refresh();
    },
  };
}
