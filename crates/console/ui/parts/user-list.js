// Users or service accounts of a site: searched, filtered, made.
import { html, useEffect, useState } from '../lib/dom.js';
import { at, post } from '../lib/api.js';
import { useData, useLate, useList } from '../lib/data.js';
import { navigate, setQuery, useRoute } from '../lib/router.js';
import { t } from '../lib/text.js';
import { Time } from '../lib/time.js';
import { Badge, Button, CopyField, Empty } from './basic.js';
import { FormDialog } from './dialog.js';
import { Choice, Input, lines, need, Select, useTyped, useValues } from './form.js';
import { Avatar } from './frame.js';
import { Once } from './once.js';
import { Table } from './table.js';

const tones = { active: 'ok', banned: 'warn', deleted: 'plain' };
export const Status = ({ user }) => html`<${Badge} tone=${tones[user.status]}>${t(`status.${user.status}`)}</${Badge}>`;

export function UserList({ site, service = false, session, head }) {
  const { query } = useRoute();
  const [f, setF] = useState({ q: query.get('q') ?? '', role: query.get('role') ?? '', status: query.get('status') ?? '' });
  const late = useLate(f);
  useEffect(() => setQuery(late), [late]);
  const roles = useData(at`/sites/${site}/roles`);
  const from = useList(at`/sites/${site}/users`, { q: late.q.trim(), role: late.role, status: late.status, service }, 50);
  const [open, setOpen] = useState(null);
  const base = service ? at`/sites/${site}/services` : at`/sites/${site}/users`;
  const set = (name) => (event) => setF((v) => ({ ...v, [name]: event.target.value }));
  const filtered = f.q || f.role || f.status;
  const create = html`<${Button} kind="main" icon="plus" onClick=${() => setOpen({})}>${t(service ? 'service.new' : 'user.new')}</${Button}>`;
  const columns = [
    { title: t('name'), kind: 'main who', cell: (u) => html`<span class="person"><${Avatar} user=${u} /><span class="grow"><a class="row-link" href=${`${base}/${u.number}`} dir="auto">${u.display_name || u.login}</a><span class="sub" dir="auto">${[u.login, u.email].filter(Boolean).join(' · ')}</span></span></span>` },
    { title: t('status'), cell: (u) => html`<span class="tags"><${Status} user=${u} />${u.power && u.power !== 'none' && html`<${Badge} tone="accent">${t(`power.${u.power}`)}</${Badge}>`}</span>` },
    { title: t('roles'), kind: 'words', cell: (u) => html`<span class="tags">${u.roles?.length ? u.roles.slice(0, 3).map((r) => html`<${Badge} key=${r}>${r}</${Badge}>`) : html`<span class="quiet">–</span>`}${u.roles?.length > 3 && html`<${Badge}>+${u.roles.length - 3}</${Badge}>`}</span>` },
    { title: t('level'), kind: 'number', cell: (u) => u.level ?? 0 },
    !service && { title: t('second-factor'), kind: 'extra', cell: (u) => html`<span class=${u.second_factor || u.passkeys ? '' : 'quiet'}>${[u.second_factor && t('totp.short'), u.passkeys > 0 && t('passkeys.n', { n: u.passkeys })].filter(Boolean).join(', ') || t('none')}</span>` },
    { title: t('last-seen'), kind: 'near', cell: (u) => html`<${Time} at=${u.last_seen} never="–" />` },
  ].filter(Boolean);
  return html`${head(create)}
    <form class="filter-bar" role="search" onSubmit=${(e) => e.preventDefault()}><${Input} label=${t('search')} type="search" name="q" value=${f.q} onInput=${set('q')} placeholder=${t('users.search')} autocomplete="off" />
      <${Select} label=${t('role')} name="role" value=${f.role} onChange=${set('role')} options=${[['', t('all')], ...(roles.data?.items ?? []).map((r) => [r.name, r.name])]} />
      <${Select} label=${t('status')} name="status" value=${f.status} onChange=${set('status')} options=${[['', t('all')], ...['active', 'banned', 'deleted'].map((s) => [s, t(`status.${s}`)])]} /></form>
    <div class="card flush"><${Table} caption=${t(service ? 'nav.services' : 'nav.users')} from=${from} columns=${columns} rowKey=${(u) => u.number} rowClass=${(u) => (u.status === 'deleted' ? 'faded' : '')}
      empty=${filtered ? html`<${Empty} icon="search" title=${t('users.none')} text=${t('users.none.text')}><${Button} onClick=${() => setF({ q: '', role: '', status: '' })}>${t('filters.clear')}</${Button}></${Empty}>`
        : html`<${Empty} icon=${service ? 'robot' : 'users'} title=${t(service ? 'services.empty' : 'users.empty')} text=${t(service ? 'services.empty.text' : 'users.empty.text')}>${create}</${Empty}>`} /></div>
    ${open && !open.made && html`<${NewUser} site=${site} service=${service} session=${session} close=${() => setOpen(null)} made=${(user) => (user.password ? setOpen({ made: user }) : navigate(`${base}/${user.number}`))} />`}
    ${open?.made && html`<${OneTime} password=${open.made.password} name=${open.made.login} close=${() => navigate(`${base}/${open.made.number}`)} />`}`;
}

/** A password that is seen once. */
export function OneTime({ password, name, close }) {
  return html`<${Once} title=${t('one-time.title')} done=${t('token.shown.done')} close=${close}>${(copied) => html`<p>${t('one-time.text', { name })}</p><${CopyField} text=${password} label=${t('password')} copied=${copied} />`}</${Once}>`;
}

function NewUser({ site, service, session, close, made }) {
  const [values, bind, set] = useValues({ login: '', email: '', display_name: '', roles: '', level: '0', mode: 'one_time' });
  useTyped(values);
  const submit = async () => {
    need(values, 'login');
    if (!service && values.mode === 'link') need(values, 'email');
    made(await post(at`/sites/${site}/users`, { login: values.login.trim(), email: values.email.trim(), display_name: values.display_name.trim(), roles: lines(values.roles), level: Number(values.level), service, ...(!service && { mode: values.mode }) }));
  };
  return html`<${FormDialog} title=${t(service ? 'service.new' : 'user.new')} intro=${service ? t('service.new.text') : undefined} action=${t('create')} submit=${submit} close=${close}>${(form) => html`
    <div class="fields"><${Input} label=${t('login')} ...${bind('login')} autocapitalize="off" autocomplete="off" spellcheck=${false} error=${form.fieldError('login')} />
    <${Input} label=${t('email')} optional=${service || values.mode !== 'link'} type="email" ...${bind('email')} autocomplete="off" error=${form.fieldError('email')} /></div>
    <${Input} label=${t('display_name')} optional ...${bind('display_name')} autocomplete="off" error=${form.fieldError('display_name')} />
    <div class="fields"><${Input} label=${t('roles')} optional hint=${t('roles.hint')} ...${bind('roles')} autocomplete="off" error=${form.fieldError('roles')} />
    <${LevelSelect} session=${session} bind=${bind('level')} error=${form.fieldError('level')} /></div>
    ${!service && html`<${Choice} label=${t('user.first-password')} name="mode" value=${values.mode} onChange=${(mode) => set({ mode })} options=${[['one_time', t('user.one-time')], ['link', t('user.link')]]} />`}`}</${FormDialog}>`;
}

/** Levels up to one's own. */
export function LevelSelect({ session, bind, error }) {
  const most = session.user.power === 'owner' ? 10 : session.user.level ?? 0;
  return html`<${Select} label=${t('level')} hint=${t('level.hint')} name="level" value=${String(bind.value)} onChange=${bind.onInput} error=${error} options=${Array.from({ length: most + 1 }, (_, n) => [String(n), String(n)])} />`;
}
