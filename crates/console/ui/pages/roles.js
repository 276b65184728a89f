// The roles that are in use: who has them, which rules ask for them.
import { html } from '../lib/dom.js';
import { at, query } from '../lib/api.js';
import { useList } from '../lib/data.js';
import { number, t } from '../lib/text.js';
import { Empty, LinkButton, PageHead } from '../parts/basic.js';
import { Table } from '../parts/table.js';

export default function Roles({ site }) {
  const from = useList(at`/sites/${site}/roles`, {}, 200);
  const users = at`/sites/${site}/users`;
  return html`<${PageHead} title=${t('nav.roles')} intro=${t('roles.intro')} help="rules" />
    <div class="card flush"><${Table} caption=${t('nav.roles')} from=${from} rowKey=${(r) => r.name} columns=${[
    { title: t('role'), kind: 'main', cell: (r) => html`<span class="strong" dir="auto">${r.name}</span>` },
    { title: t('nav.users'), kind: 'number', cell: (r) => (r.users ? html`<a href=${users + query({ role: r.name })}>${number(r.users)}</a>` : '0') },
    { title: t('roles.rules'), kind: 'number', cell: (r) => (r.rules ? html`<a href=${at`/sites/${site}/endpoints` + query({ role: r.name })}>${number(r.rules)}</a>` : '0') }]}
    empty=${html`<${Empty} icon="tag" title=${t('roles.empty')} text=${t('roles.empty.text')}><${LinkButton} href=${users}>${t('nav.users')}</${LinkButton}></${Empty}>`} /></div>`;
}
