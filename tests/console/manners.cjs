// A story told twice: with mouse and keyboard, and by keyboard alone.

/** Every story, and after it the same by who has no mouse. */
function inBothManners(stories) {
  return Object.fromEntries(Object.entries(stories).flatMap(([name, tell]) => [[name, tell], [`${name} (by keyboard alone)`, (stage) => tell(by(stage, { keyboard: true }))]]));
}

/** The stage with people who are all like this. */
const by = (stage, manner) => ({ ...stage, person: (server, options) => stage.person(server, { ...manner, ...options }) });

module.exports = { by, inBothManners };
