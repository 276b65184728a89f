// The second factor: turned on with a QR code and a first right code, recovery codes shown once, turned off again.
import { html, useState } from '../lib/dom.js';
import { del, post } from '../lib/api.js';
import { look } from '../lib/session.js';
import { t } from '../lib/text.js';
import { Badge, Button, Card, Copy, CopyField, errorText, Notice } from './basic.js';
import { confirm, FormDialog } from './dialog.js';
import { Input, need, useForm, useValues } from './form.js';
import { Once } from './once.js';
import { toast } from './toast.js';

export function SecondFactor({ user }) {
  const [pending, setPending] = useState(null);
  const [codes, setCodes] = useState(null);
  const begin = useForm(async () => setPending(await post('/me/totp')));
  const renew = useForm(async () => {
    if (await confirm({ title: t('codes.new'), text: t('codes.new.text'), action: t('codes.new') })) setCodes((await post('/me/recovery-codes')).recovery_codes);
  });
  const off = useForm(async () => {
    if (!(await confirm({ title: t('totp.off'), text: t('totp.off.text'), action: t('totp.off') }))) return;
    await del('/me/totp');
    await look();
    toast(t('totp.is-off'));
  });
  const error = begin.error ?? renew.error ?? off.error;
  return html`<${Card} id="totp" title=${html`${t('totp')} <${Badge} tone=${user.second_factor ? 'ok' : 'warn'}>${t(user.second_factor ? 'on' : 'off')}</${Badge}>`} intro=${t('totp.text')}>
    ${error && html`<${Notice} tone="danger"><p role="alert">${errorText(error)}</p></${Notice}>`}
    <div class="row">${user.second_factor
      ? html`<${Button} busy=${renew.busy} onClick=${renew.onSubmit}>${t('codes.new')}</${Button}><${Button} busy=${off.busy} onClick=${off.onSubmit}>${t('totp.off')}</${Button}>`
      : html`<${Button} kind="main" icon="shield" busy=${begin.busy} onClick=${begin.onSubmit}>${t('totp.on')}</${Button}>`}</div>
    ${pending && html`<${Enrol} pending=${pending} close=${() => setPending(null)} done=${(list) => { setPending(null); setCodes(list); look().catch(() => {}); }} />`}
    ${codes && html`<${Codes} codes=${codes} close=${() => setCodes(null)} />`}</${Card}>`;
}

function Enrol({ pending, close, done }) {
  const [values, bind] = useValues({ code: '' });
  const submit = async () => {
    need(values, 'code');
    done((await post('/me/totp/confirm', { code: values.code.trim() })).recovery_codes);
  };
  return html`<${FormDialog} title=${t('totp.enrol')} intro=${t('totp.enrol.text')} action=${t('totp.confirm')} submit=${submit} close=${close}>${(form) => html`
    <${Qr} qr=${pending.qr} label=${t('totp.qr')} />
    <details class="more-facts"><summary>${t('totp.manual')}</summary><${CopyField} text=${pending.secret} label=${t('totp.secret')} /></details>
    <${Input} autofocus label=${t('totp.code')} ...${bind('code')} inputmode="numeric" autocomplete="one-time-code" dir="ltr" error=${form.fieldError('code')} />`}</${FormDialog}>`;
}

/** Black on white in both themes: cameras want it so. */
function Qr({ qr, label }) {
  if (!qr) return null;
  return html`<svg class="qr" role="img" aria-label=${label} viewBox=${`-4 -4 ${qr.size + 8} ${qr.size + 8}`} shape-rendering="crispEdges"><rect x="-4" y="-4" width=${qr.size + 8} height=${qr.size + 8} fill="#fff" /><path d=${qr.path} fill="#000" /></svg>`;
}

function Codes({ codes, close }) {
  const text = codes.join('\n');
  const save = (copied) => () => {
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(new Blob([`${text}\n`], { type: 'text/plain' })), download: 'doorward-recovery-codes.txt' });
    link.click();
    copied();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  return html`<${Once} title=${t('codes.title')} done=${t('codes.done')} close=${close}>${(copied) => html`<p>${t('codes.text')}</p>
    <ul class="codes">${codes.map((c) => html`<li key=${c}><code>${c}</code></li>`)}</ul>
    <div class="row"><${Copy} text=${text} copied=${copied}>${t('copy')}</${Copy}><${Button} icon="inbox" onClick=${save(copied)}>${t('codes.save')}</${Button}></div>`}</${Once}>`;
}
