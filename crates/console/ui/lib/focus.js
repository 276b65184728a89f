// The focus never falls out of the page: when what had it is taken away (a row, a step, a button that is done), the heading next to
// where it was gets it; what could not have it for a moment only gets it back. Who presses beside everything with a mouse wants it nowhere.

const places = 'section, article, dialog, aside, main';
const headings = 'h1, h2, h3';
let last = null;
let around = [];
let beside = false;

document.addEventListener('pointerdown', () => { beside = true; }, true);
document.addEventListener('focusin', ({ target }) => {
  last = target;
  beside = false;
  around = [];
  for (let place = target.closest(places); place; place = place.parentElement?.closest(places)) around.push(place);
});

/** Whether an element cannot have the focus any more. */
const taken = (node) => !node.isConnected || node.matches(':disabled') || !node.checkVisibility({ visibilityProperty: true });

/** True if nothing has the focus, or what cannot keep it: browsers take it from a button that is busy only some time after. */
const lost = () => !document.activeElement || document.activeElement === document.body || taken(document.activeElement);

function keep() {
  if (!last || !lost()) return;
  if (!taken(last)) {
    if (beside) last = null;
    else last.focus({ preventScroll: true });
    return;
  }
  const heading = around.filter((place) => place.isConnected).map((place) => place.querySelector(headings)).find((one) => one?.checkVisibility()) ?? document.querySelector('h1');
  // A page that is still coming takes the focus itself when it has its heading.
  if (!heading) return;
  if (!heading.hasAttribute('tabindex')) heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

let due = false;
/** Watches what the pages draw. */
export function keepFocus(root) {
  new MutationObserver(() => {
    if (due) return;
    due = true;
    requestAnimationFrame(() => { due = false; keep(); });
  }).observe(root, { childList: true, subtree: true, attributeFilter: ['disabled', 'hidden', 'class'] });
}
