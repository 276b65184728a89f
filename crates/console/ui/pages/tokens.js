// Settings → API: the person's own tokens.
import { html } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { PageHead } from '../parts/basic.js';
import { Tokens } from '../parts/tokens.js';

export default function OwnTokens() {
  return html`<${PageHead} title=${t('tokens.title')} intro=${t('tokens.intro')} help="console#api-tokens" /><${Tokens} base="/me/tokens" />`;
}
