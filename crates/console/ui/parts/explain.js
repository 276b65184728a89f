// Explain: a request is typed, and each check of it is seen; nothing is spent and nothing is sent on.
import { cls, html } from '../lib/dom.js';
import { at, post } from '../lib/api.js';
import { reasonText, t, useWords } from '../lib/text.js';
import { Badge, Button, Card, errorText, Facts, Notice } from './basic.js';
import { Area, Input, Select, useForm, useValues } from './form.js';
import { Icon } from './icons.js';

const tone = { passes: 'ok', answered: 'info', refused: 'danger', unweighed: 'warn', broken: 'danger' };
const sign = { passed: 'check', refused: 'close', absent: 'info', unweighed: 'info', broken: 'warn' };

export function Explain({ site }) {
  const known = useWords('endpoints');
  const [values, bind, set] = useValues({ method: 'GET', path: '/', headers: '', address: '', body: '', told: null });
  const form = useForm(async () => {
    const headers = values.headers.split('\n').map((line) => /^([^:]+):\s*(.*)$/.exec(line.trim())).filter(Boolean).map(([, name, value]) => [name.trim(), value]);
    set({ told: null });
    set({ told: await post(at`/sites/${site}/explain`, { method: values.method, path: values.path, headers, ...(values.address.trim() && { address: values.address.trim() }), ...(values.body && { body: values.body }) }, { repeat: true }) });
  });
  if (!known) return html`<aside class="aside"></aside>`;
  return html`<aside class="aside" aria-labelledby="explain"><${Card} id="explain" title=${t('explain.title')} intro=${t('explain.text')}>
    <form class="stack" onSubmit=${form.onSubmit} novalidate><div class="pair"><${Select} label=${t('method')} name="method" value=${values.method} onChange=${(e) => set({ method: e.target.value })} options=${['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'].map((m) => [m, m])} />
      <${Input} label=${t('rule.path')} ...${bind('path')} code dir="ltr" autocapitalize="off" spellcheck=${false} error=${form.fieldError('path')} /></div>
      <details class="more-facts"><summary>${t('explain.more')}</summary><div class="stack"><${Area} label=${t('explain.headers')} hint=${t('explain.headers.hint')} ...${bind('headers')} rows="2" code placeholder="Authorization: Bearer …" error=${form.fieldError('headers')} />
        <${Input} label=${t('address')} ...${bind('address')} code dir="ltr" placeholder="203.0.113.9" error=${form.fieldError('address')} />${values.method !== 'GET' && html`<${Area} label=${t('explain.body')} ...${bind('body')} rows="2" code />`}</div></details>
      ${form.error && !form.error.shown && html`<${Notice} tone="danger"><p role="alert">${errorText(form.error)}</p></${Notice}>`}
      <${Button} type="submit" kind="main" busy=${form.busy}>${t('explain.do')}</${Button}></form>
    <div aria-live="polite">${values.told && html`<${Told} told=${values.told} />`}</div></${Card}></aside>`;
}

function Told({ told }) {
  return html`<div class="stack told"><p class="row"><${Badge} tone=${tone[told.outcome]}>${t(`explain.${told.outcome}`)}</${Badge}>${told.reason && html`<code>${told.reason}</code>`}</p>
    ${told.reason && html`<p>${reasonText(told.reason)}</p>`}
    ${told.checks?.length > 0 && html`<ol class="checks-list">${told.checks.map((c, i) => (c.rule ? html`<li key=${i} class="of-rule">${t('explain.rule', { n: c.rule.number, of: c.rule.of === 'site' ? t('explain.of.site') : c.rule.of })} <code>${c.rule.path}</code></li>`
    : html`<li key=${i} class=${cls('of-check', c.result)}><${Icon} name=${sign[c.result] ?? 'info'} size=${16} /><span><span>${t(`check.${c.check}`) === `check.${c.check}` ? c.check : t(`check.${c.check}`)}</span>${c.about && html` <code>${c.about}</code>`} <span class="quiet">${t(`result.${c.result}`)}</span></span></li>`))}</ol>`}
    ${told.upstream && html`<div><p class="strong small">${t('explain.upstream')}</p><p><code>${told.upstream.url}</code></p><${Facts} rows=${Object.entries(told.upstream.told ?? {}).map(([name, value]) => [name, html`<code>${String(value)}</code>`])} /></div>`}
    ${told.answer && html`<details class="more-facts"><summary>${t('explain.answer', { status: told.answer.status })}</summary><pre class="answer" tabindex="0">${Object.entries(told.answer.headers ?? {}).map(([n, v]) => `${n}: ${v}`).join('\n')}\n\n${told.answer.body}</pre></details>`}</div>`;
}
