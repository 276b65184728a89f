// The first run: the link that `serve` prints, the owner, the guided start, and a line that works when it is pasted.
const assert = require('node:assert');
const { execFileSync } = require('node:child_process');
const { PASSWORD, until } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const link = (server) => until('the set-up link', () => /http:\/\/localhost:\d+(\/setup#\S+)/.exec(server.log)?.[1]);

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
  assert.ok(!owner.page.url().includes(target.split('#')[1]), 'the secret does not stay in the address');
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
  await owner.types('URL', `http://first.localhost:${server.port}`);
  await owner.types('Hosts', `first.localhost:${server.port}`);
  await owner.types('Upstream', stage.upstream);
  await owner.presses('Make the site');
  await owner.sees('Paste this line into a terminal:');
  const line = await owner.page.getByRole('textbox', { name: 'Command' }).innerText();
  const expected = (await owner.page.locator('pre.answer').innerText()).trim();
  const said = execFileSync('bash', ['-c', line], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, http_proxy: '', HTTP_PROXY: '', no_proxy: '*' } });
  assert.ok(said.startsWith(expected), `${line}\n${said}`);
  await owner.presses('To the overview', { role: 'link' });
  await owner.isIn();
  const late = await stage.person(server);
  await late.page.goto(server.origin + target);
  await late.sees('This server has an owner already.');
}

module.exports = inBothManners({
  'from the printed link to a working line': firstRun,

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
    assert.doesNotMatch(server.log, /setup#/);
  },
});
