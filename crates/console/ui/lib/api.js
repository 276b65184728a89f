// The way to the server: one function that signs in again, proves again and waits for a server that restarts.
import { away, expire, look, prove, session } from './session.js';

/** The server said no: its code, and what it says of the field. */
export class Refused extends Error {
  constructor(status, error = {}) {
    super(error.message ?? error.code ?? String(status));
    Object.assign(this, { status, code: error.code ?? `http_${status}`, field: error.field, retryAfter: error.retry_after, more: error });
  }
}

/** The person closed the dialog that a request needed. */
export class Cancelled extends Error {}

const writes = (method) => method !== 'GET' && method !== 'HEAD';
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let waiting = null;
/** Waits until the server answers again; the banner shows meanwhile. */
function back() {
  waiting ??= (async () => {
    away.set(true);
    for (let wait = 400; ; wait = Math.min(wait * 1.6, 5000)) {
      await pause(wait);
      try { if ((await fetch('/api/session', { cache: 'no-store' })).ok) break; } catch { /* still away */ }
    }
    away.set(false);
    waiting = null;
  })();
  return waiting;
}

/**
 * Asks the server. `options`: `repeat` for a POST that may be sent twice, `headers`, `full` for `{data, etag}`,
 * `anonymous` for questions of who is not signed in, `raw` for a body that is no JSON, `signal`.
 */
export async function api(method, path, body, options = {}) {
  const again = method !== 'POST' || options.repeat;
  let renewed = false;
  let repeated = false;
  if (waiting) await waiting;
  for (;;) {
    let reply;
    try {
      reply = await fetch(`/api${path}`, {
        method,
        cache: 'no-store',
        credentials: 'same-origin',
        signal: options.signal,
        headers: {
          Accept: 'application/json',
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...(writes(method) && { 'X-CSRF-Token': session.get()?.csrf ?? '' }),
          ...options.headers,
        },
        body: body === undefined ? undefined : options.raw ? body : JSON.stringify(body),
      });
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      await back();
      if (again) { repeated = true; continue; }
      // Nobody knows whether it was done: the form stays as it is and the person decides.
      throw new Refused(0, { code: 'was_away' });
    }
    let text;
    try {
      text = await reply.text();
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      // The answer broke off: that is no empty answer.
      await back();
      if (again) { repeated = true; continue; }
      throw new Refused(0, { code: 'was_away' });
    }
    let data = null;
    try { data = text ? JSON.parse(text) : null; } catch { /* no JSON: a proxy's page */ }
    if (reply.ok) return options.full ? { data, etag: reply.headers.get('ETag') } : data;
    const error = data?.error;
    if (!error && reply.status >= 502 && reply.status <= 504) {
      await back();
      if (again) { repeated = true; continue; }
      throw new Refused(reply.status, { code: 'was_away' });
    }
    const refused = new Refused(reply.status, { retry_after: Number(reply.headers.get('Retry-After')) || undefined, ...error });
    if (refused.code === 'no_session' && !options.anonymous) {
      await expire().catch(cancelled);
    } else if (refused.code === 'reauth_due') {
      await prove().catch(cancelled);
    } else if (refused.code === 'csrf' && !renewed) {
      renewed = true;
      await look();
    } else if (repeated && refused.status === 412) {
      // What was sent may have been written before the server went away: then it was nobody else who changed it.
      const now = await api('GET', path, undefined, { full: true }).catch(() => null);
      if (!holds(body, now?.data)) throw refused;
      return options.full ? now : now.data;
    } else {
      throw refused;
    }
  }
}

/** Everything that was sent is there. */
function holds(sent, there) {
  if (sent === null || typeof sent !== 'object') return String(sent ?? '').trim() === (there !== null && typeof there === 'object' ? null : String(there ?? '').trim());
  if (there === null || typeof there !== 'object' || Array.isArray(sent) !== Array.isArray(there)) return false;
  return (!Array.isArray(sent) || sent.length === there.length) && Object.entries(sent).every(([name, value]) => holds(value, there[name]));
}

function cancelled() {
  throw new Cancelled('cancelled');
}

export const get = (path, options) => api('GET', path, undefined, options);
export const post = (path, body = {}, options) => api('POST', path, body, options);
export const put = (path, body, options) => api('PUT', path, body, options);
export const patch = (path, body, options) => api('PATCH', path, body, options);
export const del = (path, options) => api('DELETE', path, undefined, options);

/** A path of parts that people chose. */
export const at = (parts, ...values) => parts.reduce((path, part, i) => path + encodeURIComponent(values[i - 1]) + part);
/** A query of what is not empty. */
export function query(values) {
  const pairs = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
}
