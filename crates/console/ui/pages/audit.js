// Audit: filters that can be linked to, a chart, export, and each entry in words.
import { html, useEffect, useMemo, useRef, useState } from '../lib/dom.js';
import { useData, useLate, useList } from '../lib/data.js';
import { query } from '../lib/api.js';
import { navigate, setQuery, useRoute } from '../lib/router.js';
import { useSites } from '../lib/sites.js';
import { keys, reasonText, t, useLanguage, useWords } from '../lib/text.js';
import { dayBegins } from '../lib/when.js';
import { Button, Card, Empty, Failed, Loaded, PageHead, Skeleton } from '../parts/basic.js';
import { Chart } from '../parts/chart.js';
import { Dialog } from '../parts/dialog.js';
import { actions, actionText, EntryDetail, entryColumns } from '../parts/entry.js';
import { Input, Select } from '../parts/form.js';
import { Icon } from '../parts/icons.js';
import { Table } from '../parts/table.js';

const names = ['site', 'user', 'by', 'action', 'reason', 'outcome', 'address'];
const spans = { hour: 3600, day: 86400, week: 7 * 86400, month: 30 * 86400 };
const iso = (seconds) => new Date(seconds * 1000).toISOString().replace(/\.\d+/, '');
const start = (span) => (spans[span] ? iso(Math.floor(Date.now() / 60000) * 60 - spans[span]) : undefined);

/** The words first: there are many of them. */
export default function Page({ session }) {
  const worded = useWords('audit');
  return worded ? html`<${Audit} session=${session} />` : html`<${PageHead} title=${t('nav.audit')} /><${Skeleton} lines=${9} />`;
}

function Audit({ session }) {
  const { query: asked } = useRoute();
  const first = Object.fromEntries([...names, 'span', 'from', 'to'].map((name) => [name, asked.get(name) ?? '']));
  const [f, setF] = useState({ ...first, span: first.span || (first.from ? 'own' : 'week') });
  const late = useLate(f);
  const language = useLanguage();
  const known = useMemo(actions, [language]);
  const reasons = useMemo(() => keys('reason.').map((id) => [id, reasonText(id)]).sort(([, a], [, b]) => a.localeCompare(b)), [language]);
  const id = asked.get('entry') ?? '';
  const opened = useRef(false);
  const entry = useData(`/audit/${encodeURIComponent(id)}`, { skip: !id });
  const { sites } = useSites(session);
  const owner = session.user.power === 'owner';
  useEffect(() => setQuery({ ...late, entry: id, span: late.span === 'week' ? '' : late.span, ...(late.span !== 'own' && { from: '', to: '' }) }), [late]);
  /** An entry has an address of its own; the way back closes it. */
  const to = (more) => `/audit${query({ ...Object.fromEntries([...asked].filter(([name]) => name !== 'entry')), ...more })}`;
  const setOpen = (row) => { opened.current = true; navigate(to({ entry: row.id }), { keepFocus: true }); };
  const shut = () => { if (opened.current) history.back(); else navigate(to({}), { replace: true, keepFocus: true }); opened.current = false; };
  const [begin, setBegin] = useState(() => start(f.span));
  useEffect(() => setBegin(start(f.span)), [f.span]);
  const times = late.span === 'own' ? { from: late.from && dayBegins(late.from), to: late.to && dayBegins(late.to, true) } : { from: begin };
  const filter = { site: late.site, user: late.user.trim(), by: late.by.trim(), action: late.action.trim(), reason: late.reason, outcome: late.outcome, address: late.address.trim(), ...times };
  const from = useList('/audit', filter, 50);
  const length = spans[late.span] ?? Math.max(86400, (Date.parse(times.to ?? iso(Date.now() / 1000)) - Date.parse(times.from ?? iso(Date.now() / 1000 - 30 * 86400))) / 1000);
  const step = [60, 300, 900, 3600, 10800, 86400].find((s) => length / s <= 72) ?? 86400;
  const chart = useData(`/audit/chart${query({ ...filter, from: times.from ?? iso(Math.floor(Date.now() / 86400000) * 86400 - length), step })}`);
  const set = (name) => (event) => setF((v) => ({ ...v, [name]: event.target.value }));
  const filtered = names.some((name) => f[name]);
  const file = (format) => `/api/audit/export${query({ ...filter, format })}`;
  return html`<${PageHead} title=${t('audit.title')} intro=${t('audit.intro')} help="console#audit">
      <a class="button plain" href=${file('csv')} download="audit.csv"><${Icon} name="inbox" size=${18} /><span>CSV</span></a><a class="button plain" href=${file('jsonl')} download="audit.jsonl"><${Icon} name="inbox" size=${18} /><span>JSONL</span></a></${PageHead}>
    <div class="sections">
      <section class="card filters" aria-label=${t('filters')}><form class="stack" onSubmit=${(e) => e.preventDefault()}><div class="fields small-fields">
        <${Select} label=${t('time')} name="span" value=${f.span} onChange=${set('span')} options=${[['hour', t('span.hour')], ['day', t('span.day')], ['week', t('span.week')], ['month', t('span.month')], ['all', t('span.all')], ['own', t('span.own')]]} />
        ${f.span === 'own' && html`<${Input} label=${t('from')} type="date" name="from" value=${f.from} onInput=${set('from')} /><${Input} label=${t('to')} type="date" name="to" value=${f.to} onInput=${set('to')} />`}
        ${owner && html`<${Select} label=${t('site')} name="site" value=${f.site} onChange=${set('site')} options=${[['', t('all')], ...sites.map((s) => [s.name, s.name])]} />`}
        <${Select} label=${t('outcome')} name="outcome" value=${f.outcome} onChange=${set('outcome')} options=${[['', t('all')], ['granted', t('outcome.granted')], ['refused', t('outcome.refused')]]} />
        <${Select} label=${t('reason')} name="reason" value=${f.reason} onChange=${set('reason')} options=${[['', t('all')], ...reasons]} />
        <${Input} label=${t('user')} hint=${t('audit.user.hint')} name="user" value=${f.user} onInput=${set('user')} autocapitalize="off" autocomplete="off" />
        <${Input} label=${t('audit.by')} hint=${t('audit.by.hint')} name="by" value=${f.by} onInput=${set('by')} autocapitalize="off" autocomplete="off" />
        <${Input} label=${t('action')} hint=${t('audit.action.hint')} name="action" value=${f.action} onInput=${set('action')} list="actions" placeholder="wapka.login" dir="ltr" autocapitalize="off" autocomplete="off" />
        <datalist id="actions">${known.map(([one, text]) => html`<option key=${one} value=${one}>${text}</option>`)}</datalist>
        <${Input} label=${t('address')} hint=${t('audit.address.hint')} name="address" value=${f.address} onInput=${set('address')} dir="ltr" autocomplete="off" /></div>
        ${filtered && html`<div class="row"><${Button} kind="quiet" icon="close" onClick=${() => setF((v) => ({ ...v, ...Object.fromEntries(names.map((name) => [name, ''])) }))}>${t('filters.clear')}</${Button}></div>`}</form></section>
      <${Card} id="over-time" title=${t('audit.chart')}><${Loaded} from=${chart} lines=${5}>${(data) => html`<${Chart} title=${t('audit.chart')} at=${data.at} height=${200} series=${[{ name: t('chart.logins'), color: '--chart-1', values: data.logins }, { name: t('chart.refusals'), color: '--chart-2', values: data.refusals }, ...(data.verifications ? [{ name: t('chart.verifications'), color: '--chart-3', values: data.verifications }] : [])]} />`}</${Loaded}></${Card}>
      <div class="card flush"><${Table} caption=${t('audit.title')} from=${from} columns=${entryColumns(setOpen)} empty=${html`<${Empty} icon="scroll" title=${t(filtered ? 'audit.none' : 'audit.empty')} text=${t(filtered ? 'audit.none.text' : 'audit.empty.text')} />`} /></div>
    </div>
    ${id && (entry.data || entry.error) && html`<${Dialog} key=${id} wide title=${entry.data ? actionText(entry.data.action) : t('audit.entry')} close=${shut}>${entry.error ? html`<${Failed} error=${entry.error} retry=${entry.reload} />` : html`<${EntryDetail} entry=${entry.data} />`}
      <div class="row end dialog-foot">${entry.data?.address && html`<${Button} kind="quiet" onClick=${() => { shut(); setF((v) => ({ ...v, address: entry.data.address })); }}>${t('audit.same-address')}</${Button}>`}<${Button} kind="main" onClick=${shut}>${t('close')}</${Button}></div></${Dialog}>`}`;
}
