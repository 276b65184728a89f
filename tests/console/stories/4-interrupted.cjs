// Interrupted in the middle of a form: the session ends, the server restarts. Nothing that was typed is lost.
const assert = require('node:assert');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const world = (stage) => stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);

async function arrives(stage, server, options) {
  const ada = await stage.person(server, options);
  await ada.signsIn('ada');
  await ada.isIn();
  return ada;
}

async function tokenOverAnEndedSession(ada) {
  await ada.opens('/settings/tokens');
  await ada.presses('New token');
  await ada.types('Name', 'typed before the end', { within: ada.dialog });
  await ada.sessionEnds('ada');
  await ada.presses('Create token', { within: ada.dialog });
  await ada.comesBack();
  await ada.page.getByRole('heading', { name: 'Your new token' }).waitFor();
  await ada.presses('I have copied it');
  await ada.sees('typed before the end');
  assert.strictEqual(await ada.page.getByText('typed before the end').count(), 1, 'made once');
}

module.exports = inBothManners({
  async 'a token is made although the session ended under the form'(stage) {
    await tokenOverAnEndedSession(await arrives(stage, await world(stage)));
  },

  async 'a wrong password over the form changes nothing, and what is behind is not seen'(stage) {
    const ada = await arrives(stage, await world(stage));
    await ada.opens('/settings/profile');
    await ada.types('Display name', 'Countess');
    await ada.sessionEnds('ada');
    await ada.presses('Save');
    await ada.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    const shade = await ada.dialog.evaluate((node) => getComputedStyle(node, '::backdrop').backgroundColor);
    assert.match(shade, /^rgb\(/, 'opaque');
    await ada.types('Password', 'wrong', { within: ada.dialog });
    await ada.presses('Sign in', { within: ada.dialog });
    await ada.sees('Name or password is wrong.');
    await ada.comesBack();
    await ada.toast('Saved').waitFor();
    assert.strictEqual(await ada.page.getByLabel('Display name').inputValue(), 'Countess');
  },

  async 'who is back in another tab goes on in this one'(stage) {
    const ada = await arrives(stage, await world(stage));
    await ada.opens('/settings/profile');
    await ada.types('Display name', 'Countess');
    await ada.sessionEnds('ada');
    await ada.presses('Save');
    await ada.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    const second = await stage.person(ada.server, { context: ada.context });
    await second.signsIn('ada');
    await second.isIn();
    await ada.toast('Saved').waitFor();
    assert.strictEqual(await ada.page.getByLabel('Display name').inputValue(), 'Countess');
  },

  async 'the server restarts under a form: a banner, then it is saved'(stage) {
    const server = await world(stage);
    const ada = await arrives(stage, server);
    await ada.opens('/settings/profile');
    await ada.types('Display name', 'Countess of Lovelace');
    await server.stop();
    await ada.presses('Save');
    await ada.sees('The server does not answer.');
    assert.strictEqual(await ada.page.getByLabel('Display name').inputValue(), 'Countess of Lovelace');
    await ada.provesIfAsked(ada.toast('Saved'), () => server.start());
    await ada.seesNot('The server does not answer.');
    await ada.opens('/settings/profile');
    assert.strictEqual(await ada.page.getByLabel('Display name').inputValue(), 'Countess of Lovelace');
  },

  async 'what may not be done twice is not repeated by itself after a restart'(stage) {
    const server = await world(stage);
    const ada = await arrives(stage, server);
    await ada.opens('/settings/tokens');
    await ada.presses('New token');
    await ada.types('Name', 'over a restart', { within: ada.dialog });
    await server.stop();
    await ada.presses('Create token', { within: ada.dialog });
    await ada.sees('The server does not answer.');
    await server.start();
    await ada.sees('The server was away for a moment.');
    assert.strictEqual(await ada.dialog.getByLabel('Name', { exact: false }).first().inputValue(), 'over a restart');
    await ada.presses('Create token', { within: ada.dialog });
    await ada.page.getByRole('heading', { name: 'Your new token' }).waitFor();
  },

  async 'a page that is opened while the server restarts comes by itself'(stage) {
    const server = await world(stage);
    const ada = await arrives(stage, server);
    await ada.opens('/settings/profile');
    await server.stop();
    await ada.follows('API tokens');
    await ada.page.getByText('The server does not answer.').or(ada.page.getByText('The server was away for a moment.')).first().waitFor();
    await server.start();
    const again = ada.page.getByRole('button', { name: 'Try again' });
    const title = ada.page.getByRole('heading', { name: 'API tokens', level: 1 });
    await title.or(again).first().waitFor();
    if (await again.isVisible()) await ada.presses(again);
    await title.waitFor();
  },
});
