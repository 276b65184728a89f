// Signing in: password, then the second step if one is due, or a passkey alone. The page and the dialog share it.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { useSession } from '../lib/session.js';
import { show, supported } from '../lib/passkey.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from './basic.js';
import { Input, need, Password, Select, useForm, useValues } from './form.js';

const ask = (path, body) => api('POST', path, body, { anonymous: true, repeat: true });

/** The site that a link names, else the one where somebody signed in here last. */
function usual() {
  const named = new URLSearchParams(location.search).get('site');
  try { return named ?? localStorage.getItem('doorward.site') ?? ''; } catch { return named ?? ''; }
}
function remember(state) {
  try { localStorage.setItem('doorward.site', state.user.site); } catch { /* storage is off */ }
}

/** `login` given = only this account signs in. `view(head)` draws the form. */
export function useSignIn({ site, login, done: tell }) {
  const session = useSession();
  const sites = session.sites ?? [];
  const [own] = useState(usual);
  const begins = sites.length === 1 ? sites[0].name : !sites.length || sites.some((s) => s.name === own) ? own : '';
  const done = (state) => { if (state?.user) remember(state); tell(state); };
  const [values, bind, set] = useValues({ site: site ?? begins, login: login ?? '', password: '', code: '' });
  const [second, setSecond] = useState(null);
  const first = useForm(async () => {
    need(values, 'login', 'password');
    try {
      done(await ask('/session', { ...(values.site && { site: values.site }), login: values.login.trim(), password: values.password }));
    } catch (error) {
      if (error.code !== 'second_factor_due') throw error;
      setSecond(error.more);
    }
  });
  const passkey = useForm(async () => {
    done(await ask('/session/passkey', { assertion: await show('login', site ? { site, login } : {}) }));
  });
  const code = useForm(async () => {
    need(values, 'code');
    try {
      done(await ask('/session/second', { ticket: second.ticket, code: values.code.trim() }));
    } catch (error) {
      if (error.code === 'ticket_expired' || error.code === 'unknown_ticket') setSecond(null);
      throw error;
    }
  });
  const key = useForm(async () => done(await ask('/session/second', { ticket: second.ticket, passkey: await show('second', { ticket: second.ticket }) })));

  const says = (form) => form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`;
  const view = (head) => (second ? html`<form key="second" class="stack" onSubmit=${code.onSubmit} novalidate>
      <p>${t('second.text')}</p>
      ${(second.methods ?? ['totp']).some((m) => m !== 'passkey') && html`<${Input} autofocus label=${t('code')} hint=${t('code.hint')} ...${bind('code')} inputmode="text" autocomplete="one-time-code" dir="ltr" error=${code.fieldError('code')} />`}
      ${says(code)}${says(key)}
      ${(second.methods ?? ['totp']).some((m) => m !== 'passkey') && html`<${Button} type="submit" kind="main" busy=${code.busy}>${t('second.do')}</${Button}>`}
      ${second.methods?.includes('passkey') && supported() && html`<${Button} icon="finger" busy=${key.busy} onClick=${key.onSubmit}>${t('passkey.use')}</${Button}>`}
      <${Button} kind="quiet" onClick=${() => { setSecond(null); set({ code: '' }); code.clear(); }}>${t('second.back')}</${Button}>
    </form>`
    : html`<form key="first" class="stack" onSubmit=${first.onSubmit} novalidate>
      ${head}
      ${!login && sites.length > 1 && html`<${Select} label=${t('site')} name="site" value=${values.site} onChange=${(e) => set({ site: e.target.value })} options=${[['', t('sign-in.any-site')], ...sites.map((s) => [s.name, s.name])]} />`}
      ${!login && !sites.length && html`<${Input} label=${t('site')} optional hint=${t('sign-in.site-hint')} ...${bind('site')} autocomplete="organization" autocapitalize="off" spellcheck=${false} error=${first.fieldError('site')} />`}
      ${login ? html`<input type="text" name="login" autocomplete="username" value=${login} hidden readonly />`
        : html`<${Input} label=${t('sign-in.login')} ...${bind('login')} autocomplete="username webauthn" autocapitalize="off" spellcheck=${false} error=${first.fieldError('login')} />`}
      <${Password} label=${t('password')} ...${bind('password')} autocomplete="current-password" error=${first.fieldError('password')} />
      ${says(first)}
      <${Button} type="submit" kind="main" busy=${first.busy}>${t('sign-in')}</${Button}>
      ${supported() && (session.may_use_passkeys ?? true) && html`<div class="or" aria-hidden="true">${t('or')}</div>
        <${Button} icon="finger" busy=${passkey.busy} onClick=${passkey.onSubmit}>${t('passkey.sign-in')}</${Button}>${says(passkey)}`}
    </form>`);
  return { view, second: !!second };
}
