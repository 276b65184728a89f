// A menu of actions behind one button: arrow keys walk, Escape and a click elsewhere close it, the focus goes back.
import { cls, html, useId, useLayoutEffect, useRef, useState } from '../lib/dom.js';
import { Icon } from './icons.js';

/** Above everything, by the button: below it if there is room, else above. */
function place(list, button, align) {
  list.showPopover();
  const at = button.getBoundingClientRect();
  const { width, height } = list.getBoundingClientRect();
  const toLeft = (align === 'end') !== (getComputedStyle(button).direction === 'rtl');
  const left = toLeft ? at.right - width : at.left;
  const below = at.bottom + 4 + height <= innerHeight && align !== 'up';
  list.style.left = `${Math.max(8, Math.min(left, innerWidth - width - 8))}px`;
  list.style.top = `${below ? at.bottom + 4 : Math.max(8, at.top - height - 4)}px`;
}

/** `label` names a button of an icon alone, `describe` one that has a text. `items`: `[{text, icon, onClick|href, danger}]`; empty ones are left out. */
export function Menu({ label, describe, icon = 'more', items, children, align = 'end' }) {
  const [open, setOpen] = useState(false);
  const box = useRef(null);
  const button = useRef(null);
  const list = useRef(null);
  const id = useId();
  const options = () => [...box.current.querySelectorAll('[role=menuitem]')];
  useLayoutEffect(() => {
    if (!open) return undefined;
    place(list.current, button.current, align);
    const where = () => { const at = button.current.getBoundingClientRect(); return `${at.left} ${at.top}`; };
    const placed = where();
    options()[0]?.focus({ preventScroll: true });
    const outside = (event) => { if (!box.current?.contains(event.target)) setOpen(false); };
    const gone = () => setOpen(false);
    // Word of a scroll that was over before the menu opened comes with the next picture: the menu stays where its button is.
    const moved = () => { if (where() !== placed) setOpen(false); };
    document.addEventListener('pointerdown', outside);
    addEventListener('resize', gone);
    addEventListener('scroll', moved, true);
    return () => {
      document.removeEventListener('pointerdown', outside);
      removeEventListener('resize', gone);
      removeEventListener('scroll', moved, true);
    };
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
    ${open && html`<div ref=${list} popover="manual" class="menu-list" id=${id} role="menu" aria-label=${label ?? describe}>${items.filter(Boolean).map((item) => item.href
      ? html`<a key=${item.text} role="menuitem" tabindex="-1" class="menu-item" href=${item.href} onClick=${() => setOpen(false)}>${item.icon && html`<${Icon} name=${item.icon} size=${18} />`}<span>${item.text}</span></a>`
      : html`<button key=${item.text} type="button" role="menuitem" tabindex="-1" class=${cls('menu-item', item.danger && 'danger')} onClick=${pick(item)}>${item.icon && html`<${Icon} name=${item.icon} size=${18} />`}<span>${item.text}</span></button>`)}</div>`}
  </div>`;
}
