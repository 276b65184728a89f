// Webhooks: who is told of what happens on a site, what became of each delivery, and telling it again.
import { html, useEffect, useRef, useState } from '../lib/dom.js';
import { at, post } from '../lib/api.js';
import { useData, useList } from '../lib/data.js';
import { dialectTitle } from '../lib/dialects.js';
import { setQuery, useRoute } from '../lib/router.js';
import { has, number, t, useWords } from '../lib/text.js';
import { exact, Time } from '../lib/time.js';
import { Badge, Button, Card, Empty, errorText, Facts, LinkButton, Loaded, Notice, PageHead, Skeleton } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';
import { Select, useForm } from '../parts/form.js';
import { Table } from '../parts/table.js';
import { toast } from '../parts/toast.js';

const tones = { delivered: 'ok', waiting: 'warn', given_up: 'danger' };
/** Where they are set up. */
const settingsOf = (site) => at`/sites/${site}/dialects/${'simple_jwt_login'}`;

const event = (name) => (name ? (has(`hook.event.${name}`) ? t(`hook.event.${name}`) : name) : t('hook.event.own'));
/** What the last try ended with: a status, or why there was none. */
const last = (row) => (row.last_status ? t('hook.answered', { status: String(row.last_status) }) : row.last_error ? (has(`hook.error.${row.last_error}`) ? t(`hook.error.${row.last_error}`) : row.last_error) : t('hook.untried'));

export default function Webhooks({ site }) {
  const hooks = useData(at`/sites/${site}/webhooks`);
  const known = useWords('webhooks');
  if (!known) return html`<${PageHead} title=${t('nav.webhooks')} /><${Skeleton} lines=${8} />`;
  return html`<${PageHead} title=${t('nav.webhooks')} intro=${t('hooks.intro')} help="dialects/simple_jwt_login#webhooks" />
    <${Loaded} from=${hooks}>${({ items }) => html`<div class="sections">${items.length ? html`<${Hooks} items=${items} site=${site} />` : html`<div class="card"><${Empty} icon="send" title=${t('hooks.empty')} text=${t('hooks.empty.text')}><${LinkButton} href=${at`/sites/${site}/dialects`}>${t('nav.dialects')}</${LinkButton}></${Empty}></div>`}
      <${Deliveries} site=${site} hooks=${items} /></div>`}</${Loaded}>`;
}

function Hooks({ items, site }) {
  return html`<${Card} id="hooks" title=${t('hooks.title')} intro=${t('hooks.text')} actions=${html`<${LinkButton} href=${settingsOf(site)}>${t('settings')}</${LinkButton}>`}>
    <div class="inset"><${Table} caption=${t('hooks.title')} from=${{ items }} rowKey=${(h) => h.id} columns=${[
    { title: t('hook.url'), kind: 'main', cell: (h) => html`<code class="strong">${h.url}</code><span class="sub">${[h.method, h.headers.length > 0 && t('hook.headers', { list: h.headers.join(', ') }), h.template && t('hook.template')].filter(Boolean).join(' · ')}</span>` },
    { title: t('hook.events'), cell: (h) => html`<span class="tags">${h.events.map((e) => html`<${Badge} key=${e}>${event(e)}</${Badge}>`)}</span>` },
    { title: t('token.state'), cell: (h) => html`<${Badge} tone=${h.enabled ? 'ok' : 'plain'}>${t(h.enabled ? 'on' : 'off')}</${Badge}>` }]} /></div></${Card}>`;
}

function Deliveries({ site, hooks }) {
  const { query } = useRoute();
  const [f, setF] = useState({ status: query.get('status') ?? '', webhook: query.get('webhook') ?? '' });
  const base = at`/sites/${site}/webhooks/deliveries`;
  const from = useList(base, f, 50);
  const [open, setOpen] = useState(null);
  useEffect(() => setQuery(f), [f]);
  // When the next try is due, what becomes of it is looked at: a few times, for a page that asks for ever would keep its session open.
  const looks = useRef(0);
  const due = Math.min(...(from.items ?? []).map((row) => (row.next ? Date.parse(row.next) : Infinity)));
  useEffect(() => {
    if (!Number.isFinite(due) || due - Date.now() > 6e5 || looks.current >= 8 || from.loading || from.items.length > 50) return undefined;
    const timer = setTimeout(() => { looks.current += 1; from.reload(); }, Math.max(due - Date.now(), 0) + 1500);
    return () => clearTimeout(timer);
  }, [from.items, from.loading]);
  const set = (name) => (e) => setF((v) => ({ ...v, [name]: e.target.value }));
  const replace = (row) => from.set((items) => items.map((one) => (one.id === row.id ? row : one)));
  const retry = async (row) => {
    const next = await post(`${base}/${row.id}/retry`);
    looks.current = 0;
    replace(next);
    toast(t('hook.retried'));
    return next;
  };
  const filtered = f.status || f.webhook;
  if (!hooks.length && !from.items?.length && !filtered) return null;
  return html`<section class="stack" aria-labelledby="deliveries"><h2 id="deliveries" class="section-title">${t('hook.deliveries')}</h2>
    <form class="filter-bar selects" role="search" onSubmit=${(e) => e.preventDefault()}><${Select} label=${t('status')} name="status" value=${f.status} onChange=${set('status')} options=${[['', t('all')], ...Object.keys(tones).map((s) => [s, t(`hook.${s}`)])]} />
      ${hooks.length > 1 && html`<${Select} label=${t('hook.one')} name="webhook" value=${f.webhook} onChange=${set('webhook')} options=${[['', t('all')], ...hooks.map((h) => [h.id, h.url])]} />`}</form>
    <div class="card flush"><${Table} caption=${t('hook.deliveries')} from=${from} columns=${[
    { title: t('hook.event'), kind: 'main', cell: (row) => html`<button type="button" class="link-button" onClick=${() => setOpen(row)} dir="auto">${event(row.event)}</button><span class="sub"><code>${row.url ?? t('hook.gone')}</code></span>` },
    { title: t('status'), cell: (row) => html`<${Badge} tone=${tones[row.status]}>${t(`hook.${row.status}`)}</${Badge}>` },
    { title: t('hook.last'), cell: (row) => html`<span>${last(row)}</span><span class="sub">${t('hook.tries', { n: row.attempts })}</span>` },
    { title: t('when'), kind: 'near', cell: (row) => html`<${Time} at=${row.made} />${row.next && html`<span class="sub">${Date.parse(row.next) - Date.now() < 5000 ? t('hook.now') : html`${t('hook.next')} <${Time} at=${row.next} />`}</span>`}` },
    { title: t('actions'), kind: 'actions', cell: (row) => row.can_retry && html`<${Retry} row=${row} retry=${retry} />` }]}
    empty=${html`<${Empty} icon=${filtered ? 'search' : 'send'} title=${t(filtered ? 'hook.none' : 'hook.deliveries.empty')} text=${t(filtered ? 'hook.none.text' : 'hook.deliveries.empty.text')}>${filtered && html`<${Button} onClick=${() => setF({ status: '', webhook: '' })}>${t('filters.clear')}</${Button}>`}</${Empty}>`} /></div>
    ${open && html`<${Delivery} own=${hooks.find((h) => h.id === open.webhook)?.template} row=${from.items?.find((one) => one.id === open.id) ?? open} retry=${retry} close=${() => setOpen(null)} />`}</section>`;
}

function Retry({ row, retry }) {
  const form = useForm(async () => {
    try { await retry(row); } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  });
  return html`<${Button} kind="quiet" icon="roll" busy=${form.busy} onClick=${form.onSubmit} aria-label=${t('hook.retry.of', { event: event(row.event) })}>${t('hook.retry')}</${Button}>`;
}

function Delivery({ row, own, retry, close }) {
  const what = t(own ? 'hook.values' : 'hook.body');
  const form = useForm(() => retry(row));
  return html`<${Dialog} wide title=${event(row.event)} close=${close}><div class="stack">
    <p><${Badge} tone=${tones[row.status]}>${t(`hook.${row.status}`)}</${Badge}> ${t(`hook.${row.status}.text`)}</p>
    ${!row.url && html`<${Notice}><p>${t('hook.gone.text')}</p></${Notice}>`}
    ${form.error && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
    <${Facts} rows=${[[t('hook.url'), row.url && html`<code>${row.url}</code>`], [t('nav.dialects'), dialectTitle(row.dialect)], [t('user'), row.user && html`<code>#${row.user}</code>`], [t('hook.made'), exact(row.made)],
      [t('hook.attempts'), number(row.attempts)], [t('hook.last'), last(row)], row.next && [t('hook.next'), exact(row.next)], row.ended && [t('hook.ended'), exact(row.ended)]]} />
    <div><p class="strong small">${what}</p><pre class="answer" tabindex="0" role="region" aria-label=${what} dir="ltr">${row.body}</pre></div>
    <div class="row end">${row.can_retry && html`<${Button} icon="roll" busy=${form.busy} onClick=${form.onSubmit}>${t('hook.retry')}</${Button}>`}<${Button} kind="main" onClick=${close}>${t('close')}</${Button}></div></div></${Dialog}>`;
}
