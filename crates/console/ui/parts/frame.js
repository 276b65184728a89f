// The frame around the pages: side bar, drawer on narrow screens, the person's menu; and the plain frame of the door.
import { cls, html, useLayoutEffect, useRef, useState } from '../lib/dom.js';
import { del } from '../lib/api.js';
import { departed, useSession } from '../lib/session.js';
import { arrivedAt, navigate, useRoute } from '../lib/router.js';
import { mayLeave } from '../lib/unsaved.js';
import { choose, current, languages, t } from '../lib/text.js';
import { useSites } from '../lib/sites.js';
import { Button } from './basic.js';
import { Icon } from './icons.js';
import { Menu } from './menu.js';
import { toast } from './toast.js';
import { errorText } from './basic.js';

const mine = [['/settings/tokens', 'tokens', 'key'], ['/settings/security', 'security', 'shield'], ['/settings/profile', 'profile', 'user']];
const ofSite = [['users', 'users', 'users'], ['services', 'services', 'robot'], ['roles', 'roles', 'tag'], ['endpoints', 'endpoints', 'route'], ['keys', 'keys', 'key'],
  ['auth-codes', 'auth-codes', 'ticket'], ['ip-lists', 'ip-lists', 'list'], ['webhooks', 'webhooks', 'send'], ['dialects', 'dialects', 'language'], ['', 'site', 'sliders']];
const ofServer = { admin: [['/', 'home', 'gauge'], ['/live', 'live', 'clock'], ['/audit', 'audit', 'scroll']],
  owner: [['/', 'home', 'gauge'], ['/live', 'live', 'clock'], ['/audit', 'audit', 'scroll'], ['/sites', 'sites', 'globe'], ['/imports', 'imports', 'inbox'], ['/server', 'server', 'server']] };

const initials = (user) => (user.display_name || user.login || '?').trim().split(/\s+/).slice(0, 2).map((w) => [...w][0] ?? '').join('');
export const Avatar = ({ user }) => html`<span class="avatar" aria-hidden="true">${initials(user)}</span>`;

function Links({ title, links, current: now }) {
  return html`<div class="nav-group">${title && html`<p class="nav-title">${title}</p>`}<ul class="nav-list">${links.map(([href, name, icon]) => html`<li key=${href}>
    <a class="nav-link" href=${href} aria-current=${name === now ? 'page' : undefined}><${Icon} name=${icon} />${t(`nav.${name}`)}</a></li>`)}</ul></div>`;
}

function SiteLinks({ route, params, session }) {
  const { sites, site, pick } = useSites(session, params.site);
  const [stayed, again] = useState(0);
  if (!site) return null;
  const go = async (event) => {
    const { value } = event.target;
    if (!(await mayLeave())) { again((n) => n + 1); return; }
    pick(value);
    const rest = route.path.startsWith('/sites/:site') ? route.path.split('/').slice(3, 4).filter((p) => !p.startsWith(':')).join('') : 'users';
    navigate(`/sites/${encodeURIComponent(value)}${rest && `/${rest}`}`);
  };
  const base = `/sites/${encodeURIComponent(site)}`;
  return html`<${Links} title=${t('nav.group.site')} current=${route.name} links=${[]} />
    <div class="site-pick">${sites.length > 1 ? html`<select key=${stayed} class="input" aria-label=${t('nav.site.pick')} value=${site} onChange=${go}>${sites.map((s) => html`<option key=${s.name} value=${s.name} selected=${s.name === site}>${s.name}</option>`)}</select>`
      : html`<span class="badge accent">${site}</span>`}</div>
    <ul class="nav-list">${ofSite.map(([rest, name, icon]) => html`<li key=${name}><a class="nav-link" href=${rest ? `${base}/${rest}` : base} aria-current=${name === route.name ? 'page' : undefined}><${Icon} name=${icon} />${t(`nav.${name}`)}</a></li>`)}</ul>`;
}

export async function signOut() {
  if (!(await mayLeave())) return undefined;
  try {
    await del('/session', { anonymous: true });
  } catch (error) {
    if (error.code !== 'no_session') return toast(errorText(error), { tone: 'danger' });
  }
  return departed();
}

export function theme() {
  return document.documentElement.dataset.theme ?? 'auto';
}
export function setTheme(to) {
  if (to === 'auto') delete document.documentElement.dataset.theme; else document.documentElement.dataset.theme = to;
  try { if (to === 'auto') localStorage.removeItem('doorward.theme'); else localStorage.setItem('doorward.theme', to); } catch { /* storage is off */ }
  dispatchEvent(new Event('doorward:theme'));
}

function useThemeItems() {
  const [now, set] = useState(theme());
  return [['auto', 'auto'], ['light', 'sun'], ['dark', 'moon']].map(([name, icon]) => ({ text: `${t(`theme.${name}`)}${name === now ? ' ✓' : ''}`, icon, onClick: () => { setTheme(name); set(name); } }));
}
const languageItems = () => languages.map(([tag, name]) => ({ text: `${name}${tag === current() ? ' ✓' : ''}`, icon: 'language', onClick: () => choose(tag) }));

export function Frame({ route, params, children }) {
  const session = useSession();
  const { path } = useRoute();
  // Another page is drawn with the drawer shut: its heading could not have the focus below an open one.
  const [openAt, setOpenAt] = useState(null);
  const open = openAt === path;
  const setOpen = (yes) => setOpenAt(yes ? path : null);
  const side = useRef(null);
  const button = useRef(null);
  const themes = useThemeItems();
  useLayoutEffect(() => setOpenAt(null), [path]);
  useLayoutEffect(() => {
    if (open) side.current?.querySelector('a,select,button')?.focus();
  }, [open]);
  const close = () => { setOpen(false); button.current?.focus(); };
  const keys = (event) => { if (event.key === 'Escape' && open) close(); };
  const user = session.user;
  const server = ofServer[user.power];
  return html`<a class="skip" href="#main">${t('skip')}</a>
  <div class="frame">
    <header class="top"><button ref=${button} type="button" class="button quiet only-icon" aria-label=${t('nav.open')} aria-expanded=${open ? 'true' : 'false'} aria-controls="side" onClick=${() => setOpen(!open)}><${Icon} name="menu" /></button>
      <a class="brand" href="/"><img src="/assets/icon.svg" alt="" />Doorward</a></header>
    ${open && html`<div class="side-shade" onClick=${close}></div>`}
    <aside id="side" aria-label=${t('nav.side')} class=${cls('side', open && 'open')} ref=${side} onKeyDown=${keys}>
      <a class="brand" href="/"><img src="/assets/icon.svg" alt="" />Doorward</a>
      <nav aria-label=${t('nav.label')}>
        ${server && html`<${Links} links=${server} current=${route.name} />`}
        ${server && html`<${SiteLinks} route=${route} params=${params} session=${session} />`}
        <${Links} title=${t('nav.group.mine')} links=${mine} current=${route.name} />
      </nav>
      <div class="side-foot"><${Menu} describe=${t('nav.me')} align="up" items=${[...themes, ...languageItems(), { text: t('sign-out'), icon: 'out', onClick: signOut }]}>
        <span class="me"><${Avatar} user=${user} /><span><span class="clip strong" dir="auto">${user.display_name || user.login}</span><span class="clip small quiet">${user.site}</span></span></span></${Menu}></div>
    </aside>
    <main id="main" class="page" tabindex="-1" inert=${open}>${children}</main>
  </div>`;
}

/** The frame of what stands before the door: sign-in, set-up, links out of mails. */
export function Door({ wide, children }) {
  const themes = useThemeItems();
  return html`<div class="door"><main id="main" class=${cls('door-card', wide && 'wide')}>${children}</main>
    <footer class="door-foot"><${Menu} label=${t('language')} align="up" items=${languageItems()}><${Icon} name="language" size=${18} />${t('language')}</${Menu}>
      <${Menu} label=${t('theme')} align="up" items=${themes}><${Icon} name="auto" size=${18} />${t('theme')}</${Menu}>
      <a href="/help/console">${t('help')}</a></footer></div>`;
}

export function DoorHead({ title, text }) {
  const heading = useRef(null);
  useLayoutEffect(() => arrivedAt(heading.current, `${title} · Doorward`), [title]);
  return html`<div class="door-brand"><img src="/assets/icon.svg" alt="" /><h1 ref=${heading} tabindex="-1">${title}</h1>${text && html`<p>${text}</p>`}</div>`;
}
