// Slack's date tokens, times of messages and day lines, all in the reader's own zone.

const DAY_MS = 86_400_000;

function format(date, options) {
  return new Intl.DateTimeFormat(undefined, options).format(date);
}

function startOfDay(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function pretty(date, otherwise) {
  const days = Math.round((startOfDay(date) - startOfDay(new Date())) / DAY_MS);
  return { "-1": "yesterday", 0: "today", 1: "tomorrow" }[days] ?? otherwise;
}

function ago(date) {
  const seconds = (date.getTime() - Date.now()) / 1000;
  const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of [
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ]) {
    if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  }
  return relative.format(Math.trunc(seconds), "second");
}

const LONG = { weekday: "long", year: "numeric", month: "long", day: "numeric" };
const MIDDLE = { year: "numeric", month: "long", day: "numeric" };
const SHORT = { year: "numeric", month: "short", day: "numeric" };

const TOKENS = {
  date_num: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date_slash: (date) => format(date, { year: "numeric", month: "2-digit", day: "2-digit" }),
  date: (date) => format(date, MIDDLE),
  date_short: (date) => format(date, SHORT),
  date_long: (date) => format(date, LONG),
  date_pretty: (date) => pretty(date, format(date, MIDDLE)),
  date_short_pretty: (date) => pretty(date, format(date, SHORT)),
  date_long_pretty: (date) => pretty(date, format(date, LONG)),
  time: (date) => format(date, { hour: "numeric", minute: "2-digit" }),
  time_secs: (date) => format(date, { hour: "numeric", minute: "2-digit", second: "2-digit" }),
  ago,
};

/** A format string of `<!date^...>` filled in, or the fallback when the moment cannot be read. */
export function fillDate(seconds, pattern, fallback) {
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) return fallback;
  return pattern.replace(/\{(\w+)\}/g, (whole, token) =>
    Object.hasOwn(TOKENS, token) ? TOKENS[token](date) : whole,
  );
}

/** The moment of a message from its ts (seconds with fraction, as text). */
export function momentOf(ts) {
  return new Date(Number(ts) * 1000);
}

/** Hour and minute. */
export function clock(date) {
  return TOKENS.time(date);
}

/** Date, hour, minute and second with the zone, for the tooltip of a time. */
export function fullMoment(date) {
  return format(date, { dateStyle: "full", timeStyle: "long" });
}

/** The text of a day line: Today, Yesterday or the date. */
export function dayName(date) {
  const name = pretty(date, format(date, { weekday: "long", month: "long", day: "numeric" }));
  return name[0].toUpperCase() + name.slice(1);
}
