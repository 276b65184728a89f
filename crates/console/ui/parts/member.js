// One member of a dialect's settings: its field, what its text means, and where it stands in the document.
import { html } from '../lib/dom.js';
import { has, t } from '../lib/text.js';
import { errorText } from './basic.js';
import { Area, Input, lines, Select } from './form.js';

/** The value at a path; undefined if there is none. */
export const pick = (object, path) => path.split('.').reduce((value, part) => (value === null || typeof value !== 'object' ? undefined : value[part]), object);
export function withPut(object, path, value) {
  const [name, ...rest] = path.split('.');
  const inner = object !== null && typeof object === 'object' && !Array.isArray(object) ? object : {};
  return { ...inner, [name]: rest.length ? withPut(inner[name], rest.join('.'), value) : value };
}
/** Without the value at a path, and without the objects that are empty then. */
export function without(object, path) {
  const [name, ...rest] = path.split('.');
  if (object === null || typeof object !== 'object' || !(name in object)) return object;
  const { [name]: inner, ...others } = object;
  const left = rest.length ? without(inner, rest.join('.')) : undefined;
  return left === undefined || (typeof left === 'object' && left !== null && !Object.keys(left).length) ? others : { ...others, [name]: left };
}
/** The paths of all values that are no objects. */
export const leaves = (value, path = '') => (value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.entries(value).flatMap(([name, one]) => leaves(one, path ? `${path}.${name}` : name)) : [path]);

/** The words of a key, or what it is called in the document. */
export const words = (key, or, values) => (has(key) ? t(key, values) : or);

const isSwitch = (m) => m.kind === 'switch' || m.kind === 'row';
const isOn = (value) => (typeof value === 'string' ? !['', '0', 'false', 'off', 'no'].includes(value.trim().toLowerCase()) : !!value);
const fits = (m, value) => value === undefined || value === null || (Array.isArray(value) ? m.kind === 'list' : typeof value !== 'object');

/** A stored value as the text of its field; nothing = its default holds. */
export function textOf(m, value) {
  if (value === undefined || value === null) return '';
  if (!fits(m, value)) return JSON.stringify(value);
  if (isSwitch(m)) return isOn(value) ? 'on' : 'off';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

/** A text as it is stored: in the kind that stood there before. */
export function valueOf(m, text, before) {
  if (!fits(m, before)) return JSON.parse(text);
  if (isSwitch(m)) {
    const on = text === 'on';
    const asText = typeof before === 'string' || (m.kind === 'row' && typeof before !== 'boolean' && typeof before !== 'number');
    return asText ? (on ? '1' : '0') : typeof before === 'number' ? Number(on) : on;
  }
  if (m.kind === 'list') return lines(text);
  if (m.kind === 'number' || m.kind === 'choice') return typeof before === 'number' || (m.kind === 'number' && typeof before !== 'string') ? Number(text) : text.trim();
  return text;
}

/** Why a text cannot stand there: `{code, values}`; null if it can. */
export function bad(m, text) {
  if (text === '' || m.kind !== 'number') return null;
  const ok = /^\s*-?\d+\s*$/.test(text) && Number(text) >= m.least && Number(text) <= m.most;
  return ok ? null : { code: 'number_range', values: { least: m.least, most: m.most } };
}

/** `text` = what was typed, undefined where nothing was. */
export function Member({ member: m, name, stored, text, secret, type, error }) {
  const label = words(`set.${m.word}`, m.path.split('.').at(-1), { of: m.of });
  const hint = [has(`set.${m.word}.hint`) && t(`set.${m.word}.hint`), secret && t('dialect.secret')].filter(Boolean).join(' ') || undefined;
  const shown = text ?? textOf(m, stored);
  const wrong = text !== undefined && bad(m, text);
  const own = { label, hint, name, value: shown, error: error ?? (wrong ? errorText(wrong) : undefined) };
  const input = (e) => type(e.target.value);
  if (!fits(m, stored)) return html`<${Area} ...${own} hint=${t('dialect.as-it-is')} onInput=${input} rows="3" code />`;
  if (isSwitch(m) || m.kind === 'choice') {
    const say = (value) => (isSwitch(m) ? t(value === 'on' ? 'on' : 'off') : words(`set.${m.word}.${value}`, value));
    const usual = isSwitch(m) ? (m.default === '' ? '' : isOn(m.default) ? 'on' : 'off') : m.default;
    const choices = isSwitch(m) ? ['on', 'off'] : [...m.choices, ...(shown && !m.choices.includes(shown) ? [shown] : [])];
    return html`<${Select} ...${own} onChange=${input} options=${[['', usual === '' ? t('dialect.default.none') : t('dialect.default', { value: say(usual) })], ...choices.map((c) => [c, say(c)])]} />`;
  }
  const placeholder = stored === '' ? undefined : m.default || undefined;
  if (m.kind === 'lines') return html`<${Area} ...${own} onInput=${input} placeholder=${placeholder} rows="3" code spellcheck=${false} />`;
  return html`<${Input} ...${own} onInput=${input} placeholder=${placeholder} inputmode=${m.kind === 'number' ? 'numeric' : undefined} code dir="ltr" autocomplete="off" spellcheck=${false} />`;
}
