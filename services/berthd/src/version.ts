import { createRequire } from 'node:module';

const { version } = createRequire(import.meta.url)('@berth/berthd/package.json') as { version: string };

/** The version of this Berth. The package is found from src as from any bundle of it. */
export const VERSION = version;
