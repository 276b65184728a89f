// One site: its URL, hosts, upstream, browsers' origins, languages, and what people may do for themselves.
import { html } from '../lib/dom.js';
import { at, del, patch } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { dialects, dialectTitle } from '../lib/dialects.js';
import { reloadSites } from '../lib/sites.js';
import { navigate } from '../lib/router.js';
import { t } from '../lib/text.js';
import { Button, Card, errorText, Facts, Loaded, Notice, PageHead } from '../parts/basic.js';
import { confirm } from '../parts/dialog.js';
import { Area, Check, Group, Input, lines, need, Select, useDraft, useForm } from '../parts/form.js';
import { Stopped } from '../parts/stopped.js';
import { toast } from '../parts/toast.js';
import { LevelSelect } from '../parts/user-list.js';

export default function Site({ site, session }) {
  const from = useData(at`/sites/${site}`);
  return html`<${PageHead} title=${site} intro=${t('site.intro')} help="concepts#sites" back=${session.user.power === 'owner' ? { href: '/sites', text: t('nav.sites') } : undefined} />
    <${Loaded} from=${from} lines=${9}>${(data) => html`<div class="sections"><${Settings} session=${session} owner=${session.user.power === 'owner'} site=${data} etag=${from.etag} reload=${from.reload} took=${from.set} />${session.user.power === 'owner' && html`<${Remove} site=${data} />`}</div>`}</${Loaded}>`;
}

const list = (value) => (value === null || value === undefined ? '' : [].concat(value).join('\n'));

const written = (site) => ({ url: site.url, hosts: list(site.hosts), upstream: list(site.upstream), cors: site.cors_origins ? 'some' : 'any', cors_origins: list(site.cors_origins),
  dialects: (site.dialects ?? []).map((d) => d.name), editions: Object.fromEntries((site.dialects ?? []).map((d) => [d.name, d.edition])), ...site.self_service, roles: (site.self_service?.roles ?? []).join(', '), level: String(site.self_service?.level ?? 0) });

/** Where a site is and what it speaks is for owners; its administrators read that. */
function Settings({ site, session, owner, etag, reload, took }) {
  const on = Object.fromEntries((site.dialects ?? []).map((d) => [d.name, d]));
  const draft = useDraft(written, site, etag);
  const { values, bind, set } = draft;
  const form = useForm(async () => {
    if (owner) need(values, 'url');
    const upstream = lines(values.upstream);
    const now = await patch(at`/sites/${site.name}`, {
      ...(owner && { url: values.url.trim(), hosts: lines(values.hosts), upstream: upstream.length > 1 ? upstream : upstream[0] ?? null,
      dialects: values.dialects.map((name) => ({ name, ...(values.editions[name] && { edition: values.editions[name] }) })) }),
      cors_origins: values.cors === 'any' ? null : lines(values.cors_origins),
      self_service: { register: !!values.register, reset: !!values.reset, change_email: !!values.change_email, ...(values.register && { roles: lines(values.roles), level: Number(values.level) || 0 }) },
    }, { headers: draft.seen(), full: true });
    draft.saved(now.data, now.etag);
    took(now.data, now.etag);
    toast(t('saved'));
    reloadSites();
  });
  const tick = (name) => (yes) => set((v) => ({ dialects: yes ? [...v.dialects, name] : v.dialects.filter((d) => d !== name) }));
  const cors = html`<${Select} label=${t('site.cors')} hint=${t('site.cors.hint')} name="cors" value=${values.cors} onChange=${(e) => set({ cors: e.target.value })} options=${[['any', t('site.cors.any')], ['some', t('site.cors.some')]]} />
    ${values.cors === 'some' && html`<${Area} label=${t('site.cors.list')} ...${bind('cors_origins')} rows="3" code error=${form.fieldError('cors_origins')} />`}`;
  return html`<form class="sections" onSubmit=${form.onSubmit} novalidate>
    ${!owner ? html`<${Card} id="where" title=${t('site.where')}><${Facts} rows=${[[t('site.url'), site.url], [t('site.hosts'), site.hosts?.join(', ')], [t('site.upstream'), [].concat(site.upstream ?? []).join(', ')], [t('nav.dialects'), (site.dialects ?? []).map((d) => dialectTitle(d.name)).join(', ')]]} /><div class="stack form-width">${cors}</div></${Card}>` : html`<${Card} id="where" title=${t('site.where')}><div class="stack form-width">
      <${Input} label=${t('site.url')} hint=${t('site.url.hint')} type="url" ...${bind('url')} dir="ltr" error=${form.fieldError('url')} />
      <${Area} label=${t('site.hosts')} hint=${t('site.hosts.hint')} ...${bind('hosts')} rows="3" code error=${form.fieldError('hosts')} />
      <${Area} label=${t('site.upstream')} optional hint=${t('site.upstream.hint')} ...${bind('upstream')} rows="2" code error=${form.fieldError('upstream')} />
      ${cors}</div></${Card}>
    <${Card} id="languages" title=${t('nav.dialects')} intro=${t('site.dialects.text')}><div class="stack tight">${dialects.map((d) => html`<div key=${d.name} class="dialect-row">
      <${Check} label=${d.title} hint=${t(`dialect.${d.name}`)} checked=${values.dialects.includes(d.name)} onChange=${tick(d.name)} />
      ${values.dialects.includes(d.name) && html`<div class="row">${on[d.name]?.editions?.length > 1 && html`<${Select} label=${t('edition')} name=${`edition-${d.name}`} value=${values.editions[d.name]} onChange=${(e) => set((v) => ({ editions: { ...v.editions, [d.name]: e.target.value } }))} options=${on[d.name].editions.map((e) => [e, e])} />`}
        ${on[d.name] && html`<a href=${at`/sites/${site.name}/dialects/${d.name}`}>${t('settings')}</a>`}</div>`}</div>`)}</div></${Card}>`}
    <${Card} id="self" title=${t('site.self')} intro=${t('site.self.text')}><${Group} legend=${html`<span class="visually-hidden">${t('site.self')}</span>`}>
      ${['register', 'reset', 'change_email'].map((name) => html`<${Check} key=${name} label=${t(`site.self.${name}`)} hint=${t(`site.self.${name}.hint`)} checked=${!!values[name]} onChange=${(yes) => set({ [name]: yes })} />`)}</${Group}>
      ${values.register && html`<div class="fields form-width"><${Input} label=${t('site.self.roles')} hint=${t('roles.hint')} ...${bind('roles')} error=${form.fieldError('roles')} /><${LevelSelect} session=${session} bind=${bind('level')} error=${form.fieldError('level')} /></div>`}</${Card}>
    <${Stopped} form=${form} draft=${draft} reload=${reload} />
    <div class="row save-bar"><${Button} type="submit" kind="main" busy=${form.busy}>${t('save')}</${Button}></div></form>`;
}

function Remove({ site }) {
  const form = useForm(async () => {
    if (!(await confirm({ title: t('site.remove'), text: t('site.remove.text', { name: site.name, n: site.users ?? 0 }), action: t('site.remove'), type: site.name }))) return;
    await del(at`/sites/${site.name}`);
    toast(t('site.removed', { name: site.name }));
    await reloadSites();
    navigate('/sites');
  });
  return html`<${Card} id="remove" tone="danger" title=${t('site.remove')} intro=${t('site.remove.intro')}>
    ${form.error && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
    <div class="row"><${Button} kind="danger" icon="trash" busy=${form.busy} onClick=${form.onSubmit}>${t('site.remove')}</${Button}></div></${Card}>`;
}
