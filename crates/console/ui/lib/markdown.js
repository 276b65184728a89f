// A reader for the Markdown of our own documents: headings, paragraphs, lists, tables, code, links, emphasis.
import { html } from './dom.js';

const slug = (text) => text.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').trim().replace(/ /g, '-');
const inlineRe = /(`+)(.+?)\1|!\[([^\]]*)\]\(([^)\s]+)\)|\[((?:\\.|[^\]])+)\]\(([^)\s]+)\)|<(https?:[^>\s]+)>|\*\*(.+?)\*\*|\*(.+?)\*/g;

/** Where a link of a document leads: another document, or a place outside. */
function target(href, here) {
  if (/^https?:/i.test(href)) return href;
  if (href.startsWith('#')) return here + href;
  if (/^[a-z][a-z0-9+.-]*:/i.test(href)) return null;
  const { pathname, hash } = new URL(href, `https://docs.invalid${here}`);
  return pathname.startsWith('/help/') && pathname.endsWith('.md') ? pathname.replace(/\.md$/, '') + hash : null;
}

function inline(text, here) {
  const out = [];
  let end = 0;
  for (const m of text.matchAll(inlineRe)) {
    out.push(text.slice(end, m.index));
    end = m.index + m[0].length;
    if (m[2] !== undefined) out.push(html`<code>${m[2].trim()}</code>`);
    else if (m[4] !== undefined) out.push(/^[\w/.-]+\.(svg|png)$/.test(m[4]) ? html`<img alt=${m[3]} src=${new URL(m[4], `https://docs.invalid${here}`).pathname.replace(/^\/help\//, '/assets/docs/')} />` : m[3]);
    else if (m[6] !== undefined) {
      const href = target(m[6], here);
      out.push(href ? html`<a href=${href} ...${/^http/.test(href) && { target: '_blank', rel: 'noopener noreferrer' }}>${inline(m[5], here)}</a>` : html`<span>${inline(m[5], here)}</span>`);
    } else if (m[7]) out.push(html`<a href=${m[7]} target="_blank" rel="noopener noreferrer">${m[7]}</a>`);
    else out.push(m[8] ? html`<strong>${inline(m[8], here)}</strong>` : html`<em>${inline(m[9], here)}</em>`);
  }
  out.push(text.slice(end));
  return out;
}

const cells = (line) => line.trim().replace(/^\||\|$/g, '').split(/(?<!\\)\|/).map((c) => c.trim().replace(/\\\|/g, '|'));

/** `{title, body}` of a document at `here` (`/help/rules`). */
export function markdown(text, here) {
  const lines = text.replace(/\r/g, '').split('\n');
  const body = [];
  let title;
  let i = 0;
  const isBlock = (line) => /^(#{1,6} |```|\||[-*] |\d+\. |> |$)/.test(line);
  while (i < lines.length) {
    const line = lines[i];
    const heading = /^(#{1,6}) (.+)$/.exec(line);
    if (!line.trim()) i += 1;
    else if (heading) {
      if (heading[1].length === 1 && !title) title = heading[2];
      else body.push(heading[1].length === 2 ? html`<h2 id=${slug(heading[2])}>${inline(heading[2], here)}</h2>` : html`<h3 id=${slug(heading[2])}>${inline(heading[2], here)}</h3>`);
      i += 1;
    } else if (line.startsWith('```')) {
      const code = [];
      for (i += 1; i < lines.length && !lines[i].startsWith('```'); i += 1) code.push(lines[i]);
      i += 1;
      body.push(html`<pre tabindex="0"><code>${code.join('\n')}</code></pre>`);
    } else if (line.startsWith('|')) {
      const rows = [];
      for (; i < lines.length && lines[i].startsWith('|'); i += 1) rows.push(cells(lines[i]));
      const [head, , ...rest] = rows;
      body.push(html`<div class="prose-table" tabindex="0" role="group"><table>${head.some(Boolean) && html`<thead><tr>${head.map((c) => (c ? html`<th scope="col">${inline(c, here)}</th>` : html`<td></td>`))}</tr></thead>`}<tbody>${rest.map((r) => html`<tr>${r.map((c) => html`<td>${inline(c, here)}</td>`)}</tr>`)}</tbody></table></div>`);
    } else if (/^([-*]|\d+\.) /.test(line)) {
      const items = [];
      const ordered = /^\d/.test(line);
      for (; i < lines.length && (/^([-*]|\d+\.) /.test(lines[i]) || /^ {2,}\S/.test(lines[i])); i += 1) {
        if (/^ /.test(lines[i])) items[items.length - 1] += ` ${lines[i].trim()}`;
        else items.push(lines[i].replace(/^([-*]|\d+\.) /, ''));
      }
      const list = items.map((item) => html`<li>${inline(item, here)}</li>`);
      body.push(ordered ? html`<ol>${list}</ol>` : html`<ul>${list}</ul>`);
    } else {
      const words = [];
      do { words.push(lines[i].replace(/^> ?/, '')); i += 1; } while (i < lines.length && !isBlock(lines[i]));
      body.push(html`<p>${inline(words.join(' '), here)}</p>`);
    }
  }
  return { title, body };
}
