// The languages of a site, each with its settings.
import { html } from '../lib/dom.js';
import { at } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { dialects } from '../lib/dialects.js';
import { t } from '../lib/text.js';
import { Badge, Loaded, PageHead } from '../parts/basic.js';
import { Icon } from '../parts/icons.js';

export default function Dialects({ site }) {
  const from = useData(at`/sites/${site}`);
  return html`<${PageHead} title=${t('nav.dialects')} intro=${t('dialects.intro')} help="concepts#dialects" />
    <${Loaded} from=${from}>${(data) => html`<div class="picks">${dialects.map((d) => {
    const on = (data.dialects ?? []).find((one) => (one.name ?? one) === d.name);
    const body = html`<span class="strong">${d.title} ${on ? html`<${Badge} tone="ok">${t('on')}</${Badge}>` : html`<${Badge}>${t('off')}</${Badge}>`}</span><span class="quiet small">${t(`dialect.${d.name}`)}</span>`;
    return html`<a key=${d.name} class="pick" href=${on ? at`/sites/${site}/dialects/${d.name}` : at`/sites/${site}`}>${body}<${Icon} name="right" size=${18} /></a>`;
  })}</div>`}</${Loaded}>`;
}
