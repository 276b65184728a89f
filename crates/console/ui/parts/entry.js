// One entry of the audit: its row in lists, and the whole of it in words.
import { html } from '../lib/dom.js';
import { query } from '../lib/api.js';
import { dialectTitle } from '../lib/dialects.js';
import { has, keys, number, reasonText, t } from '../lib/text.js';
import { exact, Time } from '../lib/time.js';
import { Badge, Facts } from './basic.js';

export const who = (entry) => entry.user?.login ?? (entry.account ? `#${entry.account}` : null);

/** What was tried, in words: by the whole action, else by its last word. */
export function actionText(action) {
  if (has(`action.${action}`)) return t(`action.${action}`);
  const short = action.split('.').slice(-2).join('.');
  if (has(`action.${short}`)) return t(`action.${short}`);
  const last = action.split('.').at(-1);
  return has(`action.${last}`) ? t(`action.${last}`) : spelled(action);
}

/** The list of all actions that have words: `[id, words]`, by what they say. */
export const actions = () => keys('action.').filter((id) => id.includes('.')).map((id) => [id, t(`action.${id}`)]).sort(([, a], [, b]) => a.localeCompare(b));

/** An action that has no words of its own, spelled out: what a command did, a rule's or a language's endpoint. */
function spelled(action) {
  const [first, ...rest] = action.split('.');
  const words = (rest.length ? rest : [first]).join(' ').replace(/[_-]+/g, ' ').trim();
  const what = words.charAt(0).toUpperCase() + words.slice(1);
  if (first === 'command') return t('action.by-command', { what });
  if (first === 'site' && rest.length) return t('action.request', { what: words });
  return dialectTitle(first) === first ? what : `${what} (${dialectTitle(first)})`;
}

export const Outcome = ({ entry }) => html`<${Badge} tone=${entry.outcome === 'granted' ? 'ok' : 'danger'}>${t(`outcome.${entry.outcome}`)}</${Badge}>`;

/** `open(row)` given = the first cell is a button. */
export function entryColumns(open) {
  return [
    { title: t('what'), kind: 'main', cell: (e) => html`${open ? html`<button type="button" class="link-button" onClick=${() => open(e)} dir="auto">${actionText(e.action)}</button>` : html`<a class="row-link" href=${`/audit${query({ entry: e.id })}`} dir="auto">${actionText(e.action)}</a>`}<span class="sub">${e.outcome === 'refused' ? reasonText(e.reason) : e.action}${e.count > 1 ? ` × ${number(e.count)}` : ''}</span>` },
    { title: t('outcome'), cell: (e) => html`<${Outcome} entry=${e} />` },
    { title: t('user'), cell: (e) => html`<span dir="auto">${who(e) ?? '–'}</span>${e.site && html`<span class="sub">${e.site}</span>`}` },
    { title: t('address'), kind: 'place', cell: (e) => html`<span>${e.address || '–'}</span>` },
    { title: t('when'), kind: 'near', cell: (e) => html`<${Time} plain at=${e.at} />` },
  ];
}

/** What happened and why, as a sentence. */
export function story(entry) {
  const values = { who: who(entry) ?? t('audit.somebody'), what: actionText(entry.action), site: entry.site ?? t('audit.server'), address: entry.address || '–', n: entry.count ?? 1 };
  if (entry.action === 'letter.send') return t('audit.story.letter', values);
  const by = entry.by?.login;
  if (by && entry.outcome === 'granted' && by !== values.who) return t('audit.story.by', { ...values, by });
  return t(entry.outcome === 'granted' ? 'audit.story.granted' : 'audit.story.refused', values);
}

export function EntryDetail({ entry }) {
  const detail = entry.detail && (has(`detail.${entry.detail}`) ? t(`detail.${entry.detail}`) : null);
  return html`<div class="stack"><p dir="auto">${story(entry)}</p>
    ${entry.outcome === 'refused' && html`<p><span class="strong">${t('audit.why')}</span> ${reasonText(entry.reason)}${has(`advice.${entry.reason}`) && html` ${t(`advice.${entry.reason}`)}`}</p>`}
    ${detail && html`<p>${detail}</p>`}
    ${entry.count > 1 && html`<p class="quiet">${t('audit.folded', { n: entry.count })}</p>`}
    <${Facts} rows=${[[t('when'), exact(entry.at)], [t('site'), entry.site], [t('user'), who(entry)], entry.by && [t('audit.by'), `${entry.by.login ?? `#${entry.by.number}`}${entry.by.site ? ` (${entry.by.site})` : ''}`], [t('action'), html`<code>${entry.action}</code>`], [t('reason'), html`<code>${entry.reason}</code>`],
      [t('detail'), entry.detail && html`<code>${entry.detail}</code>`], [t('address'), entry.address && html`<code>${entry.address}</code>`], [t('request'), entry.request && html`<code>${entry.request}</code>`]]} /></div>`;
}
