// Which page: addresses are real paths, links are plain links, and the heading of a new page gets the focus.
import { store, useStore } from './dom.js';

const here = () => ({ path: location.pathname, query: new URLSearchParams(location.search), address: location.pathname + location.search });
const route = store(here());
export const useRoute = () => useStore(route);

export function navigate(path, { replace = false, keepFocus = false } = {}) {
  if (path === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', path);
  arrive(!keepFocus);
}

/** Sets the query without a new page, so that a filter can be linked to. */
export function setQuery(values) {
  const pairs = Object.entries(values).filter(([, value]) => value);
  const text = pairs.length ? `?${new URLSearchParams(pairs)}` : '';
  history.replaceState(null, '', location.pathname + text);
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

// Chromium says this of a mere fragment too (the skip link): that is no other page, and the focus stays with who has gone on.
addEventListener('popstate', () => { if (route.get().address !== here().address) arrive(true); });
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a[href]');
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin || link.hash || link.pathname.startsWith('/api/')) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
});
