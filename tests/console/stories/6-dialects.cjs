// The settings of dialects: fields with words and defaults, what cannot be used is said at its field, what is emptied is the default again.
const assert = require('node:assert');
const { until } = require('../lab.cjs');
const { bundle, person } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const ALL = ['wporchestrix', 'simple_jwt_login', 'wncms', 'wapka', 'jwt_auth'];

function everyDialect(upstream) {
  const made = bundle(upstream);
  const site = (name, edition) => ({ name, url: `http://${name}.localhost`, hosts: [`${name}.localhost`], upstream, users: [person('zoe')],
    dialects: Object.fromEntries(ALL.map((dialect) => [dialect, edition[dialect] ? { edition: edition[dialect] } : {}])) });
  made.sites.push(site('plain', {}), site('recorded', { simple_jwt_login: 'v4', jwt_auth: 'tmeister', wncms: 'v6' }));
  return made;
}

async function comes(stage, options) {
  const ada = await stage.person(await stage.world(everyDialect(stage.upstream), [['blog', 'ada', 'owner']]), options);
  await ada.signsIn('ada');
  await ada.isIn();
  return ada;
}

const stored = (ada, site, dialect) => ada.page.evaluate((at) => fetch(at).then((r) => r.json()).then((d) => d.settings), `/api/sites/${site}/dialects/${dialect}`);

/** Saves, and waits until the server has it. */
async function saves(ada) {
  const done = ada.page.waitForResponse((reply) => reply.request().method() === 'PUT' && reply.ok());
  await ada.presses('Save');
  await ada.provesIfAsked(ada.toast('Saved'));
  await done;
  await ada.page.locator('.toast').first().waitFor({ state: 'detached' }).catch(() => {});
}

async function numberStory(ada) {
  await ada.opens('/sites/plain/dialects/wapka');
  const field = ada.page.getByLabel('Life of a token, in seconds');
  assert.deepStrictEqual([await field.inputValue(), await field.getAttribute('placeholder')], ['', '86400']);
  for (const wrong of ['abc', '59', '1e3', '6.5', '31536001']) {
    await ada.types(field, wrong);
    await ada.sees('A whole number from 60 to 31,536,000');
    assert.strictEqual(await field.getAttribute('aria-invalid'), 'true', wrong);
    await ada.presses('Save');
    assert.strictEqual(await field.inputValue(), wrong, 'what was typed stays');
    assert.deepStrictEqual(await stored(ada, 'plain', 'wapka'), {}, wrong);
  }
  await ada.types(field, '600');
  await saves(ada);
  assert.deepStrictEqual(await stored(ada, 'plain', 'wapka'), { settings: { token_seconds: 600 } });
  await ada.types(field, '');
  await saves(ada);
  assert.deepStrictEqual(await stored(ada, 'plain', 'wapka'), {}, 'an emptied field is the default again');
}

module.exports = {
  ...inBothManners({
    async 'a number: what is none is said and never saved, nothing is the default again'(stage) {
      await numberStory(await comes(stage));
    },

    async 'rows of an application: one is chosen, the others stay as they are'(stage) {
      const ada = await comes(stage);
      await ada.opens('/sites/blog/dialects/wncms');
      const before = await stored(ada, 'blog', 'wncms');
      await ada.chooses('/api/v1/posts/store asks for', 'Name and password (Basic)');
      await saves(ada);
      assert.deepStrictEqual(await stored(ada, 'blog', 'wncms'), { ...before, settings: { ...before.settings, wncms_api_post_store_should_auth: 'basic' } });
    },
  }),

  async 'a first setting of the plugin does not switch off what is on without any'(stage) {
    const ada = await comes(stage);
    const login = () => ada.server.site('plain.localhost', 'POST', '/wp-json/simple-jwt-login/v1/auth', { 'Content-Type': 'application/json' }, '{}').then((r) => r.body);
    const before = await login();
    assert.match(before, /parameter is missing/);
    await ada.opens('/sites/plain/dialects/simple_jwt_login');
    await ada.types(ada.page.getByLabel('Life of a token, in minutes', { exact: true }), '5');
    await saves(ada);
    assert.strictEqual((await stored(ada, 'plain', 'simple_jwt_login')).settings.authorization.ttl, 5);
    await until('the settings to hold', async () => (await login()) === before);
  },

  async 'every field of every dialect has words, in both languages, and so does every group'(stage) {
    for (const locale of ['en-US', 'de-DE']) {
      const ada = await stage.person(stage.server ??= await stage.world(everyDialect(stage.upstream), [['blog', 'ada', 'owner']]), { locale });
      await ada.page.goto(`${ada.server.origin}/sign-in`);
      await ada.page.locator('input[name=login]').fill('ada');
      await ada.page.locator('input[name=site]').fill('blog');
      await ada.page.locator('input[name=password]').fill('correct horse battery staple');
      await ada.page.locator('button[type=submit]').click();
      await ada.isIn();
      for (const site of locale === 'en-US' ? ['plain', 'recorded'] : ['recorded']) {
        for (const dialect of ALL) {
          await ada.opens(`/sites/${site}/dialects/${dialect}`);
          const words = await ada.page.locator('main label, main h2, main select:not([name=edition]) option, main .hint').allInnerTexts();
          const fields = await ada.page.locator('main form label').count();
          assert.ok(fields > (dialect === 'simple_jwt_login' ? 25 : 1), `${site} ${dialect}: ${fields} fields`);
          assert.deepStrictEqual(words.filter((text) => /set\.|^[a-z]+(_[a-z]+)+$|\{of\}/.test(text)), [], `${locale} ${site} ${dialect}`);
          await ada.heardNothingWrong();
        }
      }
    }
    delete stage.server;
  },

  async 'what has no field is in the JSON, and stays there'(stage) {
    const ada = await comes(stage);
    await ada.opens('/sites/shop/dialects/simple_jwt_login');
    await ada.sees('1 more value has no field here');
    await ada.chooses('Passwords come in base64', 'On');
    await ada.presses('Edit as JSON');
    const raw = JSON.parse(await ada.page.getByLabel('Settings, as in a bundle').inputValue());
    assert.strictEqual(raw.settings.auth_password_base64, '1');
    assert.ok(raw.settings.auth_codes.length === 1);
    await ada.presses('Back to the form');
    await saves(ada);
    assert.deepStrictEqual(Object.keys((await stored(ada, 'shop', 'simple_jwt_login')).settings).sort(), ['auth_codes', 'auth_password_base64']);
  },
};
