// A person before a browser: opens pages, reads labels, types and presses; hears when something ran that must not.
const { PASSWORD, until } = require('./lab.cjs');

class Person {
  /** `options`: `theme`, `width`, `height`, `slow` (the CPU that many times slower, scripts late), `keyboard` (no mouse). */
  static async arrives(browser, server, options = {}) {
    const context = options.context ?? await browser.newContext({
      viewport: { width: options.width ?? 1280, height: options.height ?? 900 }, colorScheme: options.theme ?? 'light', locale: options.locale ?? 'en-US', reducedMotion: 'reduce',
    });
    const one = new Person();
    Object.assign(one, { server, context, options, wrong: [], ownsContext: !options.context });
    one.page = await context.newPage();
    one.page.setDefaultTimeout(options.slow ? 60000 : 20000);
    await one.page.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => console.error(`CSP ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
    });
    one.page.on('console', (message) => {
      // The browser's remark on an answer that is no 2xx: the stories say which answers they expect.
      if (message.type() === 'error' && !/^Failed to load resource/.test(message.text())) one.wrong.push(`console: ${message.text()}`);
    });
    one.page.on('pageerror', (error) => one.wrong.push(`script: ${error.message}`));
    one.page.on('dialog', (dialog) => {
      if (dialog.type() !== 'beforeunload') one.wrong.push(`dialog: ${dialog.message()}`);
      dialog.accept().catch(() => {});
    });
    one.page.on('request', (request) => {
      if (!request.url().startsWith(server.origin) && !request.url().startsWith('data:') && !request.url().startsWith('blob:')) one.wrong.push(`asks elsewhere: ${request.url()}`);
    });
    one.wire = await context.newCDPSession(one.page);
    if (options.slow) {
      await one.wire.send('Emulation.setCPUThrottlingRate', { rate: options.slow });
      await one.page.route('**/assets/**/*.js', async (route) => {
        await new Promise((done) => setTimeout(done, 40));
        await route.continue().catch(() => {});
      });
    }
    return one;
  }

  async leaves() {
    if (this.ownsContext) await this.context.close().catch(() => {});
    else await this.page.close().catch(() => {});
  }

  heardNothingWrong() {
    if (this.wrong.length) throw new Error(`at ${this.page.url()}: ${this.wrong.slice(0, 5).join('; ')}`);
  }

  /** Opens a page and waits until it has its heading and nothing is loading. */
  async opens(target) {
    await this.page.goto(this.server.origin + target);
    return this.settled();
  }

  async settled() {
    await this.page.locator('h1').first().waitFor();
    await this.page.locator('.skeleton').first().waitFor({ state: 'detached' }).catch(() => { throw new Error(`still loading: ${this.page.url()}`); });
    return this;
  }

  /** Puts the focus on something: with the Tab key alone if there is no mouse. */
  async reaches(locator) {
    await locator.waitFor();
    if (!this.options.keyboard) return locator.focus();
    for (let n = 0; n < 200; n += 1) {
      if (await locator.evaluate((node) => node === document.activeElement || (node.type === 'radio' && node.name === document.activeElement?.name && document.activeElement.type === 'radio'))) return undefined;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`the Tab key does not reach ${locator}`);
  }

  async presses(name, { role = 'button', within = this.page, exact = true } = {}) {
    const target = within.getByRole(role, { name, exact }).first();
    if (!this.options.keyboard) return target.click();
    await this.reaches(target);
    return this.page.keyboard.press('Enter');
  }

  async types(label, text, { within = this.page } = {}) {
    const field = within.getByLabel(label, { exact: false }).first();
    if (!this.options.keyboard) return field.fill(text);
    await this.reaches(field);
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.press('Backspace');
    return this.page.keyboard.type(text);
  }

  async chooses(label, option, { within = this.page } = {}) {
    const field = within.getByRole('combobox', { name: label, exact: false }).first();
    if (!this.options.keyboard) return field.selectOption({ label: option });
    await this.reaches(field);
    await this.page.keyboard.type(option);
    return until(`${option} to be chosen`, () => field.evaluate((node, text) => node.selectedOptions[0]?.textContent === text, option));
  }

  async ticks(label, { within = this.page } = {}) {
    const box = within.getByLabel(label, { exact: true }).first();
    if (!this.options.keyboard) return box.check();
    await this.reaches(box);
    return this.page.keyboard.press('Space');
  }

  /** An item of a menu behind a button. */
  async picks(button, item) {
    await this.presses(button, { exact: false });
    const entry = this.page.getByRole('menuitem', { name: item, exact: true });
    await entry.waitFor();
    if (!this.options.keyboard) return entry.click();
    for (let n = 0; n < 12 && !(await entry.evaluate((node) => node === document.activeElement)); n += 1) await this.page.keyboard.press('ArrowDown');
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

  /** Waits for one of: the proof that is asked for (then gives it), or what comes without. */
  async provesIfAsked(then) {
    const title = this.page.getByRole('heading', { name: 'Is it still you?' });
    await title.or(then).first().waitFor();
    if (await title.isVisible()) await this.proves();
    await then.first().waitFor();
  }

  toast(text) {
    return this.page.locator('.toast').getByText(text, { exact: false });
  }
}

module.exports = { Person };
