// Somebody came with a password that an administrator gave: before anything else, they choose their own.
import { html } from '../lib/dom.js';
import { post } from '../lib/api.js';
import { look } from '../lib/session.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from './basic.js';
import { need, Password, useForm, useValues } from './form.js';
import { DoorHead, signOut } from './frame.js';
import { toast } from './toast.js';

export function OwnPassword({ user }) {
  const [values, bind] = useValues({ old: '', new: '' });
  const form = useForm(async () => {
    need(values, 'old', 'new');
    if (values.old === values.new) throw Object.assign(new Error('same'), { code: 'same_password', field: 'new' });
    await post('/me/password', values);
    toast(t('password.changed'));
    await look();
  });
  return html`<${DoorHead} title=${t('own.title')} text=${t('own.text')} /><div class="card"><form class="stack" onSubmit=${form.onSubmit} novalidate>
    <p class="row"><span class="strong" dir="auto">${user.display_name || user.login}</span><span class="quiet">${user.site}</span></p>
    <input type="text" name="username" autocomplete="username" value=${user.login} hidden readonly />
    <${Password} label=${t('own.old')} ...${bind('old')} autocomplete="current-password" error=${form.fieldError('old')} />
    <${Password} label=${t('password.new')} hint=${t('password.hint')} ...${bind('new')} autocomplete="new-password" error=${form.fieldError('new')} />
    ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
    <${Button} type="submit" kind="main" busy=${form.busy}>${t('password.change')}</${Button}></form></div>
    <nav class="door-links" aria-label=${t('sign-in.other')}><${Button} kind="quiet" onClick=${signOut}>${t('sign-out')}</${Button}></nav>`;
}
