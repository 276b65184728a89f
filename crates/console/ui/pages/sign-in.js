// The sign-in page.
import { html } from '../lib/dom.js';
import { arrived } from '../lib/session.js';
import { navigate, useRoute } from '../lib/router.js';
import { t } from '../lib/text.js';
import { DoorHead } from '../parts/frame.js';
import { useSignIn } from '../parts/sign-in.js';

/** Only a path of this console: nobody is sent elsewhere after signing in. */
const inside = (to) => (to && /^\/(?![/\\])/.test(to) ? to : '/');

export default function SignIn({ session }) {
  const { query } = useRoute();
  const signIn = useSignIn({ done: (state) => { arrived(state); navigate(inside(query.get('to')), { replace: true }); } });
  const register = session.sites?.some((s) => s.register);
  return html`<${DoorHead} title=${t(signIn.second ? 'second.title' : 'sign-in.title')} />
    <div class="card">${signIn.view()}</div>
    ${!signIn.second && html`<nav class="door-links" aria-label=${t('sign-in.other')}><a href="/forgot">${t('forgot.link')}</a>${register && html`<a href="/register">${t('register.link')}</a>`}</nav>`}`;
}
