// Passkeys that do not come: cancelled, not recognised, made twice. The page says so in the person's language, and the other ways stay open.
const assert = require('node:assert');
const { totp } = require('../lab.cjs');
const { bundle } = require('../cast.cjs');
const { inBothManners } = require('../manners.cjs');

const world = (stage) => stage.world(bundle(stage.upstream), [['blog', 'ada', 'owner']]);

const SAYS = {
  en: {
    add: 'Add a passkey', signIn: 'Sign in with a passkey', use: 'Use a passkey',
    exists: 'This device has a passkey for your account already.',
    notMade: 'No passkey was added: it was cancelled, or the device did not recognise you.',
    notShown: 'No passkey was shown. Try again, or choose another way.',
  },
  de: {
    add: 'Passkey hinzufügen', signIn: 'Mit einem Passkey anmelden', use: 'Passkey benutzen',
    exists: 'Dieses Gerät hat schon einen Passkey für Ihr Konto.',
    notMade: 'Es wurde kein Passkey hinzugefügt: Der Vorgang wurde abgebrochen, oder das Gerät hat Sie nicht erkannt.',
    notShown: 'Es wurde kein Passkey gezeigt. Versuchen Sie es noch einmal, oder wählen Sie einen anderen Weg.',
  },
};

/** A device that recognises its owner, or does not. */
async function device(one) {
  await one.wire.send('WebAuthn.enable', { enableUI: false });
  const { authenticatorId } = await one.wire.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  return { knows: (isUserVerified) => one.wire.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }) };
}

/** The page says this, and nothing else that went wrong. */
async function hears(one, text, within = one.page) {
  await within.getByRole('alert').first().waitFor();
  assert.deepStrictEqual(await within.getByRole('alert').allInnerTexts(), [text]);
}

const speaks = (one, language) => one.page.evaluate((tag) => localStorage.setItem('doorward.language', tag), language);

/** Bob with a passkey on a device, at his security page. */
async function bobWithPasskey(stage) {
  const bob = await stage.person(await world(stage));
  await bob.signsIn('bob');
  await bob.isIn();
  const finger = await device(bob);
  await bob.opens('/settings/security');
  await bob.presses('Add a passkey');
  await bob.provesIfAsked(bob.page.getByRole('heading', { name: 'Name this passkey' }));
  await bob.types('Name', 'Laptop', { within: bob.dialog });
  await bob.presses('Save', { within: bob.dialog });
  await bob.page.getByRole('cell', { name: 'Laptop' }).first().waitFor();
  return { bob, finger };
}

module.exports = inBothManners({
  async 'a device that does not recognise its owner, and one that has a passkey already'(stage) {
    const { bob, finger } = await bobWithPasskey(stage);
    for (const language of ['en', 'de']) {
      const says = SAYS[language];
      await speaks(bob, language);
      await finger.knows(true);
      await bob.opens('/settings/security');
      await bob.presses(says.add);
      await hears(bob, says.exists);
      await finger.knows(false);
      await bob.opens('/settings/security');
      await bob.presses(says.add);
      await hears(bob, says.notMade);
    }
  },

  async 'signing in: the passkey does not come, the password does'(stage) {
    const { bob, finger } = await bobWithPasskey(stage);
    await bob.picks('Bob', 'Sign out');
    await bob.page.waitForURL('**/sign-in');
    await finger.knows(false);
    for (const language of ['de', 'en']) {
      await speaks(bob, language);
      await bob.opens('/sign-in');
      await bob.presses(SAYS[language].signIn);
      await hears(bob, SAYS[language].notShown);
    }
    await bob.signsIn('bob', { open: false });
    await bob.isIn();
  },

  async 'the second step and the proof: the passkey does not come, the code and the password do'(stage) {
    const { bob, finger } = await bobWithPasskey(stage);
    await bob.presses('Turn on');
    await bob.page.getByRole('heading', { name: 'Turn on two-factor sign-in' }).waitFor();
    await bob.unfolds('It cannot be scanned?', { within: bob.dialog });
    const secret = (await bob.dialog.getByRole('textbox', { name: 'Key for the app' }).innerText()).trim();
    await bob.types('Code from the app', totp(secret), { within: bob.dialog });
    await bob.presses('Confirm', { within: bob.dialog });
    await bob.page.getByRole('heading', { name: 'Your recovery codes' }).waitFor();
    const [code] = await bob.page.locator('.codes code').allInnerTexts();
    await bob.presses('I have kept them');
    await finger.knows(false);
    for (const language of ['de', 'en']) {
      await bob.asksForProof('DELETE', /\/api\/me\/passkeys\//);
      await speaks(bob, language);
      await bob.opens('/settings/security');
      await bob.picks(language === 'en' ? 'Actions for Laptop' : 'Aktionen für Laptop', language === 'en' ? 'Remove' : 'Entfernen');
      await bob.presses(language === 'en' ? 'Remove' : 'Entfernen', { within: bob.dialog });
      await bob.presses(SAYS[language].use, { within: bob.dialog });
      await hears(bob, SAYS[language].notShown, bob.dialog);
    }
    await bob.context.clearCookies();
    await bob.signsIn('bob');
    await bob.page.getByRole('heading', { name: 'Second step' }).waitFor();
    await bob.presses('Use a passkey');
    await hears(bob, SAYS.en.notShown);
    await bob.types('Code', code);
    await bob.presses('Go on');
    await bob.isIn();
  },
});
