// What administrators do: sites, people, programs, endpoints, keys, codes, addresses, audit, imports, live.
const assert = require('node:assert');
const { PASSWORD, receiver, until } = require('../lab.cjs');
const { bundle, person, telling } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const world = (stage) => stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner'], ['blog', 'grace', 'admin']]);

async function comes(stage, login, options, server) {
  const one = await stage.person(server ?? await world(stage), options);
  await one.signsIn(login);
  await one.isIn();
  return one;
}

/** `[held, release]`: something that waits, and what ends it. */
function gate() {
  let release;
  const held = new Promise((done) => { release = done; });
  return [held, release];
}

const asks = (server, target, headers) => server.site('blog.localhost', 'GET', target, headers).then((r) => r.status);

async function endpointStory(ada) {
  await ada.opens('/sites/blog/endpoints');
  await ada.sees('/news');
  await ada.presses('Add a rule');
  await ada.types('Path', '/drafts', { within: ada.page.locator('.rule-edit') });
  await ada.types('Roles', 'editor, author', { within: ada.page.locator('.rule-edit') });
  await ada.presses('Save rules');
  await ada.toast('The rules hold from now on').waitFor();
  assert.strictEqual(await asks(ada.server, '/drafts/1'), 401);

  // To the top, step by step, by its handle.
  const handle = ada.page.getByRole('button', { name: /^Rule \d of 4, \/drafts/ });
  await ada.reaches(handle);
  for (const place of [3, 2, 1]) {
    await ada.page.keyboard.press('ArrowUp');
    await ada.page.getByRole('button', { name: `Rule ${place} of 4, /drafts` }).waitFor();
    await until('the focus to stay on the handle', () => handle.evaluate((node) => node === document.activeElement));
  }
  await ada.chooses('Mode of /drafts', 'Anybody');
  await ada.page.locator('.rule').first().locator('.rule-path').waitFor();
  await ada.presses(/^All \/drafts/, { exact: false });
  await ada.types('Roles', '', { within: ada.page.locator('.rule-edit') });
  await ada.page.keyboard.press('Tab');
  await ada.presses('Save rules');
  await until('the rule to hold', async () => await asks(ada.server, '/drafts/1') === 200);
  assert.match(await ada.page.locator('.rule').first().innerText(), /\/drafts/, 'it stays on top');

  const explain = ada.page.locator('.aside');
  await ada.types('Path', '/admin/users', { within: explain });
  await ada.presses('Explain', { within: explain });
  await ada.sees('no_credential', { within: explain });
  await ada.sees('nothing is shown', { within: explain });
  await ada.types('Path', '/drafts/1', { within: explain });
  await ada.presses('Explain', { within: explain });
  await ada.sees('Passes to the upstream', { within: explain });
}

const stories = {
  async 'endpoints: a rule is made, moved by keys, opened, and explained'(stage) {
    await endpointStory(await comes(stage, 'ada'));
  },

  async 'endpoints: what cannot be used is refused with its place, and two editors do not overwrite each other'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/endpoints');
    await ada.presses(/^All \/news/, { exact: false });
    await ada.types('Only from these addresses', 'nowhere', { within: ada.page.locator('.rule-edit') });
    await ada.page.keyboard.press('Tab');
    await ada.presses('Save rules');
    await ada.page.locator('.notice.danger').first().waitFor();
    assert.match(await ada.page.locator('.notice.danger').first().innerText(), /nowhere/);
    assert.strictEqual(await asks(ada.server, '/news'), 200, 'the last good rules stand');
    await ada.types('Only from these addresses', '', { within: ada.page.locator('.rule-edit') });
    await ada.types('Path', '/newer', { within: ada.page.locator('.rule-edit') });
    ada.server.run('rules', 'add', '--site', 'blog', '--path', '/by-command', '--auth', 'none');
    await ada.presses('Save rules');
    await ada.sees('Somebody else has changed this meanwhile');
    assert.strictEqual(await ada.page.locator('.rule-edit').getByLabel('Path').inputValue(), '/newer', 'what was typed stays');
  },

  async 'endpoints: what is changed while it is saved is kept, and what is not saved can be dropped'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/endpoints');
    const path = ada.page.locator('.rule-edit').getByLabel('Path');
    const [held, release] = gate();
    await ada.page.route('**/rules', async (route) => {
      if (route.request().method() !== 'PUT') return route.fallback();
      const response = await route.fetch();
      await held;
      return route.fulfill({ response });
    });
    await ada.presses(/^All \/news/, { exact: false });
    await ada.types('Path', '/newer', { within: ada.page.locator('.rule-edit') });
    await ada.presses('Save rules');
    await until('the first change to hold', async () => await asks(ada.server, '/newer') === 200);
    await ada.types('Path', '/newest', { within: ada.page.locator('.rule-edit') });
    release();
    await ada.toast('The rules hold from now on').waitFor();
    assert.strictEqual(await path.inputValue(), '/newest', 'what was typed stays');
    await ada.page.unroute('**/rules');
    await ada.presses('Save rules');
    await until('the second change to hold', async () => await asks(ada.server, '/newest') === 200);
    // With the last answer the rule is closed again.
    await path.waitFor({ state: 'detached' });
    await ada.presses(/^All \/newest/, { exact: false });
    await ada.types('Path', '/nowhere', { within: ada.page.locator('.rule-edit') });
    await ada.presses('Discard');
    await ada.presses('Discard', { within: ada.dialog });
    await path.waitFor({ state: 'detached' });
    await ada.sees('/newest');
    await ada.seesNot('/nowhere');
    assert.strictEqual(await asks(ada.server, '/newest'), 200);
  },

  async 'a switch shuts an endpoint'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/endpoints');
    assert.strictEqual(await asks(ada.server, '/news'), 200);
    await ada.presses('Endpoint /news is on', { role: 'switch' });
    await ada.presses('Save rules');
    await until('the endpoint to be shut', async () => await asks(ada.server, '/news') !== 200);
  },

  async 'a user: made with a one-time password, changed, banned, let in, deleted'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/users');
    await ada.presses('New user');
    await ada.types('Login name', 'bob', { within: ada.dialog });
    await ada.presses('Create', { within: ada.dialog });
    await ada.dialog.locator('.field-error, .notice.danger').first().waitFor();
    await ada.types('Login name', 'carol', { within: ada.dialog });
    await ada.types('E-mail', 'carol@example.com', { within: ada.dialog });
    await ada.presses('Create', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'One-time password' }));
    const password = await ada.dialog.getByRole('textbox', { name: 'Password' }).innerText();
    await ada.presses('I have copied it', { within: ada.dialog });
    await ada.page.waitForURL('**/users/*');
    const carol = await stage.person(ada.server);
    await carol.signsIn('carol', { password });
    await carol.types('Password that you were given', password);
    await carol.types('New password', PASSWORD);
    await carol.presses('Change password');
    await carol.isIn();

    await ada.settled();
    await ada.types('Display name', 'Carol Shaw');
    await ada.types('Roles', 'editor');
    await ada.presses('Save');
    await ada.toast('Saved').waitFor();
    await ada.presses('Ban');
    await ada.presses('Ban', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('button', { name: 'Let in again' }));
    await carol.follows('Profile');
    await carol.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await ada.presses('Let in again');
    await ada.page.getByRole('button', { name: 'Ban', exact: true }).waitFor();
    await ada.presses('Delete');
    assert.ok(await ada.dialog.getByRole('button', { name: 'Delete' }).isDisabled(), 'the name must be typed');
    await ada.types(/to go on/, 'carol', { within: ada.dialog });
    await ada.presses('Delete', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'Users', level: 1 }));
  },

  async 'users are found by what they begin with, by role and by standing'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/users');
    await ada.types('Search', 'gra');
    await until('only Grace', async () => (await ada.page.locator('tbody tr').count()) === 1);
    await ada.sees('grace@example.com');
    assert.match(ada.page.url(), /q=gra/, 'the filter can be linked to');
    await ada.types('Search', 'nobody at all');
    await ada.sees('Nobody fits');
    await ada.presses('Clear filters');
    await ada.chooses('Role', 'editor');
    await until('the editors', async () => (await ada.page.locator('tbody tr').count()) === 2);
  },

  async 'a service account: made, with a token that works'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/services');
    await ada.presses('New service account');
    await ada.types('Login name', 'deployer', { within: ada.dialog });
    await ada.presses('Create', { within: ada.dialog });
    const heading = ada.page.getByRole('heading', { name: 'deployer', level: 1 });
    await ada.provesIfAsked(heading);
    await ada.settled();
    await ada.presses('New token');
    await ada.types('Name', 'release', { within: ada.dialog });
    await ada.chooses('What it may do', 'Only certain scopes', { within: ada.dialog });
    await ada.ticks('reports.read', { within: ada.dialog });
    await ada.presses('Create token', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'Your new token' }));
    const token = await ada.dialog.getByRole('textbox', { name: 'Token' }).innerText();
    assert.strictEqual(await asks(ada.server, '/reports/1', { Authorization: `Bearer ${token}` }), 200);
    // Of a person none is made, and none is offered.
    await ada.opens('/sites/blog/users/3');
    await ada.sees('People make their own tokens');
    assert.strictEqual(await ada.page.getByRole('button', { name: 'New token' }).count(), 0);
  },

  async 'power is given and taken by the owner alone'(stage) {
    const ada = await comes(stage, 'ada');
    const bob = await comes(stage, 'bob', {}, ada.server);
    await bob.seesNot('Server settings');
    await ada.opens('/sites/blog/users');
    await ada.follows('Bob');
    await ada.page.getByRole('heading', { name: 'Bob', level: 1 }).waitFor();
    await ada.settled();
    await ada.chooses('Power', 'Administrator');
    await ada.presses('Save', { within: ada.page.locator('.action-row', { hasText: 'Power' }) });
    await ada.presses('Go on', { within: ada.dialog });
    await ada.provesIfAsked(ada.toast('Saved'));
    // Another power is another session.
    await bob.signsIn('bob');
    await bob.isIn();
    await bob.opens('/sites/blog/users');
    await bob.sees('grace@example.com');
    for (const target of ['/server', '/imports', '/sites/shop/users', '/sites/shop']) {
      await bob.opens(target);
      await bob.seesNot('eve@example.com');
      assert.match(await bob.page.locator('h1').innerText(), /^This page is for /, target);
    }
  },

  async 'roles are counted'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/roles');
    assert.match(await ada.page.getByRole('row', { name: /editor/ }).innerText(), /2\s+1/);
  },

  async 'a key is rotated; tokens of the old one go on working; the retired one is removed'(stage) {
    const ada = await comes(stage, 'ada');
    const login = await ada.server.site('blog.localhost', 'POST', '/v1/auth/login', { 'Content-Type': 'application/json' }, JSON.stringify({ site: 'blog', username: 'bob', password: PASSWORD }));
    const { token } = JSON.parse(login.body).data;
    const me = () => asks(ada.server, '/v1/auth/me', { Authorization: `Bearer ${token}` });
    const before = await me();
    await ada.opens('/sites/blog/keys');
    await ada.presses('Rotate the key of Wapka');
    await ada.presses('Make a new key?', { within: ada.dialog });
    await ada.provesIfAsked(ada.toast('A new key signs from now on'));
    await ada.page.getByText('Retired').first().waitFor();
    assert.strictEqual(await me(), before);
    await ada.presses(/^Remove the key /, { exact: false });
    await ada.presses('Remove', { within: ada.dialog });
    await ada.toast('The key is removed').waitFor();
    await until('its tokens to be refused', async () => await me() === 401);
  },

  async 'auth codes: made, seen once, removed'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/shop/auth-codes');
    await ada.seesNot('open-sesame-open');
    await ada.presses('New auth code');
    await ada.types('Auth code', 'a-code-for-the-app', { within: ada.dialog });
    await ada.presses('Create', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'Your auth code' }));
    await ada.sees('a-code-for-the-app', { within: ada.dialog });
    await ada.presses('I have copied it', { within: ada.dialog });
    await until('both in the list', async () => (await ada.page.locator('tbody tr').count()) === 2);
    await ada.seesNot('a-code-for-the-app');
    await ada.presses(ada.page.getByRole('button', { name: /^Remove / }).last());
    await ada.presses('Remove', { within: ada.dialog });
    await ada.toast('The auth code is removed').waitFor();
    await ada.opens('/sites/blog/auth-codes');
    await ada.sees('This site does not speak Simple JWT Login');
  },

  async 'IP lists: changed, and it holds'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/ip-lists');
    const list = ada.page.locator('.card', { hasText: '/admin' }).getByLabel('Addresses').first();
    assert.strictEqual(await list.inputValue(), '127.0.0.0/8');
    await ada.types(list, '203.0.113.0/24');
    await ada.presses('Save');
    await ada.provesIfAsked(ada.toast('Saved'));
    await until('us to be shut out', async () => await asks(ada.server, '/admin/x') === 403);
    assert.strictEqual(await ada.page.getByLabel('Addresses').count(), 1, 'lists without an entry are out of the way');
    await ada.chooses('Another list', 'Endpoint /news: Not these');
    await ada.presses('Add a list');
    const more = ada.page.locator('.card', { hasText: '/news' }).getByLabel('Addresses');
    await ada.types(more, 'nowhere');
    await ada.presses('Save');
    await ada.page.locator('.card', { hasText: '/news' }).locator('.field-error').waitFor();
    assert.strictEqual(await asks(ada.server, '/news'), 200);
    await ada.types(more, '127.0.0.0/8');
    await ada.presses('Save');
    await until('us to be shut out of the news', async () => await asks(ada.server, '/news') === 403);
  },

  async 'a dialect’s settings are tried before they are saved'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/dialects');
    await ada.follows(/Wapka/, { exact: false });
    await ada.page.getByRole('heading', { name: 'Wapka', level: 1 }).waitFor();
    await ada.settled();
    await ada.presses('Edit as JSON');
    await ada.types('Settings, as in a bundle', '{"settings": {"token_seconds": 5}}');
    await ada.presses('Save');
    await ada.page.locator('.notice.danger, .field-error').first().waitFor();
    await ada.types('Settings, as in a bundle', '{"settings": {"token_seconds": 7200}}');
    await ada.presses('Save');
    await ada.provesIfAsked(ada.toast('Saved'));
    await ada.page.reload();
    await ada.settled();
    assert.strictEqual(await ada.page.getByLabel('Life of a token, in seconds').inputValue(), '7200');
  },

  async 'a site: made by the guided start, changed, removed'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites');
    await ada.follows('New site');
    await ada.presses(/WNCMS/, { exact: false });
    await ada.types('Name', 'news');
    await ada.types('URL', 'http://news.localhost');
    await ada.types('Hosts', 'news.localhost');
    await ada.presses('Make the site');
    await ada.provesIfAsked(ada.page.getByText('Paste this line into a terminal:'));
    await ada.follows('To the overview');
    await ada.isIn();
    await ada.opens('/sites/news');
    await ada.types('Hosts', 'news.localhost\nwww.news.localhost');
    await ada.presses('Save');
    await ada.provesIfAsked(ada.toast('Saved'));
    await ada.presses('Remove the site');
    await ada.types(/to go on/, 'news', { within: ada.dialog });
    await ada.presses('Remove the site', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'Sites', level: 1 }));
    await ada.settled();
    await until('the site to be gone', async () => !(await ada.page.getByRole('link', { name: 'news', exact: true }).count()));
  },

  async 'audit: filtered, opened in words, exported'(stage) {
    const server = await world(stage);
    for (let n = 0; n < 3; n += 1) await server.site('blog.localhost', 'POST', '/v1/auth/login', { 'Content-Type': 'application/json' }, JSON.stringify({ site: 'blog', username: 'bob', password: 'wrong' }));
    const ada = await comes(stage, 'ada', {}, server);
    await ada.opens('/audit');
    await ada.chooses('Outcome', 'Refused');
    await ada.types('User', 'bob');
    // What was there before the filters goes when their answer is there.
    const rows = ada.page.locator('.card.flush tbody tr');
    const filtered = async () => {
      const at = new URL(await ada.address()).searchParams;
      return at.get('outcome') === 'refused' && at.get('user') === 'bob' && !(await ada.page.locator('.card.flush [aria-busy]').count());
    };
    await until('the refusals alone', async () => (await filtered()) && (await rows.count()) > 0 && (await rows.filter({ hasText: 'Refused' }).filter({ hasText: 'bob' }).count()) === (await rows.count()));
    await ada.presses('Log in (Wapka)', { within: ada.page.locator('.card.flush') });
    await ada.sees('Name or password is wrong.', { within: ada.dialog });
    await ada.sees('The password was wrong.', { within: ada.dialog });
    await ada.sees('was refused', { within: ada.dialog });
    await ada.presses(ada.dialog.getByRole('button', { name: 'Close' }).last());
    for (const [name, begins] of [['CSV', /^[a-z_,"]+\r?\n/], ['JSONL', /^\{"/]]) {
      const [download] = await Promise.all([ada.page.waitForEvent('download'), ada.follows(name)]);
      const text = require('node:fs').readFileSync(await download.path(), 'utf8');
      assert.match(text, begins, name);
      assert.match(text, /bad_credentials/);
      assert.doesNotMatch(text, /"granted"|,granted,/, 'the filter holds for the file as well');
    }
    await ada.page.locator('.plot canvas').first().waitFor();
  },

  async 'imports: tried, then taken in'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/imports');
    const file = (value) => ({ name: 'bundle.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(value)) });
    await ada.gives(ada.page.locator('input[type=file]'), file({ doorward_bundle: 1, sites: [{ name: 'blog', nonsense: 1 }] }));
    await ada.presses('Try it');
    await ada.provesIfAsked(ada.page.locator('.notice.danger'));
    assert.match(await ada.page.locator('.notice.danger').innerText(), /nonsense/);
    await ada.gives(ada.page.locator('input[type=file]'), file({ doorward_bundle: 1, sites: [{ name: 'blog', users: [person('dora')] }] }));
    assert.ok(await ada.page.getByRole('button', { name: 'Import', exact: true }).isDisabled(), 'tried first');
    await ada.presses('Try it');
    await ada.sees('Nothing was written.');
    const row = (name) => ada.page.locator('section[role=status] tbody tr', { hasText: name });
    assert.match(await row('Users').innerText(), /Users\s+1\s+0\s+0/);
    assert.strictEqual(await ada.page.getByText('{').count(), 0, 'no JSON');
    await ada.presses('Import');
    await ada.toast('The bundle is taken in').waitFor();
    const past = ada.page.getByRole('region', { name: 'The newest imports' });
    await until('both to be listed', async () => await past.locator('tbody tr').count() === 2);
    await ada.presses(past.locator('tbody tr', { hasText: 'Tried' }).getByRole('button'));
    await ada.sees('Nothing was written', { within: ada.dialog });
    await ada.presses('Close', { within: ada.dialog.locator('.dialog-foot') });
    await ada.opens('/sites/blog/users?q=dora');
    await ada.sees('dora@example.com');
  },

  async 'live: what happens at the door is seen'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/live');
    await ada.page.getByText('Connected', { exact: true }).waitFor();
    // What was refused is seen for its second: somebody goes on asking until it is.
    const seen = ada.page.locator('.bars').getByText('Nothing was shown where something must be.');
    await until('what is refused to be seen', async () => {
      await asks(ada.server, '/admin/x');
      return seen.isVisible();
    });
    await ada.server.stop();
    await ada.sees('Connecting');
    await ada.server.start();
    await ada.page.getByText('Connected', { exact: true }).waitFor();
  },

  async 'webhooks: nobody is told, somebody is, a delivery fails, is opened and told again'(stage) {
    const ear = await receiver();
    try {
      ear.status = 503;
      const server = await stage.world(telling(stage.upstream, ear.url, { headers: [{ key: 'X-Secret', value: 'header-secret' }] }), [['blog', 'ada', 'owner']]);
      const ada = await comes(stage, 'ada', {}, server);
      await ada.opens('/sites/blog/webhooks');
      await ada.sees('Nobody is told');
      await ada.opens('/sites/hooks/webhooks');
      await ada.sees('Nothing was told yet');
      await ada.sees('with X-Secret');
      const login = await server.site('hooks.localhost', 'POST', '/wp-json/simple-jwt-login/v1/auth', { 'Content-Type': 'application/json' }, JSON.stringify({ username: 'zoe', password: PASSWORD }));
      assert.strictEqual(login.status, 200, login.body);
      await until('the receiver to hear', () => ear.heard.length);
      const row = ada.page.getByRole('row', { name: /Logged in/ }).filter({ hasText: 'Waiting' });
      // It is tried again after 5 s, and then not for 30: nobody tells it by themselves when it is told by hand.
      await until('the delivery with its second try', async () => {
        await ada.opens('/sites/hooks/webhooks');
        return row.filter({ hasText: 'Status 503' }).filter({ hasText: /[2-9] tries/ }).count();
      });
      await ada.presses('Logged in');
      await ada.sees('It will be told, or told again, by itself.', { within: ada.dialog });
      await ada.sees('zoe@example.com', { within: ada.dialog });
      await ada.presses(ada.dialog.getByRole('button', { name: 'Close' }).last());
      await ada.page.route('**/retry', (route) => {
        ear.status = 204;
        return route.continue();
      });
      await ada.presses('Tell it now: Logged in');
      await ada.toast('It is told again now').waitFor();
      await ada.page.getByRole('row', { name: /Logged in/ }).getByText('Delivered').waitFor();
      assert.ok(ear.heard.length >= 3);
      await ada.chooses('Status', 'Given up');
      await ada.sees('No delivery fits');
      await ada.presses('Clear filters');
      await ada.page.getByRole('row', { name: /Logged in/ }).getByText('Delivered').waitFor();
      const page = await ada.page.content();
      for (const secret of ['url-secret', 'header-secret', 'answer-of-the-receiver']) assert.ok(!page.includes(secret), secret);
    } finally { ear.close(); }
  },

  async 'server settings are read, secrets are not'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']], 'mail.smtp_url=smtp://someone:secret-of-mail@127.0.0.1:9', 'mail.from=door@example.com');
    const ada = await comes(stage, 'ada', {}, server);
    await ada.opens('/server');
    await ada.types('Search', 'mail.');
    await ada.sees('mail.smtp_url');
    assert.ok(!(await ada.page.content()).includes('secret-of-mail'));
  },

  async 'an administrator of one site stays in it'(stage) {
    const grace = await comes(stage, 'grace');
    await grace.opens('/sites/blog/users');
    await grace.sees('bob@example.com');
    await grace.opens('/sites/blog');
    await grace.sees('What people may do themselves');
    assert.strictEqual(await grace.page.getByLabel('URL').count(), 0);
    for (const target of ['/sites/shop/users', '/sites/shop/endpoints', '/sites/shop/keys', '/server']) {
      await grace.opens(target);
      await grace.page.getByRole('heading', { name: /^This page is for / }).waitFor();
      await grace.seesNot('eve@example.com');
    }
  },
};

module.exports = {
  ...inBothManners(stories),

  // By keys the order is changed in the first story.
  async 'endpoints: dragged to another place'(stage) {
    const ada = await comes(stage, 'ada');
    await ada.opens('/sites/blog/endpoints');
    const rules = ada.page.locator('.rule');
    await rules.nth(2).waitFor();
    await rules.nth(2).locator('.handle').dragTo(rules.nth(0));
    await until('/reports to be first', async () => /\/reports/.test(await rules.nth(0).innerText()));
    await ada.presses('Save rules');
    await ada.toast('The rules hold from now on').waitFor();
    await ada.page.reload();
    await ada.settled();
    assert.match(await rules.nth(0).innerText(), /\/reports/);
  },
};
