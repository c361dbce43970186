// Finds users and channels by id, and names the things that only have an id.
import { h } from "./dom.js";

const LIGHT_ENOUGH = 0.36;

/** What a direct message is called for the person who reads it. */
function directName(channel, state, byId) {
  const other = (channel.members ?? []).find((id) => id !== state.me && byId.has(id));
  return byId.get(other)?.name ?? channel.id;
}

/** The directory of one state. */
export function directory(state) {
  const users = new Map(state.users.map((user) => [user.id, user]));
  const channels = new Map(
    state.channels.map((channel) => {
      const direct = channel.is_im ?? !channel.name;
      return [channel.id, { ...channel, direct, name: channel.name || directName(channel, state, users) }];
    }),
  );
  return {
    user: (id) => users.get(id),
    users: () => [...users.values()].filter((user) => !user.is_bot),
    bot: () => [...users.values()].find((user) => user.is_bot),
    channel: (id) => channels.get(id),
    channels: () => [...channels.values()],
    everybody: () => [...users.values()],
    group: (id) => state.groups?.find((group) => group.id === id),
  };
}

/** What is special about a person, in words; `flags` is a list of names or a name-to-boolean object. */
export function flagsOf(user) {
  const flags = user.flags ?? [];
  const names = Array.isArray(flags) ? flags : Object.keys(flags).filter((name) => flags[name]);
  const words = {
    deleted: "deactivated",
    is_admin: "admin",
    is_restricted: "guest",
    is_stranger: "external",
    is_ultra_restricted: "single-channel guest",
  };
  return names
    .map((name) => words[name] ?? name.replace(/^is_/, "").replaceAll("_", " "))
    .filter((name) => name !== "bot");
}

function luminance(hex) {
  const [red, green, blue] = [0, 2, 4].map((at) => (parseInt(hex.slice(at, at + 2), 16) / 255) ** 2.2);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** A square with the first letter of a name, in the person's colour. */
export function avatar(user, size = "") {
  const name = user?.real_name || user?.name || "?";
  const hex = /^#?([0-9a-f]{6})$/i.exec(user?.color ?? "")?.[1] ?? "6b7280";
  const element = h(
    "span",
    { class: `avatar ${size} ${user?.is_bot ? "app" : ""}`, "aria-hidden": "true" },
    [...name][0].toUpperCase(),
  );
  element.style.backgroundColor = `#${hex}`;
  element.style.color = luminance(hex) > LIGHT_ENOUGH ? "#1b1b1b" : "#ffffff";
  return element;
}
