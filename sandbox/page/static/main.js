// Puts the page together: state comes from the server, the address says who looks at what.
// README.md lists the selectors that tests may rely on.
import { createAnnouncer } from "./announce.js";
import { act, fetchState } from "./api.js";
import { commandOf, createComposer, encode } from "./composer.js";
import { createConnection } from "./connection.js";
import { drawHome } from "./home.js";
import { isReply } from "./message.js";
import { createModal } from "./modal.js";
import { directory } from "./people.js";
import { createSession } from "./place.js";
import { drawSidebar, isIn } from "./sidebar.js";
import { createThread } from "./thread.js";
import { createTimeline } from "./timeline.js";

const LOOK_FOR_APP_MS = 2000;

const byId = (id) => document.getElementById(id);
const [sidebar, scroller, homePane, shell, banner] = [
  "sidebar",
  "timeline",
  "home",
  "shell",
  "connection",
].map(byId);

let state = null;
let shownChannel = null; // by person and channel
const seen = new Map();

const session = createSession({ redraw: render });
const timeline = createTimeline(scroller, { session });
const announcer = createAnnouncer(byId("announcer"));
const showModal = createModal({ session, redraw: render });
const showThread = createThread(byId("thread"), { session, say, close: () => go(place().id) });
const composer = createComposer({
  label: "Message",
  placeholder: "",
  testid: "composer",
  people: () => session.people,
  send,
  rest: "A text that begins with / goes to the app as a command.",
});
byId("channel-pane").append(composer.element);
const connection = createConnection({
  take,
  status(connected) {
    banner.hidden = connected;
  },
});

/** Where the reader is: #home, #CHANNEL or #CHANNEL/THREAD_TS. */
function place() {
  const [id, thread = null] = decodeURIComponent(location.hash.slice(1)).split("/");
  if (id === "home") return { kind: "home" };
  const mine = session.people?.channels().filter((channel) => isIn(channel, session.me)) ?? [];
  const channel = mine.find((item) => item.id === id);
  if (channel) return { kind: "channel", id, thread };
  return { kind: "channel", id: mine[0]?.id ?? null, thread: null };
}

function go(id, thread = null) {
  location.hash = thread ? `${id}/${thread}` : id;
}

async function say(text, threadTs) {
  const details = { channel: place().id, text: encode(text, session.people) };
  return act(session.me, "say", threadTs ? { ...details, thread_ts: threadTs } : details);
}

async function send(text) {
  const command = commandOf(text);
  return command ? act(session.me, "command", { channel: place().id, ...command }) : say(text);
}

function messagesOf(channel) {
  return state.messages[channel] ?? [];
}

function unread(channel) {
  const newest = messagesOf(channel).at(-1)?.ts;
  if (!seen.has(channel)) seen.set(channel, newest);
  return newest !== undefined && newest !== seen.get(channel);
}

function isAppConnected() {
  return state.mode === "http" || state.connections !== 0;
}

function renderChannel(here) {
  const channel = session.people.channel(here.id);
  const all = messagesOf(here.id);
  const repliesOf = (ts) => all.filter((message) => isReply(message) && message.thread_ts === ts);
  const onThread = (ts) => go(here.id, ts);
  const wanted = `${state.me} ${here.id}`;
  if (wanted !== shownChannel) {
    timeline.reset();
    announcer.reset();
  }
  shownChannel = wanted;
  seen.set(here.id, all.at(-1)?.ts);
  byId("title").textContent = channel.direct ? channel.name : `# ${channel.name}`;
  byId("topic").textContent = channel.topic ?? "";
  composer.turnTo(wanted);
  composer.rename(`Message ${channel.direct ? channel.name : `#${channel.name}`}`);
  timeline.show(
    all.filter((message) => !isReply(message) || message.broadcast),
    { channel: here.id, repliesOf, onThread },
  );
  byId("nothing").hidden = all.length > 0;
  announcer.hear(all, session.people);
  showThread({ ts: here.thread, channel, messages: all });
}

function render() {
  if (!state) return;
  const here = place();
  const isHome = here.kind === "home";
  const nowhere = !isHome && !here.id;
  homePane.hidden = !isHome;
  byId("channel-pane").hidden = isHome || nowhere;
  byId("nowhere").hidden = !nowhere;
  if (isHome) {
    byId("title").textContent = `${session.people.bot()?.name ?? "App"} Home`;
    byId("topic").textContent = `As ${session.people.user(session.me)?.real_name ?? session.me} sees it`;
    drawHome(homePane, state.home, session);
    byId("thread").hidden = true;
  } else if (!nowhere) {
    renderChannel(here);
  } else {
    byId("title").textContent = "No channel";
    byId("topic").textContent = "";
    byId("thread").hidden = true;
  }
  shell.classList.toggle("with-thread", !byId("thread").hidden);
  drawSidebar(sidebar, {
    team: state.team,
    people: session.people,
    me: session.me,
    place: here,
    unread,
    actAs,
    notices: state.notices ?? [],
    connected: isAppConnected(),
  });
  showModal(state.modal ?? null);
}

function take(fresh) {
  state = fresh;
  session.me = fresh.me;
  session.people = directory(fresh);
  session.files = new Map(
    Object.values(fresh.messages)
      .flat()
      .flatMap((message) => message.files ?? [])
      .map((file) => [file.id, file]),
  );
  render();
}

async function openHome() {
  const answer = await act(session.me, "home", {});
  if (!answer.ok && answer.shown) byId("topic").textContent = answer.shown;
}

function actAs(user) {
  const address = new URL(location.href);
  address.searchParams.set("as", user);
  history.replaceState(null, "", address);
  session.me = user;
  session.forget();
  toggleMenu(false);
  connection.follow(user);
  if (place().kind === "home") openHome();
}

function moved() {
  toggleMenu(false);
  if (place().kind === "home") openHome();
  render();
}

function toggleMenu(open) {
  shell.classList.toggle("menu-open", open);
  byId("menu").setAttribute("aria-expanded", String(open));
  if (open) sidebar.querySelector("[aria-current], a")?.focus();
}

byId("menu").addEventListener("click", () => toggleMenu(!shell.classList.contains("menu-open")));
byId("veil").addEventListener("click", () => toggleMenu(false));
sidebar.addEventListener("keydown", (event) => event.key === "Escape" && toggleMenu(false));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault(); // the part of the address behind # names the channel
  (homePane.hidden ? scroller : homePane).focus();
});
addEventListener("hashchange", moved);
// An app that connects changes nothing in the workspace, so nobody tells the page; it looks by itself.
setInterval(() => state && !isAppConnected() && connection.refresh(), LOOK_FOR_APP_MS);

session.me = new URLSearchParams(location.search).get("as") ?? (await fetchState()).me;
connection.follow(session.me);
if (place().kind === "home") openHome();
