// Lists: a table that becomes cards on a narrow screen, with its empty, broken and loading states and a button for more.
import { cls, html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Button, Failed, Skeleton } from './basic.js';

/**
 * `columns`: `[{title, cell(row), kind?: "main"|"number"|"actions"}]`; `from`: of `useList` (or `{items}`).
 * The caption is for screen readers.
 */
export function Table({ caption, columns, from, rowKey = (row) => row.id, empty, rowClass }) {
  // For who does not see the list: how long it is now, said again when a filter changes it.
  const said = from.items && !from.error ? t('shown', { n: from.items.length }) : '';
  return html`<p class="visually-hidden" role="status">${said}</p>${list({ caption, columns, from, rowKey, empty, rowClass })}`;
}

function list({ caption, columns, from, rowKey, empty, rowClass }) {
  if (from.error && !from.items) return html`<${Failed} error=${from.error} retry=${from.reload} />`;
  if (!from.items) return html`<${Skeleton} lines=${5} />`;
  if (!from.items.length) return empty;
  return html`<div class="table-box" aria-busy=${from.loading ? 'true' : undefined}><table class="table" role="table">
    <caption class="visually-hidden">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${columns.map((c, i) => html`<th key=${i} role="columnheader" scope="col" class=${c.kind}>${c.kind === 'actions' ? html`<span class="visually-hidden">${t('actions')}</span>` : c.title}</th>`)}</tr></thead>
    <tbody role="rowgroup">${from.items.map((row) => html`<tr key=${rowKey(row)} role="row" class=${rowClass?.(row)}>
      ${columns.map((c, i) => html`<td key=${i} role="cell" class=${cls(c.kind)} data-title=${c.title}><div class="cell">${c.cell(row)}</div></td>`)}</tr>`)}</tbody>
  </table></div>
  ${from.error && html`<${Failed} error=${from.error} retry=${from.more} />`}
  ${from.next && html`<div class="row center more"><${Button} busy=${from.loading} onClick=${from.more}>${t('more')}</${Button}><span class="quiet">${t('shown', { n: from.items.length })}</span></div>`}`;
}
