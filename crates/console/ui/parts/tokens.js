// API tokens of one's own or, for administrators, of a user: list, create (shown once), rename, roll, revoke with undo.
import { html, useState } from '../lib/dom.js';
import { del, patch, post } from '../lib/api.js';
import { useData, useList } from '../lib/data.js';
import { t } from '../lib/text.js';
import { day, Time } from '../lib/time.js';
import { Badge, Button, CopyField, Empty, errorText } from './basic.js';
import { FormDialog } from './dialog.js';
import { Area, Check, Group, Input, lines, need, Select, useTyped, useValues } from './form.js';
import { Menu } from './menu.js';
import { Once } from './once.js';
import { Table } from './table.js';
import { toast } from './toast.js';

/** `scopesAt`: which scopes there are; null where none is made: whoever had a token of a person could be that person. */
export function Tokens({ base, scopesAt = '/me/scopes', emptyTitle = t('tokens.empty'), emptyText }) {
  const from = useList(base, {}, 100);
  const [open, setOpen] = useState(null);
  const shut = () => setOpen(null);
  const replace = (row) => from.set((items) => items.map((one) => (one.id === row.id ? { ...one, ...row } : one)));
  const revoke = async (row) => {
    try {
      const { undo_until } = (await del(`${base}/${row.id}`)) ?? {};
      replace({ ...row, revoked: new Date().toISOString(), undo_until });
      toast(t('token.revoked', { name: row.name }), { undo: () => undo(row) });
    } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  };
  const undo = async (row) => {
    try {
      await post(`${base}/${row.id}/undo`);
      replace({ ...row, revoked: null, undo_until: null });
      toast(t('token.back', { name: row.name }));
    } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  };
  const create = scopesAt && html`<${Button} kind="main" icon="plus" onClick=${() => setOpen({ what: 'new' })}>${t('token.new')}</${Button}>`;
  const columns = [
    { title: t('name'), kind: 'main', cell: (row) => html`<span class="strong" dir="auto">${row.name || t('token.unnamed')}</span><span class="sub"><code>${row.hint}</code></span>` },
    { title: t('token.state'), cell: (row) => html`<${State} row=${row} />` },
    { title: t('scopes'), cell: (row) => html`<${Scopes} row=${row} />` },
    { title: t('used'), kind: 'near', cell: (row) => html`<${Time} at=${row.used} never=${t('used.never')} />${row.used_from && html`<span class="sub">${t('used.from', { address: row.used_from })}</span>`}` },
    { title: t('expires'), kind: 'near', cell: (row) => (row.expires ? html`<${Time} end at=${row.expires} />` : html`<span class="quiet">${t('expires.never')}</span>`) },
    { title: t('actions'), kind: 'actions', cell: (row) => (row.revoked
      ? undoable(row) && html`<${Button} kind="quiet" onClick=${() => undo(row)}>${t('undo')}</${Button}>`
      : html`<${Menu} label=${t('token.actions', { name: row.name })} items=${[
        { text: t('rename'), icon: 'edit', onClick: () => setOpen({ what: 'rename', row }) },
        scopesAt && { text: t('token.roll'), icon: 'roll', onClick: () => setOpen({ what: 'roll', row }) },
        { text: t('token.revoke'), icon: 'trash', danger: true, onClick: () => revoke(row) }].filter(Boolean)} />`) },
  ];
  return html`${from.items?.length > 0 && (create || from.items.some((row) => row.stale)) && html`<div class="row between list-head"><p class="quiet small grow">${from.items.some((row) => row.stale) && html`<${Badge} tone="warn">${t('token.some-stale', { n: from.items.filter((row) => row.stale).length })}</${Badge}>`}</p>${create}</div>`}
    <div class="card flush"><${Table} caption=${t('tokens.title')} columns=${columns} from=${from} rowClass=${(row) => (row.revoked ? 'faded' : '')}
      empty=${html`<${Empty} icon="key" title=${emptyTitle} text=${emptyText ?? t('tokens.empty.text')}>${create}</${Empty}>`} /></div>
    ${open?.what === 'new' && html`<${NewToken} base=${base} scopesAt=${scopesAt} close=${shut} made=${(row) => { from.reload(); setOpen({ what: 'shown', row }); }} />`}
    ${open?.what === 'shown' && html`<${Shown} row=${open.row} close=${shut} />`}
    ${open?.what === 'rename' && html`<${Rename} base=${base} row=${open.row} close=${shut} late=${from.reload} done=${(row) => { replace(row); shut(); toast(t('saved')); }} />`}
    ${open?.what === 'roll' && html`<${Roll} base=${base} row=${open.row} close=${shut} made=${(row) => { from.reload(); setOpen({ what: 'shown', row }); }} />`}`;
}

const undoable = (row) => row.undo_until && Date.parse(row.undo_until) > Date.now();

function State({ row }) {
  if (row.revoked) return html`<${Badge}>${t('state.revoked')}</${Badge}>`;
  if (row.expires && Date.parse(row.expires) <= Date.now()) return html`<${Badge}>${t('state.expired')}</${Badge}>`;
  if (row.stale) return html`<${Badge} tone="warn">${t('state.stale', { n: row.unused_days ?? 0 })}</${Badge}>`;
  return html`<${Badge} tone="ok">${t('state.active')}</${Badge}>`;
}

function Scopes({ row }) {
  if (!row.scopes || row.scopes.includes('*')) return html`<span>${t('scopes.all')}</span>`;
  return html`<span class="tags">${row.scopes.slice(0, 4).map((s) => html`<${Badge} key=${s}>${s}</${Badge}>`)}${row.scopes.length > 4 && html`<${Badge}>+${row.scopes.length - 4}</${Badge}>`}</span>
    ${row.ip_allow?.length > 0 && html`<span class="sub">${t('token.only-from', { list: row.ip_allow.join(', ') })}</span>`}`;
}

function NewToken({ base, scopesAt, close, made }) {
  const scopes = useData(scopesAt);
  const known = (scopes.data?.items ?? scopes.data?.scopes ?? (Array.isArray(scopes.data) ? scopes.data : [])).map((s) => (typeof s === 'string' ? { name: s } : s));
  const [values, bind, set] = useValues({ name: '', all: 'all', scopes: [], extra: '', days: '90', date: '', ip: '' });
  useTyped(values);
  const tick = (name) => (on) => set((v) => ({ scopes: on ? [...v.scopes, name] : v.scopes.filter((s) => s !== name) }));
  const submit = async () => {
    need(values, 'name');
    const chosen = [...values.scopes, ...lines(values.extra)];
    if (values.all === 'some' && !chosen.length) throw Object.assign(new Error('scopes'), { code: 'scopes_empty', field: 'extra' });
    const expires = values.days === 'date' ? values.date && `${values.date}T23:59:59Z` : values.days && new Date(Date.now() + values.days * 864e5).toISOString().replace(/\.\d+/, '');
    if (values.days === 'date' && !expires) throw Object.assign(new Error('date'), { code: 'missing_field', field: 'expires' });
    made(await post(base, { name: values.name.trim(), scopes: values.all === 'all' ? null : chosen, ...(expires && { expires }), ...(values.ip.trim() && { ip_allow: lines(values.ip) }) }));
  };
  const until = [['30', t('days', { n: 30 })], ['90', t('days', { n: 90 })], ['365', t('days', { n: 365 })], ['date', t('expires.date')], ['', t('expires.never')]];
  return html`<${FormDialog} title=${t('token.new.title')} action=${t('token.create')} submit=${submit} close=${close}>${(form) => html`
    <${Input} label=${t('name')} hint=${t('token.name.hint')} ...${bind('name')} maxlength="100" autocomplete="off" error=${form.fieldError('name')} />
    <${Select} label=${t('token.may')} name="all" value=${values.all} onChange=${(e) => set({ all: e.target.value })} options=${[['all', t('scopes.all.long')], ['some', t('scopes.some')]]} error=${form.fieldError('scopes')} />
    ${values.all === 'some' && html`${known.length > 0 && html`<${Group} legend=${t('scopes')}><div class="checks">${known.map((s) => html`<${Check} key=${s.name} label=${s.name} hint=${s.description} checked=${values.scopes.includes(s.name)} onChange=${tick(s.name)} />`)}</div></${Group}>`}
      <${Input} label=${t('scopes.more')} optional=${known.length > 0} hint=${t('scopes.more.hint')} ...${bind('extra')} code dir="ltr" error=${form.fieldError('extra')} />`}
    <div class="fields"><${Select} label=${t('expires')} name="days" value=${values.days} onChange=${(e) => set({ days: e.target.value })} options=${until} />
    ${values.days === 'date' && html`<${Input} label=${t('expires.on')} type="date" ...${bind('date')} error=${form.fieldError('expires')} />`}</div>
    ${values.days === '' && html`<p class="hint">${t('expires.never.hint')}</p>`}
    <${Area} label=${t('ip.allow')} optional hint=${t('ip.allow.hint')} ...${bind('ip')} rows="2" code error=${form.fieldError('ip_allow')} />`}</${FormDialog}>`;
}

/** The one time that the token is seen. */
function Shown({ row, close }) {
  return html`<${Once} title=${t('token.shown.title')} done=${t('token.shown.done')} close=${close}>${(copied) => html`<p>${t('token.shown.text')}</p>
    <${CopyField} text=${row.token} label=${t('token')} copied=${copied} />
    ${row.expires && html`<p class="quiet small">${t('token.shown.expires', { day: day(row.expires) })}</p>`}`}</${Once}>`;
}

/** `late`: somebody else has named it meanwhile. */
function Rename({ base, row, close, late, done }) {
  const [values, bind] = useValues({ name: row.name });
  const submit = async () => {
    need(values, 'name');
    try {
      done(await patch(`${base}/${row.id}`, { name: values.name.trim() }, { headers: { 'If-Match': row.etag } }));
    } catch (error) {
      if (error.status === 412) late();
      throw error;
    }
  };
  return html`<${FormDialog} title=${t('rename')} action=${t('save')} submit=${submit} close=${close}>${(form) => html`<${Input} label=${t('name')} ...${bind('name')} maxlength="100" error=${form.fieldError('name')} />`}</${FormDialog}>`;
}

function Roll({ base, row, close, made }) {
  const [hours, setHours] = useState('24');
  return html`<${FormDialog} title=${t('token.roll.title', { name: row.name })} intro=${t('token.roll.text')} action=${t('token.roll')} close=${close}
    submit=${async () => made(await post(`${base}/${row.id}/roll`, { overlap_hours: Number(hours) }))}>
    <${Select} label=${t('token.roll.overlap')} name="overlap_hours" value=${hours} onChange=${(e) => setHours(e.target.value)} options=${[['0', t('token.roll.none')], ['1', t('hours', { n: 1 })], ['24', t('hours', { n: 24 })], ['168', t('days', { n: 7 })]]} /></${FormDialog}>`;
}

