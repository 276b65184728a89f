// What was typed and not saved is asked about before it goes, by whatever way the page is left; where nothing was typed nobody asks.
const assert = require('node:assert');
const { until } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

async function comes(stage) {
  const ada = await stage.person(await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]));
  await ada.signsIn('ada');
  await ada.isIn();
  return ada;
}

/** By the side bar, as everybody walks: the history has the pages. */
async function walks(ada, link, heading) {
  await ada.follows(link, { within: ada.page.locator('#side') });
  await ada.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  await ada.settled();
}

const question = (ada) => ada.page.getByRole('heading', { name: 'Leave without saving?' });
async function isAsked(ada, answer) {
  await question(ada).waitFor();
  await ada.presses(answer, { within: ada.dialog });
  await question(ada).waitFor({ state: 'detached' });
}

/** Each form: where it is, which field, what is typed. */
const forms = [
  ['/sites/blog', 'URL', 'http://blog.localhost/elsewhere'],
  ['/sites/blog/users/3', 'Display name', 'Robert'],
  ['/settings/profile', 'Display name', 'Ada Lovelace'],
];

async function sideBarAndBack(ada) {
  for (const [path, label, typed] of forms) {
    await ada.opens('/sites/blog/roles');
    await ada.page.evaluate((to) => { const a = document.createElement('a'); a.href = to; document.querySelector('main').append(a); a.click(); }, path);
    await ada.page.waitForURL(`**${path}`);
    await ada.settled();
    const field = ada.page.locator('main').getByLabel(label, { exact: false }).first();
    await ada.types(field, typed);
    await ada.follows('Audit', { within: ada.page.locator('#side') });
    await isAsked(ada, 'Stay');
    assert.deepStrictEqual([new URL(ada.page.url()).pathname, await field.inputValue()], [path, typed], 'by the side bar');
    await ada.page.evaluate(() => history.back());
    await isAsked(ada, 'Stay');
    await until('the address to be the page’s again', () => new URL(ada.page.url()).pathname === path);
    assert.strictEqual(await field.inputValue(), typed, 'back');
    await ada.page.evaluate(() => history.back());
    await isAsked(ada, 'Discard');
    await ada.page.getByRole('heading', { level: 1, name: 'Roles', exact: true }).waitFor();
    await ada.page.evaluate(() => history.forward());
    await ada.page.waitForURL(`**${path}`);
    await ada.settled();
    assert.notStrictEqual(await field.inputValue(), typed, 'what was discarded is gone');
    await walks(ada, 'Audit', 'Audit');
    assert.strictEqual(await question(ada).count(), 0, 'and is not asked about again');
  }
}

module.exports = inBothManners({
  async 'a link and the back button ask, Stay stays and Discard goes'(stage) {
    await sideBarAndBack(await comes(stage));
  },

  async 'another site and the sign-out ask too'(stage) {
    const ada = await comes(stage);
    await ada.opens('/sites/blog/endpoints');
    await ada.presses('Add a rule');
    await ada.chooses('Choose a site', 'shop', { within: ada.page.locator('#side') });
    await isAsked(ada, 'Stay');
    assert.strictEqual(new URL(ada.page.url()).pathname, '/sites/blog/endpoints');
    assert.strictEqual(await ada.page.locator('#side select').inputValue(), 'blog', 'the choice is what the page shows');
    await ada.picks('Ada', 'Sign out');
    await isAsked(ada, 'Stay');
    await ada.sees('Not saved yet');
    await ada.chooses('Choose a site', 'shop', { within: ada.page.locator('#side') });
    await isAsked(ada, 'Discard');
    await ada.page.waitForURL('**/sites/shop/endpoints');
    await ada.settled();
    await ada.presses('Add a rule');
    await ada.picks('Ada', 'Sign out');
    await isAsked(ada, 'Discard');
    await ada.page.waitForURL('**/sign-in');
    assert.strictEqual(ada.questions, 0, 'the browser has no question of its own');
  },

  async 'the browser asks where a page is loaded anew, and only where something was typed'(stage) {
    const ada = await comes(stage);
    for (const [path, label, typed] of forms) {
      await ada.opens(path);
      await ada.opens(path);
      assert.strictEqual(ada.questions, 0, path);
      await ada.types(ada.page.locator('main').getByLabel(label, { exact: false }).first(), typed);
      await ada.opens(path);
      assert.strictEqual(ada.questions, 1, path);
      ada.questions = 0;
    }
  },

  async 'nobody asks after a save, nor for a search'(stage) {
    const ada = await comes(stage);
    for (const [path, label, typed] of forms) {
      await ada.opens(path);
      const field = ada.page.locator('main').getByLabel(label, { exact: false }).first();
      await ada.types(field, typed);
      await ada.presses('Save', { within: ada.page.locator('main') });
      await ada.provesIfAsked(ada.toast('Saved'));
      await walks(ada, 'Audit', 'Audit');
      await ada.opens(path);
      assert.strictEqual(await field.inputValue(), typed);
    }
    await ada.opens('/sites/blog/users');
    await ada.types('Search', 'bob');
    await walks(ada, 'Audit', 'Audit');
    await ada.types('User', 'bob');
    await walks(ada, 'Endpoints', 'Endpoints');
    await ada.types('Path', '/news', { within: ada.page.locator('.aside') });
    await walks(ada, 'Roles', 'Roles');
    assert.strictEqual(ada.questions, 0);
  },

  async 'a dialog in which something is typed asks as well'(stage) {
    const ada = await comes(stage);
    await ada.opens('/sites/blog/roles');
    await walks(ada, 'Users', 'Users');
    await ada.presses('New user');
    await ada.types('Login name', 'carol', { within: ada.dialog });
    await ada.page.evaluate(() => history.back());
    await isAsked(ada, 'Stay');
    await until('the address to be the page’s again', () => new URL(ada.page.url()).pathname === '/sites/blog/users');
    assert.strictEqual(await ada.dialog.getByLabel('Login name').inputValue(), 'carol');
    await ada.page.evaluate(() => history.back());
    await isAsked(ada, 'Discard');
    await ada.page.getByRole('heading', { level: 1, name: 'Roles', exact: true }).waitFor();
  },
});
