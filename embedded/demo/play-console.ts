import { eventually } from './client.ts';
import { logInToConsole } from './console-reader.ts';
import type { Props } from './props.ts';

/** What the account holder sees of all that. */
export async function playConsole({ stage, apiUrl, engineTitle, accountToken }: Props): Promise<void> {
  await stage.scene('The console shows it', async () => {
    const read = await logInToConsole(apiUrl, accountToken);
    stage.show('GET', `${apiUrl}/`);
    stage.expect(
      'lists the instance to whoever logs in with the account’s token',
      (await read('/')).includes('/instances/suporte'),
    );
    const page = await eventually(async () => {
      const html = await read('/instances/suporte');
      return html.includes(engineTitle) && html.includes('WhatsApp - Orion') ? html : undefined;
    }, 10_000);
    stage.show('GET', `${apiUrl}/instances/suporte`);
    stage.expect(`has its page, with its WhatsApp API (${engineTitle}) and its inbox`, page !== undefined);
  });
}
