// Imports: a bundle is tried first, its report is read, then it is taken in whole.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { reloadSites } from '../lib/sites.js';
import { number, t } from '../lib/text.js';
import { Badge, Button, Card, errorText, Notice, PageHead } from '../parts/basic.js';
import { useForm } from '../parts/form.js';
import { Icon } from '../parts/icons.js';
import { toast } from '../parts/toast.js';

export default function Imports() {
  const [file, setFile] = useState(null);
  const [over, setOver] = useState(false);
  const [report, setReport] = useState(null);
  const send = async (dry) => {
    const got = await api('POST', `/imports${dry ? '?dry_run=true' : ''}`, file, { raw: true });
    setReport({ ...got, dry_run: dry });
    if (!dry) { toast(t('import.done')); reloadSites(); }
  };
  const trial = useForm(() => send(true));
  const real = useForm(() => send(false));
  const take = (one) => { if (one) { setFile(one); setReport(null); trial.clear(); real.clear(); } };
  const error = real.error ?? trial.error;
  return html`<${PageHead} title=${t('nav.imports')} intro=${t('imports.intro')} help="bundle" />
    <div class="sections"><${Card}><label class=${over ? 'drop over' : 'drop'} onDragOver=${(e) => { e.preventDefault(); setOver(true); }} onDragLeave=${() => setOver(false)} onDrop=${(e) => { e.preventDefault(); setOver(false); take(e.dataTransfer.files[0]); }}>
        <${Icon} name="inbox" size=${28} /><span class="strong" dir="auto">${file ? file.name : t('import.choose')}</span><span class="quiet small">${file ? t('import.size', { n: Math.ceil(file.size / 1024) }) : t('import.choose.text')}</span>
        <input type="file" class="visually-hidden" accept=".json,application/json" onChange=${(e) => take(e.target.files[0])} /></label>
      ${file && html`<div class="row end"><${Button} busy=${trial.busy} onClick=${trial.onSubmit}>${t('import.try')}</${Button}><${Button} kind="main" busy=${real.busy} disabled=${!report?.dry_run} onClick=${real.onSubmit}>${t('import.do')}</${Button}></div>
        ${!report && html`<p class="quiet small">${t('import.first')}</p>`}`}
      ${error && html`<${Notice} tone="danger"><p role="alert">${errorText(error)}</p>${error.message && html`<p><code>${error.field ? `${error.field}: ` : ''}${error.message}</code></p>`}</${Notice}>`}</${Card}>
    ${report && html`<${Report} report=${report} />`}</div>`;
}

/** Whatever the report counts, by its own names. */
function Report({ report }) {
  const body = report.report ?? {};
  const sites = Array.isArray(body.sites) ? body.sites : [];
  const show = (value) => (typeof value === 'number' ? number(value) : typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value));
  return html`<section class="stack" role="status"><${Notice} tone="ok" icon="check"><p>${t(report.dry_run ? 'import.tried' : 'import.done')}</p></${Notice}>
    ${sites.map((site) => html`<${Card} key=${site.name ?? site.site} id=${`report-${site.name ?? site.site}`} title=${html`${site.name ?? site.site} ${site.outcome && html`<${Badge} tone="accent">${site.outcome}</${Badge}>`}`}><dl class="facts">${Object.entries(site).filter(([name]) => !['name', 'site', 'outcome'].includes(name)).map(([name, value]) => html`<div key=${name}><dt>${name.replace(/_/g, ' ')}</dt><dd>${show(value)}</dd></div>`)}</dl></${Card}>`)}
    ${!sites.length && html`<${Card}><pre class="answer" tabindex="0">${JSON.stringify(body, null, 2)}</pre></${Card}>`}</section>`;
}
