// Each kind of page in hard times: a slow machine, a session that ends under its form, a server that restarts, two tabs, the way back
// after signing out. What was typed is never lost.
const assert = require('node:assert');
const { PASSWORD, until } = require('../lab.cjs');
const { bundle, person } = require('../cast.cjs');
const { by } = require('../manners.cjs');

function world(stage) {
  const made = bundle(stage.upstream);
  made.sites[0].users[0].api_tokens = [{ name: 'Nightly', token: 'dwd_of_hard_times_0123456789abcdefghij', scopes: ['*'] }];
  return stage.world(made, [['blog', 'ada', 'owner']]);
}

async function comes(stage, server, options) {
  const ada = await stage.person(server, options);
  await ada.signsIn('ada');
  await ada.isIn();
  return ada;
}

const inDialog = (one) => ({ within: one.dialog });
const file = { name: 'bundle.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify({ doorward_bundle: 1, sites: [{ name: 'blog', users: [person('dora')] }] })) };

/**
 * The forms: where they are, what is typed, how they are sent, and what is seen when it is done. `kept` finds the field that must still
 * hold `text`; `makes` = it must not be sent twice by itself; `tabs` = whoever saves second is told.
 */
const FORMS = {
  profile: { at: '/settings/profile', fill: (a) => a.types('Display name', 'Countess'), send: (a) => a.presses('Save'), kept: (a) => a.page.getByLabel('Display name'), text: 'Countess', tabs: true, done: (a) => a.toast('Saved') },
  password: {
    at: '/settings/security', send: (a) => a.presses('Change password'), kept: (a) => a.page.getByLabel('New password'), text: 'another battery of horses', makes: true, done: (a) => a.toast('Your password is changed'),
    fill: async (a) => { await a.types('Current password', PASSWORD); await a.types('New password', 'another battery of horses'); },
  },
  token: { at: '/settings/tokens', open: 'New token', fill: (a) => a.types('Name', 'typed before', inDialog(a)), send: (a) => a.presses('Create token', inDialog(a)), kept: (a) => a.dialog.getByLabel('Name').first(), text: 'typed before', makes: true, done: (a) => a.page.getByRole('heading', { name: 'Your new token' }) },
  site: { at: '/sites/blog', fill: (a) => a.types('Hosts', 'blog.localhost\nwww.blog.localhost'), send: (a) => a.presses('Save'), kept: (a) => a.page.getByLabel('Hosts'), text: 'blog.localhost\nwww.blog.localhost', tabs: true, done: (a) => a.toast('Saved') },
  'new user': { at: '/sites/blog/users', open: 'New user', fill: (a) => a.types('Login name', 'carol', inDialog(a)), send: (a) => a.presses('Create', inDialog(a)), kept: (a) => a.dialog.getByLabel('Login name'), text: 'carol', makes: true, done: (a) => a.page.getByRole('heading', { name: 'One-time password' }) },
  'new service account': { at: '/sites/blog/services', open: 'New service account', fill: (a) => a.types('Login name', 'deployer', inDialog(a)), send: (a) => a.presses('Create', inDialog(a)), kept: (a) => a.dialog.getByLabel('Login name'), text: 'deployer', makes: true, done: (a) => a.page.getByRole('heading', { name: 'deployer', level: 1 }) },
  user: { at: '/sites/blog/users/3', fill: (a) => a.types('Display name', 'Robert'), send: (a) => a.presses('Save'), kept: (a) => a.page.getByLabel('Display name'), text: 'Robert', tabs: true, done: (a) => a.toast('Saved') },
  'a power': {
    at: '/sites/blog/users/3', fill: (a) => a.chooses('Power', 'Administrator'), kept: (a) => a.page.getByLabel('Power', { exact: true }), text: 'admin', tabs: true, done: (a) => a.toast('Saved'),
    send: async (a) => { await a.presses('Save', { within: a.page.getByRole('region', { name: 'Sign-in', exact: true }) }); await a.presses('Go on', { within: a.dialog }); },
  },
  "a token's name": {
    at: '/settings/tokens', send: (a) => a.presses('Save', inDialog(a)), kept: (a) => a.dialog.getByLabel('Name'), text: 'Weekly', tabs: true, done: (a) => a.toast('Saved'),
    fill: async (a) => { await a.picks('Actions for Nightly', 'Rename'); await a.types('Name', 'Weekly', inDialog(a)); },
  },
  rules: {
    at: '/sites/blog/endpoints', send: (a) => a.presses('Save rules'), kept: (a) => a.page.locator('.rule-edit').getByLabel('Path'), text: '/typed', tabs: true, done: (a) => a.toast('The rules hold from now on'),
    fill: async (a) => { await a.presses(/^All \/news/, { exact: false }); await a.types('Path', '/typed', { within: a.page.locator('.rule-edit') }); },
  },
  'auth code': { at: '/sites/shop/auth-codes', open: 'New auth code', fill: (a) => a.types('Auth code', 'a-code-for-the-app', inDialog(a)), send: (a) => a.presses('Create', inDialog(a)), kept: (a) => a.dialog.getByLabel('Auth code'), text: 'a-code-for-the-app', tabs: true, done: (a) => a.page.getByRole('heading', { name: 'Your auth code' }) },
  'IP lists': { at: '/sites/blog/ip-lists', fill: (a) => a.types(a.page.getByLabel('Addresses').first(), '203.0.113.0/24'), send: (a) => a.presses('Save'), kept: (a) => a.page.getByLabel('Addresses').first(), text: '203.0.113.0/24', tabs: true, done: (a) => a.toast('Saved') },
  'a dialect': {
    at: '/sites/blog/dialects/wapka', send: (a) => a.presses('Save'), kept: (a) => a.page.getByLabel('Settings, as in a bundle'), text: '{"settings": {"token_seconds": 7200}}', tabs: true, done: (a) => a.toast('Saved'),
    fill: async (a) => { await a.presses('Edit as JSON'); await a.types('Settings, as in a bundle', '{"settings": {"token_seconds": 7200}}'); },
  },
  'an import': { at: '/imports', fill: (a) => a.gives(a.page.locator('input[type=file]'), file), send: (a) => a.presses('Try it'), makes: true, done: (a) => a.page.getByText('Nothing was written.') },
  'the guided start': {
    at: '/start', send: (a) => a.presses('Make the site'), kept: (a) => a.page.getByLabel('Hosts'), text: 'news.localhost', makes: true, done: (a) => a.page.getByText('Paste this line into a terminal:'),
    fill: async (a) => { await a.presses(/^WNCMS/, { exact: false }); await a.types('Name', 'news'); await a.types('URL', 'http://news.localhost'); await a.types('Hosts', 'news.localhost'); },
  },
};

async function begins(one, form) {
  await one.opens(form.at);
  if (form.open) await one.presses(form.open);
  await form.fill(one);
}

const holds = async (one, form) => form.kept && assert.strictEqual(await form.kept(one).inputValue(), form.text, 'what was typed stays');

const told = (kind, tell) => Object.fromEntries(Object.entries(FORMS).filter(([, form]) => kind !== 'tabs' || form.tabs).map(([name, form]) => [name, (stage) => tell(stage, form)]));
const named = (title, stories) => Object.fromEntries(Object.entries(stories).map(([name, tell]) => [`${title}: ${name}`, tell]));

/** Forms of what needs no fresh proof, so that none is asked for. */
const FREE = ['profile', 'password', "a token's name"];

/** The last proof is too old: nothing typed is lost when the question is closed, and what was wanted is done when it is answered. */
async function proofIsOld(stage, form) {
  const ada = await comes(stage, await world(stage));
  await begins(ada, form);
  const title = ada.page.getByRole('heading', { name: 'Is it still you?' });
  await ada.asksForProof();
  await form.send(ada);
  await title.waitFor();
  await ada.page.keyboard.press('Escape');
  await title.waitFor({ state: 'detached' });
  await holds(ada, form);
  await ada.asksForProof();
  await form.send(ada);
  await title.waitFor();
  await ada.provesIfAsked(form.done(ada));
}

async function sessionEnds(stage, form) {
  const ada = await comes(stage, await world(stage));
  await begins(ada, form);
  await ada.sessionEnds('ada');
  await form.send(ada);
  await ada.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
  await ada.comesBack();
  await ada.provesIfAsked(form.done(ada));
}

async function restarts(stage, form) {
  const server = await world(stage);
  const ada = await comes(stage, server);
  await begins(ada, form);
  await server.stop();
  await form.send(ada);
  await ada.sees('The server does not answer.');
  await holds(ada, form);
  if (form.makes) {
    await server.start();
    await ada.sees('The server was away for a moment.');
    await holds(ada, form);
    await form.send(ada);
    await ada.provesIfAsked(form.done(ada));
  } else await ada.provesIfAsked(form.done(ada), () => server.start());
}

async function twoTabs(stage, form) {
  const first = await comes(stage, await world(stage));
  const second = await stage.person(first.server, { context: first.context });
  await begins(first, form);
  await begins(second, form);
  await form.send(second);
  await second.provesIfAsked(form.done(second));
  await form.send(first);
  const late = first.page.getByText('Somebody else has changed this meanwhile');
  await first.provesIfAsked(late);
  await holds(first, form);
}

/** The server does what it was asked and goes away before it says so: what is sent again by itself is nobody else's change. */
async function answerIsLost(stage) {
  const server = await world(stage);
  const ada = await comes(stage, server);
  for (const [at, label, text] of [['/settings/profile', 'Display name', 'Countess'], ['/sites/blog/users/3', 'Display name', 'Robert'], ['/sites/blog', 'Hosts', 'blog.localhost\nwww.blog.localhost'], ['/sites/blog/ip-lists', 'Addresses', '203.0.113.0/24']]) {
    await ada.opens(at);
    await ada.types(ada.page.getByLabel(label).first(), text);
    let lost = 0;
    await ada.page.route('**/api/**', async (route) => {
      if (lost || !['PATCH', 'PUT'].includes(route.request().method())) return route.fallback();
      lost = (await route.fetch()).status();
      return route.abort();
    });
    await ada.presses('Save');
    await ada.provesIfAsked(ada.toast('Saved').first());
    assert.strictEqual(lost, 200, at);
    assert.strictEqual(await ada.page.getByLabel(label).first().inputValue(), text, at);
    await ada.page.unroute('**/api/**');
  }
  // Who saves second is told all the same.
  const second = await stage.person(server, { context: ada.context });
  await ada.opens('/settings/profile');
  await second.opens('/settings/profile');
  await ada.types('Display name', 'mine');
  await second.types('Display name', 'theirs');
  await server.stop();
  await ada.presses('Save');
  await ada.sees('The server does not answer.');
  await ada.provesIfAsked(ada.toast('Saved').first(), () => server.start());
  await second.presses('Save');
  await second.sees('Somebody else has changed this meanwhile');
}

/** An answer breaks off in the middle: that is no empty one. */
async function answerBreaksOff(stage) {
  const ada = await comes(stage, await world(stage));
  await ada.page.addInitScript(() => {
    const ask = globalThis.fetch;
    let broken = false;
    globalThis.fetch = async (target, ...more) => {
      const reply = await ask(target, ...more);
      if (broken || !String(target).startsWith('/api/me/tokens')) return reply;
      broken = true;
      return new Response(new ReadableStream({ start: (body) => { body.enqueue(new TextEncoder().encode('{"items":[')); body.error(new TypeError('network error')); } }), { status: reply.status });
    };
  });
  await ada.opens('/settings/tokens');
  await ada.sees('Nightly');
  await ada.seesNot('You have no tokens yet');
}

/** An answer on its way does not undo what was done meanwhile. */
async function answerIsLate(stage) {
  const ada = await comes(stage, await world(stage));
  await ada.opens('/settings/tokens');
  let release;
  const held = new Promise((done) => { release = done; });
  const late = ada.page.waitForRequest((request) => request.method() === 'GET' && request.url().includes('/api/me/tokens'));
  await ada.page.route(/\/api\/me\/tokens\?/, async (route) => {
    const response = await route.fetch();
    await held;
    await route.fulfill({ response });
  }, { times: 1 });
  await ada.presses('New token');
  await ada.types('Name', 'made meanwhile', inDialog(ada));
  await ada.presses('Create token', inDialog(ada));
  await ada.presses('I have copied it');
  await late;
  await ada.picks('Actions for Nightly', 'Rename');
  await ada.types('Name', 'Weekly', inDialog(ada));
  await ada.presses('Save', inDialog(ada));
  const list = ada.page.locator('tbody');
  await ada.sees('Weekly', { within: list });
  release();
  await ada.sees('made meanwhile', { within: list });
  await ada.sees('Weekly', { within: list });
  assert.strictEqual(await list.getByText('Nightly').count(), 0);
}

/** Who came too late sees what the other wrote when they ask for it, and goes on from there. */
async function loadsAgain(stage) {
  const first = await comes(stage, await world(stage));
  const second = await stage.person(first.server, { context: first.context });
  const name = (one) => one.page.getByLabel('Display name');
  for (const [at, text] of [['/sites/blog/users/3', 'Robert'], ['/settings/profile', 'Countess']]) {
    await first.opens(at);
    await second.opens(at);
    await second.types('Display name', text);
    await second.presses('Save');
    await second.toast('Saved').first().waitFor();
    await first.types('Display name', 'typed too late');
    await first.presses('Save');
    await first.sees('Somebody else has changed this meanwhile');
    assert.strictEqual(await name(first).inputValue(), 'typed too late');
    await first.presses('Load again');
    await until('what the other wrote', async () => (await name(first).inputValue()) === text);
    await first.seesNot('Somebody else has changed this meanwhile');
    await first.types('Display name', `${text} again`);
    await first.presses('Save');
    await first.toast('Saved').first().waitFor();
    await second.opens(at);
    assert.strictEqual(await name(second).inputValue(), `${text} again`);
  }
}

/** A page for each kind; what they show must not come back. */
const PRIVATE = ['/', '/settings/tokens', '/settings/security', '/settings/profile', '/sites', '/sites/blog', '/sites/blog/users', '/sites/blog/users/3', '/sites/blog/services', '/sites/blog/roles', '/sites/blog/endpoints', '/sites/blog/keys', '/sites/shop/auth-codes', '/sites/blog/ip-lists', '/sites/blog/webhooks', '/sites/blog/dialects', '/sites/blog/dialects/wapka', '/audit', '/live', '/imports', '/server'];

async function goesBack(stage) {
  const ada = await comes(stage, await world(stage));
  for (const target of PRIVATE) await ada.opens(target);
  await ada.picks('Ada', 'Sign out');
  await ada.page.waitForURL('**/sign-in**');
  const seen = new Set();
  for (let n = 0; n < PRIVATE.length; n += 1) {
    await ada.page.goBack({ waitUntil: 'commit' }).catch(() => {});
    if (!ada.page.url().startsWith(ada.server.origin)) break;
    await until('the sign-in page', () => ada.page.evaluate(() => location.pathname === '/sign-in' && !document.documentElement.classList.contains('unsure')).catch(() => false));
    await ada.settled();
    assert.strictEqual(await ada.page.locator('.side, .card table, .avatar').count(), 0, ada.page.url());
    seen.add(ada.page.url());
  }
  assert.ok(seen.size >= PRIVATE.length - 2, `${seen.size} pages were gone back to`);
}

const slowly = (name) => Object.fromEntries(Object.entries(require(`./${name}.cjs`)).filter(([title]) => !/keyboard/.test(title)).map(([title, tell]) => [title, (stage) => tell(by(stage, { slow: 4 }))]));

module.exports = {
  ...named('the session ends', told('all', sessionEnds)),
  ...Object.fromEntries(Object.entries(named('the proof is old', told('all', proofIsOld))).filter(([name]) => !FREE.some((free) => name.endsWith(`: ${free}`)))),
  ...named('the server restarts', told('all', restarts)),
  ...named('two tabs', told('tabs', twoTabs)),
  'the answer is lost, and what was asked was done': answerIsLost,
  'an answer breaks off': answerBreaksOff,
  'an answer is late': answerIsLate,
  'two tabs: who came too late loads again and goes on': loadsAgain,
  'two tabs: who came too late loads again and goes on (by keyboard alone)': (stage) => loadsAgain(by(stage, { keyboard: true })),
  'back after signing out shows nothing of any page': goesBack,
  ...named('slowly', { ...slowly('2-first-run'), ...slowly('3-sign-in'), ...slowly('5-settings'), ...slowly('6-administration'), ...slowly('7-self-service') }),
};
