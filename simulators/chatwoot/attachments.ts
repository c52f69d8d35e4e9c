import type { Router } from 'express';
import { found } from './params.ts';
import type { World } from './world.ts';

/** Downloads: the address in a message redirects to the storage, which serves the bytes; neither asks for a token. */
export function attachmentRoutes(world: World, router: Router): void {
  router.get('/rails/active_storage/blobs/redirect/:key/:filename', (req, res) => {
    found(world.tables.blobs.get(req.params.key));
    res.redirect(302, `/rails/active_storage/disk/${req.params.key}/${encodeURIComponent(req.params.filename)}`);
  });
  router.get('/rails/active_storage/disk/:key/:filename', (req, res) => {
    const bytes = found(world.tables.blobs.get(req.params.key));
    const attachment = world.tables.messages
      .all()
      .flatMap((message) => message.attachments)
      .find((candidate) => candidate.blobKey === req.params.key);
    const inline = attachment?.fileType === 'image' || attachment?.fileType === 'audio';
    res.type(attachment?.contentType ?? 'application/octet-stream');
    res.setHeader(
      'Content-Disposition',
      `${inline ? 'inline' : 'attachment'}; filename*=UTF-8''${encodeURIComponent(req.params.filename)}`,
    );
    res.send(bytes);
  });
}
