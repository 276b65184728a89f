// The words: every text for people comes from texts/<language>.js, by its key.
import { store, useStore } from './dom.js';
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
  words = tag === 'en' ? en : { ...en, ...(await loaders[tag]()).default };
  plural = new Intl.PluralRules(tag);
  document.documentElement.lang = tag;
  if (remember) try { localStorage.setItem('doorward.language', tag); } catch { /* storage is off */ }
  language.set(tag);
}

export const useLanguage = () => useStore(language);
export const current = () => language.get();
export const has = (key) => key in words;

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
