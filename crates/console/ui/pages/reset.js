// A new password, by the link out of a mail.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from '../parts/basic.js';
import { Done, takeToken } from '../parts/done.js';
import { need, Password, useForm, useValues } from '../parts/form.js';
import { DoorHead } from '../parts/frame.js';

export default function Reset() {
  const [token] = useState(takeToken);
  const [values, bind] = useValues({ password: '' });
  const [done, setDone] = useState(false);
  const form = useForm(async () => {
    need(values, 'password');
    await api('POST', '/forgot/set', { token, password: values.password }, { anonymous: true });
    setDone(true);
  });
  if (!token) return html`<${DoorHead} title=${t('reset.title')} /><${Done} icon="warn" title=${t('link.none')} text=${t('link.none.text')} href="/forgot" action=${t('forgot.do')} />`;
  return html`<${DoorHead} title=${t('reset.title')} />
    ${done ? html`<${Done} title=${t('reset.done')} text=${t('reset.done.text')} />` : html`<div class="card"><form class="stack" onSubmit=${form.onSubmit} novalidate>
      <${Password} label=${t('password.new')} hint=${t('password.hint')} ...${bind('password')} autocomplete="new-password" error=${form.fieldError('password')} />
      ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <${Button} type="submit" kind="main" busy=${form.busy}>${t('reset.do')}</${Button}></form></div>`}`;
}
