// The lab of the console's tests: a Doorward server of its own on free ports with data made here, an upstream behind it,
// and a browser. All on loopback, in a temporary directory; what was started here is ended here.
const { spawn, execFileSync } = require('node:child_process');
const { createRequire } = require('node:module');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const crypto = require('node:crypto');

const ROOT = path.resolve(__dirname, '../..');
const parts = createRequire(path.join(ROOT, '.tools/npm/node_modules/anything.js'));
const { chromium } = parts('playwright-core');

const PASSWORD = 'correct horse battery staple';
/** Milliseconds: far more than anything here takes even on a busy machine, still an end. */
const PATIENCE = 60000;
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$|^DOORWARD_/i.test(name)));

/** The listener on a port; null if somebody has it. */
const listens = (port) => new Promise((done) => {
  const server = net.createServer().once('error', () => done(null)).listen(port, '127.0.0.1', () => done(server));
});

const SIZE = 100;
let block = null;
/**
 * A port that is free and stays so until who asked for it listens on it, also after a restart: below the range that outgoing connections
 * come from, in a block whose first port this process listens on. tests/ports.py does the same.
 */
async function freePort() {
  if (!block) {
    const file = '/proc/sys/net/ipv4/ip_local_port_range';
    const low = fs.existsSync(file) ? parseInt(fs.readFileSync(file, 'utf8'), 10) : 32768;
    const top = low > 15000 ? low : 32768;
    const from = crypto.randomInt(120);
    for (let n = 0; n < 120 && !block; n += 1) {
      const first = top - SIZE * (1 + (from + n) % 120);
      const held = await listens(first);
      if (held) block = { first, last: 0, held: held.unref() };
    }
    if (!block) throw new Error('no block of ports is free');
  }
  for (let n = 1; n < SIZE; n += 1) {
    block.last = block.last % (SIZE - 1) + 1;
    const tried = await listens(block.first + block.last);
    if (tried) return new Promise((done) => { const { port } = tried.address(); tried.close(() => done(port)); });
  }
  throw new Error('no port of the block is free');
}

/** One plain request: `{status, body}`. */
function call(port, method, target, headers = {}, body) {
  return new Promise((done, fail) => {
    const request = http.request({ host: '127.0.0.1', port, method, path: target, headers, timeout: PATIENCE }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (part) => { text += part; }).on('end', () => done({ status: reply.statusCode, headers: reply.headers, body: text }));
    });
    request.on('error', fail).on('timeout', () => request.destroy(new Error(`no answer in ${PATIENCE / 1000} s`)));
    request.end(body);
  });
}

/** Waits for what `look` finds; a test that waits in vain says for what. */
async function until(what, look, seconds = PATIENCE / 1000) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${seconds} s for ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

class Server {
  constructor(binary) {
    this.binary = binary;
    this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'doorward-console-'));
    this.log = '';
  }

  /** A command of the binary against this server's data. */
  run(...args) {
    return execFileSync(this.binary, [...args, '--data', path.join(this.dir, 'data')], { cwd: this.dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  import(bundle) {
    fs.writeFileSync(path.join(this.dir, 'bundle.json'), JSON.stringify(bundle));
    this.run('import', 'bundle', 'bundle.json');
  }

  async start(...settings) {
    this.settings = settings.length ? settings : this.settings ?? [];
    this.port ??= await freePort();
    this.console ??= await freePort();
    this.origin = `http://localhost:${this.console}`;
    const args = ['serve', '--data', path.join(this.dir, 'data'), '--listen', `127.0.0.1:${this.port}`, '--metrics-listen', '', '--console-listen', `127.0.0.1:${this.console}`,
      ...this.settings.flatMap((one) => ['--set', one])];
    this.child = spawn(this.binary, args, { cwd: this.dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((done) => this.child.once('close', done));
    this.ended = ended;
    this.running = true;
    ended.then(() => { this.running = false; });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (part) => { this.log += part; });
    await until('the server to answer', async () => {
      if (!this.running) throw new Error(`the server ended:\n${this.log.slice(-2000)}`);
      return call(this.console, 'GET', '/api/session', { Host: `localhost:${this.console}` }).then((r) => r.status === 200, () => false);
    });
    return this;
  }

  async stop() {
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
    await this.ended;
    clearTimeout(timer);
  }

  async end() {
    await this.stop();
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  /** A request to a site, as a client makes it. */
  site(host, method, target, headers, body) {
    return call(this.port, method, target, { Host: host, ...headers }, body);
  }
}

/** The application behind the door: says what it was told. */
async function upstream() {
  const server = http.createServer((request, reply) => {
    reply.setHeader('Content-Type', 'application/json');
    reply.end(JSON.stringify({ path: request.url, user: request.headers['x-doorward-user'] ?? null }));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server;
}

/** Somebody whom webhooks tell: keeps what it hears, answers with `status`. */
async function receiver() {
  const heard = [];
  const server = http.createServer((request, reply) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part) => { body += part; }).on('end', () => {
      heard.push({ target: request.url, body });
      reply.writeHead(one.status, { 'Content-Type': 'text/html' }).end('<script>window.hit=1</script>answer-of-the-receiver');
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const one = { heard, status: 204, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
  return one;
}

const launch = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server'],
});

/** MD5 is the cheapest hash that an import takes; the first sign-in replaces it. */
const hashOf = (password) => crypto.createHash('md5').update(password).digest('hex');

/** The code of an authenticator app for a base 32 secret. */
function totp(secret, at = Date.now()) {
  const bits = [...secret.replace(/[\s=]/g, '').toUpperCase()].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30000)));
  const mac = crypto.createHmac('sha1', key).update(counter).digest();
  const from = mac[19] & 15;
  return String((mac.readUInt32BE(from) & 0x7fffffff) % 1000000).padStart(6, '0');
}

/** A code that the app does not show, now or soon. */
const wrongTotp = (secret) => ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => ![-60, -30, 0, 30, 60].some((s) => totp(secret, Date.now() + s * 1000) === code));

module.exports = { ROOT, PASSWORD, PATIENCE, Server, upstream, receiver, launch, call, until, freePort, hashOf, totp, wrongTotp, parts };
