// The left side: channels, direct messages, the app's Home, and who is acting.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { avatar, flagsOf } from "./people.js";

function entry({ label, symbol, current, unread, href, testid }) {
  return h(
    "a",
    {
      href,
      class: `entry${unread ? " unread" : ""}`,
      "aria-current": current ? "page" : null,
      data: { testid },
    },
    symbol,
    h("span", { class: "entry-name" }, label),
    unread && h("span", { class: "dot" }, h("span", { class: "sr-only" }, "new messages")),
  );
}

function group(title, entries) {
  return entries.length ? h("section", {}, h("h2", {}, title), entries) : null;
}

/** Whether a person is in a channel; a deactivated person is in none. */
export function isIn(channel, me) {
  return !channel.members || channel.members.includes(me);
}

function lists(people, { me, place, unread, connected }) {
  const channels = people.channels().filter((channel) => isIn(channel, me));
  const row = (channel, symbol) =>
    entry({
      label: channel.name,
      symbol,
      current: place.kind === "channel" && place.id === channel.id,
      unread: unread(channel.id),
      href: `#${channel.id}`,
      testid: `channel-${channel.id}`,
    });
  const bot = people.bot();
  const home =
    bot &&
    entry({
      label: `${bot.name} Home`,
      symbol: icon("home"),
      current: place.kind === "home",
      href: "#home",
      testid: "home",
    });
  return [
    group(
      "Channels",
      channels.filter((channel) => !channel.direct).map((channel) => row(channel, icon("hash"))),
    ),
    group(
      "Direct messages",
      channels.filter((channel) => channel.direct).map((channel) => row(channel, icon("person"))),
    ),
    group(
      "App",
      home
        ? [
            home,
            connected
              ? null
              : h(
                  "p",
                  { class: "away" },
                  `${bot.name} is not connected. Buttons and commands get no answer until it is.`,
                ),
          ]
        : [],
    ),
  ];
}

function person(user, { me, actAs }) {
  const flags = flagsOf(user);
  return h(
    "label",
    { class: "person" },
    h("input", {
      type: "radio",
      name: "as",
      value: user.id,
      checked: user.id === me,
      on: { change: () => actAs(user.id) },
    }),
    avatar(user, "small"),
    h(
      "span",
      { class: "person-text" },
      h("span", { class: "person-name" }, user.real_name || user.name),
      h("small", {}, user.title),
      flags.length
        ? h(
            "small",
            { class: "person-flags" },
            flags.map((flag) => h("span", { class: "badge quiet-badge" }, flag)),
          )
        : null,
    ),
  );
}

/**
 * Brings `element` up to date. `unread(channelId)` is asked per channel, `actAs(userId)` is called on a choice.
 * Nothing is touched when nothing changed, so that focus and an open list stay.
 */
export function drawSidebar(element, { team, people, me, place, unread, actAs, notices, connected }) {
  const open = element.querySelector("details.notices")?.open ?? false;
  const fresh = h(
    "div",
    { class: "sidebar-content", data: { me } },
    h(
      "div",
      { class: "team" },
      h("span", { class: "team-mark", "aria-hidden": "true" }, "w"),
      h("span", {}, h("strong", {}, "wap sandbox"), h("small", {}, team.name)),
    ),
    h("nav", { "aria-label": "Channels" }, lists(people, { me, place, unread, connected })),
    h(
      "fieldset",
      { class: "people", data: { testid: "act-as" } },
      h("legend", {}, "You act as"),
      people.users().map((user) => person(user, { me, actAs })),
    ),
    notices.length ? drawNotices(notices, open) : null,
  );
  if (element.firstChild?.isEqualNode(fresh)) return;
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = element.scrollTop;
  element.replaceChildren(fresh);
  element.scrollTop = scrolled;
  if (focused?.name === "as") element.querySelector("input[name=as]:checked")?.focus();
  else if (focused?.hash)
    [...element.querySelectorAll("a")].find((link) => link.hash === focused.hash)?.focus();
}

function drawNotices(notices, open) {
  const items = notices
    .slice(-20)
    .reverse()
    .map((notice) => h("li", {}, h("time", {}, timeOf(notice.at)), " ", notice.text));
  return h(
    "details",
    { class: "notices", open },
    h("summary", {}, `What the sandbox noticed (${notices.length})`),
    h("ul", {}, items),
  );
}

function timeOf(at) {
  const date = typeof at === "number" ? new Date(at * 1000) : new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  return new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }).format(date);
}
