import { h264Configuration, makeH264Frame } from './h264-frame.ts';

const SIZE = 16;
const TIMESCALE = 1_000;
const DURATION = 1_000;

const u16 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => {
    bytes.writeUInt16BE(value, index * 2);
  });
  return bytes;
};
const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => {
    bytes.writeUInt32BE(value >>> 0, index * 4);
  });
  return bytes;
};
const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const zeros = (count: number): Buffer => Buffer.alloc(count);

function box(type: string, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), ascii(type), body]);
}

const fullBox = (type: string, flags: number, ...parts: Buffer[]): Buffer => box(type, u32(flags), ...parts);

// Neither turned nor scaled.
const MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/** A video of one second with one frame. */
export function makeMp4(): Buffer {
  const frame = makeH264Frame();
  const ftyp = box('ftyp', ascii('isom'), u32(0x200), ascii('isomiso2mp41'));
  // Twice: the offset of the frame is only known once the length of all that stands before it is.
  const draft = makeMoov(frame.length, 0);
  const moov = makeMoov(frame.length, ftyp.length + draft.length + 8);
  return Buffer.concat([ftyp, moov, box('mdat', frame)]);
}

function makeMoov(frameBytes: number, frameOffset: number): Buffer {
  const mvhd = fullBox('mvhd', 0, u32(0, 0, TIMESCALE, DURATION, 0x10000), u16(0x100), zeros(10), MATRIX, zeros(24), u32(2));
  const size = u32(SIZE << 16, SIZE << 16);
  const tkhd = fullBox('tkhd', 3, u32(0, 0, 1, 0, DURATION), zeros(16), MATRIX, size);
  const mdhd = fullBox('mdhd', 0, u32(0, 0, TIMESCALE, DURATION), u16(0x55c4, 0));
  const hdlr = fullBox('hdlr', 0, u32(0), ascii('vide'), zeros(12), ascii('video\0'));
  const dinf = box('dinf', fullBox('dref', 0, u32(1), fullBox('url ', 1)));
  const minf = box('minf', fullBox('vmhd', 1, zeros(8)), dinf, makeSampleTable(frameBytes, frameOffset));
  return box('moov', mvhd, box('trak', tkhd, box('mdia', mdhd, hdlr, minf)));
}

function makeSampleTable(frameBytes: number, frameOffset: number): Buffer {
  const codec = box(
    'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(SIZE, SIZE),
    u32(0x480000, 0x480000, 0),
    u16(1),
    zeros(32),
    u16(24, 0xffff),
    box('avcC', h264Configuration),
  );
  return box(
    'stbl',
    fullBox('stsd', 0, u32(1), codec),
    fullBox('stts', 0, u32(1, 1, DURATION)),
    fullBox('stsc', 0, u32(1, 1, 1, 1)),
    fullBox('stsz', 0, u32(0, 1, frameBytes)),
    fullBox('stco', 0, u32(1, frameOffset)),
  );
}
