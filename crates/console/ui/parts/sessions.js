// Sessions and devices, of one's own or of a user: where somebody is signed in, and the ways to end it.
import { html } from '../lib/dom.js';
import { del } from '../lib/api.js';
import { useList } from '../lib/data.js';
import { t } from '../lib/text.js';
import { Time } from '../lib/time.js';
import { dialectTitle } from '../lib/dialects.js';
import { Badge, Button, Card, Empty, errorText } from './basic.js';
import { confirm } from './dialog.js';
import { Table } from './table.js';
import { toast } from './toast.js';

/** What a person calls a client: a browser and a system, or the program's own name. */
const device = ({ browser, system, device: name, agent }) => (browser && system ? t('device.on', { browser, system }) : name || agent || t('device.unknown'));

/** `login`: whose they are, where they are not one's own. */
export function Sessions({ base, mine, login }) {
  const from = useList(base, {}, 50);
  const end = async (row) => {
    try {
      await del(`${base}/${encodeURIComponent(row.id)}`);
      from.set((items) => items.filter((one) => one.id !== row.id));
      toast(t('session.ended'));
    } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  };
  const endAll = async (everything) => {
    const question = everything ? { title: t('session.everything'), text: t('session.everything.text'), action: t('session.everything.do') }
      : mine ? { title: t('session.all'), text: t('session.all.text'), action: t('session.end') }
      : { title: t('session.all.user'), text: t('session.all.user.text', { login }), action: t('session.all.user') };
    if (!(await confirm(question))) return;
    try {
      await del(`${base}${everything ? '?everything=true' : ''}`);
      from.reload();
      toast(t('session.all.done'));
    } catch (error) { toast(errorText(error), { tone: 'danger' }); }
  };
  const columns = [
    { title: t('device'), kind: 'main', cell: (row) => html`<span class="strong" dir="auto" title=${row.agent}>${device(row)}</span> ${row.current && html`<${Badge} tone="accent">${t('session.current')}</${Badge}>`}<span class="sub">${row.dialect === 'console' ? t('session.console') : dialectTitle(row.dialect)}</span>` },
    { title: t('address'), kind: 'place', cell: (row) => html`<span>${row.address || '–'}</span>` },
    { title: t('session.seen'), kind: 'near', cell: (row) => html`<${Time} at=${row.seen ?? row.created} />` },
    { title: t('session.since'), kind: 'near', cell: (row) => html`<${Time} at=${row.created} />` },
    { title: t('actions'), kind: 'actions', cell: (row) => !row.current && html`<${Button} kind="quiet" onClick=${() => end(row)} aria-label=${t('session.end.of', { device: device(row) })}>${t('session.end')}</${Button}>` },
  ];
  return html`<${Card} id="sessions" title=${t('sessions')} intro=${t(mine ? 'sessions.text' : 'sessions.text.user')} actions=${html`<${Button} onClick=${() => endAll(false)}>${t(mine ? 'session.all' : 'session.all.user')}</${Button}>${mine && html`<${Button} kind="quiet" onClick=${() => endAll(true)}>${t('session.everything')}</${Button}>`}`}>
    <div class="inset"><${Table} caption=${t('sessions')} columns=${columns} from=${from} empty=${html`<${Empty} icon="laptop" title=${t('sessions.empty')} />`} /></div></${Card}>`;
}
