// Small parts of every page: buttons, badges, headings, and the four states (empty, broken, loading, help).
import { cls, html, useLayoutEffect, useRef, useState } from '../lib/dom.js';
import { arrivedAt } from '../lib/router.js';
import { reasonText, serverText, t } from '../lib/text.js';
import { Cancelled } from '../lib/api.js';
import { Icon } from './icons.js';
import { toast } from './toast.js';

/** `kind`: main, plain (default), quiet, danger. While `busy` it stays in place and cannot be pressed twice. */
export function Button({ kind = 'plain', icon, busy, label, children, class: more, ...rest }) {
  const press = rest.onClick && ((event) => { if (!busy) rest.onClick(event); });
  return html`<button type="button" ...${rest} class=${cls('button', kind, !children && 'only-icon', more)} onClick=${press}
    aria-busy=${busy ? 'true' : undefined} aria-disabled=${busy ? 'true' : undefined} aria-label=${label ?? rest['aria-label']} title=${children ? undefined : label}>
    ${icon && html`<${Icon} name=${icon} size=${18} />`}${children && html`<span>${children}</span>`}</button>`;
}

/** A link that looks like a button. */
export function LinkButton({ kind = 'plain', icon, href, children, ...rest }) {
  return html`<a ...${rest} class=${cls('button', kind)} href=${href}>${icon && html`<${Icon} name=${icon} size=${18} />`}<span>${children}</span></a>`;
}

export function Badge({ tone = 'plain', children }) {
  return html`<span class=${cls('badge', tone)}>${children}</span>`;
}

/** The link to a page of the documents. */
export function Help({ page }) {
  return html`<a class="help" href=${`/help/${page}`} target="_blank" rel="noopener"><${Icon} name="help" size=${18} /><span>${t('help')}</span></a>`;
}

/** The head of a page: its one `h1` (which gets the focus when the page is new), what it is for, help and actions. */
export function PageHead({ title, intro, help, children, back }) {
  const heading = useRef(null);
  useLayoutEffect(() => arrivedAt(heading.current, `${title} · Doorward`), [title]);
  return html`<header class="page-head">
    ${back && html`<a class="back" href=${back.href}><span class="flip"><${Icon} name="right" size=${16} /></span>${back.text}</a>`}
    <div class="page-title"><h1 ref=${heading} tabindex="-1" dir="auto">${title}</h1>
      <div class="page-actions">${children}${help && html`<${Help} page=${help} />`}</div></div>
    ${intro && html`<p class="intro">${intro}</p>`}
  </header>`;
}

export function Card({ title, intro, actions, children, tone, id }) {
  return html`<section class=${cls('card', tone)} aria-labelledby=${title ? id : undefined}>
    ${(title || actions) && html`<div class="card-head"><div>${title && html`<h2 id=${id}>${title}</h2>`}${intro && html`<p class="quiet">${intro}</p>`}</div>
      ${actions && html`<div class="row">${actions}</div>`}</div>`}
    ${children}</section>`;
}

/** Nothing is here yet, and what to do about it. */
export function Empty({ icon = 'door', title, text, children }) {
  return html`<div class="empty"><span class="empty-icon"><${Icon} name=${icon} size=${28} /></span><p class="empty-title">${title}</p>
    ${text && html`<p class="quiet">${text}</p>`}${children && html`<div class="row center">${children}</div>`}</div>`;
}

/** What went wrong, in words, with the code for those who ask for help. */
export function errorText(error) {
  if (error instanceof Cancelled) return t('error.cancelled');
  const values = { field: error.field ?? '', n: error.retryAfter ?? 0, message: serverText(error.message ?? ''), ...error.values };
  // The server's own words are for who asks it without these pages: they say no more than the field where they only name it.
  const bare = /^`[^`]*` cannot be used$/.test(error.message ?? '');
  for (const key of [`error.${error.code}.${error.field}`, bare && `error.${error.code}.bare`, `error.${error.code}`].filter(Boolean)) {
    const text = t(key, values);
    if (text !== key) return text;
  }
  const reason = reasonText(error.code);
  return reason === error.code || !reason ? t('error.other', { message: values.message || error.code || '?' }) : reason;
}

/** A no that stays one is not tried again. */
export function Failed({ error, retry }) {
  return html`<div class="notice danger" role="alert"><${Icon} name="warn" /><div><p>${errorText(error)}</p>
    ${retry && error.status !== 403 && html`<${Button} kind="quiet" icon="roll" onClick=${retry}>${t('retry')}</${Button}>`}</div></div>`;
}

export function Notice({ tone = 'info', icon, children }) {
  return html`<div class=${cls('notice', tone)}><${Icon} name=${icon ?? (tone === 'info' ? 'info' : 'warn')} /><div>${children}</div></div>`;
}

/** Grey lines where something will be; said once to screen readers. */
export function Skeleton({ lines = 4 }) {
  return html`<div class="skeleton" role="status"><span class="visually-hidden">${t('loading')}</span>
    ${Array.from({ length: lines }, (_, i) => html`<span key=${i} class="bone" aria-hidden="true"></span>`)}</div>`;
}

/** A thing of `useData`: skeleton, error, or what `children(data)` draws. */
export function Loaded({ from, lines, children }) {
  if (from.error) return html`<${Failed} error=${from.error} retry=${from.reload} />`;
  if (from.data === null || from.data === undefined) return html`<${Skeleton} lines=${lines} />`;
  return children(from.data);
}

/** Copies a text and says so; `copied` is called then. */
export function Copy({ text, label, kind = 'plain', copied, children }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      copied?.();
      setTimeout(() => setDone(false), 2500);
      toast(t('copied'));
    } catch { toast(t('copy.failed'), { tone: 'danger' }); }
  };
  return html`<${Button} kind=${kind} icon=${done ? 'check' : 'copy'} label=${children ? undefined : label ?? t('copy')} onClick=${copy}>${children}</${Button}>`;
}

/** A text that is copied whole: a token, a command. */
export function CopyField({ text, label, block, copied }) {
  return html`<div class=${cls('copy-field', block && 'block')}><code tabindex="0" role="textbox" aria-readonly="true" aria-label=${label}>${text}</code>
    <${Copy} text=${text} label=${`${t('copy')}: ${label}`} copied=${copied} /></div>`;
}

/** The rows of terms and what they are. */
export function Facts({ rows }) {
  return html`<dl class="facts">${rows.filter(Boolean).map(([term, value]) => html`<div key=${term}><dt>${term}</dt><dd dir="auto">${value || html`<span class="quiet">–</span>`}</dd></div>`)}</dl>`;
}
