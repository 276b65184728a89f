// Before any browser: the languages are complete, and the scripts are light.
const fs = require('node:fs');
const path = require('node:path');
const assert = require('node:assert');
const { ROOT, call } = require('../lab.cjs');

const UI = path.join(ROOT, 'crates/console/ui');
const MOST = 150 * 1000;

const files = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(path.join(dir, e.name)) : [path.join(dir, e.name)]));
// As data: the folder has no package.json that would call its files modules.
const load = async (name) => (await import(`data:text/javascript,${encodeURIComponent(fs.readFileSync(path.join(UI, 'texts', `${name}.js`), 'utf8'))}`)).default;

const forms = (text) => (typeof text === 'string' ? [text] : Object.values(text));
const holes = (text) => [...new Set(forms(text).flatMap((one) => [...one.matchAll(/\{(\w+)\}/g)].map((m) => m[1])))].sort();

module.exports = {
  async 'both languages have every text, with the same values'() {
    const [en, de] = [await load('en'), await load('de')];
    assert.deepStrictEqual(Object.keys(de).filter((key) => !(key in en)), [], 'only in German');
    assert.deepStrictEqual(Object.keys(en).filter((key) => !(key in de)), [], 'only in English');
    for (const key of Object.keys(en)) {
      assert.deepStrictEqual(holes(de[key]), holes(en[key]), `values of ${key}`);
      assert.strictEqual(typeof de[key], typeof en[key], `plural forms of ${key}`);
    }
    const same = Object.keys(en).filter((key) => typeof en[key] === 'string' && en[key].length > 24 && en[key] === de[key]);
    assert.deepStrictEqual(same, [], 'not translated');
  },

  async 'pages ask for texts that there are, and no text lies idle'() {
    const en = await load('en');
    const code = files(UI).filter((f) => f.endsWith('.js') && !/\/(vendor|texts)\//.test(f)).map((f) => fs.readFileSync(f, 'utf8')).join('\n');
    const asked = [...code.matchAll(/(?<![\w.$])t\(\s*'([^']+)'/g)].map((m) => m[1]);
    assert.ok(asked.length > 300, `${asked.length} calls found`);
    assert.deepStrictEqual([...new Set(asked)].filter((key) => !(key in en)), [], 'asked for and not there');
    const made = /^(action|advice|check|detail|dialect|error|hook|explain|ips|key|live|match|nav|outcome|power|reason|result|setting\.from|site\.self|start\.step|start\.text|status|theme|user\.(is|to|password|power\.text)|way)\./;
    const idle = Object.keys(en).filter((key) => !made.test(key) && !code.includes(`'${key}'`));
    assert.deepStrictEqual(idle, [], 'asked for by nobody');
  },

  async 'words for people are in the texts alone'() {
    const found = [];
    for (const file of files(UI).filter((f) => f.endsWith('.js') && !/\/(vendor|texts)\//.test(f))) {
      for (const m of fs.readFileSync(file, 'utf8').matchAll(/>([^<>${}`]*[a-z]{3,} [a-z]{2,}[^<>${}`]*)</g)) found.push(`${path.relative(UI, file)}: ${m[1].trim()}`);
    }
    assert.deepStrictEqual(found, []);
  },

  async 'all scripts together, as the server delivers them, weigh less than 150 kB compressed'(stage) {
    const server = await stage.world(null);
    const ask = (target, headers) => call(server.console, 'GET', target, { Host: `localhost:${server.console}`, ...headers });
    const found = new Set();
    for (const todo = ['/']; todo.length;) {
      const { status, body } = await ask(todo.pop());
      assert.strictEqual(status, 200);
      for (const [name] of body.matchAll(/\/assets\/[\w.-]+\.js/g)) if (!found.has(name)) { found.add(name); todo.push(name); }
    }
    for (const part of ['app', 'pages', 'uplot', 'de', 'theme']) assert.ok([...found].some((name) => name.startsWith(`/assets/${part}.`)), `${part} is none of ${[...found]}`);
    let sum = 0;
    for (const name of found) sum += Number((await ask(name, { 'Accept-Encoding': 'gzip' })).headers['content-length']);
    assert.ok(sum < MOST, `${sum} bytes`);
  },

  async 'scripts set no HTML and no inline style'() {
    for (const file of files(UI).filter((f) => f.endsWith('.js') && !f.includes('/vendor/'))) {
      const text = fs.readFileSync(file, 'utf8');
      for (const banned of [/innerHTML/, /outerHTML/, /insertAdjacentHTML/, /dangerouslySetInnerHTML/, /document\.write/, /\beval\(/, /new Function/, /<[a-z][^>`]*\sstyle=/, /https?:\/\/(?!docs\.invalid|www\.w3\.org|example\.com)[a-z]/]) {
        assert.ok(!banned.test(text.replace(/\/\/.*$|\/\*[^]*?\*\//gm, (c) => (banned.source.startsWith('https') ? c : ''))), `${path.relative(UI, file)}: ${banned}`);
      }
    }
  },
};
