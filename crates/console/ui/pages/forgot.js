// Forgot the password: the answer is the same whether the account is there or not.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from '../parts/basic.js';
import { Done } from '../parts/done.js';
import { Input, need, Select, useForm, useValues } from '../parts/form.js';
import { DoorHead } from '../parts/frame.js';

export default function Forgot({ session }) {
  const sites = session.sites ?? [];
  const [values, bind, set] = useValues({ site: sites[0]?.name ?? '', login_or_email: '' });
  const [sent, setSent] = useState(false);
  const form = useForm(async () => {
    need(values, 'site', 'login_or_email');
    await api('POST', '/forgot', values, { anonymous: true, repeat: true });
    setSent(true);
  });
  return html`<${DoorHead} title=${t('forgot.title')} text=${sent ? undefined : t('forgot.text')} />
    ${sent ? html`<${Done} icon="mail" title=${t('forgot.sent')} text=${t('forgot.sent.text')} action=${t('back.sign-in')} />` : html`<div class="card"><form class="stack" onSubmit=${form.onSubmit} novalidate>
      ${sites.length > 1 ? html`<${Select} label=${t('site')} name="site" value=${values.site} onChange=${(e) => set({ site: e.target.value })} options=${sites.map((s) => [s.name, s.name])} />`
        : !sites.length && html`<${Input} label=${t('site')} ...${bind('site')} autocomplete="organization" error=${form.fieldError('site')} />`}
      <${Input} label=${t('sign-in.login')} ...${bind('login_or_email')} autocomplete="username" autocapitalize="off" spellcheck=${false} error=${form.fieldError('login_or_email')} />
      ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <${Button} type="submit" kind="main" busy=${form.busy}>${t('forgot.do')}</${Button}></form></div>`}
    <nav class="door-links" aria-label=${t('sign-in.other')}><a href="/sign-in">${t('back.sign-in')}</a></nav>`;
}
