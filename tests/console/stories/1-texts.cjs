// Before any browser: the languages are complete, and the scripts are light.
const fs = require('node:fs');
const path = require('node:path');
const assert = require('node:assert');
const { ROOT, call } = require('../lab.cjs');

const UI = path.join(ROOT, 'crates/console/ui');
const MOST = 150 * 1000;

const files = (dir) => fs.readdirSync(dir, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? files(path.join(dir, e.name)) : [path.join(dir, e.name)]));
// As data: the folder has no package.json that would call its files modules.
const module_ = (file) => import(`data:text/javascript,${encodeURIComponent(fs.readFileSync(path.join(UI, file), 'utf8'))}`);
/** The words of a language: those of the scripts, and the packs that some pages load. */
const packs = (name) => fs.readdirSync(path.join(UI, 'texts')).filter((f) => f.endsWith(`.${name}.json`)).map((f) => JSON.parse(fs.readFileSync(path.join(UI, 'texts', f), 'utf8')));
const load = async (name) => Object.assign({}, (await module_(`texts/${name}.js`)).default, ...packs(name));

const forms = (text) => (typeof text === 'string' ? [text] : Object.values(text));
const holes = (text) => [...new Set(forms(text).flatMap((one) => [...one.matchAll(/\{(\w+)\}/g)].map((m) => m[1])))].sort();

module.exports = {
  async 'both languages have every text, with the same values'() {
    const [en, de] = [await load('en'), await load('de')];
    assert.deepStrictEqual(Object.keys(de).filter((key) => !(key in en) && !key.startsWith('say.')), [], 'only in German');
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
    const made = /^(action|advice|check|detail|dialect|error|set|hook|explain|ips|key|live|match|nav|outcome|power|reason|result|setting\.from|site\.self|start\.step|start\.text|status|theme|user\.(is|to|password|power\.text)|way)\./;
    const idle = Object.keys(en).filter((key) => !made.test(key) && !code.includes(`'${key}'`));
    assert.deepStrictEqual(idle, [], 'asked for by nobody');
  },

  async 'every action and reason that can be recorded has words in both languages'() {
    const rust = (folder) => fs.readdirSync(folder, { recursive: true }).filter((f) => f.endsWith('.rs')).map((f) => fs.readFileSync(path.join(folder, f), 'utf8')).join('\n');
    const crates = ['core', 'console', 'server', 'dialects', 'gateway', 'web'].map((name) => rust(path.join(ROOT, 'crates', name, 'src'))).join('\n');
    const matrix = fs.readFileSync(path.join(ROOT, 'crates/server/tests/access_matrix.txt'), 'utf8').split('\n').map((line) => line.split('|')[1]?.trim() ?? '');
    const actions = new Set([...matrix.filter((id) => /^[a-z_]+\.[a-z_.]+$/.test(id)), ...[...crates.matchAll(/"(command\.[a-z_]+(?:\.[a-z_]+)?)"/g)].map((m) => m[1]),
      ...[...rust(path.join(ROOT, 'crates/core/src/flow/console')).matchAll(/"(console\.[a-z_]+(?:\.[a-z_]+)*)"/g)].map((m) => m[1])]);
    const reasons = new Set([...fs.readFileSync(path.join(ROOT, 'crates/core/src/refusal.rs'), 'utf8').matchAll(/=> "([a-z_]+)"/g), ...crates.matchAll(/refused\(No::[a-z_]+\(\), "([a-z_]+)"\)/g)].map((m) => m[1]));
    assert.ok(actions.size > 150 && reasons.size > 40, `${actions.size} actions and ${reasons.size} reasons found`);
    for (const name of ['en', 'de']) {
      const words = await load(name);
      assert.deepStrictEqual([...actions].filter((id) => !(`action.${id}` in words)), [], `actions without words (${name})`);
      assert.deepStrictEqual([...reasons].filter((id) => !(`reason.${id}` in words)), [], `reasons without words (${name})`);
    }
  },

  async 'what the server says of a setting or a rule has German words'() {
    const folder = (name) => path.join(ROOT, 'crates', name);
    const rust = [folder('dialects/src'), folder('server/src/bundle'), folder('core/src/site'), folder('core/src/policy'), folder('console/src/admin')].flatMap((root) => fs.readdirSync(root, { recursive: true }).filter((f) => f.endsWith('.rs') && !/tests?\.rs$|\/tests\//.test(f)).map((f) => fs.readFileSync(path.join(root, f), 'utf8').split('#[cfg(test)]')[0])).join('\n');
    const said = new Set([...rust.matchAll(/(?:ConfigProblem::at|\.wrong|Problem::at|[^_a-z]wrong|No::invalid)\([^;]*?"(must [^"\\]{4,}|is (?:no|not|missing|masked)[^"\\]{4,}|[A-Z1-9][^"\\]* (?:is|are) asked for|It [^"\\]+)"/g)].map((m) => m[1]));
    const known = (await load('de'));
    const shapes = new Set(Object.keys(known).filter((key) => key.startsWith('say.')).map((key) => key.slice(4).replace(/\{\w*\}/g, '{}')));
    // Questions of programs, which no page asks.
    const others = /^(csv or jsonl|granted or refused|link or one_time|owner, admin or null|It is what `next`|login, second|waiting, delivered|It makes |A list of \{\}|must be .* as \{$)/;
    const without = [...said].map((one) => one.replace(/\{[^}]*\}/g, '{}')).filter((one) => !shapes.has(one) && !others.test(one));
    assert.ok(said.size > 35, `${said.size} found`);
    assert.deepStrictEqual(without, []);
  },

  async 'every setting that a dialect describes has words'() {
    const folder = path.join(ROOT, 'crates/dialects/src');
    const sources = fs.readdirSync(folder, { recursive: true }).filter((f) => /(members|settings)\.rs$/.test(f)).map((f) => fs.readFileSync(path.join(folder, f), 'utf8')).join('\n');
    const words = new Set([...[...sources.matchAll(/"((?:wporchestrix|simple_jwt_login|wncms|wapka|jwt_auth)\.[a-z_]+)"/g)].map((m) => m[1]), ...[...sources.matchAll(/^ {8}"([a-z0-9_.]+)" "[a-z_.]*" /gm)].map((m) => `simple_jwt_login.${m[1]}`)]);
    assert.ok(words.size > 90, `${words.size} found`);
    for (const name of ['en', 'de']) {
      const known = await load(name);
      const groups = ['wncms.post', 'wncms.tag', 'wncms.website'];
      assert.deepStrictEqual([...words].filter((id) => !(`set.${id}` in known) && !groups.includes(id)), [], name);
      assert.deepStrictEqual(groups.filter((id) => !(`set.group.${id}` in known)), []);
    }
  },

  async 'how far a moment is, rounded, and never a month too early or too late'() {
    const { apart } = await module_('lib/when.js');
    const [minute, hour, day] = [60, 3600, 86400];
    for (const [seconds, expected] of [[0, null], [4, null], [5, [5, 'second']], [59, [59, 'second']], [59.6, [1, 'minute']], [90, [2, 'minute']], [59 * minute, [59, 'minute']], [59.6 * minute, [1, 'hour']],
      [23.6 * hour, [24, 'hour']], [47 * hour, [47, 'hour']], [47.6 * hour, [2, 'day']], [2.4 * day, [2, 'day']], [30 * day, [30, 'day']], [45 * day, [45, 'day']], [59 * day, [59, 'day']],
      [60 * day, [2, 'month']], [90 * day, [3, 'month']], [180 * day, [6, 'month']], [365 * day, [12, 'month']], [700 * day, [23, 'month']], [731 * day, [2, 'year']], [3650 * day, [10, 'year']]]) {
      assert.deepStrictEqual(apart(0, seconds * 1000), expected, `in ${seconds} s`);
      assert.deepStrictEqual(apart(seconds * 1000, 0), expected && [-expected[0], expected[1]], `${seconds} s ago`);
    }
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
