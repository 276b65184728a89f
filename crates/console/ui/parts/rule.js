// One rule: its line, with mode and switch at hand, and the whole of it to edit below.
import { cls, html, useId, useLayoutEffect, useRef } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { dialects } from '../lib/dialects.js';
import { Badge, errorText } from './basic.js';
import { Area, Check, Group, Input, lines, Select, Switch } from './form.js';
import { Icon } from './icons.js';
import { Menu } from './menu.js';

export const ways = ['none', 'bearer', 'token', 'api_key', 'basic', 'simple'];
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
const mode = (rule) => (rule.enabled === false && !rule.auth?.length ? '' : (rule.auth ?? []).join('+'));
/** The first of a list, and how many more. */
const few = (list) => (list.length > 3 ? `${list.slice(0, 3).join(', ')} +${list.length - 3}` : list.join(', '));
/** A member that has its default is left out. */
const without = (rule, name, empty) => { const { [name]: gone, ...rest } = rule; void gone; return empty ? rest : rule; };

export function RuleRow({ row, index, count, open, bad, toggle, set, move, remove, dragging, grab, over, drop }) {
  const rule = { path: '', ...row.rule };
  const id = useId();
  const item = useRef(null);
  const change = (more) => set(Object.entries(more).reduce((r, [name, value]) => without({ ...r, [name]: value }, name, value === undefined || value === '' || value === false || (Array.isArray(value) && !value.length && name !== 'auth')), row.rule));
  const steps = useRef(false);
  const step = (by) => {
    if (index + by < 0 || index + by >= count || !by) return;
    steps.current = true;
    move(index + by);
  };
  // The row moves in the document; the handle keeps the focus.
  useLayoutEffect(() => {
    if (!steps.current) return;
    steps.current = false;
    item.current.querySelector('.handle').focus();
  }, [index]);
  const keys = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const to = { Home: 0, End: count - 1 }[event.key];
    if (by) { event.preventDefault(); step(by); }
    if (to !== undefined) { event.preventDefault(); step(to - index); }
  };
  const modes = [...ways.map((w) => [w, t(`way.${w}`)]), ...(mode(rule) && !ways.includes(mode(rule)) ? [[mode(rule), mode(rule).split('+').map((w) => t(`way.${w}`)).join(t(rule.all ? 'and' : 'or.list'))]] : []), ...(mode(rule) ? [] : [['', t('way.off')]])];
  const asks = [rule.roles?.length && t('rule.roles', { list: few(rule.roles) }), rule.min_level && t('rule.level', { n: rule.min_level }), rule.scopes?.length && t('rule.scopes', { list: few(rule.scopes) }),
    (rule.ip_allow?.length || rule.ip_deny?.length) && t('rule.addresses'), rule.rate_limits?.length && rule.rate_limits.map((r) => `${r.count}/${r.period}s`).join(', ')].filter(Boolean);
  return html`<li ref=${item} class=${cls('rule', open && 'open', dragging && 'dragging', bad && 'faulty', rule.enabled === false && 'is-off')} onDragOver=${(e) => { e.preventDefault(); over(); }} onDrop=${(e) => { e.preventDefault(); drop(); }}>
    <div class="rule-line">
      <button type="button" class="handle" draggable="true" aria-label=${t('rule.handle', { n: index + 1, of: count, path: rule.path })} title=${t('rule.handle.hint')} onKeyDown=${keys} onDragStart=${(e) => { e.dataTransfer.effectAllowed = 'move'; e.dataTransfer.setData('text/plain', ''); grab(); }} onDragEnd=${drop}><${Icon} name="drag" size=${18} /><span aria-hidden="true">${index + 1}</span></button>
      <${Switch} hideLabel label=${t('rule.on', { path: rule.path })} checked=${rule.enabled !== false} onChange=${(on) => set(on ? (({ enabled, ...rest }) => ({ ...rest, auth: rest.auth ?? ['bearer'] }))(rule) : { ...rule, enabled: false })} />
      <button type="button" class="rule-path" aria-expanded=${open ? 'true' : 'false'} aria-controls=${open ? id : undefined} onClick=${toggle}><span class="rule-methods">${rule.methods?.length ? rule.methods.join(' ') : t('rule.all-methods')}</span><code>${rule.path}${rule.match === 'prefix' ? '/…' : rule.match === 'start' ? '…' : ''}</code>
        <span class="tags">${asks.map((text) => html`<${Badge} key=${text}>${text}</${Badge}>`)}</span></button>
      <div class="rule-mode"><label class="visually-hidden" for=${`${id}-mode`}>${t('rule.mode', { path: rule.path })}</label><select id=${`${id}-mode`} class="input" value=${mode(rule)} onChange=${(e) => set({ ...rule, auth: e.target.value ? e.target.value.split('+') : [] })}>${modes.map(([v, text]) => html`<option key=${v} value=${v} selected=${v === mode(rule)}>${text}</option>`)}</select></div>
      <${Menu} label=${t('rule.actions', { path: rule.path })} items=${[{ text: t(open ? 'close' : 'edit'), icon: 'edit', onClick: toggle }, index > 0 && { text: t('move.up'), icon: 'up', onClick: () => move(index - 1) }, index < count - 1 && { text: t('move.down'), icon: 'down', onClick: () => move(index + 1) }, { text: t('remove'), icon: 'trash', danger: true, onClick: remove }]} />
    </div>
    ${bad && html`<p class="field-error rule-error"><${Icon} name="warn" size=${16} />${errorText(bad)}</p>`}
    ${open && html`<div class="rule-edit" id=${id}><${Edit} rule=${row.rule} change=${change} /></div>`}</li>`;
}

function Edit({ rule, change }) {
  const tick = (name, all) => (one) => (on) => change({ [name]: all.filter((x) => (x === one ? on : rule[name]?.includes(x))) });
  const way = tick('auth', ways);
  const method = tick('methods', methods);
  const list = (name) => ({ name, value: (rule[name] ?? []).join(', '), onChange: (e) => change({ [name]: lines(e.target.value) }) });
  const rates = (rule.rate_limits ?? []).map((r) => `${r.per} ${r.count}/${r.period}${r.burst ? ` ${r.burst}` : ''}`).join('\n');
  const setRates = (e) => change({ rate_limits: e.target.value.split('\n').map((line) => /^\s*(\w+)\s+(\d+)\s*\/\s*(\d+)(?:\s+(\d+))?\s*$/.exec(line)).filter(Boolean).map(([, per, count, period, burst]) => ({ per, count: Number(count), period: Number(period), ...(burst && { burst: Number(burst) }) })) });
  return html`<div class="stack"><div class="fields">
      <${Input} label=${t('rule.path')} name="path" value=${rule.path ?? ''} onInput=${(e) => change({ path: e.target.value })} code dir="ltr" />
      <${Select} label=${t('rule.match')} name="match" value=${rule.match ?? 'exact'} onChange=${(e) => change({ match: e.target.value === 'exact' ? undefined : e.target.value })} options=${['exact', 'prefix', 'start', 'pattern'].map((m) => [m, t(`match.${m}`)])} />
      <${Input} label=${t('site.hosts')} hint=${t('rule.hosts.hint')} ...${list('hosts')} code dir="ltr" /></div>
    <${Group} legend=${t('rule.methods')} hint=${t('rule.methods.hint')}><div class="row checks-row">${methods.map((m) => html`<${Check} key=${m} label=${m} checked=${!!rule.methods?.includes(m)} onChange=${method(m)} />`)}</div></${Group}>
    <${Group} legend=${t('rule.auth')} hint=${t('rule.auth.hint')}><div class="row checks-row">${ways.map((w) => html`<${Check} key=${w} label=${t(`way.${w}`)} checked=${!!rule.auth?.includes(w)} onChange=${way(w)} />`)}</div>
      ${rule.auth?.length > 1 && html`<${Check} label=${t('rule.all')} checked=${!!rule.all} onChange=${(on) => change({ all: on })} />`}
      ${rule.auth?.includes('none') && html`<${Check} label=${t('rule.stale')} checked=${rule.stale === 'ignore'} onChange=${(on) => change({ stale: on ? 'ignore' : undefined })} />`}</${Group}>
    <div class="fields"><${Input} label=${t('roles')} hint=${t('rule.roles.hint')} ...${list('roles')} /><${Input} label=${t('scopes')} hint=${t('rule.scopes.hint')} ...${list('scopes')} dir="ltr" />
      <${Select} label=${t('rule.min-level')} name="min_level" value=${String(rule.min_level ?? 0)} onChange=${(e) => change({ min_level: Number(e.target.value) || undefined })} options=${Array.from({ length: 11 }, (_, n) => [String(n), n ? String(n) : t('none')])} /></div>
    <div class="fields"><${Area} label=${t('ip.allow')} hint=${t('ip.hint')} ...${list('ip_allow')} rows="2" code /><${Area} label=${t('ip.deny')} ...${list('ip_deny')} rows="2" code />
      <${Area} label=${t('rule.rates')} hint=${t('rule.rates.hint')} name="rate_limits" value=${rates} onChange=${setRates} rows="2" code /></div>
    <div class="fields"><${Select} label=${t('rule.answers')} name="answers_as" value=${rule.answers_as ?? ''} onChange=${(e) => change({ answers_as: e.target.value || undefined })} options=${[['', t('rule.answers.owner')], ...dialects.map((d) => [d.name, d.title])]} />
      <${Check} label=${t('rule.strip')} hint=${t('rule.strip.hint')} checked=${!!rule.strip_credential} onChange=${(on) => change({ strip_credential: on })} /></div></div>`;
}
