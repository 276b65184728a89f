// The link out of the mail to a new address: a press confirms, so that a mail reader that follows links does not.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from '../parts/basic.js';
import { Done, takeToken } from '../parts/done.js';
import { useForm } from '../parts/form.js';
import { DoorHead } from '../parts/frame.js';

export default function Link() {
  const [token] = useState(takeToken);
  const [done, setDone] = useState(false);
  const form = useForm(async () => {
    await api('POST', '/me/email/confirm', { token }, { anonymous: true });
    setDone(true);
  });
  if (!token) return html`<${DoorHead} title=${t('confirm.title')} /><${Done} icon="warn" title=${t('link.none')} text=${t('link.none.text')} href="/" action=${t('home')} />`;
  return html`<${DoorHead} title=${t('confirm.title')} />
    ${done ? html`<${Done} title=${t('confirm.done')} text=${t('confirm.done.text')} href="/" action=${t('go-on')} />` : html`<div class="card"><form class="stack" onSubmit=${form.onSubmit}>
      <p>${t('confirm.text')}</p>
      ${form.error && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <${Button} type="submit" kind="main" busy=${form.busy}>${t('confirm.do')}</${Button}></form></div>`}`;
}
