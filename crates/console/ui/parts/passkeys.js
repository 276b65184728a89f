// Passkeys: add one on this device, name it, remove it.
import { html, useState } from '../lib/dom.js';
import { del, patch, post } from '../lib/api.js';
import { useList } from '../lib/data.js';
import { register, supported } from '../lib/passkey.js';
import { look } from '../lib/session.js';
import { t } from '../lib/text.js';
import { Time } from '../lib/time.js';
import { Button, Card, Empty, errorText, Notice } from './basic.js';
import { confirm, FormDialog } from './dialog.js';
import { Input, need, useForm, useValues } from './form.js';
import { Menu } from './menu.js';
import { Table } from './table.js';
import { toast } from './toast.js';

export function Passkeys() {
  const from = useList('/me/passkeys', {}, 50);
  const [open, setOpen] = useState(null);
  const add = useForm(async () => {
    const passkey = await register();
    setOpen({ passkey });
  });
  const remove = async (row) => {
    if (!(await confirm({ title: t('passkey.remove'), text: t('passkey.remove.text', { name: row.name }), action: t('remove') }))) return;
    try {
      await del(`/me/passkeys/${encodeURIComponent(row.id)}`);
      from.reload();
      look().catch(() => {});
      toast(t('passkey.removed'));
    } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  };
  const button = supported() && html`<${Button} kind=${from.items?.length ? 'plain' : 'main'} icon="finger" busy=${add.busy} onClick=${add.onSubmit}>${t('passkey.add')}</${Button}>`;
  const columns = [
    { title: t('name'), kind: 'main', cell: (row) => html`<span class="strong" dir="auto">${row.name}</span>` },
    { title: t('created'), cell: (row) => html`<${Time} at=${row.created} />` },
    { title: t('used'), cell: (row) => html`<${Time} at=${row.used} never=${t('used.never')} />` },
    { title: t('actions'), kind: 'actions', cell: (row) => html`<${Menu} label=${t('passkey.actions', { name: row.name })} items=${[{ text: t('rename'), icon: 'edit', onClick: () => setOpen({ row }) }, { text: t('remove'), icon: 'trash', danger: true, onClick: () => remove(row) }]} />` },
  ];
  return html`<${Card} id="passkeys" title=${t('passkeys')} intro=${t('passkeys.text')} actions=${from.items?.length > 0 && button}>
    ${add.error && html`<${Notice} tone="danger"><p role="alert">${errorText(add.error)}</p></${Notice}>`}
    ${!supported() && html`<${Notice}><p>${t('passkey.unsupported')}</p></${Notice}>`}
    <div class="inset"><${Table} caption=${t('passkeys')} columns=${columns} from=${from} empty=${html`<${Empty} icon="finger" title=${t('passkeys.empty')} text=${t('passkeys.empty.text')}>${button}</${Empty}>`} /></div>
    ${open && html`<${Name} ...${open} close=${() => setOpen(null)} late=${from.reload} done=${() => { setOpen(null); from.reload(); look().catch(() => {}); toast(t('saved')); }} />`}</${Card}>`;
}

/** `late`: it was named in another tab meanwhile. */
function Name({ row, passkey, close, late, done }) {
  const [values, bind] = useValues({ name: row?.name ?? guess() });
  const submit = async () => {
    need(values, 'name');
    try {
      if (row) await patch(`/me/passkeys/${encodeURIComponent(row.id)}`, { name: values.name.trim() }, { headers: { 'If-Match': row.etag } });
    } catch (error) {
      if (error.status === 412) late();
      throw error;
    }
    if (!row) await post('/me/passkeys', { name: values.name.trim(), credential: passkey });
    done();
  };
  return html`<${FormDialog} title=${t('passkey.name')} action=${t('save')} submit=${submit} close=${close}>${(form) => html`<${Input} label=${t('name')} hint=${t('passkey.name.hint')} ...${bind('name')} maxlength="64" error=${form.fieldError('name')} />`}</${FormDialog}>`;
}

const guess = () => /Android|iPhone|iPad|Mac|Windows|Linux/.exec(navigator.userAgent)?.[0] ?? t('passkey');
