// What a site lets people do for themselves: make an account, set a forgotten password anew, change the address. The letters are real.
const assert = require('node:assert');
const net = require('node:net');
const { PASSWORD, until } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

/** A post office that keeps what it is given. */
async function postOffice() {
  const letters = [];
  const server = net.createServer((socket) => {
    let letter = null;
    let rest = '';
    socket.setEncoding('utf8').on('error', () => {});
    socket.write('220 post\r\n');
    socket.on('data', (part) => {
      rest += part;
      for (let end; (end = rest.indexOf('\r\n')) >= 0;) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (letter) {
          if (line === '.') { letters.push(letter); letter = null; socket.write('250 kept\r\n'); } else letter.text += `${line.replace(/^\.\./, '.')}\n`;
        } else if (/^RCPT TO:/i.test(line)) { socket.to = [...(socket.to ?? []), /<(.*)>/.exec(line)[1]]; socket.write('250 ok\r\n'); } else if (/^DATA/i.test(line)) { letter = { to: socket.to, text: '' }; socket.to = []; socket.write('354 go on\r\n'); } else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n'); else socket.write('250 ok\r\n');
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const plain = (text) => text.replace(/=\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return {
    letters,
    settings: [`mail.smtp_url=smtp://127.0.0.1:${server.address().port}`, 'mail.from=door@example.com'],
    link: (to, kind) => until(`a letter to ${to}`, () => {
      const letter = letters.findLast((one) => one.to.includes(to) && new RegExp(`/${kind}#`).test(plain(one.text)));
      return letter && new RegExp(`http://localhost:\\d+(/${kind}#[^\\s"<>]+)`).exec(plain(letter.text))[1];
    }),
    close: () => server.close(),
  };
}

/** A site that allows everything, told so by its owner. */
async function world(stage, post) {
  const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']], ...post.settings, 'console.list_sites=on');
  const ada = await stage.person(server);
  await ada.signsIn('ada');
  await ada.isIn();
  await ada.opens('/sites/blog');
  for (const label of ['Make an account', 'Set a forgotten password anew', 'Change their address']) await ada.ticks(label);
  await ada.presses('Save');
  await ada.provesIfAsked(ada.toast('Saved'));
  return { server, ada };
}

module.exports = inBothManners({
  async 'an account is made, confirmed, and comes in; a taken address hears the same'(stage) {
    const post = await postOffice();
    try {
      const { server } = await world(stage, post);
      const heard = [];
      for (const [login, email] of [['newcomer', 'newcomer@example.com'], ['another', 'bob@example.com']]) {
        const one = await stage.person(server);
        await one.opens('/sign-in');
        await one.follows('Make an account');
        await one.types('Login name', login);
        await one.types('E-mail', email);
        await one.types('Password', PASSWORD);
        await one.presses('Make the account');
        await one.sees('Look into your mail');
        heard.push(await one.page.locator('main').innerText());
      }
      assert.strictEqual(heard[0], heard[1]);
      const link = await post.link('newcomer@example.com', 'verify');
      const one = await stage.person(server);
      await one.signsIn('newcomer');
      await one.sees('Name or password is wrong.');
      await one.page.goto(server.origin + link);
      await one.presses('Confirm');
      // Another browser than the one that registered: who holds the letter chooses the password.
      await one.types('Password', 'a password of the letter');
      await one.presses('Confirm');
      await one.sees('Your account is open');
      await one.signsIn('newcomer');
      await one.sees('Name or password is wrong.');
      await one.signsIn('newcomer', { password: 'a password of the letter' });
      await one.isIn();
    } finally { post.close(); }
  },

  async 'a forgotten password is set anew by a link that works once; nobody hears who is here'(stage) {
    const post = await postOffice();
    try {
      const { server } = await world(stage, post);
      const bob = await stage.person(server);
      const heard = [];
      for (const name of ['bob@example.com', 'nobody@example.com']) {
        await bob.opens('/forgot');
        if (await bob.page.getByRole('combobox', { name: 'Site' }).count()) await bob.chooses('Site', 'blog');
        await bob.types('Login name or e-mail', name);
        await bob.presses('Send the link');
        await bob.sees('Look into your mail');
        heard.push(await bob.page.locator('main').innerText());
      }
      assert.strictEqual(heard[0], heard[1]);
      const link = await post.link('bob@example.com', 'reset');
      assert.ok(!post.letters.some((one) => one.to.includes('nobody@example.com')));
      for (const works of [true, false]) {
        await bob.page.goto('about:blank');
        await bob.page.goto(server.origin + link);
        await bob.types('New password', 'a new battery of horses');
        await bob.presses('Set the password');
        if (works) await bob.sees('Your password is set');
        else await bob.page.getByRole('alert').first().waitFor();
      }
      await bob.signsIn('bob', { password: 'a new battery of horses' });
      await bob.isIn();
    } finally { post.close(); }
  },

  async 'an address is changed once the new one confirms; the old one is told'(stage) {
    const post = await postOffice();
    try {
      const { server } = await world(stage, post);
      const bob = await stage.person(server);
      await bob.signsIn('bob');
      await bob.isIn();
      await bob.opens('/settings/profile');
      await bob.types('New address', 'robert@example.com');
      await bob.presses('Change address');
      await bob.provesIfAsked(bob.page.getByText('A link is on its way to robert@example.com'));
      const link = await post.link('robert@example.com', 'confirm-email');
      await until('the old address to be told', () => post.letters.some((one) => one.to.includes('bob@example.com')));
      await bob.opens('/settings/profile');
      await bob.sees('Your address is bob@example.com');
      await bob.page.goto(server.origin + link);
      await bob.presses('Confirm');
      await bob.sees('Your address is changed');
      await bob.opens('/settings/profile');
      await bob.sees('Your address is robert@example.com');
    } finally { post.close(); }
  },
});
