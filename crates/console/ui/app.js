// The console begins here: words, session, then the page that the address names.
import { html, render, useEffect, useErrorBoundary, useState, useStore } from './lib/dom.js';
import { asked, away, look, useSession } from './lib/session.js';
import { keepFocus } from './lib/focus.js';
import { match, navigate, useRoute } from './lib/router.js';
import { begin, t, useLanguage, useWords } from './lib/text.js';
import { Button, Failed, Notice, Skeleton } from './parts/basic.js';
import { Confirms } from './parts/dialog.js';
import { Toasts } from './parts/toast.js';
import { Icon } from './parts/icons.js';
import { Door, Frame } from './parts/frame.js';
import { Expired, Proof } from './parts/again.js';
import { NotFor } from './parts/not-for.js';
import { OwnPassword } from './parts/own-password.js';
import { isFor, routes } from './routes.js';

const loaded = new Map();
/** The page's module, asked for once. */
function usePage(route) {
  const [page, setPage] = useState(() => loaded.get(route.load));
  const [error, setError] = useState(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const ready = loaded.get(route.load);
    setPage(() => ready);
    setError(null);
    if (ready) return undefined;
    let current = true;
    route.load().then(
      (module) => { loaded.set(route.load, module.default); if (current) setPage(() => module.default); },
      (failed) => { if (current) setError(failed); },
    );
    return () => { current = false; };
  }, [route.load, turn]);
  return { page: loaded.get(route.load) ?? (page === undefined ? undefined : null), error, retry: () => setTurn((n) => n + 1) };
}

function App() {
  useLanguage();
  const session = useSession();
  const { path } = useRoute();
  let params = null;
  const route = routes.find((r) => (params = match(r.path, path))) ?? routes.at(-1);
  const wants = turnedAway(session, route);
  useEffect(() => {
    if (wants) navigate(wants, { replace: true });
  }, [wants]);
  if (wants) return null;
  // Links out of letters and the help are open to who must choose a password first; nothing else is.
  const first = session.signed_in && session.user.must_choose && !route.open && !['reset', 'verify', 'setup'].includes(route.name);
  const shown = first ? html`<${OwnPassword} user=${session.user} />` : html`<${Page} key=${path} route=${route} params=${params ?? {}} />`;
  return html`<${Away} />${first || route.door || !session.signed_in ? html`<${Door} wide=${route.wide && !first}>${shown}</${Door}>` : html`<${Frame} route=${route} params=${params ?? {}}>${shown}</${Frame}>`}
    <${Confirms} /><${Asked} /><${Toasts} />`;
}

/** Where somebody who may not see this page is sent. */
function turnedAway(session, route) {
  if (session.setup_due && !session.signed_in && route.name !== 'setup' && !route.open) return '/setup';
  if (!session.signed_in && !route.door && !route.open) {
    const back = location.pathname + location.search;
    return back === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(back)}`;
  }
  if (session.signed_in && route.name === 'sign-in') return '/';
  return null;
}

function Page({ route, params }) {
  const session = useSession();
  const [broken, again] = useErrorBoundary((error) => console.warn('page', error));
  const { page: Shown, error, retry } = usePage(route);
  const worded = useWords(route.words);
  if (broken) return html`<${Notice} tone="danger"><p>${t('page.broken')}</p><${Button} kind="quiet" icon="roll" onClick=${again}>${t('retry')}</${Button}></${Notice}>`;
  if (session.signed_in && !isFor(route, session.user, params)) return html`<${NotFor} whom=${route.for} site=${params.site} user=${session.user} />`;
  if (error) return html`<${Failed} error=${{ code: 'was_away' }} retry=${retry} />`;
  if (!Shown || !worded) return html`<${Skeleton} />`;
  return html`<${Shown} ...${params} session=${session} />`;
}

function Away() {
  const gone = useStore(away);
  return gone ? html`<div class="away" role="alert"><${Icon} name="warn" size=${18} />${t('away')}</div>` : null;
}

function Asked() {
  const wanted = useStore(asked);
  if (!wanted) return null;
  return wanted.kind === 'expired' ? html`<${Expired} ...${wanted} />` : html`<${Proof} ...${wanted} />`;
}

async function start() {
  const words = begin();
  // The page's module comes while the session is asked for.
  routes.find((r) => match(r.path, location.pathname))?.load().catch(() => {});
  for (let wait = 400; ; wait = Math.min(wait * 1.6, 5000)) {
    try {
      await look();
      break;
    } catch {
      await words;
      // The first question has no page yet that could show the banner.
      document.querySelector('#app .boot span:last-child')?.replaceChildren(t('away'));
      await new Promise((done) => setTimeout(done, wait));
    }
  }
  await words;
  const root = document.getElementById('app');
  root.replaceChildren();
  keepFocus(root);
  render(html`<${App} />`, root);
}

start();
