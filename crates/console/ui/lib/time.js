// Times for people: what is near is told in words, the exact time is always at hand.
import { html, useEffect, useState } from './dom.js';
import { current, t } from './text.js';
import { apart } from './when.js';

export function relative(at, now = Date.now()) {
  const far = apart(now, new Date(at).getTime());
  return far ? new Intl.RelativeTimeFormat(current(), { numeric: 'always' }).format(...far) : t('time.now');
}

export const exact = (at) => new Intl.DateTimeFormat(current(), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
export const day = (at) => new Intl.DateTimeFormat(current(), { dateStyle: 'medium' }).format(new Date(at));

/**
 * `<Time at/>`: "3 hours ago"; the exact time is its title, and stands there itself while it has the focus or was touched. Drawn anew each
 * half minute. `plain` = the exact time at once; `end` = the day on which something ends, and near it how far that is.
 */
export function Time({ at, never, plain, end }) {
  const [, tick] = useState(0);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return html`<span class="quiet">${never ?? t('time.never')}</span>`;
  if (plain) return html`<time datetime=${at}>${exact(at)}</time>`;
  const far = Math.abs(new Date(at).getTime() - Date.now()) > 2 * 86400000;
  const near = !end ? relative(at) : far ? day(at) : `${day(at)}, ${relative(at)}`;
  return html`<time class="when" datetime=${at} title=${exact(at)} tabindex="0" onFocus=${() => setOpen(true)} onBlur=${() => setOpen(false)} onClick=${() => setOpen(true)}>${open ? exact(at) : near}</time>`;
}
