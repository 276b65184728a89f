// Registering, where a site allows it: the answer is the same whether the address is taken or not.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from '../parts/basic.js';
import { Done } from '../parts/done.js';
import { Input, need, Password, Select, useForm, useValues } from '../parts/form.js';
import { DoorHead } from '../parts/frame.js';

export default function Register({ session }) {
  const sites = (session.sites ?? []).filter((s) => s.register);
  const [values, bind, set] = useValues({ site: sites[0]?.name ?? '', login: '', email: '', password: '' });
  const [sent, setSent] = useState(false);
  const form = useForm(async () => {
    need(values, 'site', 'login', 'email', 'password');
    await api('POST', '/register', values, { anonymous: true });
    setSent(true);
  });
  return html`<${DoorHead} title=${t('register.title')} />
    ${sent ? html`<${Done} icon="mail" title=${t('register.sent')} text=${t('register.sent.text')} action=${t('back.sign-in')} />` : html`<div class="card"><form class="stack" onSubmit=${form.onSubmit} novalidate>
      ${sites.length > 1 ? html`<${Select} label=${t('site')} name="site" value=${values.site} onChange=${(e) => set({ site: e.target.value })} options=${sites.map((s) => [s.name, s.name])} />`
        : !sites.length && html`<${Input} label=${t('site')} ...${bind('site')} error=${form.fieldError('site')} />`}
      <${Input} label=${t('login')} ...${bind('login')} autocomplete="username" autocapitalize="off" spellcheck=${false} error=${form.fieldError('login')} />
      <${Input} label=${t('email')} type="email" ...${bind('email')} autocomplete="email" error=${form.fieldError('email')} />
      <${Password} label=${t('password')} hint=${t('password.hint')} ...${bind('password')} autocomplete="new-password" error=${form.fieldError('password')} />
      ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <${Button} type="submit" kind="main" busy=${form.busy}>${t('register.do')}</${Button}></form></div>`}
    <nav class="door-links" aria-label=${t('sign-in.other')}><a href="/sign-in">${t('back.sign-in')}</a></nav>`;
}
