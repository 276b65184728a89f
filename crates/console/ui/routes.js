// Every page: its path, who sees it, and the module that draws it. `door` pages stand alone, without the frame.
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
  { path: '/start', name: 'start', door: true, wide: true, load: page('start') },
  { path: '/', name: 'home', load: page('home') },
  { path: '/settings/tokens', name: 'tokens', load: page('tokens') },
  { path: '/settings/security', name: 'security', load: page('security') },
  { path: '/settings/profile', name: 'profile', load: page('profile') },
  { path: '/sites', name: 'sites', load: page('sites') },
  { path: '/sites/:site', name: 'site', load: page('site') },
  { path: '/sites/:site/users', name: 'users', load: page('users') },
  { path: '/sites/:site/users/:number', name: 'users', load: page('user') },
  { path: '/sites/:site/services', name: 'services', load: page('services') },
  { path: '/sites/:site/services/:number', name: 'services', load: page('user') },
  { path: '/sites/:site/roles', name: 'roles', load: page('roles') },
  { path: '/sites/:site/endpoints', name: 'endpoints', load: page('endpoints') },
  { path: '/sites/:site/keys', name: 'keys', load: page('keys') },
  { path: '/sites/:site/auth-codes', name: 'auth-codes', load: page('auth-codes') },
  { path: '/sites/:site/ip-lists', name: 'ip-lists', load: page('ip-lists') },
  { path: '/sites/:site/dialects', name: 'dialects', load: page('dialects') },
  { path: '/sites/:site/dialects/:dialect', name: 'dialects', load: page('dialect') },
  { path: '/audit', name: 'audit', load: page('audit') },
  { path: '/live', name: 'live', load: page('live') },
  { path: '/imports', name: 'imports', load: page('imports') },
  { path: '/server', name: 'server', load: page('server') },
  { path: '/help/:page', name: 'help', open: true, load: page('help') },
  { path: '/help/:folder/:page', name: 'help', open: true, load: page('help') },
  { path: '', name: 'nowhere', load: page('nowhere') },
];
