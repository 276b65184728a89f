// The door's pages that end with a word: what was done, and where to go on.
import { html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { LinkButton } from './basic.js';
import { Icon } from './icons.js';

export function Done({ icon = 'check', title, text, href = '/sign-in', action = t('sign-in') }) {
  return html`<div class="card empty" role="status"><span class="empty-icon"><${Icon} name=${icon} size=${28} /></span><p class="empty-title">${title}</p>
    <p class="quiet">${text}</p><div class="row center"><${LinkButton} kind="main" href=${href}>${action}</${LinkButton}></div></div>`;
}

/** The secret of a link out of a mail: after the `#`, so that no server log sees it; read once, then taken out of the address. */
export function takeToken() {
  const token = decodeURIComponent(location.hash.slice(1));
  if (token) history.replaceState(history.state, '', location.pathname);
  return token;
}
