// A page that is for others: whom it is for, and nothing of it.
import { html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Empty, LinkButton, PageHead } from './basic.js';

/** `whom` as the routes have it. */
export function NotFor({ whom, site, user }) {
  const title = whom === 'owner' ? t('for.owner') : whom === 'admin' ? t('for.admin') : t('for.site', { site });
  return html`<${PageHead} title=${title} /><div class="card"><${Empty} icon="shield" title=${t('for.you', { login: user.login, site: user.site })} text=${t('for.text')}><${LinkButton} kind="main" href="/">${t('home')}</${LinkButton}></${Empty}></div>`;
}
