// Forms: fields with a label, a hint and an error that belongs to them; a form is busy once, and keeps what was typed.
import { cls, html, useId, useLayoutEffect, useRef, useState } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Cancelled } from '../lib/api.js';
import { useUnsaved } from '../lib/unsaved.js';
import { errorText } from './basic.js';
import { Icon } from './icons.js';

/** `{busy, error, onSubmit, fieldError(name)}`; the first field with an error gets the focus. */
export function useForm(submit) {
  const [state, setState] = useState({ busy: false, error: null });
  const running = useRef(false);
  const sent = useRef(null);
  // With the drawing of the error, not after it: who is typing elsewhere by then is not called back.
  useLayoutEffect(() => {
    if (state.error?.field) sent.current?.querySelector(`[name="${CSS.escape(state.error.field)}"]`)?.focus();
  }, [state.error]);
  const onSubmit = async (event) => {
    event?.preventDefault();
    if (running.current) return;
    sent.current = event?.currentTarget;
    running.current = true;
    setState({ busy: true, error: null });
    try {
      await submit();
      setState({ busy: false, error: null });
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      setState({ busy: false, error: error instanceof Cancelled ? null : error });
    } finally {
      running.current = false;
    }
  };
  const fieldError = (name) => {
    if (state.error?.field !== name) return undefined;
    state.error.shown = true;
    return errorText(state.error);
  };
  return { ...state, onSubmit, fieldError, clear: () => setState({ busy: false, error: null }) };
}

/** State of a form's values: `[values, bind(name), set]`. */
export function useValues(first) {
  const [values, setValues] = useState(first);
  const set = (more) => setValues((v) => ({ ...v, ...(typeof more === 'function' ? more(v) : more) }));
  const bind = (name) => ({ name, value: values[name] ?? '', onInput: (event) => set({ [name]: event.target.value }) });
  return [values, bind, set];
}

/**
 * Values of a form that shows a document, and which document was seen: `{values, bind, set, seen(), saved(data, etag), drop()}`. When the
 * document comes anew, what nobody typed over is shown as it is now; what somebody typed stays, and is saved over nothing they have not
 * seen. `drop` gives up what was typed.
 */
export function useDraft(read, data, etag) {
  const now = JSON.stringify(read(data));
  const [values, bind, set] = useValues(read(data));
  const [dropped, setDropped] = useState(0);
  const base = useRef({ shown: now, etag, dropped });
  const kept = JSON.stringify(values);
  useUnsaved(() => kept !== base.current.shown);
  // With the drawing: what is typed after it is not taken for what was there.
  useLayoutEffect(() => {
    const seen = base.current;
    if (seen.dropped === dropped && now !== seen.shown && kept !== seen.shown && kept !== now) return;
    if (kept !== now && (seen.dropped !== dropped || now !== seen.shown)) set(JSON.parse(now));
    base.current = { shown: now, etag, dropped };
  }, [now, etag, dropped]);
  return {
    values, bind, set,
    seen: () => (base.current.etag ? { 'If-Match': base.current.etag } : {}),
    saved: (row, mark) => {
      base.current = { ...base.current, shown: JSON.stringify(read(row)), etag: mark };
      set((v) => (JSON.stringify(v) === kept ? read(row) : {}));
    },
    drop: () => setDropped((n) => n + 1),
  };
}

/** Values of a form that makes something new: what was typed over the first ones is not lost without a question. */
export function useTyped(values) {
  const now = JSON.stringify(values);
  const first = useRef(now);
  useUnsaved(() => now !== first.current);
}

/** A required value that is missing: refused here, in the words of the server's own refusal. */
export function need(values, ...names) {
  for (const field of names) {
    if (!String(values[field] ?? '').trim()) throw Object.assign(new Error('missing'), { code: 'missing_field', field });
  }
}

/** A label with any control: `children({id, describedby, invalid})`. */
export function Labelled({ label, hint, error, optional, children, class: more }) {
  const id = useId();
  const describedby = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ') || undefined;
  return html`<div class=${cls('field', error && 'bad', more)}>
    <label for=${id}>${label}${optional && html` <span class="quiet">${t('optional')}</span>`}</label>
    ${children({ id, 'aria-describedby': describedby, 'aria-invalid': error ? 'true' : undefined })}
    ${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`}><${Icon} name="warn" size=${16} />${error}</p>`}
  </div>`;
}

export function Input({ label, hint, error, optional, code, class: more, ...rest }) {
  return html`<${Labelled} label=${label} hint=${hint} error=${error} optional=${optional} class=${more}>
    ${(aria) => html`<input ...${aria} ...${rest} class=${cls('input', code && 'code')} dir=${rest.dir ?? 'auto'} />`}</${Labelled}>`;
}

export function Area({ label, hint, error, optional, code, ...rest }) {
  return html`<${Labelled} label=${label} hint=${hint} error=${error} optional=${optional}>
    ${(aria) => html`<textarea ...${aria} rows="4" ...${rest} class=${cls('input', code && 'code')} dir=${code ? 'ltr' : 'auto'} />`}</${Labelled}>`;
}

/** `options`: `[[value, text], …]`. */
export function Select({ label, hint, error, options, value, ...rest }) {
  return html`<${Labelled} label=${label} hint=${hint} error=${error}>
    ${(aria) => html`<select ...${aria} ...${rest} class="input" value=${value}>${options.map(([v, text]) => html`<option key=${v} value=${v} selected=${v === value}>${text}</option>`)}</select>`}</${Labelled}>`;
}

export function Password({ label, ...rest }) {
  const [shown, setShown] = useState(false);
  return html`<${Labelled} label=${label} hint=${rest.hint} error=${rest.error}>
    ${(aria) => html`<div class="with-button"><input ...${aria} ...${rest} hint=${undefined} error=${undefined} class="input" dir="ltr" type=${shown ? 'text' : 'password'} autocapitalize="off" spellcheck=${false} />
      <button type="button" class="button quiet only-icon" aria-pressed=${shown ? 'true' : 'false'} aria-label=${t('password.show')} onClick=${() => setShown(!shown)}><${Icon} name=${shown ? 'hidden' : 'eye'} /></button></div>`}</${Labelled}>`;
}

export function Check({ label, hint, checked, onChange, name, disabled }) {
  const id = useId();
  return html`<div class="check"><input id=${id} type="checkbox" name=${name} checked=${checked} disabled=${disabled} aria-describedby=${hint ? `${id}-hint` : undefined} onChange=${(e) => onChange(e.target.checked)} />
    <div><label for=${id} dir="auto">${label}</label>${hint && html`<p class="hint" id=${`${id}-hint`}>${hint}</p>`}</div></div>`;
}

/** A switch: what it does is done at once. */
export function Switch({ label, checked, onChange, hideLabel }) {
  const id = useId();
  return html`<div class="switch"><input id=${id} type="checkbox" role="switch" checked=${checked} onChange=${(e) => onChange(e.target.checked)} />
    <label for=${id} class=${hideLabel ? 'visually-hidden' : ''}>${label}</label></div>`;
}

/** A choice among few, as buttons side by side. */
export function Choice({ label, name, options, value, onChange }) {
  return html`<fieldset class="choice"><legend>${label}</legend><div class="choice-row">${options.map(([v, text]) => html`<label key=${v} class=${cls('choice-item', v === value && 'on')}>
    <input type="radio" name=${name} value=${v} checked=${v === value} onChange=${() => onChange(v)} /><span>${text}</span></label>`)}</div></fieldset>`;
}

/** A group of tick boxes under one legend. */
export function Group({ legend, hint, children }) {
  return html`<fieldset class="group"><legend>${legend}</legend>${hint && html`<p class="hint">${hint}</p>`}${children}</fieldset>`;
}

/** Lines of a text as a list, and back. */
export const lines = (text) => text.split(/[\n,]/).map((line) => line.trim()).filter(Boolean);
