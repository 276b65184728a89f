// The people of a site.
import { html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { PageHead } from '../parts/basic.js';
import { UserList } from '../parts/user-list.js';

export default function Users({ site, session }) {
  return html`<${UserList} site=${site} session=${session} head=${(create) => html`<${PageHead} title=${t('nav.users')} intro=${t('users.intro')} help="console#users">${create}</${PageHead}>`} />`;
}
