// Who is in the tests: sites and people with plain names, and the same with names that want to break a page.
const { PASSWORD, hashOf } = require('./lab.cjs');

/** What runs as script if a page writes it as HTML, an attribute, a URL, CSS or a template. */
const CORPUS = [
  '<script>window.hit=1</script>', '"><img src=x onerror=window.hit=1>', "'><svg/onload=window.hit=1>", '<svg><animate onbegin=window.hit=1 attributeName=x dur=1s>',
  'javascript:window.hit=1', '</title><script>window.hit=1</script>', '{{constructor.constructor("window.hit=1")()}}', '${window.hit=1}', '`;window.hit=1//',
  '<iframe srcdoc="<script>parent.hit=1</script>">', '<math><mtext><img src=x onerror=window.hit=1>', '\u202e<b onmouseover=window.hit=1>\u202c', '&lt;img src=x onerror=window.hit=1&gt;',
  '<a href="javascript:window.hit=1">x</a>', '" autofocus onfocus=window.hit=1 x="', '<base href=//evil.invalid/>', '<meta http-equiv=refresh content="0;url=javascript:window.hit=1">', '*/window.hit=1/*', '<style>@import "//evil.invalid"</style>', '__proto__',
];
const LONG = 'Extraordinarily-long-name-without-any-place-to-break-'.repeat(3);
const RTL = 'محمد بن موسى الخوارزمي';

const ask = (origin, more = {}) => ({ path: '/open', auth: ['none'], ...more, ...origin });

function person(login, more = {}) {
  return { login, email: `${login}@example.com`, display_name: login[0].toUpperCase() + login.slice(1), level: 0, password_hash: hashOf(PASSWORD), ...more };
}

/** Two sites; Ada owns the server, Grace runs the blog, Bob is nobody special, Eve belongs to the shop. */
function bundle(upstream) {
  return {
    doorward_bundle: 1,
    sites: [
      { name: 'blog', url: 'http://blog.localhost', hosts: ['blog.localhost'], upstream,
        dialects: { wporchestrix: {}, wncms: { settings: { enable_api_access: '1', wncms_api_post_index: '1', wncms_api_post_index_should_auth: 'simple' } }, wapka: {} },
        endpoints: [ask({ path: '/news' }), { path: '/admin', match: 'prefix', auth: ['bearer'], roles: ['editor'], ip_allow: ['127.0.0.0/8'] }, { path: '/reports', match: 'prefix', auth: ['token', 'bearer'], scopes: ['reports.read'] }],
        users: [person('ada', { level: 10, roles: ['administrator'] }), person('grace', { level: 8, roles: ['administrator', 'editor'] }), person('bob', { roles: ['editor'] }),
          person('robot', { service_account: true, password_hash: null, email: '' })] },
      { name: 'shop', url: 'http://shop.localhost', hosts: ['shop.localhost'], upstream,
        dialects: { simple_jwt_login: { settings: { auth_codes: [{ code: 'open-sesame-open', role: 'author', expiration_date: '' }] } } },
        users: [person('eve')] },
    ],
  };
}

/** A third site, `hooks`, that tells `receiver` of logins; its template and headers are the test's own. */
function telling(upstream, receiver, { url = `${receiver}/hook?token=url-secret`, template = '', headers = [], events = ['auth', 'login'], more = [] } = {}) {
  const item = (more) => ({ enabled: true, method: 'POST', headers, payload_template: template, ...more });
  const option = {
    _schema_version: 2, general: { decryption_key: 'a-key-of-the-tests-0123456789abcdef', jwt_algorithm: 'HS256' },
    authentication: { enabled: true, ttl: '60', payload: ['email', 'id', 'iat', 'exp'] }, authorization: { enabled: '1', jwt_payload: ['exp', 'email', 'id'], ttl: '60' },
    webhooks: { enabled: true, items: [item({ url, events }), ...more.map((one) => item({ url: one, events })), item({ url: 'https://off.example/hook', enabled: false, events: ['register'] })], logs: { enabled: true, retention: 90 } },
  };
  const made = bundle(upstream);
  made.sites.push({ name: 'hooks', url: 'http://hooks.localhost', hosts: ['hooks.localhost'], upstream, users: [person('zoe')],
    dialects: { simple_jwt_login: { edition: 'v4', settings: option, webhooks: { private_addresses: true, plain_http: true } } } });
  return made;
}

/** The same with every field that a person or client can set taken from the corpus, from long names and from right to left. */
function hostile(upstream, receiver) {
  const names = [...CORPUS, LONG, RTL];
  const hook = { more: [`${receiver}/${CORPUS[1]}${LONG}?${CORPUS[0]}`, `javascript:window.hit=1//${RTL}`], template: JSON.stringify(names), events: ['auth', ...CORPUS.slice(0, 3), LONG] };
  const made = telling(upstream, receiver, hook);
  made.sites[2].users[0].email = '<img/src=x/onerror=window.hit=1>@example.com';
  made.sites[0].users.push(...names.map((name, i) => person(`x${i}`, {
    login: `x${i}-${name}`.slice(0, 60), email: `x${i}@example.com`, display_name: name, url: `https://example.com/?${encodeURIComponent(name)}`, avatar: name.slice(0, 200), roles: [name.slice(0, 60)],
    api_tokens: [{ name, token: `dwd_hostile_${String(i).padStart(26, '0')}`, scopes: [name.replace(/\s/g, '_').slice(0, 60)] }],
  })));
  const ada = made.sites[0].users[0];
  ada.display_name = CORPUS[1];
  ada.api_tokens = names.map((name, i) => ({ name, token: `dwd_adas_own_${String(i).padStart(25, '0')}`, scopes: [name.replace(/\s/g, '_').slice(0, 60)] }));
  made.sites[0].endpoints.push({ path: `/${encodeURIComponent(CORPUS[1])}`, auth: ['bearer'], roles: names.map((n) => n.slice(0, 60)), scopes: ['a'] });
  return made;
}

module.exports = { CORPUS, LONG, RTL, bundle, hostile, person, telling };
