// Passkeys: the server's options in, the authenticator's answer out, both as JSON.
import { post } from './api.js';

export const supported = () => typeof PublicKeyCredential === 'function';

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const ids = (list) => list?.map((c) => ({ ...c, id: bytes(c.id) }));

function creation(options) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return { ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: ids(options.excludeCredentials) };
}

function request(options) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return { ...options, challenge: bytes(options.challenge), allowCredentials: ids(options.allowCredentials) };
}

function answer(credential) {
  if (credential.toJSON) return credential.toJSON();
  const { response: r } = credential;
  const parts = { clientDataJSON: text(r.clientDataJSON) };
  for (const name of ['attestationObject', 'authenticatorData', 'signature', 'userHandle']) if (r[name]) parts[name] = text(r[name]);
  if (r.getTransports) parts.transports = r.getTransports();
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: parts, clientExtensionResults: credential.getClientExtensionResults() };
}

/** What the browser says when there is no passkey, in our words: its own are an error that takes no code, in the browser's language. */
async function of(device, cancelled) {
  let credential;
  try {
    credential = await device();
  } catch ({ name }) {
    const code = { NotAllowedError: cancelled, AbortError: cancelled, InvalidStateError: 'passkey_exists' }[name] ?? 'passkey_failed';
    throw Object.assign(new Error(code), { code });
  }
  return answer(credential);
}

const inner = (options) => options.publicKey ?? options.options?.publicKey ?? options.options ?? options;

/** Makes a passkey on this device. */
export async function register() {
  const options = await post('/passkeys/challenge', { for: 'register' });
  return of(() => navigator.credentials.create({ publicKey: creation(inner(options)) }), 'passkey_not_made');
}

/** Shows a passkey. `purpose` is login, second or reauth. */
export async function show(purpose, more = {}) {
  const options = await post('/passkeys/challenge', { for: purpose, ...more }, { anonymous: purpose !== 'reauth', repeat: true });
  return of(() => navigator.credentials.get({ publicKey: request(inner(options)) }), 'passkey_cancelled');
}
