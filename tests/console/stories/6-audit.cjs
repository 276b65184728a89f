// The audit: days are the person's own, filters say what they match, an entry has its address.
const assert = require('node:assert');
const { until } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

async function comes(stage, options) {
  const ada = await stage.person(await stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]), options);
  await ada.signsIn('ada');
  await ada.isIn();
  return ada;
}

const asked = (ada) => ada.page.waitForRequest((request) => new URL(request.url()).pathname === '/api/audit').then((request) => Object.fromEntries(new URL(request.url()).searchParams));

module.exports = {
  async 'a day is the person’s day, also where the clock is put forward on it'(stage) {
    const ada = await comes(stage, { timezoneId: 'Europe/Berlin' });
    for (const [from, to, expected] of [
      ['2027-03-28', '2027-03-28', ['2027-03-27T23:00:00Z', '2027-03-28T22:00:00Z']],
      ['2027-01-01', '2027-01-31', ['2026-12-31T23:00:00Z', '2027-01-31T23:00:00Z']],
      ['2027-10-31', '2027-10-31', ['2027-10-30T22:00:00Z', '2027-10-31T23:00:00Z']],
    ]) {
      const request = asked(ada);
      await ada.page.goto(`${ada.server.origin}/audit?span=own&from=${from}&to=${to}`);
      const query = await request;
      assert.deepStrictEqual([query.from, query.to], expected, `${from} to ${to}`);
    }
  },

  ...inBothManners({
    async 'an action is found by its words, an entry has an address, and the way back closes it'(stage) {
      const ada = await comes(stage);
      await ada.opens('/audit');
      const suggestions = await ada.page.locator('#actions option').evaluateAll((all) => all.map((one) => [one.value, one.textContent]));
      assert.deepStrictEqual(suggestions.find(([id]) => id === 'console.sign_in'), ['console.sign_in', 'Sign in to the console']);
      const request = asked(ada);
      await ada.types('Done by', 'ada');
      assert.strictEqual((await request).by, 'ada');
      await ada.types('Done by', '');
      await ada.types('Action', 'console.sign_in');
      const row = ada.page.locator('table').getByRole('button', { name: 'Sign in to the console' }).first();
      await row.waitFor();
      await ada.settled();
      await ada.presses(row);
      await ada.dialog.getByText('console.sign_in').waitFor();
      assert.match(ada.page.url(), /[?&]entry=\d+/);
      const address = ada.page.url();
      await ada.page.evaluate(() => history.back());
      await ada.page.locator('dialog').waitFor({ state: 'detached' });
      await until('the address to be the list’s', () => !/entry=/.test(ada.page.url()));
      assert.match(ada.page.url(), /action=console\.sign_in/, 'the filters are still there');
      await ada.page.goto(address);
      await ada.dialog.getByText('console.sign_in').waitFor();
      await ada.presses('Close', { within: ada.dialog.locator('.dialog-foot') });
      await ada.page.locator('dialog').waitFor({ state: 'detached' });
      assert.doesNotMatch(ada.page.url(), /entry=/);
    },
  }),
};
