// Every page in both themes and three widths: axe finds nothing, nothing overflows or overlaps, nothing runs that must not.
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { PASSWORD, parts, receiver, until } = require('../lab.cjs');
const { bundle, hostile, person, telling } = require('../cast.cjs');

const axe = fs.readFileSync(parts.resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = [[360, 780], [820, 1000], [1440, 900]];

/** Pages before the door, and behind it. */
const OUTSIDE = { 'sign-in': '/sign-in', forgot: '/forgot', register: '/register', reset: '/reset#token', verify: '/verify#token', 'confirm-email': '/confirm-email#token', nowhere: '/no/such/page', help: '/help/console' };
const INSIDE = {
  home: '/', live: '/live', tokens: '/settings/tokens', security: '/settings/security', profile: '/settings/profile', sites: '/sites', site: '/sites/blog', users: '/sites/blog/users', user: '/sites/blog/users/1',
  services: '/sites/blog/services', roles: '/sites/blog/roles', endpoints: '/sites/blog/endpoints', keys: '/sites/blog/keys', 'auth-codes': '/sites/shop/auth-codes', 'ip-lists': '/sites/blog/ip-lists', webhooks: '/sites/hooks/webhooks', 'no-webhooks': '/sites/blog/webhooks',
  dialects: '/sites/blog/dialects', dialect: '/sites/blog/dialects/wncms', audit: '/audit', imports: '/imports', server: '/server', start: '/start', 'help-rules': '/help/rules', 'no-page': '/no/such/page',
};

/** In a world of its own, where Trusted Types and the page's policy do not hold and nothing of the page is changed. */
async function violations(one) {
  const { frameTree } = await one.wire.send('Page.getFrameTree');
  const { executionContextId } = await one.wire.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id, worldName: 'axe' });
  await one.wire.send('Runtime.evaluate', { expression: axe, contextId: executionContextId });
  const { result, exceptionDetails } = await one.wire.send('Runtime.evaluate', {
    contextId: executionContextId, awaitPromise: true, returnByValue: true,
    expression: `axe.run(document, {resultTypes: ['violations'], preload: ${!one.server.ui}}).then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? n.all[0]?.message ?? '')).join(' | ')))`,
  });
  if (exceptionDetails) throw new Error(`axe: ${exceptionDetails.exception?.description}`);
  return result.value;
}

/** What sticks out of the window or of its box, and controls that lie on each other. */
const misplaced = () => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth + 1) wrong.push(`the page is ${root.scrollWidth - innerWidth} px too wide`);
  const seen = (node) => {
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) ? box : null;
  };
  const name = (node) => `${node.tagName.toLowerCase()}.${node.className?.baseVal ?? node.className} ${(node.innerText ?? '').slice(0, 40)}`;
  for (const node of document.querySelectorAll('main *, dialog[open] *')) {
    if (node.closest('svg, canvas, .u-over, .plot, .visually-hidden, pre, .prose-table')) continue;
    const box = seen(node);
    if (!box) continue;
    // A table's head is only for screen readers where its rows are cards.
    if (node.closest('thead')?.getBoundingClientRect().width === 1) continue;
    if (box.right > innerWidth + 1 || box.left < -1) wrong.push(`out of the window: ${name(node)}`);
    const style = getComputedStyle(node);
    if (node.scrollWidth > node.clientWidth + 1 && node.clientWidth && style.overflowX === 'visible' && style.display !== 'inline') {
      const parent = node.closest('.card, dialog');
      if (parent && [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) wrong.push(`text runs over its box: ${name(node)}`);
    }
  }
  // What is behind an open dialog cannot be reached.
  const reachable = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
  if (reachable !== document) {
    const box = reachable.getBoundingClientRect();
    // It rises by a few pixels when it opens.
    if (Math.abs(box.top + box.bottom - innerHeight) > 14) wrong.push(`a dialog is not in the middle: ${name(reachable)}`);
  }
  const controls = [...reachable.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea')].filter((node) => !node.closest('.toasts, .side, .top, .visually-hidden, .skip, .menu-list') && !node.matches('.visually-hidden, .skip'));
  const boxes = controls.map((node) => [node, seen(node)]).filter(([, box]) => box);
  for (let i = 0; i < Math.min(boxes.length, 400); i += 1) {
    for (let j = i + 1; j < Math.min(boxes.length, 400); j += 1) {
      const [a, x] = boxes[i];
      const [b, y] = boxes[j];
      if (a.contains(b) || b.contains(a) || a.closest('.with-button') && a.closest('.with-button') === b.closest('.with-button')) continue;
      const wide = Math.min(x.right, y.right) - Math.max(x.left, y.left);
      const high = Math.min(x.bottom, y.bottom) - Math.max(x.top, y.top);
      if (wide > 2 && high > 2) wrong.push(`on each other: ${name(a)} and ${name(b)}`);
    }
  }
  return [...new Set(wrong)].slice(0, 6);
};

/** Gives the window a size, and waits until the page is drawn in it. */
async function sized(one, width, height) {
  await one.page.setViewportSize({ width, height });
  await one.page.waitForFunction(([w, h]) => innerWidth === w && innerHeight === h, [width, height]);
  await one.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
}

/** Goes through pages; `deep` = axe in both themes as well. */
async function goes(stage, one, pages, { prefix, themes, widths = WIDTHS }) {
  const found = [];
  for (const [name, target] of Object.entries(pages)) {
    await one.opens(target);
    if (name === 'live') await one.page.getByText('Connected', { exact: true }).waitFor();
    for (const theme of themes) {
      await one.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      for (const [width, height] of widths) {
        await sized(one, width, height);
        for (const wrong of await one.page.evaluate(misplaced)) found.push(`${name} at ${width}: ${wrong}`);
        await one.page.screenshot({ path: path.join(stage.screens, `${prefix}${name}-${width}-${theme}.png`), fullPage: width !== 1440 });
      }
      for (const wrong of await violations(one)) found.push(`${name} ${theme}: ${wrong}`);
    }
    if (await one.page.evaluate(() => 'hit' in globalThis)) found.push(`${name}: a script of the corpus ran`);
    found.push(...one.wrong.splice(0).map((w) => `${name}: ${w}`));
  }
  assert.deepStrictEqual(found, []);
}

async function comes(stage, server, options) {
  const ada = await stage.person(server, options);
  await ada.signsIn('ada');
  await ada.isIn();
  return ada;
}

/** A world that tells somebody of logins, and has done so once; `act(server)` is done while they listen. */
async function told(stage, make, act) {
  const ear = await receiver();
  ear.status = 503;
  try {
    const server = await stage.world(make(stage.upstream, ear.url), [['blog', 'ada', 'owner']]);
    const login = await server.site('hooks.localhost', 'POST', '/wp-json/simple-jwt-login/v1/auth', { 'Content-Type': 'application/json' }, JSON.stringify({ username: 'zoe', password: PASSWORD }));
    assert.strictEqual(login.status, 200, login.body);
    await until('the receiver to hear', () => ear.heard.length);
    return await act(server);
  } finally { ear.close(); }
}

async function comesInGerman(stage, server) {
  const ada = await stage.person(server, { locale: 'de-DE' });
  await ada.opens('/sign-in');
  await ada.types('Site', 'blog');
  await ada.types('Anmeldename oder E-Mail', 'ada');
  await ada.types('Passwort', PASSWORD);
  await ada.presses('Anmelden');
  await ada.isIn();
  return ada;
}

async function inGerman(stage, server) {
  const ada = await comesInGerman(stage, server);
  const { live, ...rest } = INSIDE;
  void live;
  await goes(stage, ada, rest, { prefix: 'de-', themes: ['light'], widths: [[360, 780], [1440, 900]] });
}

async function amongHostileNames(stage, server) {
  const { CORPUS } = require('../cast.cjs');
  for (const text of CORPUS.slice(0, 8)) {
    const name = encodeURIComponent(text);
    await server.site('blog.localhost', 'POST', '/v1/auth/login', { 'Content-Type': 'application/json', 'User-Agent': text.replace(/[^\x20-\x7e]/g, '?') }, JSON.stringify({ site: 'blog', username: text, password: text })).catch(() => {});
    await server.site('blog.localhost', 'GET', `/admin/${name}`, { Authorization: `Bearer ${name}` }).catch(() => {});
  }
  const agent = await stage.person(server, { context: await stage.browser.newContext({ userAgent: `Mozilla/5.0 ${CORPUS[1]}` }) });
  await agent.signsIn('ada');
  await agent.isIn();
  const ada = await comes(stage, server);
  const users = Object.fromEntries([5, 6, 9, 24, 25].map((n) => [`user-${n}`, `/sites/blog/users/${n}`]));
  await goes(stage, ada, { ...INSIDE, ...users }, { prefix: 'hostile-', themes: ['dark'] });
  await ada.opens('/sites/hooks/webhooks');
  await ada.presses('Logged in');
  await ada.dialog.waitFor();
  assert.ok((await ada.dialog.locator('pre').innerText()).includes('<img/src=x'), 'what was told is shown as text');
  await ada.page.screenshot({ path: path.join(stage.screens, 'hostile-delivery-820-dark.png') });
  await ada.opens('/audit');
  await ada.page.locator('.card.flush tbody button').first().click();
  await ada.dialog.waitFor();
  assert.ok(!(await ada.page.evaluate(() => 'hit' in globalThis)));
  await agent.context.close();
}

module.exports = {
  async 'before the door'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']], 'console.list_sites=on');
    await goes(stage, await stage.person(server), OUTSIDE, { prefix: '', themes: ['light', 'dark'] });
  },

  async 'behind the door'(stage) {
    await told(stage, telling, async (server) => goes(stage, await comes(stage, server), INSIDE, { prefix: '', themes: ['light', 'dark'] }));
  },

  async 'in German'(stage) {
    await told(stage, telling, (server) => inGerman(stage, server));
  },

  async 'what is refused is said in the language of the page'(stage) {
    const ada = await comesInGerman(stage, await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]));
    const says = (text) => ada.page.locator('.field-error').filter({ hasText: text }).waitFor();
    await ada.opens('/settings/profile');
    await ada.types('Webseite', 'nowhere');
    await ada.presses('Speichern');
    await says('Eine Adresse beginnt mit http:// oder https://.');
    await ada.opens('/sites/blog/users/3');
    await ada.types('E-Mail', 'nowhere');
    await ada.presses('Speichern');
    await says('Diese Adresse ist nicht brauchbar.');
    await ada.opens('/settings/tokens');
    await ada.presses('Neuer Token');
    await ada.types('Name', 'x', { within: ada.dialog });
    await ada.types('Nur von diesen Adressen', 'nowhere', { within: ada.dialog });
    await ada.presses('Token anlegen', { within: ada.dialog });
    await says('Adressen wie 203.0.113.9');
    for (const english of ['cannot be used', 'is asked for']) await ada.seesNot(english);
  },

  async 'with names that want to break the page: nothing runs, nothing overflows'(stage) {
    await told(stage, hostile, (server) => amongHostileNames(stage, server));
  },

  async 'dialogs are without fault too'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const ada = await comes(stage, server);
    const found = [];
    for (const [target, button] of [['/settings/tokens', 'New token'], ['/sites/blog/users', 'New user'], ['/sites/blog/services', 'New service account'], ['/sites/shop/auth-codes', 'New auth code'], ['/settings/security', 'Sign out everywhere else'], ['/settings/security', 'Turn on'], ['/sites/blog/users/3', 'One-time password'], ['/sites/blog', 'Remove the site']]) {
      await ada.opens(target);
      const before = ada.page.getByRole('button', { name: button, exact: true }).first();
      await before.click();
      await ada.dialog.waitFor();
      for (const theme of ['light', 'dark']) {
        await ada.page.emulateMedia({ colorScheme: theme });
        for (const [width, height] of WIDTHS) {
          await sized(ada, width, height);
          for (const wrong of await ada.page.evaluate(misplaced)) found.push(`${button} at ${width}: ${wrong}`);
        }
        for (const wrong of await violations(ada)) found.push(`${button} ${theme}: ${wrong}`);
        await ada.page.screenshot({ path: path.join(stage.screens, `dialog-${button.replace(/\W+/g, '-').toLowerCase()}-${theme}.png`) });
      }
      await ada.page.keyboard.press('Escape');
      await ada.page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.ok(await before.evaluate((node) => node === document.activeElement), `the focus is back on ${button}`);
    }
    assert.deepStrictEqual(found, []);
  },

  async 'the focus goes with what is drawn, and stays with who has gone on'(stage) {
    const ada = await comes(stage, await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]));
    const focused = () => ada.page.evaluate(() => document.activeElement.outerHTML);
    // The skip link on a page whose title comes with its data.
    let release;
    const held = new Promise((done) => { release = done; });
    await ada.page.route('**/api/sites/blog/users/3', async (route) => {
      await held;
      await route.continue();
    });
    await ada.page.goto(`${ada.server.origin}/sites/blog/users/3`);
    await ada.page.getByRole('heading', { name: '…', level: 1 }).waitFor();
    await ada.page.keyboard.press('Tab');
    await ada.page.keyboard.press('Enter');
    await ada.page.waitForFunction(() => location.hash === '#main');
    await ada.page.keyboard.press('Tab');
    const back = await focused();
    assert.match(back, /class="back"/);
    release();
    await ada.page.getByRole('heading', { name: 'Bob', level: 1 }).waitFor();
    assert.strictEqual(await focused(), back, 'who skipped and went on');
    // A field with an error has the focus when the error is seen, not some time after.
    await ada.opens('/settings/tokens');
    await ada.presses('New token');
    await ada.page.getByRole('heading', { name: 'Create an API token' }).waitFor();
    await ada.page.evaluate(() => new MutationObserver(() => {
      if (document.querySelector('.field-error')) document.body.dataset.had ??= document.activeElement.name ?? '';
    }).observe(document.body, { childList: true, subtree: true }));
    await ada.presses('Create token', { within: ada.dialog });
    await ada.sees('Please fill this in.');
    assert.strictEqual(await ada.page.evaluate(() => document.body.dataset.had), 'name');
    // On a phone the drawer is shut by the page that it led to.
    await sized(ada, 360, 780);
    await ada.opens('/settings/profile');
    for (const name of ['API tokens', 'Profile', 'API tokens']) {
      await ada.presses('Open the menu');
      await ada.follows(name, { within: ada.page.locator('.side') });
      await ada.page.getByRole('heading', { name, level: 1 }).waitFor();
      assert.match(await focused(), /^<h1/, name);
      assert.strictEqual(await ada.page.locator('.side.open').count(), 0, name);
    }
  },

  async 'a menu stays open while its button stays where it is'(stage) {
    const ada = await comes(stage, await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]));
    await sized(ada, 1280, 420);
    await ada.opens('/sites/blog/endpoints');
    await ada.presses('Actions for /news');
    const item = ada.page.getByRole('menuitem', { name: 'Edit', exact: true });
    await item.waitFor();
    // Word of what was scrolled before comes with the next picture.
    await ada.page.evaluate(() => { document.dispatchEvent(new Event('scroll')); });
    assert.ok(await item.isVisible());
    await ada.page.evaluate(() => scrollBy(0, 60));
    await item.waitFor({ state: 'detached' });
  },

  async 'ten thousand tokens, and none'(stage) {
    const many = bundle(stage.upstream);
    many.sites[0].users[0].api_tokens = Array.from({ length: 10000 }, (_, i) => ({ name: `Token ${i}`, token: `dwd_many_${String(i).padStart(29, '0')}` }));
    many.sites[0].users.push(person('zoe'));
    const server = await stage.world(many, [['blog', 'ada', 'owner']]);
    const ada = await comes(stage, server);
    await goes(stage, ada, { tokens: '/settings/tokens' }, { prefix: 'many-', themes: ['light'] });
    const rows = ada.page.locator('tbody tr');
    const first = await rows.count();
    assert.ok(first > 0 && first <= 200, `${first} rows at first`);
    await ada.presses('Show more');
    await ada.page.waitForFunction((n) => document.querySelectorAll('tbody tr').length > n, first);
    assert.strictEqual(new Set(await ada.page.locator('tbody tr .strong').allInnerTexts()).size, await rows.count(), 'none twice');
    const zoe = await stage.person(server);
    await zoe.signsIn('zoe');
    await zoe.isIn();
    await goes(stage, zoe, { tokens: '/settings/tokens' }, { prefix: 'none-', themes: ['light'] });
    await zoe.sees('You have no tokens yet');
  },

  async 'few files make a page, and what is kept is not asked for again'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    if (server.ui) return;
    const kept = await (await comes(stage, server)).context.storageState();
    for (const [target, most] of [['/sign-in', 5], ['/settings/tokens', 8], ['/audit', 10]]) {
      const context = await stage.browser.newContext(target === '/sign-in' ? {} : { storageState: kept });
      const one = await stage.person(server, { context });
      const answers = [];
      one.page.on('response', (answer) => answers.push(answer));
      await one.opens(target);
      if (target === '/audit') await one.page.locator('.plot canvas').first().waitFor();
      const named = answers.map((answer) => new URL(answer.url()).pathname);
      // The picture of the tab is asked for by the browser itself, when it likes.
      const files = named.filter((name) => !name.endsWith('.svg'));
      // The words that only some pages need are a pack of their own.
      const packs = files.filter((name) => name.startsWith('/assets/texts/'));
      assert.ok(packs.length <= 1, `${target} has one pack of words: ${packs.join(' ')}`);
      assert.ok(files.length - packs.length <= most, `${target}: ${named.join(' ')}`);
      assert.strictEqual(new Set(files).size, files.length, `${target} asks for nothing twice: ${named.join(' ')}`);
      for (const answer of answers.filter((one) => /\.(js|css)$/.test(one.url()))) assert.strictEqual(answer.headers()['cache-control'], 'public, max-age=31536000, immutable', answer.url());
      await one.opens(target);
      const again = await one.page.evaluate(() => performance.getEntriesByType('resource').filter((entry) => /\.(js|css)$/.test(entry.name) && entry.transferSize > 0).map((entry) => entry.name));
      assert.deepStrictEqual(again, [], 'asked for again');
      await context.close();
    }
  },

  async 'without JavaScript the page says what it needs'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const context = await stage.browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 780 } });
    const page = await context.newPage();
    for (const target of ['/sign-in', '/settings/tokens']) {
      await page.goto(server.origin + target);
      for (const [i, text] of ['This console needs JavaScript', 'Diese Konsole braucht JavaScript'].entries()) {
        const said = page.locator('noscript p').nth(i);
        assert.ok((await said.innerText()).startsWith(text));
        const box = await said.boundingBox();
        assert.ok(box && box.y + box.height < 780, `${text}: seen at once`);
      }
      assert.ok(!(await page.locator('.boot').isVisible()), 'nothing seems to be loading');
    }
    await page.screenshot({ path: path.join(stage.screens, 'no-script-360-light.png') });
    await context.close();
  },

  async 'every page has help, and says what went wrong and how to go on'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const ada = await comes(stage, server);
    const found = [];
    // What asks for nothing when it opens has nothing that fails.
    const { live, imports, start, 'help-rules': help, 'no-page': nowhere, ...asking } = INSIDE;
    for (const [name, target] of Object.entries({ ...asking, live, imports })) {
      await ada.opens(target);
      const link = ada.page.locator('.page-actions a.help');
      const [page] = ((await link.count()) ? await link.getAttribute('href') : '').replace('/help/', '').split('#');
      if (!page || (await ada.page.evaluate((doc) => fetch(`/assets/docs/${doc}.md`).then((r) => r.status), page)) !== 200) found.push(`${name}: no help at ${page}`);
    }
    await ada.page.route(/\/api\/(?!session|sites\?)/, (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"error":{"code":"internal","message":"x"}}' }));
    for (const [name, target] of Object.entries(asking)) {
      await ada.opens(target);
      if (name === 'sites') continue;
      await ada.page.getByText('Something went wrong on our side.').first().waitFor().catch(() => found.push(`${name}: no word`));
      if (!(await ada.page.getByRole('button', { name: 'Try again' }).count())) found.push(`${name}: no way on`);
    }
    // These open all the same.
    for (const one of [help, nowhere, start]) await ada.opens(one);
    assert.deepStrictEqual(found, []);
  },

  async 'the overview does not say that there is no site before it knows'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const ada = await comes(stage, server);
    let release;
    const held = new Promise((done) => { release = done; });
    await ada.page.route(/\/api\/sites\?/, async (route) => { await held; await route.continue(); });
    await ada.opens('/');
    await ada.sees('Refused lately');
    await ada.seesNot('There is no site yet');
    release();
    await ada.page.locator('.site-pick select').waitFor();
    await ada.seesNot('There is no site yet');
  },

  async 'an answer that fails is told, and can be asked for again'(stage) {
    const server = await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);
    const ada = await comes(stage, server);
    await ada.page.route('**/api/me/tokens*', (route) => route.fulfill({ status: 500, contentType: 'application/json', body: '{"error":{"code":"internal","message":"x"}}' }));
    await ada.opens('/settings/tokens');
    await ada.sees('Something went wrong on our side.');
    assert.deepStrictEqual(await violations(ada), []);
    await ada.page.unroute('**/api/me/tokens*');
    await ada.presses('Try again');
    await ada.sees('You have no tokens yet');
  },
};
