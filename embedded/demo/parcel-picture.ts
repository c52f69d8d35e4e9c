import { type Colour, makePng } from '../../simulators/whatsapp-engine/png-file.ts';

const WIDTH = 320;
const HEIGHT = 220;
const COLOURS = {
  wall: [226, 232, 240],
  floor: [186, 196, 210],
  cardboard: [196, 148, 96],
  lid: [214, 170, 120],
  tape: [236, 214, 168],
  tear: [72, 48, 28],
} as const satisfies Record<string, Colour>;

/** What the customer of the demo complains about: a parcel that is torn open, as a PNG. */
export const parcelPicture = (): Buffer => makePng({ width: WIDTH, height: HEIGHT, colourAt });

function colourAt(x: number, y: number): Colour {
  const isParcel = x >= 70 && x < 250 && y >= 60 && y < 190;
  if (!isParcel) return y < 150 ? COLOURS.wall : COLOURS.floor;
  if (isTorn(x, y)) return COLOURS.tear;
  if (x >= 150 && x < 170) return COLOURS.tape;
  return y < 92 ? COLOURS.lid : COLOURS.cardboard;
}

/** A jagged gap from the upper edge down the right side, narrower the deeper it goes. */
function isTorn(x: number, y: number): boolean {
  const depth = y - 60;
  const jag = Math.abs((depth % 24) - 12);
  return depth < 100 && Math.abs(x - 208 - jag + depth / 6) < 22 - depth / 5;
}
