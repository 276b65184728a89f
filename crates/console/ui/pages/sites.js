// The sites of this server, and a way to a new one.
import { html } from '../lib/dom.js';
import { useList } from '../lib/data.js';
import { at } from '../lib/api.js';
import { dialectTitle } from '../lib/dialects.js';
import { number, t } from '../lib/text.js';
import { Badge, Empty, LinkButton, PageHead } from '../parts/basic.js';
import { Table } from '../parts/table.js';

export default function Sites({ session }) {
  const from = useList('/sites', {}, 100);
  const owner = session.user.power === 'owner';
  const create = owner && html`<${LinkButton} kind="main" icon="plus" href="/start">${t('site.new')}</${LinkButton}>`;
  const columns = [
    { title: t('name'), kind: 'main', cell: (s) => html`<a class="row-link" href=${at`/sites/${s.name}`}>${s.name}</a><span class="sub">${s.url}</span>` },
    { title: t('site.hosts'), cell: (s) => html`<span>${s.hosts?.slice(0, 3).join(', ') || '–'}${s.hosts?.length > 3 ? ` +${s.hosts.length - 3}` : ''}</span>` },
    { title: t('nav.dialects'), cell: (s) => html`<span class="tags">${(s.dialects ?? []).map((d) => html`<${Badge} key=${d.name ?? d}>${dialectTitle(d.name ?? d)}</${Badge}>`)}</span>` },
    { title: t('nav.users'), kind: 'number', cell: (s) => number(s.users ?? 0) },
  ];
  return html`<${PageHead} title=${t('nav.sites')} intro=${t('sites.intro')} help="concepts#sites">${create}</${PageHead}>
    <div class="card flush"><${Table} caption=${t('nav.sites')} from=${from} columns=${columns} rowKey=${(s) => s.name} empty=${html`<${Empty} icon="globe" title=${t('home.empty')} text=${t('home.empty.text')}>${create}</${Empty}>`} /></div>`;
}
