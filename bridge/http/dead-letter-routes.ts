import { Router } from 'express';
import { deadLetterQuerySchema } from '../../shared/contracts/dead-letters.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { DeadLetterCommands } from '../dead-letters/commands.ts';
import type { DeadLetterSearch } from '../dead-letters/search.ts';
import type { BridgeResponse } from './context.ts';

const SANE_ID = /^[\w-]{1,40}$/;

/** What was set aside by the relay, for the operator's pages of the api. */
export function deadLetterRoutes({ search, commands }: { search: DeadLetterSearch; commands: DeadLetterCommands }): Router {
  const router = Router();
  router.get('/v1/dead-letters', async (request, response) => {
    const { letters, next } = await search.list(deadLetterQuerySchema.parse(request.query));
    response.json({ dead_letters: letters, next });
  });
  router.get('/v1/dead-letters/:id', async (request, response) => {
    const letter = await search.get(idOf(request.params.id));
    if (letter === undefined) throw new PonteError('dead_letter_not_found');
    response.json(letter);
  });
  router.post('/v1/dead-letters/:id/resend', async (request, response: BridgeResponse) => {
    const id = idOf(request.params.id);
    if ((await commands.resend({ ids: [id] })) === 0) throw new PonteError('dead_letter_not_found');
    response.locals.log.info({ deadLetterId: id }, 'an operator has a message sent again');
    response.status(202).json({ success: true, message: 'the message is sent again' });
  });
  router.delete('/v1/dead-letters/:id', async (request, response: BridgeResponse) => {
    const id = idOf(request.params.id);
    if ((await commands.discard([id])) === 0) throw new PonteError('dead_letter_not_found');
    response.locals.log.info({ deadLetterId: id }, 'an operator has discarded a message');
    response.json({ success: true, message: 'the message is discarded' });
  });
  return router;
}

function idOf(text: string): string {
  if (!SANE_ID.test(text)) throw new PonteError('dead_letter_not_found');
  return text;
}
