// Live: what comes to the door this second.
import { html } from '../lib/dom.js';
import { useLive } from '../lib/live.js';
import { number, reasonText, t } from '../lib/text.js';
import { Badge, Card, Empty, Notice, PageHead, Skeleton } from '../parts/basic.js';
import { Chart } from '../parts/chart.js';
import { Numbers } from '../parts/numbers.js';

const ms = (us) => (us === null || us === undefined ? '–' : us < 1000 ? `${number(us)} µs` : `${number(us / 1000, { maximumFractionDigits: 1 })} ms`);

/** A list with bars: names, numbers, and how large each is beside the largest. */
function Bars({ rows }) {
  const most = Math.max(1, ...rows.map((r) => r.n));
  return html`<ul class="bars">${rows.map((row) => html`<li key=${row.name}><span class="bar-name" dir="auto">${row.name}</span><span class="bar-number">${number(row.n)}</span><meter class="bar" min="0" max=${most} value=${row.n} aria-hidden="true"></meter></li>`)}</ul>`;
}

export default function Live({ session }) {
  const { now, past, state } = useLive();
  const unix = (at) => Math.floor(Date.parse(at) / 1000);
  const refusals = Object.entries(now?.refusals ?? {}).map(([reason, n]) => ({ name: reasonText(reason), n })).sort((a, b) => b.n - a.n).slice(0, 8);
  const top = (now?.top ?? []).map((one) => ({ name: one.who ?? one.address ?? one.user ?? '?', n: one.n })).slice(0, 8);
  const sites = Object.entries(now?.by_site ?? {}).map(([name, n]) => ({ name, n })).sort((a, b) => b.n - a.n).slice(0, 8);
  return html`<${PageHead} title=${t('live.title')} intro=${t('live.intro')} help="console#live"><${Badge} tone=${state === 'on' ? 'ok' : 'warn'}>${t(`live.${state}`)}</${Badge}></${PageHead}>
    ${state === 'off' && html`<${Notice} tone="warn"><p role="alert">${t('live.off.text')}</p></${Notice}>`}
    ${!now ? html`<${Skeleton} lines=${8} />` : html`<div class="sections">
      <${Card}><${Numbers} items=${[{ name: t('live.rps'), value: number(now.rps ?? 0) }, { name: t('live.refused'), value: number(Object.values(now.refusals ?? {}).reduce((a, b) => a + b, 0)) }, { name: 'p50', value: ms(now.p50_us) }, { name: 'p99', value: ms(now.p99_us) }]} />
        <${Chart} title=${t('live.rps')} span=${120} at=${past.map((p) => unix(p.at))} series=${[{ name: t('live.rps'), color: '--chart-1', values: past.map((p) => p.rps ?? 0), total: false }, { name: t('chart.refusals'), color: '--chart-2', values: past.map((p) => Object.values(p.refusals ?? {}).reduce((a, b) => a + b, 0)), total: false }]} /></${Card}>
      <div class="columns"><${Card} id="live-refused" title=${t('live.reasons')}>${refusals.length ? html`<${Bars} rows=${refusals} />` : html`<${Empty} icon="check" title=${t('live.none')} />`}</${Card}>
        <${Card} id="live-top" title=${t('live.top')}>${top.length ? html`<${Bars} rows=${top} />` : html`<${Empty} icon="users" title=${t('live.quiet')} />`}</${Card}>
        ${session.user.power === 'owner' && sites.length > 0 && html`<${Card} id="live-sites" title=${t('nav.sites')}><${Bars} rows=${sites} /></${Card}>`}</div></div>`}`;
}
