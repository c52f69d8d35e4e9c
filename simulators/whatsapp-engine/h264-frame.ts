/** The bits of H.264's headers, most of which are numbers in exponential Golomb code. */
function bitsOf(...fields: (string | number)[]): string {
  return fields.map((field) => (typeof field === 'string' ? field : golomb(field))).join('');
}

function golomb(value: number): string {
  const binary = (value + 1).toString(2);
  return '0'.repeat(binary.length - 1) + binary;
}

function toBytes(bits: string): Buffer {
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '0');
  return Buffer.from(padded.match(/.{8}/g)?.map((octet) => Number.parseInt(octet, 2)) ?? []);
}

const PROFILE = 66;
const COMPATIBILITY = 0xc0;
const LEVEL = 10;
const STOP_BIT = '1';
const I_SLICE = 7;
const I_PCM = 25;

// Baseline, one macroblock wide and high, pictures in coding order.
const SEQUENCE = Buffer.concat([
  Buffer.from([0x67, PROFILE, COMPATIBILITY, LEVEL]),
  toBytes(bitsOf(0, 0, 2, 1, '0', 0, 0, '1', '1', '0', '0', STOP_BIT)),
]);
// No arithmetic coding, deblocking under the control of each slice.
const PICTURE = Buffer.concat([
  Buffer.from([0x68]),
  toBytes(bitsOf(0, 0, '0', '0', 0, 0, 0, '0', '00', 0, 0, 0, '1', '0', '0', STOP_BIT)),
]);

/** What a decoder is told before the first frame (`avcC`). */
export const h264Configuration: Buffer = Buffer.concat([
  Buffer.from([1, PROFILE, COMPATIBILITY, LEVEL, 0xff, 0xe1, 0, SEQUENCE.length]),
  SEQUENCE,
  Buffer.from([1, 0, PICTURE.length]),
  PICTURE,
]);

/** A green picture of 16 by 16 pixels: one macroblock whose samples are written out, so that nothing has to be encoded. */
export function makeH264Frame(): Buffer {
  const header = toBytes(bitsOf(0, I_SLICE, 0, '0000', 0, '0', '0', 0, 1, I_PCM));
  const [luma, blue, red] = [Buffer.alloc(256, 0x90), Buffer.alloc(64, 0x60), Buffer.alloc(64, 0x40)];
  const slice = Buffer.concat([Buffer.from([0x65]), header, luma, blue, red, toBytes(STOP_BIT)]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(slice.length);
  return Buffer.concat([length, slice]);
}
