import type { Config } from './config.js';

/**
 * The variables by which a `berth` that a command calls goes where this one went, with the same files. A token that was given
 * as a flag is not passed on.
 */
export function passedOn({ address, lab, tokenFile, ca, cert, key }: Config): Readonly<Record<string, string>> {
  // One of the two is used, and the token goes before its file.
  const token = tokenFile === undefined ? {} : { BERTH_TOKEN: '', BERTH_TOKEN_FILE: tokenFile };
  const files = { ...token, BERTH_CA: ca, BERTH_CERT: cert, BERTH_KEY: key };
  const given = Object.entries({ BERTH_ADDRESS: address, BERTH_LAB: lab, ...files });
  return Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
