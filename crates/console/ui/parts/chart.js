// Charts: uPlot with the theme's colours; the numbers also as a table for who cannot see them.
import { html, useEffect, useRef } from '../lib/dom.js';
import { current, number, t } from '../lib/text.js';

let library = null;
/** uPlot, when the first chart is drawn. */
const load = () => import('../vendor/uplot.js').then((module) => module.default);
/** What could not be had (a server that starts anew) is asked for again; the numbers are in the table meanwhile. */
const AGAIN = 2000;
const css = (name) => {
  // light-dark() is resolved by a computed colour, not by reading the variable.
  const probe = document.createElement('span');
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
};
const faint = (color) => color.replace(/^rgb\((.*)\)$/, 'rgba($1, 0.10)');

/** `series`: `[{name, color: "--chart-1", values}]`; `at`: unix seconds; `span`: always so many seconds up to the last. */
export function Chart({ title, at, series, height = 240, span, format = (n) => number(n) }) {
  const box = useRef(null);
  const plot = useRef(null);
  useEffect(() => {
    let gone = false;
    let later = 0;
    const draw = async () => {
      let Plot;
      try { Plot = await (library ??= load()); } catch {
        library = null;
        if (!gone) later = setTimeout(draw, AGAIN);
        return;
      }
      if (gone || !box.current) return;
      plot.current?.destroy();
      const axis = { stroke: css('--quiet'), grid: { stroke: css('--line'), width: 1 }, ticks: { show: false }, font: `12px ${getComputedStyle(document.body).fontFamily}` };
      const short = span ? span < 600 : at.length > 1 && at.at(-1) - at[0] < 600;
      const time = new Intl.DateTimeFormat(current(), { hour: '2-digit', minute: '2-digit', ...(short && { second: '2-digit' }) });
      const date = new Intl.DateTimeFormat(current(), { day: 'numeric', month: 'short' });
      const long = at.length > 1 && at.at(-1) - at[0] > 2 * 86400;
      plot.current = new Plot({
        width: Math.max(box.current.clientWidth, 200),
        height,
        cursor: { points: { size: 7 }, drag: { x: false, y: false } },
        legend: { show: false },
        padding: [8, 36, 0, 0],
        scales: { ...(span && { x: { range: (u, low, high) => [(high ?? Date.now() / 1000) - span, high ?? Date.now() / 1000] } }), y: { range: (u, low, high) => [0, Math.max(high * 1.1, 4)] } },
        axes: [{ ...axis, values: (u, list) => list.map((s) => (long ? date : time).format(new Date(s * 1000))), space: short ? 100 : 74 }, { ...axis, size: 52, values: (u, list) => list.map(format) }],
        series: [{}, ...series.map((s) => { const stroke = css(s.color); return { label: s.name, stroke, fill: faint(stroke), width: 2, points: { show: false } }; })],
      }, [at, ...series.map((s) => s.values)], box.current);
    };
    draw();
    const resize = new ResizeObserver(() => { if (plot.current && box.current) plot.current.setSize({ width: Math.max(box.current.clientWidth, 200), height }); });
    resize.observe(box.current);
    const media = matchMedia('(prefers-color-scheme: dark)');
    // The colours are asked for when the page has taken on the other theme, not while it does.
    const anew = () => requestAnimationFrame(() => setTimeout(draw));
    media.addEventListener('change', anew);
    addEventListener('doorward:theme', anew);
    return () => {
      gone = true;
      clearTimeout(later);
      resize.disconnect();
      media.removeEventListener('change', anew);
      removeEventListener('doorward:theme', anew);
      plot.current?.destroy();
      plot.current = null;
    };
  // Of a live chart only the data change.
  }, [span ? span : `${at.length} ${at[0]} ${at.at(-1)}`, series.length, height]);
  useEffect(() => { plot.current?.setData([at, ...series.map((s) => s.values)]); }, [at, series]);
  const sum = (values) => values.reduce((a, b) => a + (b ?? 0), 0);
  return html`<figure class="chart"><figcaption class="chart-head"><span class="visually-hidden">${title}</span><ul class="legend">${series.map((s, i) => html`<li key=${s.name}><span class=${`dot dot-${i + 1}`}></span>${s.name}${s.total !== false && html` <span class="quiet">${format(sum(s.values))}</span>`}</li>`)}</ul></figcaption>
    <div class="plot" ref=${box} aria-hidden="true"></div>
    <details class="chart-numbers"><summary>${t('chart.numbers')}</summary><div class="prose-table" tabindex="0" role="group" aria-label=${title}><table><thead><tr><th scope="col">${t('when')}</th>${series.map((s) => html`<th key=${s.name} scope="col">${s.name}</th>`)}</tr></thead>
      <tbody>${at.slice(-48).map((s, i) => html`<tr key=${s}><th scope="row">${new Date(s * 1000).toLocaleString(current(), { dateStyle: 'short', timeStyle: 'short' })}</th>${series.map((one) => html`<td key=${one.name}>${format(one.values.slice(-48)[i] ?? 0)}</td>`)}</tr>`)}</tbody></table></div></details></figure>`;
}
