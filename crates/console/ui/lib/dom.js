// The one place that knows Preact: markup, state and effects for all pages.
import { h, render, Fragment, createContext } from '../vendor/preact.js';
import { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext, useId, useErrorBoundary } from '../vendor/hooks.js';
import htm from '../vendor/htm.js';

export const html = htm.bind(h);
export { render, Fragment, createContext };
export { useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useContext, useId, useErrorBoundary };

/** Class names: those that are not empty. */
export const cls = (...names) => names.filter(Boolean).join(' ');

/** A value that many may watch; `useStore` draws again when it changes. */
export function store(value) {
  const watchers = new Set();
  return {
    get: () => value,
    set(next) {
      value = typeof next === 'function' ? next(value) : next;
      for (const watcher of [...watchers]) watcher(value);
    },
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}

export function useStore(from) {
  const [value, set] = useState(from.get());
  // With the drawing: nothing that changes between it and the watching is missed.
  useLayoutEffect(() => {
    set(from.get());
    return from.watch(set);
  }, [from]);
  return value;
}
