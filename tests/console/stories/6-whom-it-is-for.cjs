// Pages that somebody may not use: one says whom it is for, and nothing of it is drawn; an account above the own level is looked at only.
const assert = require('node:assert');
const { until } = require('../lab.cjs');
const { bundle, person } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

/** Grace runs the blog at level 8; Ada, an owner, and Hopper are above her. */
async function world(stage) {
  const made = bundle(stage.upstream);
  made.sites[0].users.push(person('hopper', { level: 9, roles: ['administrator'] }));
  return stage.world(made, [['blog', 'ada', 'owner'], ['blog', 'grace', 'admin']]);
}

async function comes(stage, login, server) {
  const one = await stage.person(server);
  await one.signsIn(login);
  await one.isIn();
  return one;
}

/** What the page asks of the server is heard: a page that is for others asks nothing of its own. */
async function isTold(one, target, title) {
  const asked = [];
  const hears = (request) => { if (/\/api\//.test(request.url())) asked.push(new URL(request.url()).pathname); };
  one.page.on('request', hears);
  await one.opens(target);
  await one.page.getByRole('heading', { name: title, exact: true, level: 1 }).waitFor();
  one.page.off('request', hears);
  assert.deepStrictEqual(asked.filter((path) => !['/api/session', '/api/sites'].includes(path)), [], target);
  assert.deepStrictEqual(await one.page.locator('main').locator('form, input, select, .notice.danger').count(), 0, `${target}: nothing to fill in, and no error`);
  assert.strictEqual(await one.page.getByRole('button', { name: 'Try again' }).count(), 0);
}

module.exports = inBothManners({
  async 'nobody special: pages of administrators and of owners'(stage) {
    const bob = await comes(stage, 'bob', await world(stage));
    for (const target of ['/live', '/audit', '/sites']) await isTold(bob, target, 'This page is for administrators');
    for (const target of ['/start', '/imports', '/server']) await isTold(bob, target, 'This page is for whoever runs the server');
    for (const target of ['/sites/blog', '/sites/blog/users/1', '/sites/blog/endpoints']) await isTold(bob, target, 'This page is for administrators of blog');
    await bob.sees('You are signed in as bob of blog.');
    await bob.follows('Go to the start');
    await bob.isIn();
  },

  async 'the administrator of a site: pages of owners and of other sites'(stage) {
    const grace = await comes(stage, 'grace', await world(stage));
    for (const target of ['/start', '/imports', '/server']) await isTold(grace, target, 'This page is for whoever runs the server');
    for (const target of ['/sites/shop', '/sites/shop/users']) await isTold(grace, target, 'This page is for administrators of shop');
    await grace.opens('/live');
    await grace.page.getByRole('heading', { name: 'Live', level: 1 }).waitFor();
  },

  async 'accounts above the own level are looked at, the others are changed'(stage) {
    const server = await world(stage);
    const grace = await comes(stage, 'grace', server);
    await grace.opens('/sites/blog/users');
    for (const [name, says] of [['ada', 'This account runs the server: you can look at it, not change it.'], ['hopper', 'This account is above your level: you can look at it, not change it.']]) {
      await grace.opens('/sites/blog/users');
      await grace.follows(new RegExp(name, 'i'), { exact: false, within: grace.page.locator('tbody') });
      await grace.sees(says);
      await grace.sees(`${name}@example.com`);
      assert.strictEqual(await grace.page.locator('main').locator('form, input, select, button, .notice.danger').count(), 0, name);
    }
    await grace.opens('/sites/blog/users/3');
    await grace.types('Display name', 'Bobby');
    await grace.presses('Save');
    await grace.provesIfAsked(grace.toast('Saved'));
  },

  async 'ending somebody’s sessions, and one’s own with the tokens, says what ends'(stage) {
    const server = await world(stage);
    const ada = await comes(stage, 'ada', server);
    const bob = await comes(stage, 'bob', server);
    await ada.opens('/sites/blog/users/3');
    await ada.presses('End all sessions');
    await ada.sees('All sessions of bob end. API tokens go on working.', { within: ada.dialog });
    await ada.presses('End all sessions', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByText('Signed in nowhere'));
    await until('the session to be over', () => bob.page.evaluate(() => fetch('/api/session').then((r) => r.json()).then((s) => !s.signed_in)));
    await ada.opens('/settings/security');
    await ada.presses('Sign out everywhere else and revoke API tokens');
    await ada.sees('All other sessions end, and all API tokens stop working', { within: ada.dialog });
    await ada.presses('Sign out and revoke', { within: ada.dialog });
    await ada.provesIfAsked(ada.toast('Those sessions have ended'));
  },

  async 'a profile without a form for an address that cannot be changed'(stage) {
    const bob = await comes(stage, 'bob', await world(stage));
    await bob.opens('/settings/profile');
    await bob.sees('Your address is bob@example.com.');
    await bob.sees('This site does not let its people change their address here.');
    assert.strictEqual(await bob.page.getByLabel('New address').count(), 0);
  },
});
