// A password that an administrator gave: the console shows nothing before its owner has chosen their own; applications take it until then.
const assert = require('node:assert');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const OWN = 'my own battery of horses';

async function comes(stage, server, login) {
  const one = await stage.person(server);
  await one.signsIn(login);
  await one.isIn();
  return one;
}

const application = (server, password) => server.site('blog.localhost', 'POST', '/v1/auth/login', { 'Content-Type': 'application/json' }, JSON.stringify({ site: 'blog', username: 'bob', password })).then((r) => r.status);

module.exports = inBothManners({
  async 'whoever comes with a one-time password chooses their own, on whatever page they wanted'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const ada = await comes(stage, server, 'ada');
    await ada.opens('/sites/blog/users/3');
    await ada.presses('One-time password');
    await ada.presses('Go on', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'One-time password', exact: true }));
    const given = await ada.dialog.getByRole('textbox', { name: 'Password' }).innerText();
    await ada.presses('I have copied it', { within: ada.dialog });
    assert.strictEqual(await application(server, given), 200, 'an application cannot ask for another');

    const bob = await stage.person(server);
    await bob.opens('/settings/profile');
    await bob.signsIn('bob', { password: given, open: false });
    const title = bob.page.getByRole('heading', { name: 'Choose your own password', level: 1 });
    await title.waitFor();
    assert.strictEqual(await bob.page.locator('.side').count(), 0);
    // Another address and another load lead to the same.
    await bob.opens('/settings/tokens');
    await title.waitFor();
    assert.strictEqual(await bob.page.locator('.side').count(), 0);
    await bob.types('Password that you were given', given);
    await bob.types('New password', given);
    await bob.presses('Change password');
    await bob.sees('Choose another one than you were given.');
    await bob.types('Password that you were given', 'wrong');
    await bob.types('New password', OWN);
    await bob.presses('Change password');
    await bob.page.locator('.field-error, .notice.danger').first().waitFor();
    await bob.types('Password that you were given', given);
    await bob.presses('Change password');
    await bob.page.getByRole('heading', { name: 'API tokens', level: 1 }).waitFor();
    await bob.isIn();
    assert.deepStrictEqual([await application(server, given), await application(server, OWN)], [401, 200]);
    const later = await stage.person(server);
    await later.signsIn('bob', { password: OWN });
    await later.isIn();
  },

  async 'whoever does not want to choose signs out'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const ada = await comes(stage, server, 'ada');
    await ada.opens('/sites/blog/users');
    await ada.presses('New user');
    await ada.types('Login name', 'carol', { within: ada.dialog });
    await ada.presses('Create', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'One-time password', exact: true }));
    const given = await ada.dialog.getByRole('textbox', { name: 'Password' }).innerText();
    const carol = await stage.person(server, { locale: 'de-DE' });
    await carol.opens('/sign-in');
    await carol.types('Anmeldename', 'carol');
    const site = carol.page.getByLabel('Site');
    if (await site.count()) await carol.types('Site', 'blog');
    await carol.types(carol.page.getByLabel('Passwort', { exact: true }), given);
    await carol.presses('Anmelden');
    await carol.sees('Wählen Sie Ihr eigenes Passwort');
    await carol.presses('Abmelden');
    await carol.page.waitForURL('**/sign-in');
  },
});
