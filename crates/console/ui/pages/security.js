// Settings → Security: password, second factor, passkeys, sessions.
import { html } from '../lib/dom.js';
import { post } from '../lib/api.js';
import { t } from '../lib/text.js';
import { Button, Card, errorText, Notice, PageHead } from '../parts/basic.js';
import { need, Password, useForm, useValues } from '../parts/form.js';
import { Passkeys } from '../parts/passkeys.js';
import { SecondFactor } from '../parts/second-factor.js';
import { Sessions } from '../parts/sessions.js';
import { toast } from '../parts/toast.js';
import { look } from '../lib/session.js';

export default function Security({ session }) {
  return html`<${PageHead} title=${t('security.title')} intro=${t('security.intro')} help="console#security" />
    <div class="sections"><${NewPassword} user=${session.user} /><${SecondFactor} user=${session.user} /><${Passkeys} /><${Sessions} base="/me/sessions" mine /></div>`;
}

function NewPassword({ user }) {
  const [values, bind, set] = useValues({ old: '', new: '' });
  const form = useForm(async () => {
    need(values, 'old', 'new');
    await post('/me/password', values);
    set({ old: '', new: '' });
    toast(t('password.changed'));
    await look();
  });
  return html`<${Card} id="password" title=${t('password')} intro=${t('password.text')}><form class="stack narrow" onSubmit=${form.onSubmit} novalidate>
    <input type="text" name="username" autocomplete="username" value=${user.login} hidden readonly />
    <${Password} label=${t('password.old')} ...${bind('old')} autocomplete="current-password" error=${form.fieldError('old')} />
    <${Password} label=${t('password.new')} hint=${t('password.hint')} ...${bind('new')} autocomplete="new-password" error=${form.fieldError('new')} />
    ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
    <div class="row"><${Button} type="submit" kind="main" busy=${form.busy}>${t('password.change')}</${Button}></div></form></${Card}>`;
}
