// What stopped a form of a document that several may edit; where somebody was faster, the way to see what they wrote.
import { html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Button, errorText, Notice } from './basic.js';

/** `draft` as `useDraft` has it: what was typed is given up when the person asks to load anew, not before. */
export function Stopped({ form, draft, reload }) {
  const { error } = form;
  if (!error || error.shown) return null;
  const anew = () => { form.clear(); draft.drop(); reload(); };
  return html`<${Notice} tone="danger"><p role="alert">${errorText(error)}</p>${error.status === 412 && html`<${Button} kind="quiet" onClick=${anew}>${t('reload')}</${Button}>`}</${Notice}>`;
}
