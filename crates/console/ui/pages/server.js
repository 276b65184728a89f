// The settings of the server, to read: what each is, and where it comes from.
import { html, useState } from '../lib/dom.js';
import { useList } from '../lib/data.js';
import { has, t } from '../lib/text.js';
import { Badge, Empty, PageHead } from '../parts/basic.js';
import { Input } from '../parts/form.js';
import { Table } from '../parts/table.js';

export default function Server({ session }) {
  const from = useList('/settings', {}, 200);
  const [q, setQ] = useState('');
  const items = from.items?.filter((s) => s.key.toLowerCase().includes(q.trim().toLowerCase()));
  const show = (value) => (value === null || value === undefined || value === '' ? html`<span class="quiet">–</span>` : html`<code>${typeof value === 'object' ? JSON.stringify(value) : String(value)}</code>`);
  return html`<${PageHead} title=${t('nav.server')} intro=${t('server.intro')} help="settings"><${Badge}>Doorward ${session.version}</${Badge}></${PageHead}>
    <form class="filter-bar" role="search" onSubmit=${(e) => e.preventDefault()}><${Input} label=${t('search')} type="search" name="q" value=${q} onInput=${(e) => setQ(e.target.value)} placeholder="server.listen" dir="ltr" autocomplete="off" /></form>
    <div class="card flush"><${Table} caption=${t('nav.server')} from=${{ ...from, items }} rowKey=${(s) => s.key} columns=${[
    { title: t('setting'), kind: 'main', cell: (s) => html`<code class="strong">${s.key}</code>` },
    { title: t('value'), cell: (s) => (s.secret ? html`<span class="quiet">${t('setting.secret')}</span>` : show(s.value)) },
    { title: t('setting.from'), cell: (s) => html`<${Badge} tone=${s.from === 'default' ? 'plain' : 'accent'}>${has(`setting.from.${s.from}`) ? t(`setting.from.${s.from}`) : s.from}</${Badge}>` }]}
    empty=${html`<${Empty} icon="search" title=${t('server.none')} text=${t('server.none.text')} />`} /></div>`;
}
