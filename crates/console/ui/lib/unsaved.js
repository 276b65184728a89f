// What is typed on this page and not saved: it is asked about before the page is left, by whatever way.
import { useLayoutEffect, useRef } from './dom.js';

const forms = new Set();
let ask = async () => true;

/** Whether something was typed that is saved nowhere. */
export const unsaved = () => [...forms].some((dirty) => dirty());
/** `how` asks the person, and resolves to true if what was typed may go. */
export const asksBy = (how) => { ask = how; };

let asking = null;
/** Resolves to true if the page may be left; several ways out at once get one question. */
export function mayLeave() {
  if (!unsaved()) return Promise.resolve(true);
  asking ??= ask().finally(() => { asking = null; });
  return asking;
}

/** A form says whether it has what is not saved; it is asked at the moment when that matters. */
export function useUnsaved(dirty) {
  const now = useRef(dirty);
  now.current = dirty;
  useLayoutEffect(() => {
    const one = () => (typeof now.current === 'function' ? now.current() : now.current);
    forms.add(one);
    return () => forms.delete(one);
  }, []);
}

// The page that is taken away because its person signed out is not asked about: what it shows must go.
addEventListener('beforeunload', (event) => {
  if (unsaved() && !document.documentElement.classList.contains('leaving')) event.preventDefault();
});
