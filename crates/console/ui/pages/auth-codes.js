// Auth codes of Simple JWT Login: shared words that its endpoints can ask for; what they are is seen only when they are made.
import { html, useState } from '../lib/dom.js';
import { at, put } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { t } from '../lib/text.js';
import { Time } from '../lib/time.js';
import { Badge, Button, Card, CopyField, Empty, errorText, LinkButton, Loaded, PageHead } from '../parts/basic.js';
import { confirm, FormDialog } from '../parts/dialog.js';
import { Input, need, useTyped, useValues } from '../parts/form.js';
import { Once } from '../parts/once.js';
import { Table } from '../parts/table.js';
import { toast } from '../parts/toast.js';

export default function AuthCodes({ site }) {
  const path = at`/sites/${site}/auth-codes`;
  const from = useData(path);
  const [open, setOpen] = useState(null);
  const items = from.data?.items ?? [];
  const save = async (next) => {
    await put(path, { items: next.map(({ masked, ...item }) => (item.id ? { id: item.id } : item)) }, { headers: { 'If-Match': from.etag ?? '*' } });
    from.reload();
  };
  const remove = async (row) => {
    if (!(await confirm({ title: t('code.remove'), text: t('code.remove.text', { masked: row.masked }), action: t('remove') }))) return;
    try {
      await save(items.filter((one) => one !== row));
      toast(t('code.removed'));
    } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  };
  const create = html`<${Button} kind="main" icon="plus" onClick=${() => setOpen('new')}>${t('code.new')}</${Button}>`;
  if (from.error?.status === 404) return html`<${PageHead} title=${t('nav.auth-codes')} intro=${t('codes.intro')} help="dialects/simple_jwt_login" />
    <div class="card"><${Empty} icon="ticket" title=${t('codes.no-dialect')} text=${t('codes.no-dialect.text')}><${LinkButton} href=${at`/sites/${site}`}>${t('nav.site')}</${LinkButton}></${Empty}></div>`;
  return html`<${PageHead} title=${t('nav.auth-codes')} intro=${t('codes.intro')} help="dialects/simple_jwt_login">${items.length > 0 && create}</${PageHead}>
    <${Loaded} from=${from}>${(data) => html`<div class="sections">${data.required_for?.length > 0 && html`<${Card} id="required" title=${t('codes.required')}><p class="tags">${data.required_for.map((r) => html`<${Badge} key=${r} tone="accent">${r}</${Badge}>`)}</p></${Card}>`}
      <div class="card flush"><${Table} caption=${t('nav.auth-codes')} from=${{ items }} rowKey=${(c) => c.id} columns=${[
    { title: t('code.one'), kind: 'main', cell: (c) => html`<code>${c.masked}</code>` },
    { title: t('role'), cell: (c) => c.role || html`<span class="quiet">–</span>` },
    { title: t('expires'), cell: (c) => html`<${Time} end at=${c.expires} never=${t('expires.never')} />` },
    { title: t('actions'), kind: 'actions', cell: (c) => html`<${Button} kind="quiet" icon="trash" label=${t('code.remove.of', { masked: c.masked })} onClick=${() => remove(c)} />` }]}
    empty=${html`<${Empty} icon="ticket" title=${t('codes.empty')} text=${t('codes.empty.text')}>${create}</${Empty}>`} /></div></div>`}</${Loaded}>
    ${open === 'new' && html`<${NewCode} close=${() => setOpen(null)} add=${async (item) => { await save([...items, item]); setOpen({ code: item.code }); }} />`}
    ${open?.code && html`<${Once} title=${t('code.made')} done=${t('token.shown.done')} close=${() => setOpen(null)}>${(copied) => html`<p>${t('code.made.text')}</p><${CopyField} text=${open.code} label=${t('code.one')} copied=${copied} />`}</${Once}>`}`;
}

const draw = () => Array.from(crypto.getRandomValues(new Uint8Array(24)), (b) => 'abcdefghijkmnpqrstuvwxyz23456789'[b % 32]).join('');

function NewCode({ close, add }) {
  const [values, bind] = useValues({ code: draw(), role: '', date: '' });
  useTyped(values);
  const submit = async () => {
    need(values, 'code');
    await add({ code: values.code.trim(), role: values.role.trim(), ...(values.date && { expires: `${values.date}T23:59:59Z` }) });
  };
  return html`<${FormDialog} title=${t('code.new')} action=${t('create')} submit=${submit} close=${close}>${(form) => html`
    <${Input} label=${t('code.one')} hint=${t('code.hint.draw')} ...${bind('code')} code dir="ltr" autocomplete="off" error=${form.fieldError('code')} />
    <div class="fields"><${Input} label=${t('role')} optional hint=${t('code.role.hint')} ...${bind('role')} error=${form.fieldError('role')} /><${Input} label=${t('expires.on')} optional type="date" ...${bind('date')} error=${form.fieldError('expires')} /></div>`}</${FormDialog}>`;
}
