// The documents of this version, drawn from their Markdown: as nodes, never as HTML.
import { html, useEffect, useState } from '../lib/dom.js';
import { useRoute } from '../lib/router.js';
import { markdown } from '../lib/markdown.js';
import { current, t } from '../lib/text.js';
import { Failed, PageHead, Skeleton } from '../parts/basic.js';

/** Whoever is not signed in has no side bar to leave by. */
const Out = ({ session }) => !session.signed_in && html`<nav class="door-links" aria-label=${t('sign-in.other')}><a href="/sign-in">${t('back.sign-in')}</a></nav>`;

export default function Help({ folder, page, session }) {
  const { path } = useRoute();
  const [state, setState] = useState({});
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    fetch(`/assets/docs/${folder ? `${encodeURIComponent(folder)}/` : ''}${encodeURIComponent(page)}.md`)
      .then((reply) => (reply.ok ? reply.text() : Promise.reject(Object.assign(new Error(), { code: 'not_found' }))))
      .then((text) => setState({ text }), (error) => setState({ error: error.code ? error : { code: 'was_away' } }));
  }, [path, turn]);
  useEffect(() => {
    if (state.text && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [state.text]);
  if (state.error) return html`<${PageHead} title=${t('help')} /><${Failed} error=${state.error} retry=${() => { setState({}); setTurn((n) => n + 1); }} />`;
  if (!state.text) return html`<${PageHead} title=${t('help')} /><${Skeleton} lines=${9} />`;
  const { title, body } = markdown(state.text, path);
  return html`<${PageHead} title=${title ?? t('help')} intro=${current() === 'en' ? undefined : t('help.in-english')} /><article class="card prose" lang="en">${body}</article><${Out} session=${session} />`;
}
