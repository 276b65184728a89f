// A person before a browser: opens pages, reads labels, types and presses; hears when something ran that must not.
// With `keyboard` they have no mouse: everything is reached with the Tab key, and a press of a mouse button is an error.
const fs = require('node:fs');
const path = require('node:path');
const { PASSWORD, PATIENCE, until } = require('./lab.cjs');

const KINDS = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

/** The pages out of a folder instead of the binary, below the server's own headers. */
async function outOf(folder, page, origin) {
  await page.route((url) => url.origin === origin && !url.pathname.startsWith('/api/') && !url.pathname.startsWith('/assets/docs/'), async (route) => {
    const { pathname } = new URL(route.request().url());
    const file = path.join(folder, pathname.startsWith('/assets/') ? pathname.slice('/assets/'.length) : 'index.html');
    const kind = KINDS[path.extname(file)];
    try {
      if (kind) return await route.fulfill(fs.existsSync(file) ? { path: file, contentType: kind } : { status: 404 });
      return await route.fulfill({ response: await route.fetch(), body: fs.readFileSync(file) });
    } catch { return route.abort().catch(() => {}); }
  });
}

/** Runs in the page: true if the focus is nowhere, and stays so. The page gives it back with the picture after the one that took it
 * away, and an answer may take it away at any picture: so it is looked for in many. */
const nowhere = async () => {
  for (let n = 0; n < 30; n += 1) {
    if (n > 1 && document.activeElement !== document.body) return false;
    await new Promise(requestAnimationFrame);
  }
  return true;
};

/** Runs in the page: what is wrong with where the focus is, for somebody who sees it and has nothing else. */
function seen(node) {
  const shown = [node, node.closest('label'), node.closest('.with-button, .switch, .check')].filter(Boolean).some((one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  });
  if (!shown) return 'its focus is not visible';
  const area = [node, node.closest('label')].filter(Boolean).map((one) => one.getBoundingClientRect()).find((box) => box.width > 1 && box.height > 1);
  if (!area) return null;
  const [x, y] = [area.left + area.width / 2, area.top + Math.min(area.height / 2, 20)];
  if (x < 0 || y < 0 || x > innerWidth || y > innerHeight) return 'it is out of sight while it has the focus';
  const top = document.elementFromPoint(x, y);
  return top && !top.closest('.toast') && !node.contains(top) && !top.contains(node) && !node.closest('label')?.contains(top) ? `it lies under ${top.tagName} ${top.className} while it has the focus` : null;
}

class Person {
  /** `options`: `theme`, `width`, `height`, `slow` (the CPU that many times slower, scripts late), `keyboard` (no mouse). */
  static async arrives(browser, server, options = {}) {
    const context = options.context ?? await browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 900 }, colorScheme: options.theme ?? 'light', locale: options.locale ?? 'en-US', reducedMotion: 'reduce', timezoneId: options.timezoneId,
    });
    const one = new Person();
    Object.assign(one, { server, context, options, wrong: [], questions: 0, ownsContext: !options.context });
    one.page = await context.newPage();
    one.page.setDefaultTimeout(PATIENCE);
    await one.page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    });
    one.page.on('console', (message) => {
      // The browser's remark on an answer that is no 2xx: the stories say which answers they expect.
      if (message.type() === 'error' && !/^Failed to load resource/.test(message.text())) one.wrong.push(`console: ${message.text()}`);
    });
    // A new document begins without a focus.
    one.page.on('domcontentloaded', () => { one.acted = null; });
    one.page.on('pageerror', (error) => one.wrong.push(`script: ${error.message}`));
    one.page.on('dialog', (dialog) => {
      if (dialog.type() === 'beforeunload') one.questions += 1;
      else one.wrong.push(`dialog: ${dialog.message()}`);
      dialog.accept().catch(() => {});
    });
    one.page.on('request', (request) => {
      if (!request.url().startsWith(server.origin) && !request.url().startsWith('data:') && !request.url().startsWith('blob:')) one.wrong.push(`asks elsewhere: ${request.url()}`);
    });
    one.wire = await context.newCDPSession(one.page);
    if (options.keyboard) {
      await one.page.addInitScript(() => addEventListener('pointerdown', (event) => console.error(`a mouse was used on ${event.target.outerHTML.slice(0, 200)}`), true));
    }
    if (server.ui) await outOf(server.ui, one.page, server.origin);
    if (options.slow) {
      await one.wire.send('Emulation.setCPUThrottlingRate', { rate: options.slow });
      await one.page.route(/\/assets\/.*\.js$/, async (route) => {
        await new Promise((done) => setTimeout(done, 40));
        await route.fallback().catch(() => {});
      });
    }
    return one;
  }

  async leaves() {
    // A request that is still held by a story goes nowhere.
    await this.page.unrouteAll({ behavior: 'ignoreErrors' }).catch(() => {});
    if (this.ownsContext) await this.context.close().catch(() => {});
    else await this.page.close().catch(() => {});
  }

  heardNothingWrong() {
    if (this.wrong.length) throw new Error(`at ${this.page.url()}: ${this.wrong.slice(0, 5).join('; ')}`);
  }

  /** Opens a page and waits until it has its heading and nothing is loading. */
  async opens(target) {
    this.acted = null;
    await this.page.goto(this.server.origin + target);
    return this.settled();
  }

  /** The address as the page has it now. */
  address() {
    return this.page.evaluate(() => location.href);
  }

  async settled() {
    await this.page.locator('h1').first().waitFor();
    await this.page.locator('.skeleton').first().waitFor({ state: 'detached' }).catch(() => { throw new Error(`still loading: ${this.page.url()}`); });
    return this;
  }

  /** Puts the focus on something: with the Tab key alone if there is no mouse. */
  async reaches(locator) {
    await locator.waitFor({ state: 'attached' });
    if (!this.options.keyboard) return locator.focus();
    const has = () => locator.evaluate((node) => node === document.activeElement || (node.type === 'radio' && node.name === document.activeElement?.name && document.activeElement.type === 'radio'));
    if (this.acted && await this.page.evaluate(nowhere)) this.wrong.push(`the focus was lost after ${this.acted}`);
    this.acted = null;
    for (let n = 0; n < 250; n += 1) {
      if (await has()) {
        const wrong = await locator.evaluate(seen);
        if (wrong) this.wrong.push(`${locator}: ${wrong}`);
        return undefined;
      }
      await this.page.keyboard.press('Tab');
      // Past the side bar, as somebody does who knows the page.
      if (n < 2 && await this.page.evaluate(() => document.activeElement?.matches('.skip')) && await locator.evaluate((node) => !!node.closest('main'))) await this.page.keyboard.press('Enter');
    }
    throw new Error(`the Tab key does not reach ${locator}`);
  }

  /** Presses what has a name (or is given). */
  async presses(name, { role = 'button', within = this.page, exact = true } = {}) {
    const target = typeof name.click === 'function' ? name : within.getByRole(role, { name, exact }).first();
    if (!this.options.keyboard) return target.click();
    await this.reaches(target);
    this.acted = `${target} was pressed`;
    return this.page.keyboard.press(role === 'switch' ? 'Space' : 'Enter');
  }

  /** Goes where a link leads. */
  follows(name, { within = this.page, exact = true } = {}) {
    return this.presses(name, { role: 'link', within, exact });
  }

  /** Opens what is folded behind a line. */
  unfolds(text, { within = this.page } = {}) {
    return this.presses(within.locator('summary', { hasText: text }).first());
  }

  async types(label, text, { within = this.page } = {}) {
    const field = typeof label.fill === 'function' ? label : within.getByLabel(label, { exact: false }).first();
    if (!this.options.keyboard) return field.fill(text);
    await this.reaches(field);
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.press('Backspace');
    return this.page.keyboard.type(text);
  }

  async chooses(label, option, { within = this.page } = {}) {
    const field = within.getByRole('combobox', { name: label, exact: false }).first();
    if (!this.options.keyboard) return field.selectOption({ label: option });
    await until(`the choice ${option}`, () => field.evaluate((node, text) => [...node.options].some((one) => one.textContent === text), option));
    await this.reaches(field);
    // By the arrows: what is typed into a list counts as one word only if it is typed fast.
    const way = () => field.evaluate((node, text) => [...node.options].findIndex((one) => one.textContent === text) - node.selectedIndex, option);
    for (let left = await way(), n = 0; left; left = await way(), n += 1) {
      if (n > 250) throw new Error(`the arrows do not reach ${option}`);
      await this.page.keyboard.press(left > 0 ? 'ArrowDown' : 'ArrowUp');
    }
    return undefined;
  }

  async ticks(label, { within = this.page } = {}) {
    const box = within.getByLabel(label, { exact: true }).first();
    if (!this.options.keyboard) return box.check();
    await this.reaches(box);
    if (await box.isChecked()) return undefined;
    await this.page.keyboard.press('Space');
    return until(`${label} to be ticked`, () => box.isChecked());
  }

  /** Hands a file over. */
  async gives(field, file) {
    if (!this.options.keyboard) return field.setInputFiles(file);
    await this.reaches(field);
    const chooser = this.page.waitForEvent('filechooser');
    // A key and the wish to hear of the chooser take different ways to the page; a question on the second way says that it is there.
    const [opened] = await Promise.all([chooser, this.page.evaluate(() => document.hasFocus()).then(() => this.page.keyboard.press('Space'))]);
    return opened.setFiles(file);
  }

  /** An item of a menu behind a button. */
  async picks(button, item) {
    await this.presses(button, { exact: false });
    const entry = this.page.getByRole('menuitem', { name: item, exact: true });
    await entry.waitFor();
    if (!this.options.keyboard) return entry.click();
    for (let n = 0; n < 12 && !(await entry.evaluate((node) => node === document.activeElement)); n += 1) await this.page.keyboard.press('ArrowDown');
    this.acted = `${item} was picked`;
    return this.page.keyboard.press('Enter');
  }

  /** The text is on the page. */
  async sees(text, { within = this.page } = {}) {
    await within.getByText(text, { exact: false }).first().waitFor();
    return this;
  }

  async seesNot(text) {
    const found = await this.page.getByText(text, { exact: false }).filter({ visible: true }).count();
    if (found) throw new Error(`${text} is on the page ${this.page.url()}`);
  }

  get dialog() {
    return this.page.getByRole('dialog').last();
  }

  async signsIn(login, { site = 'blog', password = PASSWORD, open = true } = {}) {
    if (open) await this.opens('/sign-in');
    // The form must be there before it can be seen which fields it has.
    await this.page.getByLabel('Login name or e-mail').waitFor();
    const choice = this.page.getByRole('combobox', { name: 'Site' });
    if (await choice.count()) await this.chooses('Site', site);
    else if (await this.page.getByLabel('Site').count()) await this.types('Site', site);
    await this.types('Login name or e-mail', login);
    await this.types('Password', password);
    await this.presses('Sign in');
    return this;
  }

  async isIn() {
    await this.page.locator('.side').waitFor({ state: 'attached' });
    return this.settled();
  }

  /** Gives a proof if one is asked for. */
  async proves(password = PASSWORD) {
    const title = this.page.getByRole('heading', { name: 'Is it still you?' });
    await title.waitFor();
    await this.types('Password', password, { within: this.dialog });
    await this.presses('Go on', { within: this.dialog });
    await title.waitFor({ state: 'detached' });
  }

  /**
   * Waits for one of: the proof that is asked for (then gives it), or what comes without; what does not stay for long is looked for from
   * the beginning. `meanwhile` is done once it is.
   */
  async provesIfAsked(then, meanwhile) {
    const seen = then.first().waitFor({ timeout: 2 * PATIENCE });
    seen.catch(() => {});
    await meanwhile?.();
    const title = this.page.getByRole('heading', { name: 'Is it still you?' });
    await Promise.race([seen, title.or(then).first().waitFor().catch(() => {})]);
    if (await title.isVisible()) await this.proves();
    await seen;
  }

  /** Their next write (of this kind) finds their last proof too old, as it is after some minutes; the server takes the new one. */
  async asksForProof(method = null, path = /\/api\/(?!session)/) {
    let told = false;
    await this.page.route(path, async (route) => {
      const asked = route.request().method();
      if (told || asked === 'GET' || (method && asked !== method)) return route.fallback();
      told = true;
      return route.fulfill({ status: 403, json: { error: { code: 'reauth_due', message: 'Prove who you are again' } } });
    });
  }

  /** Their session is ended from elsewhere, and the server knows. */
  async sessionEnds(login, site = 'blog') {
    this.server.run('user', 'sign-out', login, '--site', site);
    // A running server takes a command's change up within half a second.
    await until('the session to end', () => this.page.evaluate(() => fetch('/api/session').then((r) => r.json()).then((s) => !s.signed_in)));
  }

  /** Signs in again over the page. */
  async comesBack(password = PASSWORD) {
    const title = this.page.getByRole('heading', { name: 'Your session has ended' });
    await title.waitFor();
    await this.types('Password', password, { within: this.dialog });
    await this.presses('Sign in', { within: this.dialog });
    await title.waitFor({ state: 'detached' });
  }

  toast(text) {
    return this.page.locator('.toast').getByText(text, { exact: false });
  }
}

module.exports = { Person };
