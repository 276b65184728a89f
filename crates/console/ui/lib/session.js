// Who is signed in, as all tabs know it: the session is asked of the server, never remembered in the browser.
import { store, useStore } from './dom.js';

export const session = store(null);
export const useSession = () => useStore(session);

/** What is asked of the person over the page: `{kind:"expired"|"proof", done, cancel}`. */
export const asked = store(null);
/** True while the server does not answer. */
export const away = store(false);

const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('doorward') : null;
const who = (state) => (state?.user ? `${state.user.site}/${state.user.number}` : '');

/** Counts what this tab did or heard of that an answer which is on its way does not know. */
let news = 0;

/** Asks the server who is signed in. */
export async function look() {
  const before = news;
  const reply = await fetch('/api/session', { headers: { Accept: 'application/json' }, cache: 'no-store', credentials: 'same-origin' });
  if (!reply.ok) throw new TypeError(`session: ${reply.status}`);
  const state = await reply.json();
  if (before !== news) return look();
  take(state);
  return state;
}

/** Takes up an answer that says who is signed in. */
export function take(state) {
  const before = session.get();
  if (before?.signed_in && state.signed_in && who(before) !== who(state)) return leave('/');
  // A page that is open when its session ends stays, under the dialog that asks to sign in again.
  if (before?.signed_in && !state.signed_in) return expire(state);
  session.set(state);
  watchEnd(state);
  return undefined;
}

/** After signing in: as `take`, and the other tabs hear of it. */
export function arrived(state) {
  news += 1;
  session.set(state);
  watchEnd(state);
  channel?.postMessage({ said: 'in', who: who(state) });
}

/** After a proof: the same person, with what the session is now. */
export function proved(state) {
  news += 1;
  session.set(state);
  watchEnd(state);
}

/** Signed out on purpose: everything private leaves this tab and the others. */
export function departed() {
  channel?.postMessage({ said: 'out' });
  leave('/sign-in');
}

/** A full load: nothing of the old page stays in memory. */
export function leave(path) {
  document.documentElement.classList.add('leaving');
  location.replace(path);
}

let expiry = null;
/** The session is over: asks to sign in again over the page. All that wait get the same answer. */
export function expire(state) {
  // What is asked of nobody in particular (to sign in, to sign out) needs the new token.
  if (state) session.set({ ...session.get(), csrf: state.csrf });
  if (expiry) return expiry;
  expiry = new Promise((done, cancel) => asked.set({ kind: 'expired', done, cancel })).finally(() => {
    expiry = null;
    asked.set(null);
  });
  expiry.catch(() => {});
  return expiry;
}

let proof = null;
/** Something dangerous is wanted: asks for a proof. */
export function prove() {
  proof ??= new Promise((done, cancel) => asked.set({ kind: 'proof', done, cancel })).finally(() => {
    proof = null;
    asked.set(null);
  });
  return proof;
}

let timer;
function watchEnd(state) {
  clearTimeout(timer);
  if (!state.signed_in) return;
  const end = Math.min(...[state.expires, state.idle_until].filter(Boolean).map((at) => Date.parse(at)));
  // 2^31 ms is the longest that a timer can wait.
  if (Number.isFinite(end)) timer = setTimeout(() => look().catch(() => {}), Math.min(Math.max(end - Date.now() + 1000, 1000), 2 ** 31 - 1));
}

channel?.addEventListener('message', ({ data }) => {
  news += 1;
  const state = session.get();
  if (data?.said === 'out' && state?.signed_in) leave('/sign-in');
  if (data?.said !== 'in' || !state) return;
  if (!state.signed_in) return leave(location.pathname === '/sign-in' ? '/' : location.href);
  if (who(state) !== data.who) return leave('/');
  // Somebody signed in again in another tab: this one goes on with that session.
  const over = asked.get();
  look().then((now) => { if (over?.kind === 'expired' && now?.signed_in) over.done(now); }).catch(() => {});
});

// A page out of the back-forward cache shows nothing before the session was asked.
addEventListener('pagehide', () => document.documentElement.classList.add('unsure'));
addEventListener('pageshow', async (event) => {
  const root = document.documentElement.classList;
  if (!event.persisted) return root.remove('unsure');
  const was = session.get();
  try {
    const now = await (await fetch('/api/session', { cache: 'no-store' })).json();
    if (was?.signed_in && (!now.signed_in || who(was) !== who(now))) return leave(now.signed_in ? '/' : '/sign-in');
    if (!was?.signed_in && now.signed_in) return leave('/');
    session.set(now);
    root.remove('unsure');
  } catch {
    if (was?.signed_in) leave('/sign-in'); else root.remove('unsure');
  }
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible' && session.get()?.signed_in && !asked.get()) look().catch(() => {});
});
