// usage: node browser.cjs CHROMIUM URL N A
// Opens the page, waits until its script has said N things on the console and got A answers, and prints them:
// what it said, then one line "~ METHOD STATUS" for each answer, preflights included.
const { chromium } = require('playwright-core');

const [executablePath, url, count, expected] = process.argv.slice(2);
const limit = 60000; // ms; no page here needs more than one

async function main() {
  const answers = [];
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server'],
  });
  try {
    const page = await browser.newPage();

    // Console and network are two streams of events: neither waits for the other.
    let complete = () => {};

    // Playwright's own events leave preflights out; the protocol's do not.
    const wire = await page.context().newCDPSession(page);
    const methods = new Map();
    await wire.send('Network.enable');
    wire.on('Network.requestWillBeSent', (e) => methods.set(e.requestId, e.request.method));
    wire.on('Network.responseReceived', (e) => {
      if (!['Fetch', 'XHR', 'Preflight'].includes(e.type)) return;
      answers.push({ at: e.response.responseTime, line: `~ ${methods.get(e.requestId)} ${e.response.status}` });
      complete();
    });

    const said = [];
    await new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error(`${said.length} of ${count} messages and ${answers.length} of ${expected} answers within ${limit} ms`)), limit);
      const finish = (end) => (value) => { clearTimeout(timer); end(value); };
      complete = () => { if (said.length >= Number(count) && answers.length >= Number(expected)) finish(done)(); };
      page.on('pageerror', finish(fail));
      page.on('console', (message) => {
        // The browser's own remarks ("Failed to load resource") carry no values.
        if (!message.args().length) return;
        said.push(message);
        complete();
      });
      page.goto(url, { timeout: limit }).catch(finish(fail));
    });

    for (const message of said) {
      const values = await Promise.all(message.args().map((a) => a.jsonValue()));
      console.log(values.map((v) => (typeof v === 'string' ? v : JSON.stringify(v) ?? 'undefined')).join(' '));
    }
  } finally {
    // A preflight is told by another process of the browser than what follows it: the events may come in any order.
    for (const { line } of answers.sort((a, b) => a.at - b.at)) console.log(line);
    await browser.close();
  }
}

main().catch((error) => { console.error(String(error)); process.exitCode = 1; });
