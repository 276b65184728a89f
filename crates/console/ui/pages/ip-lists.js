// The lists of addresses of a site, wherever a language or a rule has one, in one place.
import { html } from '../lib/dom.js';
import { at, put } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { t } from '../lib/text.js';
import { dialectTitle } from '../lib/dialects.js';
import { Badge, Button, Card, Empty, errorText, LinkButton, Loaded, Notice, PageHead } from '../parts/basic.js';
import { Area, lines, useForm, useValues } from '../parts/form.js';
import { toast } from '../parts/toast.js';

export default function IpLists({ site }) {
  const path = at`/sites/${site}/ip-lists`;
  const from = useData(path);
  return html`<${PageHead} title=${t('nav.ip-lists')} intro=${t('ips.intro')} help="console#ip-lists" />
    <${Loaded} from=${from}>${(data) => (data.items.length ? html`<${Lists} key=${from.etag} items=${data.items} path=${path} etag=${from.etag} reload=${from.reload} />`
    : html`<div class="card"><${Empty} icon="list" title=${t('ips.empty')} text=${t('ips.empty.text')}><${LinkButton} href=${at`/sites/${site}/endpoints`}>${t('nav.endpoints')}</${LinkButton}></${Empty}></div>`)}</${Loaded}>`;
}

/** `wapka api_ips`: a setting of a language; `site.news /news`: a rule. */
function titleOf({ id, of }) {
  const [whose, ...rest] = of.split(' ');
  const what = html`<code>${rest.join(' ')}</code>`;
  return id.startsWith('rule:') ? html`${t('ips.rule')} ${what}` : html`${dialectTitle(whose)} ${what}`;
}

function Lists({ items, path, etag, reload }) {
  const [values, bind] = useValues(Object.fromEntries(items.map((item) => [item.id, item.entries.join('\n')])));
  const form = useForm(async () => {
    await put(path, { items: items.map((item) => ({ ...item, entries: lines(values[item.id]) })) }, { headers: etag ? { 'If-Match': etag } : {} });
    toast(t('saved'));
    reload();
  });
  return html`<form class="sections" onSubmit=${form.onSubmit} novalidate>${items.map((item) => html`<${Card} key=${item.id} id=${`list-${item.id}`} title=${html`${titleOf(item)} <${Badge} tone=${item.kind === 'deny' ? 'danger' : 'ok'}>${t(`ips.${item.kind}`)}</${Badge}>`} intro=${t(`ips.${item.kind}.text`)}>
      <${Area} label=${t('ips.entries')} hint=${t('ip.hint')} ...${bind(item.id)} rows=${Math.min(10, Math.max(3, item.entries.length + 1))} code error=${form.fieldError(item.id)} /></${Card}>`)}
    ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p>${form.error.status === 412 && html`<${Button} kind="quiet" onClick=${reload}>${t('reload')}</${Button}>`}</${Notice}>`}
    <div class="row save-bar"><${Button} type="submit" kind="main" busy=${form.busy}>${t('save')}</${Button}></div></form>`;
}
