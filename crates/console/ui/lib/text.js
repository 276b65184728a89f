// The words: every text for people comes from texts/<language>.js, by its key.
import { store, useEffect, useState, useStore } from './dom.js';
import en from '../texts/en.js';

export const languages = [['en', 'English'], ['de', 'Deutsch']];
const loaders = { de: () => import('../texts/de.js') };
const language = store('en');
let words = en;
let plural = new Intl.PluralRules('en');

function remembered() {
  try { return localStorage.getItem('doorward.language'); } catch { return null; }
}

/** Loads the chosen language, else the browser's first that there is. */
export async function begin() {
  const wanted = [remembered(), ...(navigator.languages ?? [])].filter(Boolean).map((tag) => tag.slice(0, 2));
  await choose(wanted.find((tag) => languages.some(([known]) => known === tag)) ?? 'en', false);
}

export async function choose(tag, remember = true) {
  const own = tag === 'en' ? en : { ...en, ...(await loaders[tag]()).default };
  words = { ...own, ...Object.assign({}, ...await Promise.all([...packs, always[tag]].filter(Boolean).map((pack) => more(pack, tag)))) };
  plural = new Intl.PluralRules(tag);
  document.documentElement.lang = tag;
  if (remember) try { localStorage.setItem('doorward.language', tag); } catch { /* storage is off */ }
  language.set(tag);
}

/** Words that only some pages need are no part of the scripts: `texts/<pack>.<language>.json`. Without them pages use the names of things. */
const packs = new Set();
const always = { de: 'server' };
async function more(pack, tag) {
  try {
    const reply = await fetch(`/assets/texts/${pack}.${tag}.json`);
    return reply.ok ? await reply.json() : {};
  } catch { return {}; }
}

/** True once the words of a pack are there, or cannot be had. */
export function useWords(pack) {
  const [ready, setReady] = useState(!pack || packs.has(pack));
  useEffect(() => {
    if (ready) return;
    more(pack, current()).then((found) => {
      words = { ...words, ...found };
      if (Object.keys(found).length) packs.add(pack);
      setReady(true);
    });
  }, []);
  return ready;
}

export const useLanguage = () => useStore(language);
export const current = () => language.get();
export const has = (key) => key in words;
/** What stands behind a beginning, of all keys that have it. */
export const keys = (begin) => Object.keys(words).filter((key) => key.startsWith(begin)).map((key) => key.slice(begin.length));

const patterns = () => keys('say.').filter((say) => say.includes('{')).map((say) => [new RegExp(`^${say.split(/\{\w+\}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('(.+?)')}$`, 's'), [...say.matchAll(/\{(\w+)\}/g)].map((m) => m[1]), say]);
/** What the server says in plain English, in the person's language where there are words for it. */
export function serverText(message) {
  if (!message || current() === 'en') return message;
  if (has(`say.${message}`)) return t(`say.${message}`);
  for (const [pattern, names, say] of patterns()) {
    const found = pattern.exec(message);
    if (found) return t(`say.${say}`, Object.fromEntries(names.map((name, i) => [name, name === 'problem' ? serverText(found[i + 1]) : found[i + 1]])));
  }
  return message;
}

/** The text of a key; `{name}` stands for a value, and a text with plural forms is chosen by `n`. */
export function t(key, values = {}) {
  let text = words[key];
  if (text === undefined) return key;
  if (typeof text === 'object') text = text[plural.select(values.n ?? 0)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (all, name) => {
    const value = values[name];
    return value === undefined ? all : typeof value === 'number' ? number(value) : String(value);
  });
}

export const number = (value, options) => new Intl.NumberFormat(current(), options).format(value);

/** A reason id or an error's code in words, and the id itself if there are none. */
export const reasonText = (id) => (has(`reason.${id}`) ? t(`reason.${id}`) : id);
