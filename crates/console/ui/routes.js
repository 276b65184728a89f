// Every page: its path, whom it is `for` (who runs the server, any administrator, who runs the path's site; nobody named: everybody), and
// the module that draws it. `door` pages stand alone, without the frame; `words` = a pack of words that it needs.
import SignIn from './pages/sign-in.js';

const page = (name) => () => import('./pages.js').then((pages) => ({ default: pages.default[name] }));

export const routes = [
  { path: '/sign-in', name: 'sign-in', door: true, load: async () => ({ default: SignIn }) },
  { path: '/forgot', name: 'forgot', door: true, load: page('forgot') },
  { path: '/reset', name: 'reset', door: true, load: page('reset') },
  { path: '/register', name: 'register', door: true, load: page('register') },
  { path: '/verify', name: 'verify', door: true, load: page('verify') },
  { path: '/confirm-email', name: 'confirm-email', door: true, load: page('confirm-email') },
  { path: '/setup', name: 'setup', door: true, load: page('setup') },
  { path: '/start', name: 'start', for: 'owner', door: true, wide: true, load: page('start') },
  { path: '/', name: 'home', load: page('home') },
  { path: '/settings/tokens', name: 'tokens', load: page('tokens') },
  { path: '/settings/security', name: 'security', load: page('security') },
  { path: '/settings/profile', name: 'profile', load: page('profile') },
  { path: '/sites', name: 'sites', for: 'admin', load: page('sites') },
  { path: '/sites/:site', name: 'site', for: 'site', load: page('site') },
  { path: '/sites/:site/users', name: 'users', for: 'site', load: page('users') },
  { path: '/sites/:site/users/:number', name: 'users', for: 'site', load: page('user') },
  { path: '/sites/:site/services', name: 'services', for: 'site', load: page('services') },
  { path: '/sites/:site/services/:number', name: 'services', for: 'site', load: page('user') },
  { path: '/sites/:site/roles', name: 'roles', for: 'site', load: page('roles') },
  { path: '/sites/:site/endpoints', name: 'endpoints', for: 'site', load: page('endpoints') },
  { path: '/sites/:site/keys', name: 'keys', for: 'site', words: 'keys', load: page('keys') },
  { path: '/sites/:site/auth-codes', name: 'auth-codes', for: 'site', load: page('auth-codes') },
  { path: '/sites/:site/ip-lists', name: 'ip-lists', for: 'site', words: 'ip-lists', load: page('ip-lists') },
  { path: '/sites/:site/webhooks', name: 'webhooks', for: 'site', load: page('webhooks') },
  { path: '/sites/:site/dialects', name: 'dialects', for: 'site', load: page('dialects') },
  { path: '/sites/:site/dialects/:dialect', name: 'dialects', for: 'site', load: page('dialect') },
  { path: '/audit', name: 'audit', for: 'admin', load: page('audit') },
  { path: '/live', name: 'live', for: 'admin', words: 'live', load: page('live') },
  { path: '/imports', name: 'imports', for: 'owner', words: 'imports', load: page('imports') },
  { path: '/server', name: 'server', for: 'owner', words: 'server-settings', load: page('server') },
  { path: '/help/:page', name: 'help', open: true, wide: true, load: page('help') },
  { path: '/help/:folder/:page', name: 'help', open: true, wide: true, load: page('help') },
  { path: '', name: 'nowhere', load: page('nowhere') },
];

/** Whether a page is for somebody. The server decides; this only spares them a page of which every part says no. */
export function isFor(route, user, params) {
  if (!route.for || user.power === 'owner') return true;
  return user.power === 'admin' && (route.for === 'admin' || (route.for === 'site' && params.site === user.site));
}
