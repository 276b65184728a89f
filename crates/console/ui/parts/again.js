// Asked over the page: to sign in again when the session is over, or for a proof before something dangerous.
import { html, useState } from '../lib/dom.js';
import { post } from '../lib/api.js';
import { arrived, look, proved, useSession } from '../lib/session.js';
import { show, supported } from '../lib/passkey.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from './basic.js';
import { Dialog } from './dialog.js';
import { Input, need, Password, useForm, useValues } from './form.js';
import { signOut } from './frame.js';
import { useSignIn } from './sign-in.js';

/** The session is over. What is typed on the page stays; it is hidden until the same person is back. */
export function Expired({ done }) {
  const { user } = useSession();
  const signIn = useSignIn({ site: user.site, login: user.login, done: (state) => { arrived(state); done(state); } });
  return html`<${Dialog} cover title=${t('expired.title')}><div class="stack">
    <p>${t('expired.text')}</p>
    ${signIn.view(html`<p class="row"><span class="strong" dir="auto">${user.display_name || user.login}</span><span class="quiet">${user.site}</span></p>`)}
    <div class="row center"><${Button} kind="quiet" onClick=${signOut}>${t('expired.other')}</${Button}></div>
  </div></${Dialog}>`;
}

/** A proof: the password, a code, or a passkey. */
export function Proof({ done, cancel }) {
  const { user } = useSession();
  const [values, bind] = useValues({ password: '', code: '' });
  const [way, setWay] = useState('password');
  const finish = async (body) => {
    const state = await post('/session/reauth', body, { repeat: true });
    if (state?.signed_in) proved(state); else await look();
    done();
  };
  const form = useForm(async () => {
    need(values, way);
    await finish({ [way]: values[way] });
  });
  const passkey = useForm(async () => finish({ passkey: await show('reauth') }));
  return html`<${Dialog} title=${t('proof.title')} close=${() => cancel(new Error('closed'))}><form class="stack" onSubmit=${form.onSubmit} novalidate key=${way}>
    <p>${t('proof.text')}</p>
    <input type="text" name="username" autocomplete="username" value=${user.login} hidden readonly />
    ${way === 'password' ? html`<${Password} label=${t('password')} ...${bind('password')} autocomplete="current-password" error=${form.fieldError('password')} />`
      : html`<${Input} label=${t('code')} hint=${t('code.hint')} ...${bind('code')} inputmode="numeric" autocomplete="one-time-code" dir="ltr" error=${form.fieldError('code')} />`}
    ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
    ${passkey.error && html`<${Notice} tone="danger"><p role="alert">${errorText(passkey.error)}</p></${Notice}>`}
    <${Button} type="submit" kind="main" busy=${form.busy}>${t('proof.do')}</${Button}>
    ${user.passkeys > 0 && supported() && html`<${Button} icon="finger" busy=${passkey.busy} onClick=${passkey.onSubmit}>${t('passkey.use')}</${Button}>`}
    ${user.second_factor && html`<${Button} kind="quiet" onClick=${() => setWay(way === 'password' ? 'code' : 'password')}>${t(way === 'password' ? 'proof.code' : 'proof.password')}</${Button}>`}
  </form></${Dialog}>`;
}
