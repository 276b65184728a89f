// The settings of one dialect of a site: a form of what the dialect describes, each with its default; the rest as JSON.
import { html } from '../lib/dom.js';
import { at, put } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { dialects, dialectTitle } from '../lib/dialects.js';
import { t, useWords } from '../lib/text.js';
import { Button, Card, Loaded, PageHead, Skeleton } from '../parts/basic.js';
import { Area, Select, useDraft, useForm } from '../parts/form.js';
import { bad, leaves, Member, pick, textOf, valueOf, withPut, without, words } from '../parts/member.js';
import { Stopped } from '../parts/stopped.js';
import { toast } from '../parts/toast.js';

export default function Dialect({ site, dialect }) {
  const path = at`/sites/${site}/dialects/${dialect}`;
  const from = useData(path);
  const known = useWords('settings');
  return html`<${PageHead} title=${dialectTitle(dialect)} intro=${t('dialect.intro')} help=${dialects.find((d) => d.name === dialect)?.doc} back=${{ href: at`/sites/${site}/dialects`, text: t('nav.dialects') }} />
    <${Loaded} from=${from} lines=${8}>${(data) => (known ? html`<${Settings} data=${data} path=${path} etag=${from.etag} reload=${from.reload} took=${from.set} />` : html`<${Skeleton} lines=${8} />`)}</${Loaded}>`;
}

/** What is edited: the document as it stands, what was typed over its members, or the whole as JSON. */
const written = (data) => ({ edition: data.edition, settings: data.settings ?? {}, texts: {}, raw: null });

/** The document with what was typed; a field that is emptied is taken out, so that its default holds again. */
function typed({ settings, texts }, members) {
  const first = JSON.stringify(settings);
  const all = members.filter((m) => m.path in texts).reduce((whole, m) => {
    const text = texts[m.path];
    return text === '' ? without(whole, m.path) : withPut(whole, m.path, valueOf(m, text, pick(settings, m.path)));
  }, settings);
  // What only an empty document means is written with the first member.
  return JSON.stringify(all) === first ? all : members.filter((m) => m.keep !== undefined && pick(all, m.path) === undefined).reduce((whole, m) => withPut(whole, m.path, m.keep), all);
}

function read(raw) {
  try { return JSON.parse(raw); } catch { throw Object.assign(new Error('json'), { code: 'bad_json', field: 'raw' }); }
}

function Settings({ data, path, etag, reload, took }) {
  const draft = useDraft(written, data, etag);
  const { edition, settings, texts, raw } = draft.values;
  const members = data.members ?? [];
  const name = (m) => `dialects.${data.name}.${m.path}`;
  const form = useForm(async () => {
    for (const m of raw === null ? members : []) {
      const wrong = m.path in texts && bad(m, texts[m.path]);
      if (wrong) throw Object.assign(new Error(wrong.code), wrong, { field: name(m) });
    }
    const now = await put(path, { edition, settings: raw === null ? typed(draft.values, members) : read(raw) }, { headers: draft.seen(), full: true });
    draft.saved(now.data, now.etag);
    took(now.data, now.etag);
    toast(t('saved'));
  });
  const type = (m) => (text) => draft.set((v) => {
    const { [m.path]: before, ...rest } = v.texts;
    return { texts: text === textOf(m, pick(v.settings, m.path)) ? rest : { ...rest, [m.path]: text } };
  });
  const groups = [...new Set(members.map((m) => m.group))];
  const rest = leaves(settings).filter((one) => !members.some((m) => one === m.path || one.startsWith(`${m.path}.`))).length;
  const other = () => {
    if (raw === null) draft.set((v) => ({ raw: JSON.stringify(typed(v, members.filter((m) => !(m.path in v.texts && bad(m, v.texts[m.path])))), null, 2) }));
    else { try { draft.set({ settings: read(raw), texts: {}, raw: null }); } catch { toast(t('error.bad_json'), { tone: 'danger' }); } }
  };
  return html`<form class="sections" onSubmit=${form.onSubmit} novalidate>
    ${data.editions?.length > 1 && html`<${Card}><div class="form-width"><${Select} label=${t('edition')} hint=${t('edition.hint')} name="edition" value=${edition} onChange=${(e) => draft.set({ edition: e.target.value })} options=${data.editions.map((e) => [e, e])} /></div></${Card}>`}
    ${raw !== null ? html`<${Card} id="raw" title=${t('dialect.json')}><${Area} label=${t('dialect.json.label')} name="raw" value=${raw} onInput=${(e) => draft.set({ raw: e.target.value })} rows="18" code error=${form.fieldError('raw') ?? (form.error?.field ? `${form.error.field}: ${form.fieldError(form.error.field)}` : undefined)} /></${Card}>`
    : html`<p class="quiet">${t('dialect.empty-is')}${rest > 0 && html` ${t('dialect.more-in-json', { n: rest })}`}</p>${groups.map((group) => html`<${Card} key=${group} id=${`group-${group}`} title=${words(`set.group.${group}`, group)}><div class="fields">${members.filter((m) => m.group === group).map((m) => html`<${Member} key=${m.path} member=${m} name=${name(m)} stored=${pick(settings, m.path)} text=${texts[m.path]} secret=${data.secrets?.includes(m.path)} type=${type(m)} error=${form.fieldError(name(m))} />`)}</div></${Card}>`)}`}
    <${Stopped} form=${form} draft=${draft} reload=${reload} />${form.error?.field && !form.error.shown && html`<p><code>${form.error.field}</code></p>`}
    <div class="row between save-bar"><${Button} kind="quiet" onClick=${other}>${t(raw === null ? 'dialect.as-json' : 'dialect.as-form')}</${Button}><${Button} type="submit" kind="main" busy=${form.busy}>${t('save')}</${Button}></div></form>`;
}
