// The sites that the person may administer, and the one that is chosen; remembered in this tab only.
import { store, useEffect, useStore } from './dom.js';
import { get } from './api.js';

const sites = store(null);
const chosen = store(null);
let asking = null;
let asked = 0;
let taken = 0;

/** Asks which sites there are; an answer that comes after that of a later question counts no more. */
export function reloadSites() {
  const mine = ++asked;
  const take = (got) => {
    if (mine < taken) return;
    taken = mine;
    sites.set(Array.isArray(got) ? got : got.items);
  };
  asking = get('/sites?limit=200').then(take, () => {}).finally(() => { if (mine === asked) asking = null; });
  return asking;
}

/** `{sites, known, site, pick}`; `named` is the site of the page's address; `known` = the server has said which sites there are. */
export function useSites(session, named) {
  const list = useStore(sites);
  const pick = useStore(chosen);
  useEffect(() => {
    if (!list && !asking && session.user?.power !== 'none') reloadSites();
  }, [list]);
  useEffect(() => { if (named) chosen.set(named); }, [named]);
  const site = named ?? (list?.some((s) => s.name === pick) ? pick : null) ?? (list?.some((s) => s.name === session.user?.site) ? session.user.site : list?.[0]?.name);
  return { sites: list ?? (site ? [{ name: site }] : []), known: !!list, site, pick: chosen.set };
}
