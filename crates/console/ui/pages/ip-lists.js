// The lists of addresses of a site, wherever a dialect or a rule has one, in one place.
import { html, useState } from '../lib/dom.js';
import { at, put } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { t } from '../lib/text.js';
import { dialectTitle } from '../lib/dialects.js';
import { Badge, Button, Card, Empty, LinkButton, Loaded, PageHead } from '../parts/basic.js';
import { Area, lines, Select, useDraft, useForm } from '../parts/form.js';
import { Stopped } from '../parts/stopped.js';
import { toast } from '../parts/toast.js';

export default function IpLists({ site }) {
  const path = at`/sites/${site}/ip-lists`;
  const from = useData(path);
  return html`<${PageHead} title=${t('nav.ip-lists')} intro=${t('ips.intro')} help="console#ip-lists" />
    <${Loaded} from=${from}>${(data) => (data.items.length ? html`<${Lists} data=${data} path=${path} etag=${from.etag} reload=${from.reload} took=${from.set} />`
    : html`<div class="card"><${Empty} icon="list" title=${t('ips.empty')} text=${t('ips.empty.text')}><${LinkButton} href=${at`/sites/${site}/endpoints`}>${t('nav.endpoints')}</${LinkButton}></${Empty}></div>`)}</${Loaded}>`;
}

/** `wapka api_ips`: a setting of a dialect; `site.news /news`: a rule. */
function titleOf({ id, of }) {
  const [whose, ...rest] = of.split(' ');
  const what = html`<code>${rest.join(' ')}</code>`;
  return id.startsWith('rule:') ? html`${t('ips.rule')} ${what}` : html`${dialectTitle(whose)} ${what}`;
}

const written = ({ items }) => ({ texts: Object.fromEntries(items.map((item) => [item.id, item.entries.join('\n')])), added: [] });

/** The lists that have something; the others are added when somebody wants one. */
function Lists({ data, path, etag, reload, took }) {
  const { items } = data;
  const draft = useDraft(written, data, etag);
  const { texts, added } = draft.values;
  const [next, setNext] = useState('');
  const shown = items.filter((item) => item.entries.length || added.includes(item.id));
  const rest = items.filter((item) => !shown.includes(item));
  const form = useForm(async () => {
    try {
      const now = await put(path, { items: items.map((item) => ({ ...item, entries: lines(texts[item.id]) })) }, { headers: draft.seen(), full: true });
      draft.saved(now.data, now.etag);
      took(now.data, now.etag);
    } catch (error) {
      // The server counts the lists; all are sent, so that what was written can be known again when its answer is lost.
      const at = /^items\[(\d+)\]/.exec(error.field ?? '');
      if (at) error.field = items[Number(at[1])]?.id;
      throw error;
    }
    toast(t('saved'));
  });
  const name = (item) => `${item.id.startsWith('rule:') ? t('ips.rule') : dialectTitle(item.of.split(' ')[0])} ${item.of.split(' ').slice(1).join(' ')}: ${t(`ips.${item.kind}`)}`;
  const add = () => {
    const id = next || rest[0].id;
    draft.set((v) => ({ added: [...v.added, id] }));
    setNext('');
  };
  return html`<form class="sections" onSubmit=${form.onSubmit} novalidate>
    ${!shown.length && html`<div class="card"><${Empty} icon="list" title=${t('ips.none')} text=${t('ips.none.text')} /></div>`}
    ${shown.map((item) => html`<${Card} key=${item.id} id=${`list-${item.id}`} title=${html`${titleOf(item)} <${Badge} tone=${item.kind === 'deny' ? 'danger' : 'ok'}>${t(`ips.${item.kind}`)}</${Badge}>`} intro=${t(`ips.${item.kind}.text`)}>
      <${Area} label=${t('ips.entries')} hint=${t('ip.hint')} name=${item.id} value=${texts[item.id]} onInput=${(e) => draft.set((v) => ({ texts: { ...v.texts, [item.id]: e.target.value } }))} rows=${Math.min(10, Math.max(3, item.entries.length + 1))} code error=${form.fieldError(item.id)} /></${Card}>`)}
    ${rest.length > 0 && html`<div class="row add-list"><${Select} label=${t('ips.more')} name="more" value=${next || rest[0].id} onChange=${(e) => setNext(e.target.value)} options=${rest.map((item) => [item.id, name(item)])} /><${Button} icon="plus" onClick=${add}>${t('ips.add')}</${Button}></div>`}
    <${Stopped} form=${form} draft=${draft} reload=${reload} />
    ${shown.length > 0 && html`<div class="row save-bar"><${Button} type="submit" kind="main" busy=${form.busy}>${t('save')}</${Button}></div>`}</form>`;
}
