// Large numbers side by side.
import { html } from '../lib/dom.js';

/** `items`: `[{name, value, note}]`. */
export function Numbers({ items }) {
  return html`<dl class="numbers">${items.map((item) => html`<div key=${item.name} class="number-box"><dt>${item.name}</dt><dd><span class="figure">${item.value}</span>${item.note && html`<span class="quiet small">${item.note}</span>`}</dd></div>`)}</dl>`;
}
