// The programs of a site: accounts without a password, with tokens made here.
import { html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { PageHead } from '../parts/basic.js';
import { UserList } from '../parts/user-list.js';

export default function Services({ site, session }) {
  return html`<${UserList} service site=${site} session=${session} head=${(create) => html`<${PageHead} title=${t('nav.services')} intro=${t('services.intro')} help="console#service-accounts">${create}</${PageHead}>`} />`;
}
