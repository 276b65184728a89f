// Endpoints: the rules of a site in order, edited in place and saved as one, with explain beside them.
import { html, useRef, useState } from '../lib/dom.js';
import { api, at, Refused } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { useRoute } from '../lib/router.js';
import { useUnsaved } from '../lib/unsaved.js';
import { t, useWords } from '../lib/text.js';
import { Button, Empty, errorText, Loaded, Notice, PageHead } from '../parts/basic.js';
import { confirm } from '../parts/dialog.js';
import { Explain } from '../parts/explain.js';
import { useForm } from '../parts/form.js';
import { RuleRow } from '../parts/rule.js';
import { toast } from '../parts/toast.js';

let last = 0;
const keyed = (rules) => rules.map((rule) => ({ key: ++last, rule }));

export default function Endpoints({ site }) {
  const path = at`/sites/${site}/rules`;
  const from = useData(path);
  const known = useWords('endpoints');
  return html`<${PageHead} title=${t('nav.endpoints')} intro=${t('endpoints.intro')} help="rules" />
    <div class="with-aside"><div><${Loaded} from=${known ? from : { data: null }} lines=${8}>${(data) => html`<${Rules} key=${from.etag} first=${{ rules: data.endpoints, etag: from.etag }} path=${path} />`}</${Loaded}></div>
    <${Explain} site=${site} /></div>`;
}

/** `first`: the rules as the server has them, and their mark. */
function Rules({ first, path }) {
  const [there, setThere] = useState(first);
  const [rows, setRows] = useState(() => keyed(first.rules));
  const latest = useRef(rows);
  latest.current = rows;
  const [open, setOpen] = useState(null);
  const [bad, setBad] = useState(null);
  const [said, setSaid] = useState('');
  const [drag, setDrag] = useState(null);
  const now = JSON.stringify(rows.map((r) => r.rule));
  const dirty = now !== JSON.stringify(there.rules);
  useUnsaved(dirty);
  // A link from the roles names one: the others are out of sight, and stay in the document.
  const role = useRoute().query.get('role');
  const seen = (rule) => !role || rule.roles?.includes(role) || rows.find((r) => r.rule === rule)?.key === open;
  const hidden = rows.filter((row) => !seen(row.rule)).length;
  const form = useForm(async () => {
    setBad(null);
    let told;
    try {
      told = await api('PUT', path, { endpoints: rows.map((r) => r.rule) }, { headers: { 'If-Match': there.etag ?? '*' }, full: true });
    } catch (error) {
      if (error instanceof Refused && Number.isInteger(error.more.rule)) { setBad({ index: error.more.rule, error }); setOpen(rows[error.more.rule]?.key ?? null); }
      throw error;
    }
    // What was changed while it was saved stays as it is, to be saved next.
    const kept = new Map(rows.map((row, i) => [row.key, { sent: row.rule, rule: told.data.endpoints[i] }]));
    if (latest.current === rows) setOpen(null);
    setThere({ rules: told.data.endpoints, etag: told.etag });
    setRows((list) => list.map((row) => (kept.get(row.key)?.sent === row.rule ? { ...row, rule: kept.get(row.key).rule } : row)));
    toast(t('rules.saved'));
  });
  const move = (from, to) => {
    if (to < 0 || to >= rows.length || from === to) return;
    setRows((list) => {
      const next = [...list];
      next.splice(to, 0, ...next.splice(from, 1));
      return next;
    });
    setSaid(t('rules.moved', { n: to + 1, of: rows.length }));
  };
  const set = (i, rule) => setRows((list) => list.map((r, n) => (n === i ? { ...r, rule } : r)));
  const add = () => {
    const row = { key: ++last, rule: { path: '/', match: 'prefix', auth: ['bearer'] } };
    setRows((list) => [...list, row]);
    setOpen(row.key);
  };
  const remove = (i) => {
    const gone = rows[i];
    setRows((list) => list.filter((r) => r !== gone));
    toast(t('rules.removed', { path: gone.rule.path }), { undo: () => setRows((list) => [...list.slice(0, i), gone, ...list.slice(i)]) });
  };
  const renew = useForm(async () => {
    if (!(await confirm({ title: t('rules.discard'), text: t('rules.discard.text'), action: t('rules.discard') }))) return;
    const { data, etag } = await api('GET', path, undefined, { full: true });
    setThere({ rules: data.endpoints, etag });
    setRows(keyed(data.endpoints));
    setOpen(null);
    setBad(null);
    form.clear();
  });
  const button = html`<${Button} kind=${rows.length ? 'plain' : 'main'} icon="plus" onClick=${add}>${t('rules.add')}</${Button}>`;
  return html`<div class="stack">
    ${role && html`<${Notice}><p>${t('rules.of-role', { role })} ${hidden > 0 && t('rules.hidden', { n: hidden })}</p><p><a href=${location.pathname}>${t('rules.all')}</a></p></${Notice}>`}
    <div class="card flush">${rows.length ? html`<ol class="rules" aria-label=${t('rules.list')}>${rows.map((row, i) => seen(row.rule) && html`<${RuleRow} key=${row.key} row=${row} index=${i} count=${rows.length} open=${open === row.key} bad=${bad?.index === i ? bad.error : null}
        toggle=${() => setOpen(open === row.key ? null : row.key)} set=${(rule) => set(i, rule)} move=${(to) => move(i, to)} remove=${() => remove(i)}
        dragging=${drag === i} grab=${() => setDrag(i)} over=${() => { if (drag !== null && drag !== i) { move(drag, i); setDrag(i); } }} drop=${() => setDrag(null)} />`)}</ol>`
      : html`<${Empty} icon="route" title=${t('rules.empty')} text=${t('rules.empty.text')}>${button}</${Empty}>`}</div>
    <p class="visually-hidden" role="status" aria-live="polite">${said}</p>
    ${form.error && html`<${Notice} tone="danger"><p role="alert">${bad ? t('rules.bad', { n: bad.index + 1, message: form.error.message }) : errorText(form.error)}</p>${form.error.status === 412 && html`<${Button} kind="quiet" icon="roll" busy=${renew.busy} onClick=${renew.onSubmit}>${t('reload')}</${Button}>`}</${Notice}>`}
    ${renew.error && html`<${Notice} tone="danger"><p role="alert">${errorText(renew.error)}</p></${Notice}>`}
    <div class="row between">${rows.length > 0 ? button : html`<span></span>`}${dirty && html`<div class="row save-bar" role="group" aria-label=${t('rules.unsaved')}><span class="quiet">${t('rules.unsaved')}</span><${Button} busy=${renew.busy} onClick=${renew.onSubmit}>${t('rules.discard')}</${Button}><${Button} kind="main" busy=${form.busy} onClick=${form.onSubmit}>${t('rules.save')}</${Button}></div>`}</div></div>`;
}
