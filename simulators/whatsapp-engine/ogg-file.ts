const SAMPLES_PER_FRAME = 960;
const FRAMES = 50;
const SERIAL = 0x706f6e74;
// One frame of 20 ms of silence.
const SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const CRC_TABLE = Array.from({ length: 256 }, (_, index) => {
  let remainder = index << 24;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 0x80000000 ? (remainder << 1) ^ 0x04c11db7 : remainder << 1;
  return remainder >>> 0;
});

/** Ogg's own checksum: the usual polynomial, but from the highest bit down. */
function oggChecksum(bytes: Buffer): number {
  let crc = 0;
  for (const byte of bytes) crc = ((crc << 8) ^ (CRC_TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
  return crc;
}

function makePage(kind: number, granule: number, sequence: number, packets: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(27);
  header.write('OggS', 0, 'latin1');
  header[5] = kind;
  header.writeBigUInt64LE(BigInt(granule), 6);
  header.writeUInt32LE(SERIAL, 14);
  header.writeUInt32LE(sequence, 18);
  header[26] = packets.length;
  const page = Buffer.concat([header, Buffer.from(packets.map((packet) => packet.length)), ...packets]);
  page.writeUInt32LE(oggChecksum(page), 22);
  return page;
}

/** A second of silence as WhatsApp sends voice: Opus in Ogg, one channel, 48 kHz. */
export function makeOggOpus(): Buffer {
  const head = Buffer.concat([
    Buffer.from('OpusHead', 'latin1'),
    Buffer.from([1, 1, 0, 0]),
    uint32(48_000),
    Buffer.from([0, 0, 0]),
  ]);
  const vendor = Buffer.from('ponte', 'latin1');
  const tags = Buffer.concat([Buffer.from('OpusTags', 'latin1'), uint32(vendor.length), vendor, uint32(0)]);
  const frames = Array.from({ length: FRAMES }, () => SILENCE);
  return Buffer.concat([
    makePage(2, 0, 0, [head]),
    makePage(0, 0, 1, [tags]),
    makePage(4, FRAMES * SAMPLES_PER_FRAME, 2, frames),
  ]);
}
