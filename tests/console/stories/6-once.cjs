// What is shown this once is not lost by a key that was pressed too early: a token, a one-time password, recovery codes.
const { totp } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const world = (stage) => stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);

/** Escape, twice in a row and by the cross: it asks, and what is shown stays; then it goes by the words for it. */
async function staysUntilTaken(one, title, words) {
  const shown = one.page.getByRole('heading', { name: title, exact: true });
  const question = one.page.getByRole('heading', { name: 'Close without copying?' });
  for (const leaves of [() => one.page.keyboard.press('Escape'), () => one.presses('Close', { within: one.dialog })]) {
    await shown.waitFor();
    await leaves();
    await question.waitFor();
    await one.page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await shown.waitFor();
  }
  await one.presses(words, { within: one.dialog });
  await shown.waitFor({ state: 'detached' });
}

async function arrives(stage, login) {
  const one = await stage.person(await world(stage));
  await one.signsIn(login);
  await one.isIn();
  return one;
}

module.exports = inBothManners({
  async 'a new token: Escape and the cross ask first; once it was copied they do not'(stage) {
    const bob = await arrives(stage, 'bob');
    await bob.opens('/settings/tokens');
    for (const copies of [false, true]) {
      await bob.presses('New token');
      await bob.types('Name', copies ? 'second' : 'first', { within: bob.dialog });
      await bob.presses('Create token', { within: bob.dialog });
      const shown = bob.page.getByRole('heading', { name: 'Your new token' });
      await bob.provesIfAsked(shown);
      if (!copies) {
        await staysUntilTaken(bob, 'Your new token', 'I have copied it');
        continue;
      }
      await bob.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: bob.server.origin });
      await bob.presses('Copy: Token', { within: bob.dialog });
      await bob.toast('Copied').waitFor();
      await bob.page.keyboard.press('Escape');
      await shown.waitFor({ state: 'detached' });
      await bob.page.getByRole('heading', { name: 'Close without copying?' }).waitFor({ state: 'detached' });
    }
    // The list shows how a token begins and how it ends.
    const hint = bob.page.getByText(/^dwd_…\w{4}$/);
    await hint.first().waitFor();
  },

  async 'a one-time password and recovery codes'(stage) {
    const ada = await arrives(stage, 'ada');
    await ada.opens('/sites/blog/users/3');
    await ada.presses('One-time password');
    await ada.presses('Go on', { within: ada.dialog });
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'One-time password', exact: true }));
    await staysUntilTaken(ada, 'One-time password', 'I have copied it');
    await ada.opens('/settings/security');
    await ada.presses('Turn on');
    await ada.provesIfAsked(ada.page.getByRole('heading', { name: 'Turn on two-factor sign-in' }));
    await ada.unfolds('It cannot be scanned?', { within: ada.dialog });
    const secret = (await ada.dialog.getByRole('textbox', { name: 'Key for the app' }).innerText()).trim();
    await ada.types('Code from the app', totp(secret), { within: ada.dialog });
    await ada.presses('Confirm', { within: ada.dialog });
    await staysUntilTaken(ada, 'Your recovery codes', 'I have kept them');
  },
});
