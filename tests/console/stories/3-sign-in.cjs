// Coming in and going out: right and wrong, by keyboard, slowly, with two tabs, and back after signing out.
const assert = require('node:assert');
const { PASSWORD, until } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const world = (stage) => stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner'], ['blog', 'grace', 'admin']]);

async function inAndOut(ada) {
  await ada.signsIn('ada', { password: 'wrong' });
  await ada.sees('Name or password is wrong.');
  assert.strictEqual(await ada.page.getByLabel('Login name or e-mail').inputValue(), 'ada', 'what was typed stays');
  await ada.types('Password', PASSWORD);
  await ada.presses('Sign in');
  await ada.isIn();
  await ada.picks('Ada', 'Sign out');
  await ada.page.waitForURL('**/sign-in');
  await ada.settled();
  await ada.seesNot('Ada');
}

module.exports = inBothManners({
  async 'a wrong password, the right one, out again'(stage) {
    await inAndOut(await stage.person(await world(stage)));
  },

  async 'an unknown name hears what a wrong password hears'(stage) {
    const server = await world(stage);
    const one = await stage.person(server);
    const heard = [];
    for (const login of ['ada', 'nobody']) {
      await one.signsIn(login, { password: 'wrong' });
      heard.push(await one.page.getByRole('alert').first().innerText());
    }
    assert.strictEqual(heard[0], heard[1]);
  },

  async 'who was sent to sign in comes to the page that was asked for'(stage) {
    const ada = await stage.person(await world(stage));
    await ada.opens('/settings/security');
    await ada.page.waitForURL('**/sign-in?to=*');
    await ada.signsIn('ada', { open: false });
    await ada.page.waitForURL('**/settings/security');
    for (const to of ['https://evil.invalid/', '//evil.invalid/', '/\\evil.invalid', 'javascript:alert(1)']) {
      const other = await stage.person(ada.server);
      await other.opens(`/sign-in?to=${encodeURIComponent(to)}`);
      await other.signsIn('ada', { open: false });
      await other.isIn();
      assert.ok(other.page.url().startsWith(ada.server.origin), to);
    }
  },

  async 'signing out in one tab ends the other, and another person does not see the first one’s page'(stage) {
    const server = await world(stage);
    const ada = await stage.person(server);
    await ada.signsIn('ada');
    await ada.isIn();
    const second = await stage.person(server, { context: ada.context });
    await second.opens('/settings/profile');
    await second.isIn();
    await ada.picks('Ada', 'Sign out');
    await second.page.waitForURL('**/sign-in**');
    await second.settled();
    await second.seesNot('ada@example.com');
    await ada.signsIn('bob', { open: false });
    await ada.isIn();
    await second.isIn();
    await second.seesNot('Ada');
  },

  async 'a tab that opens while somebody signs in in another one is theirs too'(stage) {
    const server = await world(stage);
    const ada = await stage.person(server);
    const second = await stage.person(server, { context: ada.context });
    let release;
    const held = new Promise((done) => { release = done; });
    // The answer is of before, and comes after.
    await second.page.route('**/api/session', async (route) => {
      const response = await route.fetch();
      await held;
      await route.fulfill({ response });
    }, { times: 1 });
    const [before] = await Promise.all([second.page.waitForRequest('**/api/session'), second.page.goto(`${server.origin}/sign-in`)]);
    assert.ok(before);
    await ada.signsIn('ada');
    await ada.isIn();
    release();
    await second.isIn();
    await second.opens('/settings/profile');
    await second.sees('ada@example.com');
  },

  async 'the back button after signing out shows nothing private'(stage) {
    const ada = await stage.person(await world(stage));
    await ada.signsIn('ada');
    await ada.isIn();
    await ada.opens('/settings/profile');
    await ada.sees('ada@example.com');
    await ada.picks('Ada', 'Sign out');
    await ada.page.waitForURL('**/sign-in**');
    for (let n = 0; n < 3; n += 1) {
      await ada.page.goBack({ waitUntil: 'commit' }).catch(() => {});
      // Before the first page of ours there is nothing to see.
      if (n > 0 && !ada.page.url().startsWith(ada.server.origin)) break;
      await until('the sign-in page', () => ada.page.evaluate(() => location.pathname === '/sign-in' && !document.documentElement.classList.contains('unsure')).catch(() => false));
      await ada.settled();
      await ada.seesNot('ada@example.com');
    }
  },

  async 'theme and language are chosen and stay'(stage) {
    const ada = await stage.person(await world(stage));
    await ada.opens('/sign-in');
    await ada.picks('Language', 'Deutsch');
    await ada.sees('Bei Doorward anmelden');
    await ada.picks('Aussehen', 'Dunkel');
    await ada.page.reload();
    await ada.sees('Bei Doorward anmelden');
    assert.strictEqual(await ada.page.evaluate(() => `${document.documentElement.lang} ${getComputedStyle(document.documentElement).colorScheme}`), 'de dark');
  },

  async 'only the pages of this site reach the API, and no other page may frame it'(stage) {
    const server = await world(stage);
    const ada = await stage.person(server);
    await ada.signsIn('ada');
    await ada.isIn();
    const [cookie] = await ada.context.cookies();
    assert.match(cookie.name, /^(__Host-)?doorward/);
    assert.deepStrictEqual([cookie.httpOnly, cookie.sameSite, cookie.path], [true, 'Strict', '/']);
    assert.strictEqual(await ada.page.evaluate(() => document.cookie), '');
    const refused = await ada.page.evaluate(() => fetch('/api/session', { method: 'DELETE' }).then((r) => r.status));
    assert.strictEqual(refused, 403, 'a write without the CSRF token');
  },
});
