// The guided start: which language the clients speak, where the site is, and a line to paste that works.
import { html, useState } from '../lib/dom.js';
import { at, post } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { dialects } from '../lib/dialects.js';
import { reloadSites } from '../lib/sites.js';
import { navigate } from '../lib/router.js';
import { t } from '../lib/text.js';
import { Button, CopyField, errorText, LinkButton, Notice } from '../parts/basic.js';
import { Input, lines, need, Select, useForm, useValues } from '../parts/form.js';
import { DoorHead } from '../parts/frame.js';
import { Icon } from '../parts/icons.js';

/** An account for the owner on the new site, so that the line works as it stands. */
async function firstUser(site, { login, email, display_name }, curl) {
  const user = await post(at`/sites/${site}/users`, { login, email, display_name, roles: [], level: 0, service: false, mode: 'one_time' });
  if (!curl.includes('YOUR-TOKEN')) return { user, curl: curl.replaceAll('YOUR-PASSWORD', user.password) };
  const { token } = await post(at`/sites/${site}/users/${user.number}/tokens`, { name: t('start.curl'), scopes: null });
  return { user, curl: curl.replaceAll('YOUR-TOKEN', token) };
}

export default function Start({ session }) {
  const known = useData('/dialects', { skip: !session.signed_in });
  const [values, bind, set] = useValues({ dialect: '', edition: '', name: '', url: '', hosts: '', upstream: '' });
  const [step, setStep] = useState(0);
  const [made, setMade] = useState(null);
  const form = useForm(async () => {
    need(values, 'name', 'url');
    const { hosts, upstream, edition, ...rest } = values;
    const site = await post('/setup/site', { ...rest, hosts: lines(hosts), ...(edition && { edition }), ...(upstream.trim() && { upstream: upstream.trim() }) });
    setMade({ ...site, ...(await firstUser(values.name, session.user, site.curl).catch(() => ({}))) });
    reloadSites();
    setStep(2);
  });
  if (!session.signed_in) { navigate('/sign-in?to=/start', { replace: true }); return null; }
  const editions = (known.data?.items ?? []).find((d) => d.name === values.dialect)?.editions ?? [];
  const choose = (name) => { set({ dialect: name, edition: '' }); setStep(1); };
  return html`<${DoorHead} title=${t('start.title')} text=${t(`start.text.${step}`)} />
    <ol class="steps" aria-label=${t('start.steps')}>${[0, 1, 2].map((n) => html`<li key=${n} class=${n === step ? 'now' : n < step ? 'past' : ''} aria-current=${n === step ? 'step' : undefined}><span>${n + 1}</span>${t(`start.step.${n}`)}</li>`)}</ol>
    ${step === 0 && html`<div class="picks">${dialects.map((d) => html`<button key=${d.name} type="button" class="pick" onClick=${() => choose(d.name)}><span class="strong">${d.title}</span><span class="quiet small">${t(`dialect.${d.name}`)}</span><${Icon} name="right" size=${18} /></button>`)}</div>`}
    ${step === 1 && html`<div class="card"><form class="stack" onSubmit=${form.onSubmit} novalidate>
      <div class="fields"><${Input} label=${t('site.name')} hint=${t('site.name.hint')} ...${bind('name')} autocapitalize="off" spellcheck=${false} dir="ltr" error=${form.fieldError('name')} />
      ${editions.length > 1 && html`<${Select} label=${t('edition')} hint=${t('edition.hint')} name="edition" value=${values.edition || editions[0]} onChange=${(e) => set({ edition: e.target.value })} options=${editions.map((e) => [e, e])} />`}</div>
      <${Input} label=${t('site.url')} hint=${t('site.url.hint')} type="url" ...${bind('url')} placeholder="https://example.com" dir="ltr" error=${form.fieldError('url')} />
      <${Input} label=${t('site.hosts')} hint=${t('site.hosts.hint')} ...${bind('hosts')} placeholder="api.example.com" dir="ltr" error=${form.fieldError('hosts')} />
      <${Input} label=${t('site.upstream')} optional hint=${t('site.upstream.hint')} ...${bind('upstream')} placeholder="http://127.0.0.1:9000" dir="ltr" error=${form.fieldError('upstream')} />
      ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <div class="row between"><${Button} onClick=${() => setStep(0)}>${t('back')}</${Button}><${Button} type="submit" kind="main" busy=${form.busy}>${t('start.make')}</${Button}></div></form></div>`}
    ${step === 2 && html`<div class="card"><div class="stack"><p dir="auto">${t('start.where', { host: made.host })}</p><p>${t('start.try')}</p>
      <${CopyField} block text=${made.curl} label=${t('start.curl')} />
      ${made.user && html`<p class="quiet">${t('start.first-user', { login: made.user.login, site: values.name })}</p>`}
      <p class="strong">${t('start.expected')}</p><pre class="answer" tabindex="0">${made.expected}</pre>
      <p class="quiet" dir="auto">${t('start.then', { host: made.host })}</p>
      <div class="row end"><${LinkButton} href=${`/help/dialects/${values.dialect}`}>${t('start.read')}</${LinkButton}><${LinkButton} kind="main" href="/">${t('start.console')}</${LinkButton}></div></div></div>`}
    ${step < 2 && html`<nav class="door-links" aria-label=${t('sign-in.other')}><a href="/">${t('start.skip')}</a></nav>`}`;
}
