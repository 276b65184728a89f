// Audit: filters that can be linked to, a chart, export, and each entry in words.
import { html, useEffect, useState } from '../lib/dom.js';
import { useData, useLate, useList } from '../lib/data.js';
import { get, query } from '../lib/api.js';
import { setQuery, useRoute } from '../lib/router.js';
import { useSites } from '../lib/sites.js';
import { reasonText, t } from '../lib/text.js';
import en from '../texts/en.js';
import { Button, Card, Empty, Loaded, PageHead } from '../parts/basic.js';
import { Chart } from '../parts/chart.js';
import { Dialog } from '../parts/dialog.js';
import { EntryDetail, entryColumns, actionText } from '../parts/entry.js';
import { Input, Select } from '../parts/form.js';
import { Icon } from '../parts/icons.js';
import { Table } from '../parts/table.js';

const reasons = Object.keys(en).filter((key) => key.startsWith('reason.')).map((key) => key.slice(7));
const spans = { hour: 3600, day: 86400, week: 7 * 86400, month: 30 * 86400 };
const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(/\.\d+/, '');
const start = (span) => (spans[span] ? iso(Math.floor(Date.now() / 60000) * 60 - spans[span]) : undefined);

export default function Audit({ session }) {
  const { query: asked } = useRoute();
  const first = Object.fromEntries(['site', 'user', 'action', 'reason', 'outcome', 'address', 'span', 'from', 'to'].map((name) => [name, asked.get(name) ?? '']));
  const [f, setF] = useState({ ...first, span: first.span || (first.from ? 'own' : 'week') });
  const late = useLate(f);
  const [open, setOpen] = useState(null);
  const { sites } = useSites(session);
  const owner = session.user.power === 'owner';
  useEffect(() => setQuery({ ...late, span: late.span === 'week' ? '' : late.span, ...(late.span !== 'own' && { from: '', to: '' }) }), [late]);
  useEffect(() => {
    const id = asked.get('entry');
    if (id) get(`/audit/${encodeURIComponent(id)}`).then(setOpen, () => {});
  }, []);
  const [begin, setBegin] = useState(() => start(f.span));
  useEffect(() => setBegin(start(f.span)), [f.span]);
  const day = (text, end) => (text ? `${text}T${end ? '23:59:59' : '00:00:00'}Z` : undefined);
  const times = late.span === 'own' ? { from: day(late.from), to: day(late.to, true) } : { from: begin };
  const filter = { site: late.site, user: late.user.trim(), action: late.action.trim(), reason: late.reason, outcome: late.outcome, address: late.address.trim(), ...times };
  const from = useList('/audit', filter, 50);
  const length = spans[late.span] ?? Math.max(86400, (Date.parse(times.to ?? iso(Date.now() / 1000)) - Date.parse(times.from ?? iso(Date.now() / 1000 - 30 * 86400))) / 1000);
  const step = [60, 300, 900, 3600, 10800, 86400].find((s) => length / s <= 72) ?? 86400;
  const chart = useData(`/audit/chart${query({ ...filter, from: times.from ?? iso(Math.floor(Date.now() / 86400000) * 86400 - length), step })}`);
  const set = (name) => (event) => setF((v) => ({ ...v, [name]: event.target.value }));
  const filtered = ['site', 'user', 'action', 'reason', 'outcome', 'address'].some((name) => f[name]);
  const file = (format) => `/api/audit/export${query({ ...filter, format })}`;
  return html`<${PageHead} title=${t('audit.title')} intro=${t('audit.intro')} help="console#audit">
      <a class="button plain" href=${file('csv')} download="audit.csv"><${Icon} name="inbox" size=${18} /><span>CSV</span></a><a class="button plain" href=${file('jsonl')} download="audit.jsonl"><${Icon} name="inbox" size=${18} /><span>JSONL</span></a></${PageHead}>
    <div class="sections">
      <section class="card filters" aria-label=${t('filters')}><form class="stack" onSubmit=${(e) => e.preventDefault()}><div class="fields small-fields">
        <${Select} label=${t('time')} name="span" value=${f.span} onChange=${set('span')} options=${[['hour', t('span.hour')], ['day', t('span.day')], ['week', t('span.week')], ['month', t('span.month')], ['all', t('span.all')], ['own', t('span.own')]]} />
        ${f.span === 'own' && html`<${Input} label=${t('from')} type="date" name="from" value=${f.from} onInput=${set('from')} /><${Input} label=${t('to')} type="date" name="to" value=${f.to} onInput=${set('to')} />`}
        ${owner && html`<${Select} label=${t('site')} name="site" value=${f.site} onChange=${set('site')} options=${[['', t('all')], ...sites.map((s) => [s.name, s.name])]} />`}
        <${Select} label=${t('outcome')} name="outcome" value=${f.outcome} onChange=${set('outcome')} options=${[['', t('all')], ['granted', t('outcome.granted')], ['refused', t('outcome.refused')]]} />
        <${Select} label=${t('reason')} name="reason" value=${f.reason} onChange=${set('reason')} options=${[['', t('all')], ...reasons.map((r) => [r, reasonText(r)])]} />
        <${Input} label=${t('user')} name="user" value=${f.user} onInput=${set('user')} autocapitalize="off" autocomplete="off" />
        <${Input} label=${t('action')} name="action" value=${f.action} onInput=${set('action')} placeholder="wapka.login" dir="ltr" autocapitalize="off" autocomplete="off" />
        <${Input} label=${t('address')} name="address" value=${f.address} onInput=${set('address')} dir="ltr" autocomplete="off" /></div>
        ${filtered && html`<div class="row"><${Button} kind="quiet" icon="close" onClick=${() => setF((v) => ({ ...v, site: '', user: '', action: '', reason: '', outcome: '', address: '' }))}>${t('filters.clear')}</${Button}></div>`}</form></section>
      <${Card} id="over-time" title=${t('audit.chart')}><${Loaded} from=${chart} lines=${5}>${(data) => html`<${Chart} title=${t('audit.chart')} at=${data.at} height=${200} series=${[{ name: t('chart.logins'), color: '--chart-1', values: data.logins }, { name: t('chart.refusals'), color: '--chart-2', values: data.refusals }, { name: t('chart.verifications'), color: '--chart-3', values: data.verifications }]} />`}</${Loaded}></${Card}>
      <div class="card flush"><${Table} caption=${t('audit.title')} from=${from} columns=${entryColumns(setOpen)} empty=${html`<${Empty} icon="scroll" title=${t(filtered ? 'audit.none' : 'audit.empty')} text=${t(filtered ? 'audit.none.text' : 'audit.empty.text')} />`} /></div>
    </div>
    ${open && html`<${Dialog} wide title=${actionText(open.action)} close=${() => setOpen(null)}><${EntryDetail} entry=${open} />
      <div class="row end dialog-foot">${open.request && html`<${Button} kind="quiet" onClick=${() => { setOpen(null); setF((v) => ({ ...v, address: open.address ?? '' })); }}>${t('audit.same-address')}</${Button}>`}<${Button} kind="main" onClick=${() => setOpen(null)}>${t('close')}</${Button}></div></${Dialog}>`}`;
}
