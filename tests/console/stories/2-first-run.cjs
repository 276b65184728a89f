// The first run: the link that `serve` prints, the owner, the guided start, and a line that works when it is pasted.
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { PASSWORD, totp, until } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const link = (server) => until('the set-up link', () => /http:\/\/localhost:\d+(\/setup#\S+)\s/.exec(server.log)?.[1]);

async function firstRun(stage) {
  const server = await stage.world(null);
  const owner = await stage.person(server);
  await owner.opens('/');
  await owner.page.waitForURL('**/setup');
  await owner.sees('This server has no owner yet.');
  const target = await link(server);
  await owner.page.goto(server.origin + target);
  await owner.page.reload();
  await owner.page.goto('about:blank');
  await owner.page.goto(server.origin + target);
  await owner.settled();
  assert.ok(!(await owner.address()).includes(target.split('#')[1]), 'the secret does not stay in the address');
  await owner.types('Login name', 'ada');
  await owner.types('E-mail', 'ada@example.com');
  await owner.types('Password', 'short');
  await owner.presses('Make the account');
  await owner.page.locator('.field-error, .notice.danger').first().waitFor();
  await owner.types('Password', PASSWORD);
  await owner.presses('Make the account');
  await owner.sees('Which system do your clients speak?');
  await owner.presses(/^Wapka/, { exact: false });
  await owner.types('Name', 'first');
  // A name that does not lead here yet, and one that nobody has: what the line holds must reach this server alone.
  await owner.types('URL', 'https://api.first.invalid');
  await owner.types('Upstream', stage.upstream);
  await owner.presses('Make the site');
  await owner.sees('Paste this line into a terminal:');
  await owner.sees('Your clients reach the site once api.first.invalid points to this server.');
  await owner.seesNot('Here is the proof');
  const line = await owner.page.getByRole('textbox', { name: 'Command' }).innerText();
  const expected = (await owner.page.locator('pre.answer').innerText()).trim();
  const said = execFileSync('bash', ['-c', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: '', no_proxy: '' } });
  assert.ok(said.startsWith(expected), `${line}\n${said}`);
  await owner.presses('To the overview', { role: 'link' });
  await owner.isIn();
  const late = await stage.person(server);
  await late.page.goto(server.origin + target);
  await late.sees('This server has an owner already.');
}

/** Of somebody's authenticator. */
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

const fills = async (one, login = 'ada') => {
  await one.types('Login name', login);
  await one.types('E-mail', `${login}@example.com`);
  await one.types('Password', PASSWORD);
};
const holds = async (one, login = 'ada') => {
  for (const [label, text] of [['Login name', login], ['E-mail', `${login}@example.com`], ['Password', PASSWORD]]) assert.strictEqual(await one.page.getByLabel(label).first().inputValue(), text, `${label} stays`);
};

/** Somebody at the set-up form, come by the printed link. */
async function atTheForm(stage, server, options) {
  const one = await stage.person(server, options);
  await one.opens(await link(server));
  await fills(one);
  return one;
}

module.exports = inBothManners({
  'from the printed link to a working line': firstRun,

  async 'the server restarts under the set-up form: its new link goes on with what was typed'(stage) {
    const server = await stage.world(null);
    const owner = await atTheForm(stage, server);
    const before = await link(server);
    await server.stop();
    await owner.presses('Make the account');
    await owner.sees('The server does not answer.');
    await holds(owner);
    server.log = '';
    await server.start();
    // Nobody knows whether it was done: it is not sent again by itself.
    await owner.sees('The server was away for a moment.');
    await holds(owner);
    const after = await link(server);
    assert.notStrictEqual(after, before, 'a link of each start');
    await owner.presses('Make the account');
    await owner.sees('This link is over: the server prints a new one each time it starts.');
    await holds(owner);
    // As if typed into the address bar of this tab: the page stays.
    await owner.page.goto(server.origin + after);
    await owner.page.getByText('This link is over').waitFor({ state: 'detached' });
    assert.ok(!(await owner.address()).includes(after.split('#')[1]), 'the secret does not stay in the address');
    await holds(owner);
    await owner.presses('Make the account');
    await owner.sees('Which system do your clients speak?');
  },

  async 'a link that was used in another browser says so, and one of the same browser goes on'(stage) {
    const server = await stage.world(null);
    const owner = await atTheForm(stage, server);
    const late = await atTheForm(stage, server);
    const second = await atTheForm(stage, server, { context: owner.context });
    await owner.presses('Make the account');
    await owner.sees('Which system do your clients speak?');
    await late.presses('Make the account');
    await late.sees('This server has an owner already.');
    await late.follows('Sign in');
    await late.signsIn('ada', { open: false });
    await late.isIn();
    await second.sees('This server has an owner already.');
  },

  async 'a link of yesterday makes no owner, and says where there is a new one'(stage) {
    const server = await stage.world(null);
    const old = await link(server);
    await server.stop();
    server.log = '';
    await server.start();
    await link(server);
    const owner = await stage.person(server);
    await owner.opens(old);
    await fills(owner);
    await owner.presses('Make the account');
    await owner.sees('This link is over: the server prints a new one each time it starts.');
    await holds(owner);
  },

  async 'somebody with a second factor sets a password by the link and then signs in'(stage) {
    const made = bundle(stage.upstream);
    made.sites[0].users[1].totp = { secret: SECRET, recovery_codes: [] };
    const server = await stage.world(made);
    const owner = await stage.person(server);
    await owner.opens(await link(server));
    await fills(owner, 'grace');
    await owner.presses('Make the account');
    await owner.page.waitForURL('**/sign-in');
    await owner.signsIn('grace', { open: false });
    await owner.types('Code', totp(SECRET));
    await owner.presses('Go on');
    await owner.isIn();
  },

  async 'the guided start: the session ends, the server restarts, two tabs want one name'(stage) {
    const server = await stage.world(null);
    const owner = await atTheForm(stage, server);
    await owner.presses('Make the account');
    const begins = async (one, name) => {
      await one.sees('Which system do your clients speak?');
      await one.presses(/^Simple JWT Login/, { exact: false });
      await one.types('Name', name);
      await one.types('URL', `http://${name}.localhost`);
      await one.types('Hosts', `${name}.localhost`);
    };
    const stays = async (one, name) => assert.strictEqual(await one.page.getByLabel('Hosts').inputValue(), `${name}.localhost`, 'what was typed stays');
    await begins(owner, 'first');
    const second = await stage.person(server, { context: owner.context });
    await second.opens('/start');
    await begins(second, 'first');
    // The session ends under both.
    const [site] = /"site":"([^"]+)"/.exec(await owner.page.evaluate(() => fetch('/api/session').then((r) => r.text()))).slice(1);
    await owner.sessionEnds('ada', site);
    await owner.presses('Make the site');
    await owner.comesBack();
    await owner.sees('Paste this line into a terminal:');
    // The name is taken now: that is said at the field, and another one does.
    await second.presses('Make the site');
    await second.page.locator('.field-error').first().waitFor();
    await stays(second, 'first');
    await second.types('Name', 'second');
    await second.types('URL', 'http://second.localhost');
    await second.types('Hosts', 'second.localhost');
    await server.stop();
    await second.presses('Make the site');
    await second.sees('The server does not answer.');
    await server.start();
    await second.sees('The server was away for a moment.');
    await stays(second, 'second');
    await second.presses('Make the site');
    await second.sees('Paste this line into a terminal:');
    await second.presses('To the overview', { role: 'link' });
    await second.isIn();
    await second.opens('/sites');
    for (const name of ['first', 'second']) assert.strictEqual(await second.page.getByRole('link', { name, exact: true }).count(), 1, `${name} was made once`);
  },

  async 'help is there before there is an owner'(stage) {
    const server = await stage.world(null);
    const owner = await stage.person(server);
    await owner.opens('/setup');
    await owner.follows('Help');
    await owner.page.getByRole('heading', { name: 'The console', level: 1 }).waitFor();
    await owner.page.goBack();
    await owner.sees('This server has no owner yet.');
  },

  async 'a wrong link makes no owner'(stage) {
    const server = await stage.world(null);
    const stranger = await stage.person(server);
    await link(server);
    await stranger.page.goto(`${server.origin}/setup#guessed`);
    await stranger.types('Login name', 'mallory');
    await stranger.types('E-mail', 'mallory@example.com');
    await stranger.types('Password', PASSWORD);
    await stranger.presses('Make the account');
    await stranger.page.getByRole('alert').first().waitFor();
    assert.match(stranger.page.url(), /\/setup/);
  },

  async 'no link is printed once an owner has come in'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const ada = await stage.person(server);
    await ada.signsIn('ada');
    await ada.isIn();
    await server.stop();
    server.log = '';
    await server.start();
    // Whatever it had to say is there once it has ended.
    await server.stop();
    assert.match(server.log, /serving/);
    assert.doesNotMatch(server.log, /setup#/);
  },
});
