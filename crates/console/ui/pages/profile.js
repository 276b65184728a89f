// Settings → Profile: name, address, e-mail, and WNCMS's own token.
import { html, useState } from '../lib/dom.js';
import { del, patch, post } from '../lib/api.js';
import { useData } from '../lib/data.js';
import { look } from '../lib/session.js';
import { t } from '../lib/text.js';
import { Badge, Button, Card, CopyField, errorText, Facts, Loaded, Notice, PageHead } from '../parts/basic.js';
import { confirm } from '../parts/dialog.js';
import { Input, need, useDraft, useForm, useValues } from '../parts/form.js';
import { Once } from '../parts/once.js';
import { Stopped } from '../parts/stopped.js';
import { toast } from '../parts/toast.js';

export default function Profile({ session }) {
  const me = useData('/me');
  return html`<${PageHead} title=${t('profile.title')} intro=${t('profile.intro')} help="console#profile" />
    <${Loaded} from=${me} lines=${8}>${(data) => html`<div class="sections"><${About} key=${`${data.number}`} me=${data} etag=${me.etag} reload=${me.reload} saved=${(row, etag) => me.set((d) => ({ ...d, ...row }), etag)} /><${Email} me=${data} /><${Wncms} me=${data} reload=${me.reload} /><${Account} me=${data} session=${session} /></div>`}</${Loaded}>`;
}

const written = ({ display_name, url, avatar }) => ({ display_name: display_name ?? '', url: url ?? '', avatar: avatar ?? '' });

function About({ me, etag, reload, saved }) {
  const draft = useDraft(written, me, etag);
  const { values, bind } = draft;
  const form = useForm(async () => {
    const now = await patch('/me', values, { headers: draft.seen(), full: true });
    draft.saved(now.data, now.etag);
    saved(now.data, now.etag);
    toast(t('saved'));
    await look();
  });
  return html`<${Card} id="about" title=${t('profile.about')}><form class="stack narrow" onSubmit=${form.onSubmit} novalidate>
    <${Input} label=${t('display_name')} hint=${t('display_name.hint')} ...${bind('display_name')} autocomplete="name" maxlength="250" error=${form.fieldError('display_name')} />
    <${Input} label=${t('url')} optional type="url" ...${bind('url')} dir="ltr" autocomplete="url" error=${form.fieldError('url')} />
    <${Input} label=${t('avatar')} optional hint=${t('avatar.hint')} type="url" ...${bind('avatar')} dir="ltr" error=${form.fieldError('avatar')} />
    <${Stopped} form=${form} draft=${draft} reload=${reload} />
    <div class="row"><${Button} type="submit" kind="main" busy=${form.busy}>${t('save')}</${Button}></div></form></${Card}>`;
}

function Email({ me }) {
  const [values, bind] = useValues({ email: '' });
  const [sent, setSent] = useState('');
  const form = useForm(async () => {
    need(values, 'email');
    await post('/me/email', { email: values.email.trim() });
    setSent(values.email.trim());
  });
  return html`<${Card} id="email" title=${t('email')} intro=${t(me.change_email === 'on' ? 'email.text' : 'email.is', { email: me.email || '–' })}>
    ${me.change_email !== 'on' ? html`<p class="quiet">${t(me.change_email === 'no_mail' ? 'email.no-mail' : 'email.off')}</p>` : sent ? html`<${Notice} tone="ok" icon="mail"><p role="status">${t('email.sent', { email: sent })}</p></${Notice}>` : html`<form class="stack narrow" onSubmit=${form.onSubmit} novalidate>
    <${Input} label=${t('email.new')} type="email" ...${bind('email')} autocomplete="email" error=${form.fieldError('email')} />
    ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
    <div class="row"><${Button} type="submit" busy=${form.busy}>${t('email.change')}</${Button}></div></form>`}</${Card}>`;
}

/** As WNCMS's own profile page has it: one token per person, made anew at a press. */
function Wncms({ me, reload }) {
  const [token, setToken] = useState(null);
  const make = useForm(async () => {
    if (me.wncms_token && !(await confirm({ title: t('wncms.again'), text: t('wncms.again.text'), action: t('wncms.again') }))) return;
    setToken((await post('/me/wncms-token')).token);
    reload();
  });
  const drop = useForm(async () => {
    if (!(await confirm({ title: t('wncms.remove'), text: t('wncms.remove.text'), action: t('remove') }))) return;
    await del('/me/wncms-token');
    reload();
    toast(t('wncms.removed'));
  });
  if (me.wncms_token === null || me.wncms_token === undefined) return null;
  const error = make.error ?? drop.error;
  return html`<${Card} id="wncms" title=${html`${t('wncms.title')} ${me.wncms_token && html`<${Badge} tone="ok">${t('on')}</${Badge}>`}`} intro=${t('wncms.text')}>
    ${error && html`<${Notice} tone="danger"><p role="alert">${errorText(error)}</p></${Notice}>`}
    <div class="row"><${Button} icon="key" busy=${make.busy} onClick=${make.onSubmit}>${t(me.wncms_token ? 'wncms.again' : 'wncms.make')}</${Button}>
      ${me.wncms_token && html`<${Button} kind="quiet" busy=${drop.busy} onClick=${drop.onSubmit}>${t('remove')}</${Button}>`}</div>
    ${token && html`<${Once} title=${t('token.shown.title')} done=${t('token.shown.done')} close=${() => setToken(null)}>${(copied) => html`<p>${t('token.shown.text')}</p><${CopyField} text=${token} label=${t('token')} copied=${copied} />`}</${Once}>`}</${Card}>`;
}

function Account({ me, session }) {
  const power = session.user.power;
  return html`<${Card} id="account" title=${t('account')}><${Facts} rows=${[[t('login'), me.login], [t('site'), me.site ?? session.user.site], [t('number'), String(me.number)], [t('roles'), me.roles?.join(', ') || '–'], [t('level'), String(me.level ?? 0)], power && power !== 'none' && [t('power'), t(`power.${power}`)]]} /></${Card}>`;
}
