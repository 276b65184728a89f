// Imports: a bundle is tried first, its report is read, then it is taken in whole.
import { html, useState } from '../lib/dom.js';
import { api } from '../lib/api.js';
import { reloadSites } from '../lib/sites.js';
import { useList } from '../lib/data.js';
import { number, serverText, t } from '../lib/text.js';
import { exact } from '../lib/time.js';
import { Badge, Button, Card, Empty, errorText, Notice, PageHead } from '../parts/basic.js';
import { Dialog } from '../parts/dialog.js';
import { useForm } from '../parts/form.js';
import { Icon } from '../parts/icons.js';
import { Table } from '../parts/table.js';
import { toast } from '../parts/toast.js';

export default function Imports() {
  const [file, setFile] = useState(null);
  const [over, setOver] = useState(false);
  const [report, setReport] = useState(null);
  const past = useList('/imports', {}, 20);
  const send = async (dry) => {
    const got = await api('POST', `/imports${dry ? '?dry_run=true' : ''}`, file, { raw: true });
    setReport({ ...got, dry_run: dry });
    past.reload();
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
      ${error && html`<${Notice} tone="danger"><p role="alert">${errorText(error)}</p>${error.field && html`<p><code>${error.field}</code></p>`}</${Notice}>`}</${Card}>
    ${report && html`<${Report} report=${report} />`}
    <${Past} from=${past} /></div>`;
}

const rows = ({ sites, users, api_tokens_added: tokens, signing_keys_changed: keys }) => [
  { name: t('nav.sites'), ...sites }, { name: t('nav.users'), ...users }, { name: t('nav.tokens'), made: tokens }, { name: t('nav.keys'), changed: keys }];

/** What was made, changed and left, by kind; and what somebody should look at. */
function Report({ report, quiet }) {
  const body = report.report ?? {};
  const count = (n) => (n === undefined ? html`<span class="quiet">–</span>` : number(n));
  return html`<section class="stack" role=${quiet ? undefined : 'status'}><${Notice} tone="ok" icon="check"><p>${t(report.dry_run ? 'import.tried' : 'import.done')}</p></${Notice}>
    <div class="card flush"><${Table} caption=${t('import.report')} from=${{ items: rows(body) }} rowKey=${(row) => row.name} columns=${[
    { title: t('what'), kind: 'main', cell: (row) => html`<span class="strong">${row.name}</span>` },
    { title: t('import.made'), kind: 'number', cell: (row) => count(row.made) },
    { title: t('import.changed'), kind: 'number', cell: (row) => count(row.changed) },
    { title: t('import.same'), kind: 'number', cell: (row) => count(row.same) }]} /></div>
    ${body.warnings?.length > 0 && html`<${Notice} tone="warn"><p class="strong">${t('import.warnings', { n: body.warnings.length })}</p><ul>${body.warnings.map((text, i) => html`<li key=${i} dir="auto">${serverText(text)}</li>`)}</ul></${Notice}>`}</section>`;
}

/** The newest imports and trials; each opens. */
function Past({ from }) {
  const [open, setOpen] = useState(null);
  return html`<${Card} id="past" title=${t('imports.past')} intro=${t('imports.past.text')}><div class="inset"><${Table} caption=${t('imports.past')} from=${from} columns=${[
    { title: t('when'), kind: 'main', cell: (row) => html`<button type="button" class="link-button" onClick=${() => setOpen(row)}><${When} at=${row.at} /></button>` },
    { title: t('what'), cell: (row) => html`<${Badge} tone=${row.dry_run ? 'plain' : 'ok'}>${t(row.dry_run ? 'import.was-tried' : 'import.was-done')}</${Badge}>` },
    { title: t('nav.sites'), kind: 'number', cell: (row) => number((row.report.sites?.made ?? 0) + (row.report.sites?.changed ?? 0)) },
    { title: t('nav.users'), kind: 'number', cell: (row) => number((row.report.users?.made ?? 0) + (row.report.users?.changed ?? 0)) },
    { title: t('import.warned'), kind: 'number', cell: (row) => number(row.report.warnings?.length ?? 0) }]} empty=${html`<${Empty} icon="inbox" title=${t('imports.none')} />`} /></div>
    ${open && html`<${Dialog} wide title=${t('import.report')} close=${() => setOpen(null)}><${Report} quiet report=${open} /><div class="row end dialog-foot"><${Button} kind="main" onClick=${() => setOpen(null)}>${t('close')}</${Button}></div></${Dialog}>`}</${Card}>`;
}
const When = ({ at }) => html`<time datetime=${at}>${exact(at)}</time>`;
