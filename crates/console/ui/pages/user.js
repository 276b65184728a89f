// One user or service account: who it is, how it signs in, its sessions and tokens.
import { html, useState } from '../lib/dom.js';
import { at, del, patch, post, put } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { navigate } from '../lib/router.js';
import { t } from '../lib/text.js';
import { Time } from '../lib/time.js';
import { Badge, Button, Card, errorText, Facts, Loaded, Notice, PageHead } from '../parts/basic.js';
import { confirm } from '../parts/dialog.js';
import { Input, lines, Select, useDraft, useForm } from '../parts/form.js';
import { Sessions } from '../parts/sessions.js';
import { Stopped } from '../parts/stopped.js';
import { toast } from '../parts/toast.js';
import { Tokens } from '../parts/tokens.js';
import { LevelSelect, OneTime, Status } from '../parts/user-list.js';

export default function User({ site, number, session }) {
  const path = at`/sites/${site}/users/${number}`;
  const from = useData(path);
  const service = from.data?.service;
  const saved = (row, etag) => from.set((d) => ({ ...d, ...row }), etag);
  const list = service ? at`/sites/${site}/services` : at`/sites/${site}/users`;
  return html`<${PageHead} title=${from.data ? from.data.display_name || from.data.login : '…'} help="console#users" back=${{ href: list, text: t(service ? 'nav.services' : 'nav.users') }}>${from.data && html`<${Status} user=${from.data} />`}</${PageHead}>
    <${Loaded} from=${from} lines=${9}>${(user) => (isAbove(user, session) ? html`<${Above} user=${user} />` : html`<div class="sections">
      <${About} user=${user} etag=${from.etag} path=${path} session=${session} saved=${saved} reload=${from.reload} />
      ${!service && html`<${Access} user=${user} etag=${from.etag} path=${path} session=${session} saved=${saved} reload=${from.reload} />`}
      <section aria-labelledby="user-tokens"><h2 id="user-tokens" class="section-title">${t('tokens.title')}</h2><${Tokens} base=${`${path}/tokens`} scopesAt=${service ? at`/sites/${site}/scopes` : null} emptyTitle=${t('tokens.empty.other')} emptyText=${t(service ? 'tokens.empty.user' : 'tokens.empty.person')} /></section>
      ${!service && html`<${Sessions} base=${`${path}/sessions`} login=${user.login} />`}
      <${Standing} user=${user} path=${path} saved=${saved} list=${list} /></div>`)}</${Loaded}>`;
}

/** An administrator looks at whoever is above their level, and at owners; more is not theirs. */
const isAbove = (user, { user: me }) => me.power !== 'owner' && (user.power === 'owner' || (user.level ?? 0) > (me.level ?? 0));

function Above({ user }) {
  return html`<div class="sections"><${Notice}><p>${t(user.power === 'owner' ? 'user.above.owner' : 'user.above')}</p></${Notice}><${Card} id="about" title=${t('profile.about')}>
    <${Facts} rows=${[[t('login'), user.login], [t('display_name'), user.display_name], [t('email'), user.email], [t('roles'), (user.roles ?? []).join(', ')], [t('level'), String(user.level ?? 0)],
      user.power && user.power !== 'none' && [t('power'), t(`power.${user.power}`)], [t('number'), String(user.number)], [t('registered'), html`<${Time} at=${user.registered} />`], user.last_seen && [t('last-seen'), html`<${Time} at=${user.last_seen} />`]]} /></${Card}></div>`;
}

const written = (user) => ({ display_name: user.display_name ?? '', email: user.email ?? '', roles: (user.roles ?? []).join(', '), level: String(user.level ?? 0) });

function About({ user, etag, path, session, saved, reload }) {
  const draft = useDraft(written, user, etag);
  const { values, bind } = draft;
  const form = useForm(async () => {
    const body = { display_name: values.display_name.trim(), email: values.email.trim(), roles: lines(values.roles), level: Number(values.level) };
    const now = await patch(path, body, { headers: draft.seen(), full: true });
    draft.saved(now.data, now.etag);
    saved(now.data, now.etag);
    toast(t('saved'));
  });
  return html`<${Card} id="about" title=${t('profile.about')}><div class="split"><form class="stack" onSubmit=${form.onSubmit} novalidate>
    <div class="fields"><${Input} label=${t('display_name')} ...${bind('display_name')} maxlength="250" error=${form.fieldError('display_name')} /><${Input} label=${t('email')} type="email" ...${bind('email')} error=${form.fieldError('email')} />
    <${Input} label=${t('roles')} hint=${t('roles.hint')} ...${bind('roles')} error=${form.fieldError('roles')} /><${LevelSelect} session=${session} bind=${bind('level')} error=${form.fieldError('level')} /></div>
    <${Stopped} form=${form} draft=${draft} reload=${reload} />
    <div class="row"><${Button} type="submit" kind="main" busy=${form.busy}>${t('save')}</${Button}></div></form>
    <${Facts} rows=${[[t('login'), user.login], [t('number'), String(user.number)], [t('registered'), html`<${Time} at=${user.registered} />`], user.last_seen && [t('last-seen'), html`<${Time} at=${user.last_seen} />`]]} /></div></${Card}>`;
}

const given = (user) => ({ power: user.power ?? 'none' });

function Access({ user, etag, path, session, saved, reload }) {
  const [password, setPassword] = useState(null);
  const reset = (mode) => async () => {
    if (!(await confirm({ title: t(`user.password.${mode}`), text: t(`user.password.${mode}.text`, { name: user.login, email: user.email }), action: t('go-on') }))) return;
    const got = await post(`${path}/password`, { mode });
    if (got?.password) setPassword(got.password); else toast(t('user.password.sent', { email: user.email }));
    reload();
  };
  const once = useForm(reset('one_time'));
  const link = useForm(reset('link'));
  const factor = useForm(async () => {
    if (!(await confirm({ title: t('user.factor.remove'), text: t('user.factor.remove.text', { name: user.login }), action: t('remove') }))) return;
    await del(`${path}/second-factor`);
    toast(t('user.factor.removed'));
    reload();
  });
  const draft = useDraft(given, user, etag);
  const { power } = draft.values;
  const rise = useForm(async () => {
    if (!(await confirm({ title: t('user.power.title'), text: t(`user.power.text.${power}`, { name: user.login }), action: t('go-on') }))) return;
    const now = await put(`${path}/power`, { power: power === 'none' ? null : power }, { headers: draft.seen(), full: true });
    draft.saved(now.data, now.etag);
    saved(now.data, now.etag);
    toast(t('saved'));
  });
  const error = once.error ?? link.error ?? factor.error;
  return html`<${Card} id="access" title=${t('user.access')}>
    ${error && html`<${Notice} tone="danger"><p role="alert">${errorText(error)}</p></${Notice}>`}
    <${Stopped} form=${rise} draft=${draft} reload=${reload} />
    <div class="action-rows"><div class="action-row"><div><p class="strong">${t('password')}</p><p class="quiet small">${t('user.password.hint')}</p></div><div class="row"><${Button} busy=${once.busy} onClick=${once.onSubmit}>${t('user.one-time')}</${Button}>${user.email && html`<${Button} busy=${link.busy} onClick=${link.onSubmit}>${t('user.link')}</${Button}>`}</div></div>
      <div class="action-row"><div><p class="strong">${t('second-factor')}</p><p class="quiet small">${[user.second_factor && t('totp.short'), user.passkeys > 0 && t('passkeys.n', { n: user.passkeys })].filter(Boolean).join(', ') || t('none')}</p></div>${(user.second_factor || user.passkeys > 0) && html`<${Button} busy=${factor.busy} onClick=${factor.onSubmit}>${t('user.factor.remove')}</${Button}>`}</div>
      ${session.user.power === 'owner' && html`<div class="action-row"><div><p class="strong">${t('power')} ${user.power && user.power !== 'none' && html`<${Badge} tone="accent">${t(`power.${user.power}`)}</${Badge}>`}</p><p class="quiet small">${t('user.power.hint')}</p></div>
        <div class="row"><${Select} label=${t('power')} name="power" value=${power} onChange=${(e) => draft.set({ power: e.target.value })} options=${['none', 'admin', 'owner'].map((p) => [p, t(`power.${p}`)])} /><${Button} busy=${rise.busy} disabled=${power === (user.power ?? 'none')} onClick=${rise.onSubmit}>${t('save')}</${Button}></div></div>`}</div>
    ${password && html`<${OneTime} password=${password} name=${user.login} close=${() => setPassword(null)} />`}</${Card}>`;
}

function Standing({ user, path, saved, list }) {
  const change = (status) => async () => {
    if (status !== 'active' && !(await confirm({ title: t(`user.to.${status}`), text: t(`user.to.${status}.text`, { name: user.login }), action: t(`user.to.${status}`), type: status === 'deleted' ? user.login : undefined }))) return;
    const now = await patch(path, { status }, { full: true });
    toast(t(`user.is.${status}`, { name: user.login }));
    if (status === 'deleted') navigate(list); else saved(now.data, now.etag);
  };
  const ban = useForm(change(user.status === 'banned' ? 'active' : 'banned'));
  const remove = useForm(change('deleted'));
  const back = useForm(change('active'));
  const error = ban.error ?? remove.error ?? back.error;
  return html`<${Card} id="standing" tone="danger" title=${t('user.standing')} intro=${t('user.standing.text')}>
    ${error && html`<${Notice} tone="danger"><p role="alert">${errorText(error)}</p></${Notice}>`}
    <div class="row">${user.status === 'deleted' ? html`<${Button} busy=${back.busy} onClick=${back.onSubmit}>${t('user.to.active')}</${Button}>` : html`<${Button} busy=${ban.busy} onClick=${ban.onSubmit}>${t(user.status === 'banned' ? 'user.to.active' : 'user.to.banned')}</${Button}><${Button} kind="danger" icon="trash" busy=${remove.busy} onClick=${remove.onSubmit}>${t('user.to.deleted')}</${Button}>`}</div></${Card}>`;
}
