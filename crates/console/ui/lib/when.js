// Stretches of time and days of the calendar, without words: how far a moment is, and when a day of the person's begins.
const units = [['second', 1, 60], ['minute', 60, 60], ['hour', 3600, 48], ['day', 86400, 60], ['month', 2629800, 24], ['year', 31557600, Infinity]];

/** How far it is from one moment to another: `[number, unit]`, rounded; null = no more than a few seconds. */
export function apart(from, to) {
  const seconds = (to - from) / 1000;
  if (Math.abs(seconds) < 5) return null;
  for (const [unit, size, most] of units) {
    const n = Math.round(Math.abs(seconds) / size);
    if (n < most) return [seconds < 0 ? -n : n, unit];
  }
  return null;
}

/** When a day (`2027-03-28`) begins where the person is, or with `ended` the day after it: as the server is asked. */
export function dayBegins(text, ended = false) {
  const [year, month, day] = text.split('-').map(Number);
  const at = new Date(year, month - 1, day + (ended ? 1 : 0));
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString().replace(/\.\d+/, '');
}
