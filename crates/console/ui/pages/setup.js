// The first run: the one-time link that `serve` printed makes the owner, who goes on to the guided start.
import { html, useEffect, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { arrived, look } from '../lib/session.js';
import { navigate } from '../lib/router.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from '../parts/basic.js';
import { Done, takeToken } from '../parts/done.js';
import { Input, need, Password, useForm, useValues } from '../parts/form.js';
import { DoorHead } from '../parts/frame.js';

export default function Setup({ session }) {
  const [token, setToken] = useState(takeToken);
  const [values, bind] = useValues({ login: '', email: '', password: '' });
  const form = useForm(async () => {
    need(values, 'login', 'email', 'password');
    const state = await api('POST', '/setup', { token, ...values }, { anonymous: true }).catch(async (error) => {
      if (error.code !== 'link_over') throw error;
      // It is over because somebody used it, which the page shows by itself, or because the server has printed another.
      await look();
      throw Object.assign(error, { code: 'setup_link_over' });
    });
    // The link stands for a password, never for a second factor.
    if (!state.signed_in) {
      await look();
      navigate('/sign-in', { replace: true });
      return;
    }
    arrived(state);
    navigate('/start', { replace: true });
  });
  useEffect(() => {
    // A newer link, opened in this tab: what was typed stays.
    const renewed = () => {
      const next = takeToken();
      if (!next) return;
      setToken(next);
      form.clear();
    };
    addEventListener('hashchange', renewed);
    return () => removeEventListener('hashchange', renewed);
  }, []);
  if (!session.setup_due) return html`<${DoorHead} title=${t('setup.title')} /><${Done} title=${t('setup.over')} text=${t('setup.over.text')} />`;
  if (!token) return html`<${DoorHead} title=${t('setup.title')} text=${t('setup.no-link')} /><div class="card"><${Notice}><p>${t('setup.no-link.text')}</p></${Notice}></div>`;
  return html`<${DoorHead} title=${t('setup.title')} text=${t('setup.text')} />
    <div class="card"><form class="stack" onSubmit=${form.onSubmit} novalidate>
      <${Input} label=${t('login')} ...${bind('login')} autocomplete="username" autocapitalize="off" spellcheck=${false} error=${form.fieldError('login')} />
      <${Input} label=${t('email')} type="email" ...${bind('email')} autocomplete="email" error=${form.fieldError('email')} />
      <${Password} label=${t('password')} hint=${t('password.hint')} ...${bind('password')} autocomplete="new-password" error=${form.fieldError('password')} />
      ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <${Button} type="submit" kind="main" busy=${form.busy}>${t('setup.do')}</${Button}></form></div>`;
}
