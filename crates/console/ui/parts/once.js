// What is shown this once: a token, a password, codes. It goes when the person says that they have it; any other way out asks first.
import { html, useState } from '../lib/dom.js';
import { t } from '../lib/text.js';
import { Button } from './basic.js';
import { confirm, Dialog } from './dialog.js';

/** `children(copied)`: what is shown; `copied` is called when somebody took it with them. `done`: the words of who has it. */
export function Once({ title, done, close, children }) {
  const [has, setHas] = useState(false);
  const copied = () => setHas(true);
  const leave = async () => {
    if (has || (await confirm({ title: t('once.title'), text: t('once.text'), action: t('once.leave') }))) close();
  };
  return html`<${Dialog} title=${title} close=${leave}><div class="stack" onCopy=${copied}>${children(copied)}
    <div class="row end"><${Button} kind="main" onClick=${close}>${done}</${Button}></div></div></${Dialog}>`;
}
