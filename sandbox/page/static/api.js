// The one door to the sandbox server: reads the state, tells what a person did, hears about changes.

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 8000;

/** What one person sees at this moment; without `as` the server chooses who. */
export async function fetchState(as) {
  const response = await fetch(as ? `/page/state?as=${encodeURIComponent(as)}` : "/page/state");
  if (!response.ok) throw new Error(`The sandbox answered ${response.status}.`);
  return response.json();
}

/**
 * Tells the sandbox what a person did. Always resolves; a failure is `{ok: false, shown}`
 * where `shown` is a sentence for the place where the person acted.
 */
export async function act(as, action, details = {}) {
  try {
    const response = await fetch("/control/act", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ as, do: action, ...details }),
    });
    const answer = await response.json();
    if (answer.ok || answer.shown || answer.errors) return answer;
    return {
      ...answer,
      ok: false,
      shown: `Nothing happened. The sandbox answered: ${answer.error ?? response.status}.`,
    };
  } catch {
    return {
      ok: false,
      shown: "Nothing was sent. The sandbox does not answer; is it still running? Then try again.",
    };
  }
}

/**
 * Calls `changed` at every change and at every (re)connect, because a change during a gap is not repeated.
 * Calls `status` with true or false. Returns a function that stops it.
 */
export function follow(as, { changed, status }) {
  let socket = null;
  let timer = null;
  let failures = 0;
  let stopped = false;

  function connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    socket = new WebSocket(`${scheme}://${location.host}/page/live?as=${encodeURIComponent(as)}`);
    socket.addEventListener("open", () => {
      failures = 0;
      status(true);
      changed();
    });
    socket.addEventListener("message", () => changed());
    socket.addEventListener("close", () => {
      if (stopped) return;
      status(false);
      const wait = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
      failures += 1;
      timer = setTimeout(connect, wait);
    });
  }

  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket.close();
  };
}
