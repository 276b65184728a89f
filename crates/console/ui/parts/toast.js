// Short messages at the edge, one live region for all; one with an undo stays as long as it can be pressed.
import { html, store, useStore } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Icon } from './icons.js';

const toasts = store([]);
let last = 0;

const drop = (id) => toasts.set((list) => list.filter((one) => one.id !== id));

/** `undo` is called if the person takes it back. */
export function toast(text, { tone = 'ok', undo, seconds = undo ? 12 : 5 } = {}) {
  const id = ++last;
  toasts.set((list) => [...list.slice(-3), { id, text, tone, undo }]);
  setTimeout(() => drop(id), seconds * 1000);
  return () => drop(id);
}

export function Toasts() {
  const list = useStore(toasts);
  return html`<div class="toasts" role="status" aria-live="polite">${list.map((one) => html`<div key=${one.id} class=${`toast ${one.tone}`}>
    <${Icon} name=${one.tone === 'danger' ? 'warn' : 'check'} size=${18} /><span dir="auto">${one.text}</span>
    ${one.undo && html`<button type="button" class="button quiet" onClick=${() => { drop(one.id); one.undo(); }}><span>${t('undo')}</span></button>`}
    <button type="button" class="button quiet only-icon" aria-label=${t('dismiss')} onClick=${() => drop(one.id)}><${Icon} name="close" size=${16} /></button>
  </div>`)}</div>`;
}
