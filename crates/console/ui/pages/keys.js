// The signing keys of a site: which is used, which still count, a new one.
import { html } from '../lib/dom.js';
import { at, del, post } from '../lib/api.js';
import { useList } from '../lib/data.js';
import { dialectTitle } from '../lib/dialects.js';
import { t } from '../lib/text.js';
import { Time } from '../lib/time.js';
import { Badge, Button, Empty, errorText, LinkButton, PageHead } from '../parts/basic.js';
import { confirm } from '../parts/dialog.js';
import { Table } from '../parts/table.js';
import { toast } from '../parts/toast.js';

export default function Keys({ site }) {
  const base = at`/sites/${site}/keys`;
  const from = useList(base, {}, 100);
  const act = async (question, run, done) => {
    if (!(await confirm(question))) return;
    try {
      await run();
      from.reload();
      toast(done);
    } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  };
  const rotate = (row) => act({ title: t('key.rotate'), text: t('key.rotate.text', { dialect: dialectTitle(row.dialect) }), action: t('key.rotate') }, () => post(`${base}/${row.dialect}/rotate`), t('key.rotated'));
  const remove = (row) => act({ title: t('key.remove'), text: t('key.remove.text', { kid: row.kid }), action: t('remove') }, () => del(`${base}/${row.dialect}/${encodeURIComponent(row.kid)}`), t('key.removed'));
  return html`<${PageHead} title=${t('nav.keys')} intro=${t('keys.intro')} help="console#keys" />
    <div class="card flush"><${Table} caption=${t('nav.keys')} from=${from} rowKey=${(k) => `${k.dialect}/${k.kid}`} columns=${[
    { title: t('dialect.one'), kind: 'main', cell: (k) => html`<span class="strong">${dialectTitle(k.dialect)}</span><span class="sub"><code>${k.kid}</code></span>` },
    { title: t('token.state'), cell: (k) => html`<${Badge} tone=${k.state === 'current' ? 'ok' : 'plain'}>${t(`key.${k.state}`)}</${Badge}>` },
    { title: t('key.algorithm'), cell: (k) => html`<code>${k.algorithm}</code>` },
    { title: t('created'), cell: (k) => html`<${Time} at=${k.created} never="–" />` },
    { title: t('key.until'), cell: (k) => (k.tokens_until ? html`<${Time} end at=${k.tokens_until} />` : k.tokens_endless ? t('key.endless') : html`<span class="quiet">–</span>`) },
    { title: t('actions'), kind: 'actions', cell: (k) => (k.in_settings ? html`<span class="quiet small">${t('key.in-settings')}</span>` : k.state === 'current' ? html`<${Button} kind="quiet" icon="roll" onClick=${() => rotate(k)} aria-label=${t('key.rotate.of', { dialect: dialectTitle(k.dialect) })}>${t('key.rotate.short')}</${Button}>` : html`<${Button} kind="quiet" icon="trash" onClick=${() => remove(k)} aria-label=${t('key.remove.of', { kid: k.kid })}>${t('remove')}</${Button}>`) }]}
    empty=${html`<${Empty} icon="key" title=${t('keys.empty')} text=${t('keys.empty.text')}><${LinkButton} href=${at`/sites/${site}`}>${t('nav.site')}</${LinkButton}></${Empty}>`} /></div>`;
}
