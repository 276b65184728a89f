// A menu of actions behind one button: arrow keys walk, Escape and a click elsewhere close it, the focus goes back.
import { cls, html, useEffect, useId, useRef, useState } from '../lib/dom.js';
import { Icon } from './icons.js';

/** `label` names a button of an icon alone, `describe` one that has a text. `items`: `[{text, icon, onClick|href, danger}]`; empty ones are left out. */
export function Menu({ label, describe, icon = 'more', items, children, align = 'end' }) {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const button = useRef(null);
  const id = useId();
  const options = () => [...box.current.querySelectorAll('[role=menuitem]')];
  useEffect(() => {
    if (!open) return undefined;
    options()[0]?.focus();
    const outside = (event) => { if (!box.current?.contains(event.target)) setOpen(false); };
    document.addEventListener('pointerdown', outside);
    return () => document.removeEventListener('pointerdown', outside);
  }, [open]);
  const close = () => { setOpen(false); button.current?.focus(); };
  const keys = (event) => {
    if (!open) return;
    const all = options();
    const now = all.indexOf(document.activeElement);
    const to = { ArrowDown: (now + 1) % all.length, ArrowUp: (now - 1 + all.length) % all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape') { event.preventDefault(); event.stopPropagation(); close(); }
    if (event.key === 'Tab') setOpen(false);
    if (to !== undefined) { event.preventDefault(); all[to].focus(); }
  };
  const pick = (item) => () => { close(); item.onClick?.(); };
  return html`<div class="menu" ref=${box} onKeyDown=${keys}>
    <button ref=${button} type="button" class=${cls('button quiet', !children && 'only-icon')} aria-haspopup="menu" aria-expanded=${open ? 'true' : 'false'} aria-controls=${open ? id : undefined} aria-label=${label} title=${describe} onClick=${() => setOpen(!open)}>
      ${children ?? html`<${Icon} name=${icon} />`}</button>
    ${open && html`<div class=${`menu-list ${align}`} id=${id} role="menu" aria-label=${label ?? describe}>${items.filter(Boolean).map((item) => item.href
      ? html`<a key=${item.text} role="menuitem" tabindex="-1" class="menu-item" href=${item.href} onClick=${() => setOpen(false)}>${item.icon && html`<${Icon} name=${item.icon} size=${18} />`}<span>${item.text}</span></a>`
      : html`<button key=${item.text} type="button" role="menuitem" tabindex="-1" class=${cls('menu-item', item.danger && 'danger')} onClick=${pick(item)}>${item.icon && html`<${Icon} name=${item.icon} size=${18} />`}<span>${item.text}</span></button>`)}</div>`}
  </div>`;
}
