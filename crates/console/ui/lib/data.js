// What a page shows, asked of the server when the page opens: one thing, or a list in pieces.
import { useCallback, useEffect, useRef, useState } from './dom.js';
import { api, query } from './api.js';

/** One thing: `{data, etag, error, loading, reload, set(change, etag?)}`; what was there stays until the new answer is. */
export function useData(path, { skip = false } = {}) {
  const [state, setState] = useState({ data: null, error: null, loading: !skip });
  const [turn, setTurn] = useState(0);
  const shown = useRef(null);
  const due = useRef(false);
  useEffect(() => {
    if (skip || !path) return undefined;
    const stop = new AbortController();
    due.current = true;
    setState((s) => ({ data: shown.current === path ? s.data : null, etag: s.etag, error: null, loading: true }));
    api('GET', path, undefined, { signal: stop.signal, full: true })
      .then(({ data, etag }) => {
        if (stop.signal.aborted) return;
        due.current = false;
        shown.current = path;
        setState({ data, etag, error: null, loading: false });
      })
      .catch((error) => {
        if (stop.signal.aborted) return;
        due.current = false;
        setState({ data: null, error, loading: false });
      });
    return () => stop.abort();
  }, [path, turn, skip]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const set = useCallback((change, etag) => {
    setState((s) => ({ ...s, data: typeof change === 'function' ? change(s.data) : change, etag: etag ?? s.etag }));
    // An answer that is on its way does not know of this.
    if (due.current) reload();
  }, []);
  return { ...state, reload, set };
}

/** A list with a cursor: `{items, next, more, error, loading, reload, set}`. */
export function useList(path, values = {}, limit = 50) {
  const key = path + query({ ...values, limit });
  const [state, setState] = useState({ items: null, next: null, error: null, loading: true });
  const [turn, setTurn] = useState(0);
  const live = useRef(0);
  const due = useRef(false);
  useEffect(() => {
    live.current += 1;
    const stop = new AbortController();
    due.current = true;
    setState((s) => ({ ...s, error: null, loading: true }));
    api('GET', key, undefined, { signal: stop.signal })
      .then((got) => {
        if (stop.signal.aborted) return;
        due.current = false;
        setState({ ...listOf(got), error: null, loading: false });
      })
      .catch((error) => {
        if (stop.signal.aborted) return;
        due.current = false;
        setState({ items: null, next: null, error, loading: false });
      });
    return () => stop.abort();
  }, [key, turn]);
  const more = async () => {
    const mine = live.current;
    setState((s) => ({ ...s, loading: true }));
    try {
      const got = listOf(await api('GET', path + query({ ...values, limit, after: state.next })));
      if (mine === live.current) setState((s) => ({ items: [...s.items, ...got.items], next: got.next, error: null, loading: false }));
    } catch (error) {
      if (mine === live.current) setState((s) => ({ ...s, error, loading: false }));
    }
  };
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  const set = useCallback((change) => {
    setState((s) => ({ ...s, items: change(s.items ?? []) }));
    // An answer that is on its way does not know of this.
    if (due.current) reload();
  }, []);
  return { ...state, more, reload, set };
}

const listOf = (got) => (Array.isArray(got) ? { items: got, next: null } : { items: got?.items ?? [], next: got?.next ?? null });

/** A value that follows another one after a pause: for what is typed into a search. */
export function useLate(value, ms = 250) {
  const [late, setLate] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLate(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return late;
}
