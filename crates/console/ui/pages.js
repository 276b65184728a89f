// Every page but the sign-in: one file, loaded when the first of them is wanted.
import Audit from './pages/audit.js';
import AuthCodes from './pages/auth-codes.js';
import ConfirmEmail from './pages/confirm-email.js';
import Dialect from './pages/dialect.js';
import Dialects from './pages/dialects.js';
import Endpoints from './pages/endpoints.js';
import Forgot from './pages/forgot.js';
import Help from './pages/help.js';
import Home from './pages/home.js';
import Imports from './pages/imports.js';
import IpLists from './pages/ip-lists.js';
import Keys from './pages/keys.js';
import Live from './pages/live.js';
import Nowhere from './pages/nowhere.js';
import Profile from './pages/profile.js';
import Register from './pages/register.js';
import Reset from './pages/reset.js';
import Roles from './pages/roles.js';
import Security from './pages/security.js';
import Server from './pages/server.js';
import Services from './pages/services.js';
import Setup from './pages/setup.js';
import Site from './pages/site.js';
import Sites from './pages/sites.js';
import Start from './pages/start.js';
import Tokens from './pages/tokens.js';
import User from './pages/user.js';
import Users from './pages/users.js';
import Verify from './pages/verify.js';
import Webhooks from './pages/webhooks.js';

export default {
  audit: Audit,
  'auth-codes': AuthCodes,
  'confirm-email': ConfirmEmail,
  dialect: Dialect,
  dialects: Dialects,
  endpoints: Endpoints,
  forgot: Forgot,
  help: Help,
  home: Home,
  imports: Imports,
  'ip-lists': IpLists,
  keys: Keys,
  live: Live,
  nowhere: Nowhere,
  profile: Profile,
  register: Register,
  reset: Reset,
  roles: Roles,
  security: Security,
  server: Server,
  services: Services,
  setup: Setup,
  site: Site,
  sites: Sites,
  start: Start,
  tokens: Tokens,
  user: User,
  users: Users,
  verify: Verify,
  webhooks: Webhooks,
};
