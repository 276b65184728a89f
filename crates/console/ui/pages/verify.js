// The link out of the mail to who registered: a press confirms, so that a mail reader that follows links does not. In another browser
// than the one that registered a password is chosen here.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from '../parts/basic.js';
import { Done, takeToken } from '../parts/done.js';
import { Input, need, Password, useForm, useValues } from '../parts/form.js';
import { DoorHead } from '../parts/frame.js';

export default function Verify() {
  const [token] = useState(takeToken);
  const [done, setDone] = useState(false);
  const [due, setDue] = useState({});
  const [values, bind] = useValues({ login: '', password: '' });
  const form = useForm(async () => {
    need(values, ...Object.keys(due));
    try {
      await api('POST', '/register/verify', { token, ...Object.fromEntries(Object.keys(due).map((name) => [name, values[name]])) }, { anonymous: true });
      setDone(true);
    } catch (error) {
      if (error.code === 'password_due') setDue((d) => ({ ...d, password: true }));
      if (error.code === 'login_taken') setDue((d) => ({ ...d, login: true }));
      throw error;
    }
  });
  if (!token) return html`<${DoorHead} title=${t('verify.title')} /><${Done} icon="warn" title=${t('link.none')} text=${t('link.none.text')} href="/" action=${t('home')} />`;
  return html`<${DoorHead} title=${t('verify.title')} />
    ${done ? html`<${Done} title=${t('verify.done')} text=${t('verify.done.text')} />` : html`<div class="card"><form class="stack" onSubmit=${form.onSubmit} novalidate>
      <p>${t('verify.text')}</p>
      ${due.login && html`<${Input} label=${t('login')} ...${bind('login')} autocomplete="username" autocapitalize="off" spellcheck=${false} error=${form.fieldError('login')} />`}
      ${due.password && html`<${Password} label=${t('password')} hint=${t('password.hint')} ...${bind('password')} autocomplete="new-password" error=${form.fieldError('password')} />`}
      ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <${Button} type="submit" kind="main" busy=${form.busy}>${t('verify.do')}</${Button}></form></div>`}`;
}
