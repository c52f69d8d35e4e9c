import type { Request, Response, Router } from 'express';
import { storedFileName } from './file-name.ts';
import type { AttachmentRow, ContactRow } from './rows.ts';
import { newToken, type World } from './world.ts';

interface StoredFile {
  bytes: Buffer;
  attachment: AttachmentRow | undefined;
}

/** A file by its key: none where the disk had no room for it, and none while it is so new that it is not stored yet. */
function storedFile(world: World, key: string): StoredFile | undefined {
  const bytes = world.tables.blobs.get(key);
  if (!bytes) return undefined;
  for (const message of world.tables.messages.all()) {
    const attachment = message.attachments.find(({ blobKey }) => blobKey === key);
    if (!attachment) continue;
    return Date.now() < message.createdAt + world.settings.fileDelayMs ? undefined : { bytes, attachment };
  }
  return { bytes, attachment: undefined };
}

/** Downloads: the address in a message redirects to the storage, which serves the bytes; neither asks for a token. */
export function attachmentRoutes(world: World, router: Router): void {
  const redirect = (req: Request<{ key: string; filename: string }>, res: Response): void => {
    const { key, filename } = req.params;
    if (!storedFile(world, key)) {
      res.status(404).end();
      return;
    }
    const inline = req.query.disposition === 'inline' ? '?disposition=inline' : '';
    res.redirect(302, `/rails/active_storage/disk/${key}/${encodeURIComponent(filename)}${inline}`);
  };
  router.get('/rails/active_storage/blobs/redirect/:key/:filename', redirect);
  router.get('/rails/active_storage/representations/redirect/:key/:variation/:filename', redirect);
  router.get('/rails/active_storage/disk/:key/:filename', (req, res) => {
    const file = storedFile(world, req.params.key);
    if (!file) {
      res.status(404).end();
      return;
    }
    const inline = req.query.disposition === 'inline' || file.attachment?.fileType === 'image';
    res.type(file.attachment?.contentType ?? req.params.filename);
    res.setHeader(
      'Content-Disposition',
      `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(req.params.filename)}`,
    );
    res.send(file.bytes);
  });
}

/** A picture sent with a contact, which its answer shows at once. */
export function storeAvatar(world: World, contact: ContactRow, files: Request['files']): void {
  const file = (Array.isArray(files) ? files : []).find(({ fieldname }) => fieldname === 'avatar');
  if (!file) return;
  const key = newToken();
  world.tables.blobs.set(key, file.buffer);
  const name = encodeURIComponent(storedFileName(file.originalname));
  contact.avatarUrl = `${world.baseUrl()}/rails/active_storage/representations/redirect/${key}/avatar/${name}`;
}
