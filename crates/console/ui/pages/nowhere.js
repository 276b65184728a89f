// No such page.
import { html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Empty, LinkButton, PageHead } from '../parts/basic.js';

export default function Nowhere() {
  return html`<${PageHead} title=${t('nowhere.title')} /><div class="card"><${Empty} title=${t('nowhere.text')}><${LinkButton} kind="main" href="/">${t('home')}</${LinkButton}></${Empty}></div>`;
}
