// Which page: addresses are real paths, links are plain links, and the heading of a new page gets the focus.
import { store, useStore } from './dom.js';
import { mayLeave, unsaved } from './unsaved.js';

const here = () => ({ path: location.pathname, query: new URLSearchParams(location.search), address: location.pathname + location.search });
const route = store(here());
export const useRoute = () => useStore(route);

export function navigate(path, { replace = false, keepFocus = false } = {}) {
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(history.state, '', path); else push(path);
  arrive(!keepFocus);
}

/** As `navigate`, after a question if something on this page is not saved. */
export async function leaveFor(path) {
  if (new URL(path, location.href).pathname === location.pathname || await mayLeave()) navigate(path);
}

// Entries of the history are counted, so that a step back that is not wanted can be taken back.
let place = history.state?.place ?? 0;
history.replaceState({ place }, '');
function push(path) {
  place += 1;
  history.pushState({ place }, '', path);
}

/** Sets the query without a new page, so that a filter can be linked to. */
export function setQuery(values) {
  const pairs = Object.entries(values).filter(([, value]) => value);
  const text = pairs.length ? `?${new URLSearchParams(pairs)}` : '';
  history.replaceState(history.state, '', location.pathname + text);
  route.set(here());
}

let arriving = false;
function arrive(focus) {
  arriving = focus;
  route.set(here());
  if (focus) scrollTo(0, 0);
}

/** Called by a page's heading when it is drawn: it gets the focus if the page is new. */
export function arrivedAt(heading, title) {
  document.title = title;
  if (!arriving) return;
  arriving = false;
  heading.focus({ preventScroll: true });
}

/** The parameters if the pattern (`/sites/:site/users`) is the path, else null. */
export function match(pattern, path) {
  const wanted = pattern.split('/');
  const parts = path.replace(/(.)\/$/, '$1').split('/');
  if (wanted.length !== parts.length) return null;
  const found = {};
  for (const [i, part] of wanted.entries()) {
    if (part.startsWith(':')) {
      try { found[part.slice(1)] = decodeURIComponent(parts[i]); } catch { return null; }
    } else if (part !== parts[i]) return null;
  }
  return found;
}

let staying = false;
let granted = false;
/** A step in the history was made: where something is not saved, it is taken back until the person has said that it may go. */
addEventListener('popstate', async () => {
  // A fragment has an entry of its own, which nobody has counted yet.
  if (!history.state) history.replaceState({ place: place + 1 }, '');
  const steps = history.state.place - place;
  const elsewhere = route.get().path !== location.pathname;
  if (staying) { staying = false; return; }
  if (!granted && steps && elsewhere && unsaved()) {
    staying = true;
    history.go(-steps);
    if (!(await mayLeave())) return;
    granted = true;
    history.go(steps);
    return;
  }
  granted = false;
  place = history.state.place;
  // Chromium says this of a mere fragment too (the skip link): that is no other page, and the focus stays with who has gone on.
  if (route.get().address !== here().address) arrive(true);
});
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin || link.hash || link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  leaveFor(link.pathname + link.search);
});
