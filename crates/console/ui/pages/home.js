// Overview: for administrators what happens at the door; who is none is led to their own tokens.
import { html, useEffect, useState } from '../lib/dom.js';
import { useData, useList } from '../lib/data.js';
import { query } from '../lib/api.js';
import { navigate } from '../lib/router.js';
import { useSites } from '../lib/sites.js';
import { number, t, useWords } from '../lib/text.js';
import { Card, Empty, LinkButton, Loaded, PageHead } from '../parts/basic.js';
import { Chart } from '../parts/chart.js';
import { Numbers } from '../parts/numbers.js';
import { Table } from '../parts/table.js';
import { entryColumns } from '../parts/entry.js';

const hours = 24;
const since = () => new Date(Math.floor(Date.now() / 36e5 - hours + 1) * 36e5).toISOString().replace(/\.\d+/, '');

export default function Home({ session }) {
  const power = session.user.power;
  const plain = !power || power === 'none';
  useEffect(() => { if (plain) navigate('/settings/tokens', { replace: true }); }, [plain]);
  return plain ? null : html`<${Overview} session=${session} />`;
}

function Overview({ session }) {
  const worded = useWords('audit');
  const { sites, known } = useSites(session);
  const [from] = useState(since);
  const site = session.user.power === 'owner' ? undefined : session.user.site;
  const chart = useData(`/audit/chart${query({ from, step: 3600, site })}`);
  const refused = useList('/audit', { outcome: 'refused', site }, 8);
  const sum = (list) => number((list ?? []).reduce((a, b) => a + b, 0));
  if (session.user.power === 'owner' && known && sites.length === 0) return html`<${PageHead} title=${t('home.title')} help="console#overview" />
    <div class="card"><${Empty} title=${t('home.empty')} text=${t('home.empty.text')}><${LinkButton} kind="main" icon="plus" href="/start">${t('site.new')}</${LinkButton}></${Empty}></div>`;
  return html`<${PageHead} title=${t('home.title')} intro=${t('home.intro')} help="console#overview" />
    <div class="sections">
      <${Card} id="day" title=${t('home.day')} actions=${html`<${LinkButton} kind="quiet" href="/live">${t('nav.live')}</${LinkButton}>`}><${Loaded} from=${chart} lines=${6}>${(data) => html`
        <${Numbers} items=${[{ name: t('chart.logins'), value: sum(data.logins) }, { name: t('chart.refusals'), value: sum(data.refusals) }, { name: t('chart.verifications'), value: sum(data.verifications) }, ...(session.user.power === 'owner' && known ? [{ name: t('nav.sites'), value: number(sites.length) }] : [])]} />
        <${Chart} title=${t('home.day')} at=${data.at} series=${[{ name: t('chart.logins'), color: '--chart-1', values: data.logins }, { name: t('chart.refusals'), color: '--chart-2', values: data.refusals }, { name: t('chart.verifications'), color: '--chart-3', values: data.verifications }]} />`}</${Loaded}></${Card}>
      <${Card} id="refused" title=${t('home.refused')} actions=${html`<${LinkButton} kind="quiet" href="/audit?outcome=refused">${t('home.all')}</${LinkButton}>`}>
        <div class="inset"><${Table} caption=${t('home.refused')} from=${{ ...refused, items: worded ? refused.items : null, next: null }} columns=${entryColumns()} empty=${html`<${Empty} icon="check" title=${t('home.refused.none')} text=${t('home.refused.none.text')} />`} /></div></${Card}>
    </div>`;
}
