// The settings of one language of a site: a form made of what is set, masked where it is secret.
import { html, useState } from '../lib/dom.js';
import { at, put } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { dialects, dialectTitle } from '../lib/dialects.js';
import { t } from '../lib/text.js';
import { Button, Card, Empty, errorText, Loaded, Notice, PageHead } from '../parts/basic.js';
import { Area, Check, Input, Select, useForm } from '../parts/form.js';
import { toast } from '../parts/toast.js';

export default function Dialect({ site, dialect }) {
  const path = at`/sites/${site}/dialects/${dialect}`;
  const from = useData(path);
  return html`<${PageHead} title=${dialectTitle(dialect)} intro=${t('dialect.intro')} help=${dialects.find((d) => d.name === dialect)?.doc} back=${{ href: at`/sites/${site}/dialects`, text: t('nav.dialects') }} />
    <${Loaded} from=${from} lines=${8}>${(data) => html`<${Settings} key=${from.etag} data=${data} path=${path} etag=${from.etag} reload=${from.reload} />`}</${Loaded}>`;
}

const isLeaf = (value) => value === null || typeof value !== 'object';
/** The leaves of an object by their path; lists and objects without names of their own are edited as JSON. */
function leaves(value, path = []) {
  if (isLeaf(value) || Array.isArray(value)) return [[path, value]];
  const inner = Object.entries(value);
  return inner.length ? inner.flatMap(([name, one]) => leaves(one, [...path, name])) : [];
}
function withPut(object, [name, ...rest], value) {
  return rest.length ? { ...object, [name]: withPut(object[name], rest, value) } : { ...object, [name]: value };
}

function Settings({ data, path, etag, reload }) {
  const [settings, setSettings] = useState(data.settings ?? {});
  const [edition, setEdition] = useState(data.edition);
  const [broken, setBroken] = useState({});
  const [raw, setRaw] = useState(null);
  const form = useForm(async () => {
    let all = settings;
    if (raw !== null) {
      try { all = JSON.parse(raw); } catch { throw Object.assign(new Error('json'), { code: 'bad_json', field: 'raw' }); }
    }
    const wrong = Object.keys(broken).find((name) => broken[name]);
    if (raw === null && wrong) throw Object.assign(new Error('json'), { code: 'bad_json', field: wrong });
    await put(path, { edition, settings: all }, { headers: etag ? { 'If-Match': etag } : {} });
    toast(t('saved'));
    reload();
  });
  const rows = leaves(settings);
  const groups = Map.groupBy ? Map.groupBy(rows, ([p]) => p.slice(0, -1).join('.')) : rows.reduce((m, row) => m.set(row[0].slice(0, -1).join('.'), [...(m.get(row[0].slice(0, -1).join('.')) ?? []), row]), new Map());
  const set = (p, value) => setSettings((s) => withPut(s, p, value));
  const field = ([p, value]) => {
    const name = p.join('.');
    const label = p.at(-1);
    const secret = data.secrets?.includes(name);
    const error = form.fieldError(name);
    if (typeof value === 'boolean') return html`<${Check} key=${name} label=${html`<code>${label}</code>`} checked=${value} onChange=${(on) => set(p, on)} />`;
    if (typeof value === 'number') return html`<${Input} key=${name} label=${label} name=${name} inputmode="numeric" value=${String(value)} onChange=${(e) => set(p, Number.isFinite(Number(e.target.value)) ? Number(e.target.value) : value)} code dir="ltr" error=${error} />`;
    if (isLeaf(value)) return html`<${Input} key=${name} label=${label} hint=${secret ? t('dialect.secret') : undefined} name=${name} value=${value ?? ''} onInput=${(e) => set(p, e.target.value)} code dir="ltr" autocomplete="off" spellcheck=${false} error=${error} />`;
    return html`<${JsonField} key=${name} name=${name} label=${label} value=${value} error=${error} change=${(v) => { set(p, v); setBroken((b) => ({ ...b, [name]: false })); }} wrong=${() => setBroken((b) => ({ ...b, [name]: true }))} />`;
  };
  return html`<form class="sections" onSubmit=${form.onSubmit} novalidate>
    ${data.editions?.length > 1 && html`<${Card}><div class="form-width"><${Select} label=${t('edition')} hint=${t('edition.hint')} name="edition" value=${edition} onChange=${(e) => setEdition(e.target.value)} options=${data.editions.map((e) => [e, e])} /></div></${Card}>`}
    ${raw !== null ? html`<${Card} id="raw" title=${t('dialect.json')}><${Area} label=${t('dialect.json.label')} name="raw" value=${raw} onInput=${(e) => setRaw(e.target.value)} rows="18" code error=${form.fieldError('raw')} /></${Card}>`
    : rows.length ? [...groups].map(([name, list]) => html`<${Card} key=${name} id=${`group-${name || 'all'}`} title=${name || t('dialect.members')}><div class="fields">${list.map(field)}</div></${Card}>`) : html`<div class="card"><${Empty} icon="sliders" title=${t('dialect.defaults')} text=${t('dialect.defaults.text')} /></div>`}
    ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)} ${form.error.field ?? ''}</p>${form.error.status === 412 && html`<${Button} kind="quiet" onClick=${reload}>${t('reload')}</${Button}>`}</${Notice}>`}
    <div class="row between save-bar"><${Button} kind="quiet" onClick=${() => { if (raw === null) setRaw(JSON.stringify(settings, null, 2)); else { try { setSettings(JSON.parse(raw)); setRaw(null); } catch { toast(t('error.bad_json'), { tone: 'danger' }); } } }}>${t(raw === null ? 'dialect.as-json' : 'dialect.as-form')}</${Button}><${Button} type="submit" kind="main" busy=${form.busy}>${t('save')}</${Button}></div></form>`;
}

function JsonField({ name, label, value, error, change, wrong }) {
  const [text, setText] = useState(JSON.stringify(value, null, 1));
  const type = (event) => {
    setText(event.target.value);
    try { change(JSON.parse(event.target.value)); } catch { wrong(); }
  };
  return html`<${Area} label=${label} name=${name} value=${text} onInput=${type} rows=${Math.min(8, text.split('\n').length + 1)} code error=${error} />`;
}
