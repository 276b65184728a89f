// Dialogs: the browser's own modal, which traps the focus and gives it back; Escape closes, a click beside it does not.
import { cls, html, useId, useLayoutEffect, useRef, useState, store, useStore } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Button, errorText } from './basic.js';
import { Icon } from './icons.js';
import { useForm } from './form.js';
import { asksBy } from '../lib/unsaved.js';

export function Dialog({ title, close, wide, cover, children }) {
  const box = useRef(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = box.current;
    const before = document.activeElement;
    dialog.showModal();
    (dialog.querySelector('[autofocus]') ?? dialog.querySelector('input:not([type=hidden]),select,textarea') ?? dialog.querySelector('h2'))?.focus();
    return () => {
      dialog.close();
      if (before?.isConnected) before.focus();
      else document.querySelector('h1')?.focus();
    };
  }, []);
  const cancel = (event) => {
    event.preventDefault();
    if (event.target === box.current) close?.();
  };
  // The browser closes it without asking when Escape is pressed again and again: what is drawn is open.
  const closed = () => { if (box.current?.isConnected && !box.current.open) box.current.showModal(); };
  return html`<dialog ref=${box} class=${cls('dialog', wide && 'wide', cover && 'cover')} aria-labelledby=${id} onCancel=${cancel} onClose=${closed}>
    <div class="dialog-head"><h2 id=${id} tabindex="-1" dir="auto">${title}</h2>
      ${close && html`<button type="button" class="button quiet only-icon" aria-label=${t('close')} onClick=${close}><${Icon} name="close" /></button>`}</div>
    ${children}</dialog>`;
}

/** A form in a dialog: `submit` is asked with nothing and closes the dialog when it is done. */
export function FormDialog({ title, intro, action, kind = 'main', submit, close, wide, children, disabled }) {
  const form = useForm(submit);
  return html`<${Dialog} title=${title} close=${close} wide=${wide}><form class="stack" onSubmit=${form.onSubmit} novalidate>
    ${intro && html`<p>${intro}</p>`}
    ${typeof children === 'function' ? children(form) : children}
    ${form.error && !form.error.shown && html`<div class="notice danger" role="alert"><${Icon} name="warn" /><div><p>${errorText(form.error)}</p></div></div>`}
    <div class="row end"><${Button} onClick=${close}>${t('cancel')}</${Button}><${Button} type="submit" kind=${kind} busy=${form.busy} disabled=${disabled}>${action}</${Button}></div>
  </form></${Dialog}>`;
}

const confirming = store(null);
/** Asks before something that cannot be undone; resolves to true or false. `type` must be typed first. */
export const confirm = (question) => new Promise((answer) => confirming.set({ ...question, answer }));

asksBy(() => confirm({ title: t('unsaved.title'), text: t('unsaved.text'), action: t('unsaved.discard'), stay: t('unsaved.stay') }));

export function Confirms() {
  const asked = useStore(confirming);
  if (!asked) return null;
  const end = (value) => { confirming.set(null); asked.answer(value); };
  return html`<${Confirm} key=${asked.title} asked=${asked} end=${end} />`;
}

function Confirm({ asked, end }) {
  const [typed, setTyped] = useState('');
  const id = useId();
  const ready = !asked.type || typed === asked.type;
  const submit = (event) => { event.preventDefault(); if (ready) end(true); };
  return html`<${Dialog} title=${asked.title} close=${() => end(false)}><form class="stack" onSubmit=${submit}>
    <p dir="auto">${asked.text}</p>
    ${asked.type && html`<div class="field"><label for=${id}>${t('confirm.type', { text: asked.type })}</label>
      <input id=${id} class="input" autocomplete="off" value=${typed} onInput=${(e) => setTyped(e.target.value)} /></div>`}
    <div class="row end"><${Button} autofocus=${!asked.type} onClick=${() => end(false)}>${asked.stay ?? t('cancel')}</${Button}>
      <${Button} type="submit" kind="danger" disabled=${!ready}>${asked.action}</${Button}></div></form></${Dialog}>`;
}
