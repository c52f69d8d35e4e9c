import type { MediaKind } from './content.ts';
import { makeMp4 } from './mp4-file.ts';
import { makeOggOpus } from './ogg-file.ts';
import { makePng } from './png-file.ts';

export interface MediaFile {
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly fileName: string;
}

/** A small file of each kind that real software opens: nothing of it is made up but the picture. */
export function makeMediaFile(kind: MediaKind, { voice = true }: { voice?: boolean } = {}): MediaFile {
  switch (kind) {
    case 'image':
      return { bytes: makeSquare(), mimeType: 'image/png', fileName: 'image.png' };
    case 'sticker':
      return { bytes: WEBP, mimeType: 'image/webp', fileName: 'sticker.webp' };
    case 'audio':
      return voice
        ? { bytes: makeOggOpus(), mimeType: 'audio/ogg; codecs=opus', fileName: 'voice.ogg' }
        : { bytes: makeOggOpus(), mimeType: 'audio/ogg', fileName: 'audio.ogg' };
    case 'video':
      return { bytes: makeMp4(), mimeType: 'video/mp4', fileName: 'video.mp4' };
    case 'document':
      return { bytes: makePdf(), mimeType: 'application/pdf', fileName: 'document.pdf' };
  }
}

// One transparent pixel, losslessly.
const WEBP = Buffer.from('UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==', 'base64');

const PNG_SIZE = 16;

/** A green square of 16 by 16 pixels. */
const makeSquare = (): Buffer => makePng({ width: PNG_SIZE, height: PNG_SIZE, colourAt: () => [0x25, 0xd3, 0x66] });

/** One page that says what it is. */
function makePdf(): Buffer {
  const text = 'BT /F1 18 Tf 20 60 Td (A document from the simulated engine) Tj ET';
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 320 120] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const trailer = `trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(`${file}xref\n0 ${size}\n0000000000 65535 f \n${table}${trailer}`, 'latin1');
}
