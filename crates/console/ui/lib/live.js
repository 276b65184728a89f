// The stream of live numbers: one connection while somebody looks, opened again when the server comes back.
import { useEffect, useState } from './dom.js';

const kept = 120;

/** `{now, past, state}`: the last second, up to two minutes before it, and connecting, on or off. */
export function useLive(path = '/api/live') {
  const [live, setLive] = useState({ now: null, past: [], state: 'connecting' });
  useEffect(() => {
    let source;
    let timer;
    let tries = 0;
    const open = () => {
      source = new EventSource(path);
      const take = (event) => {
        let now;
        try { now = JSON.parse(event.data); } catch { return; }
        tries = 0;
        setLive((l) => ({ now, past: [...l.past.slice(1 - kept), now], state: 'on' }));
      };
      source.onmessage = take;
      source.addEventListener('live', take);
      source.onerror = () => {
        source.close();
        tries += 1;
        setLive((l) => ({ ...l, state: tries > 3 ? 'off' : 'connecting' }));
        timer = setTimeout(open, Math.min(1000 * tries, 10000));
      };
    };
    open();
    return () => { source?.close(); clearTimeout(timer); };
  }, [path]);
  return live;
}
