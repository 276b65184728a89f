// Times for people: what is near is told in words, the exact time is always at hand.
import { html, useEffect, useState } from './dom.js';
import { current, t } from './text.js';

const steps = [['second', 60], ['minute', 60], ['hour', 24], ['day', 30], ['month', 12], ['year', Infinity]];

export function relative(at, now = Date.now()) {
  let amount = (new Date(at).getTime() - now) / 1000;
  if (Math.abs(amount) < 5) return t('time.now');
  const format = new Intl.RelativeTimeFormat(current(), { numeric: 'auto' });
  for (const [unit, size] of steps) {
    if (Math.abs(amount) < size) return format.format(Math.trunc(amount), unit);
    amount /= size;
  }
  return '';
}

export const exact = (at) => new Intl.DateTimeFormat(current(), { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(at));
export const day = (at) => new Intl.DateTimeFormat(current(), { dateStyle: 'medium' }).format(new Date(at));

/** `<Time at/>`: "3 hours ago", with the exact time as its title; drawn anew each half minute. */
export function Time({ at, never, plain }) {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((n) => n + 1), 30000);
    return () => clearInterval(timer);
  }, []);
  if (!at) return html`<span class="quiet">${never ?? t('time.never')}</span>`;
  return html`<time datetime=${at} title=${exact(at)}>${plain ? exact(at) : relative(at)}</time>`;
}
