// What everybody does for themselves: tokens, second factor, passkeys, sessions, profile.
const assert = require('node:assert');
const { PASSWORD, totp, until, wrongTotp } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const world = (stage) => stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);

async function comes(stage, login, options, server) {
  const one = await stage.person(server ?? await world(stage), options);
  await one.signsIn(login);
  await one.isIn();
  return one;
}

const shownToken = (one) => one.dialog.getByRole('textbox', { name: 'Token' }).innerText();
const reports = (one, token) => one.server.site('blog.localhost', 'GET', '/reports/1', { Authorization: `Bearer ${token}` }).then((r) => r.status);

/** A token from its making to its end, used at the door after each step. */
async function tokenStory(bob) {
  await bob.opens('/settings/tokens');
  await bob.sees('You have no tokens yet');
  await bob.presses('New token');
  await bob.presses('Create token', { within: bob.dialog });
  await bob.sees('Please fill this in.');
  await bob.types('Name', 'Nightly report', { within: bob.dialog });
  await bob.chooses('What it may do', 'Only certain scopes', { within: bob.dialog });
  await bob.types(/Other scopes/, 'reports.read', { within: bob.dialog });
  await bob.presses('Create token', { within: bob.dialog });
  await bob.page.getByRole('heading', { name: 'Your new token' }).waitFor();
  const token = await shownToken(bob);
  assert.match(token, /^dwd_/);
  await bob.presses('I have copied it');
  await bob.sees('Nightly report');
  await bob.seesNot(token);
  assert.strictEqual(await reports(bob, token), 200);
  assert.strictEqual(await reports(bob, `${token}x`), 401);

  await bob.picks('Actions for Nightly report', 'Rename');
  await bob.types('Name', 'Daily report', { within: bob.dialog });
  await bob.presses('Save', { within: bob.dialog });
  await bob.sees('Daily report');

  await bob.picks('Actions for Daily report', 'Roll');
  await bob.presses('Roll', { within: bob.dialog });
  await bob.page.getByRole('heading', { name: 'Your new token' }).waitFor();
  const next = await shownToken(bob);
  await bob.presses('I have copied it');
  assert.notStrictEqual(next, token);
  assert.deepStrictEqual([await reports(bob, token), await reports(bob, next)], [200, 200], 'both while they overlap');

  await bob.page.reload();
  await bob.settled();
  await bob.picks('Actions for Daily report', 'Revoke');
  await bob.toast('does not work any more').waitFor();
  await until('one of them to be refused', async () => [await reports(bob, token), await reports(bob, next)].includes(401));
  await bob.presses('Undo', { within: bob.page.locator('.toast') });
  await bob.toast('works again').waitFor();
  await until('both to work', async () => String([await reports(bob, token), await reports(bob, next)]) === '200,200');
  await bob.page.reload();
  await bob.settled();
  await bob.seesNot(next);
}

async function turnsOnTotp(one) {
  await one.opens('/settings/security');
  await one.presses('Turn on');
  const title = one.page.getByRole('heading', { name: 'Turn on two-factor sign-in' });
  await one.provesIfAsked(title);
  await one.page.getByRole('img', { name: 'QR code for an authenticator app' }).waitFor();
  await one.unfolds('It cannot be scanned?', { within: one.dialog });
  const secret = (await one.dialog.getByRole('textbox', { name: 'Key for the app' }).innerText()).trim();
  await one.types('Code from the app', wrongTotp(secret), { within: one.dialog });
  await one.presses('Confirm', { within: one.dialog });
  await one.sees('This code is wrong');
  await one.types('Code from the app', totp(secret), { within: one.dialog });
  await one.presses('Confirm', { within: one.dialog });
  await one.page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
  const codes = await one.page.locator('.codes code').allInnerTexts();
  assert.strictEqual(new Set(codes).size, 10);
  await one.presses('I have kept them');
  return { secret, codes };
}

async function withAuthenticator(one) {
  await one.wire.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await one.wire.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  return authenticatorId;
}

async function passkeyStory(bob) {
  const authenticator = await withAuthenticator(bob);
  await bob.opens('/settings/security');
  await bob.presses('Add a passkey');
  const title = bob.page.getByRole('heading', { name: 'Name this passkey' });
  await bob.provesIfAsked(title);
  await bob.types('Name', 'Laptop', { within: bob.dialog });
  await bob.presses('Save', { within: bob.dialog });
  await bob.sees('Laptop');
  assert.strictEqual((await bob.wire.send('WebAuthn.getCredentials', { authenticatorId: authenticator })).credentials.length, 1);

  await bob.picks('Bob', 'Sign out');
  await bob.page.waitForURL('**/sign-in');
  await bob.settled();
  await bob.presses('Sign in with a passkey');
  await bob.isIn();
  await bob.opens('/settings/security');
  await bob.picks('Actions for Laptop', 'Remove');
  await bob.presses('Remove', { within: bob.dialog });
  const empty = bob.page.getByText('You have no passkeys yet');
  await bob.provesIfAsked(empty);
  await bob.picks('Bob', 'Sign out');
  await bob.page.waitForURL('**/sign-in');
  await bob.settled();
  await bob.presses('Sign in with a passkey');
  await bob.page.getByRole('alert').first().waitFor();
  assert.match(bob.page.url(), /sign-in$/, 'a removed passkey opens nothing');
}

module.exports = inBothManners({
  async 'a token: made, used, renamed, rolled, revoked, taken back'(stage) {
    await tokenStory(await comes(stage, 'bob'));
  },

  async 'a token that only works from its addresses'(stage) {
    const bob = await comes(stage, 'bob');
    await bob.opens('/settings/tokens');
    for (const [name, from, status] of [['far', '203.0.113.9', 401], ['near', '127.0.0.0/8', 200]]) {
      await bob.presses('New token');
      await bob.types('Name', name, { within: bob.dialog });
      await bob.types(/Only from these addresses/, from, { within: bob.dialog });
      await bob.presses('Create token', { within: bob.dialog });
      await bob.page.getByRole('heading', { name: 'Your new token' }).waitFor();
      const token = await shownToken(bob);
      await bob.presses('I have copied it');
      await bob.sees(name, { within: bob.page.locator('tbody') });
      const got = await bob.server.site('blog.localhost', 'GET', '/reports/1', { Authorization: `Bearer ${token}` });
      assert.ok(status === 200 ? got.status === 200 : got.status >= 401, `${name}: ${got.status}`);
    }
    await bob.presses('New token');
    await bob.types('Name', 'nonsense', { within: bob.dialog });
    await bob.types(/Only from these addresses/, 'not an address', { within: bob.dialog });
    await bob.presses('Create token', { within: bob.dialog });
    await bob.dialog.locator('.field-error, .notice.danger').first().waitFor();
    assert.strictEqual(await bob.dialog.getByLabel(/Only from these addresses/).inputValue(), 'not an address');
  },

  async 'two factors: turned on, a code, a recovery code once, turned off'(stage) {
    const bob = await comes(stage, 'bob');
    const { secret, codes } = await turnsOnTotp(bob);
    const other = await stage.person(bob.server);
    await other.signsIn('bob');
    await other.page.getByRole('heading', { name: 'Second step' }).waitFor();
    await other.types('Code', wrongTotp(secret));
    await other.presses('Go on');
    await other.page.getByRole('alert').first().waitFor();
    await other.types('Code', totp(secret, Date.now() + 30000));
    await other.presses('Go on');
    await other.isIn();
    const third = await stage.person(bob.server);
    for (const right of [true, false]) {
      await third.signsIn('bob');
      await third.page.getByRole('heading', { name: 'Second step' }).waitFor();
      await third.types('Code', codes[0]);
      await third.presses('Go on');
      if (!right) {
        await third.page.getByRole('alert').first().waitFor();
        break;
      }
      await third.isIn();
      await third.picks('Bob', 'Sign out');
      await third.page.waitForURL('**/sign-in');
    }
    // Where it was turned on the session goes on.
    await bob.opens('/settings/security');
    await bob.presses('Turn off');
    await bob.presses('Turn off', { within: bob.dialog });
    await bob.provesIfAsked(bob.page.getByRole('button', { name: 'Turn on' }));
    const fourth = await stage.person(bob.server);
    await fourth.signsIn('bob');
    await fourth.isIn();
  },

  async 'a passkey: added, signs in, removed'(stage) {
    await passkeyStory(await comes(stage, 'bob'));
  },

  async 'a passkey as the second factor'(stage) {
    const bob = await comes(stage, 'bob');
    await withAuthenticator(bob);
    await bob.opens('/settings/security');
    await bob.presses('Add a passkey');
    await bob.provesIfAsked(bob.page.getByRole('heading', { name: 'Name this passkey' }));
    await bob.presses('Save', { within: bob.dialog });
    await bob.page.getByText('You have no passkeys yet').waitFor({ state: 'detached' });
    await turnsOnTotp(bob);
    await bob.context.clearCookies();
    await bob.signsIn('bob');
    await bob.page.getByRole('heading', { name: 'Second step' }).waitFor();
    await bob.presses('Use a passkey');
    await bob.isIn();
  },

  async 'sessions: seen with their device, ended from elsewhere'(stage) {
    const bob = await comes(stage, 'bob');
    const far = await comes(stage, 'bob', {}, bob.server);
    await bob.opens('/settings/security');
    await bob.sees('This one');
    await bob.sees('127.0.0.1');
    await bob.sees('Chrome');
    await bob.presses(/^Sign out (Chrome|Firefox|Unknown|Headless)/, { exact: false });
    await bob.toast('That session has ended').waitFor();
    await far.follows('Profile');
    await far.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    await far.presses('Sign out instead');
    await far.page.waitForURL('**/sign-in');
    await far.signsIn('bob', { open: false });
    await far.isIn();
    await bob.presses('Sign out everywhere else');
    await bob.presses('Sign out', { within: bob.dialog });
    await bob.provesIfAsked(bob.toast('Those sessions have ended'));
    await far.follows('Profile');
    await far.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
  },

  async 'a new password ends other sessions and the old one opens nothing'(stage) {
    const bob = await comes(stage, 'bob');
    const far = await comes(stage, 'bob', {}, bob.server);
    await bob.opens('/settings/security');
    await bob.types('Current password', 'wrong');
    await bob.types('New password', 'another battery of horses');
    await bob.presses('Change password');
    await bob.page.locator('.field-error, .notice.danger').first().waitFor();
    await bob.types('Current password', PASSWORD);
    await bob.presses('Change password');
    await bob.provesIfAsked(bob.toast('Your password is changed'));
    await far.follows('Profile');
    await far.page.getByRole('heading', { name: 'Your session has ended' }).waitFor();
    const third = await stage.person(bob.server);
    await third.signsIn('bob');
    await third.sees('Name or password is wrong.');
    await third.signsIn('bob', { password: 'another battery of horses' });
    await third.isIn();
  },

  async 'the profile, and the token of WNCMS'(stage) {
    const bob = await comes(stage, 'bob');
    await bob.opens('/settings/profile');
    await bob.types('Display name', 'Bob the Builder');
    await bob.presses('Save');
    await bob.toast('Saved').waitFor();
    await bob.sees('Bob the Builder', { within: bob.page.locator('.side-foot') });
    await bob.presses('Generate token');
    await bob.provesIfAsked(bob.page.getByRole('heading', { name: 'Your new token' }));
    const token = await shownToken(bob);
    await bob.presses('I have copied it');
    const ask = (text) => bob.server.site('blog.localhost', 'POST', '/api/v1/posts', { 'Content-Type': 'application/json' }, JSON.stringify({ api_token: text })).then((r) => r.body);
    assert.doesNotMatch(await ask(token), /Invalid token/);
    assert.match(await ask('nonsense'), /Invalid token/);
    await bob.presses('Generate a new token');
    await bob.presses('Generate a new token', { within: bob.dialog });
    await bob.page.getByRole('heading', { name: 'Your new token' }).waitFor();
    const next = await shownToken(bob);
    await bob.presses('I have copied it');
    assert.match(await ask(token), /Invalid token/, 'the one before is over');
    assert.doesNotMatch(await ask(next), /Invalid token/);
  },
});
