import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function find(dir: string): string {
  if (existsSync(join(dir, 'prisma', 'schema.prisma'))) return dir;
  const parent = dirname(dir);
  if (parent === dir) throw new Error('prisma/schema.prisma not found above this file: the installation is incomplete');
  return find(parent);
}

/** The folder that holds `prisma/`, whether this runs from the sources or from `dist/`. */
export const projectRoot: string = find(dirname(fileURLToPath(import.meta.url)));
