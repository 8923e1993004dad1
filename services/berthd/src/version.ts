import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

/** The version of this Berth. The file is found from src as from the bundle in dist. */
export const VERSION = version;
