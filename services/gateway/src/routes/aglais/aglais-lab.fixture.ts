// What tests of this API share.
import type { HttpLab, Told } from '../http-client.fixture.js';

/** What was created. */
export interface Made {
  readonly id: string;
  readonly clusterid: string;
  readonly [name: string]: unknown;
}

/** A row of a select. */
export type Row = Readonly<Record<string, unknown>>;

/** The thing that an answer tells. */
export function madeOf({ body }: Told): Made {
  return body as Made;
}

/** The rows that an answer tells. */
export function rowsOf({ body }: Told): readonly Row[] {
  return body as readonly Row[];
}

/** A root cluster of its own, with so much of each amount through a year, so that tests do not meet. */
export async function makeCluster(
  { ask }: HttpLab,
  name: string,
  amounts: Readonly<Record<string, number>>,
): Promise<string> {
  await ask('POST', '/v1/clusters', { body: { cluster: { name } } });
  const body = { ...amounts, clusterid: name, startdate: '2031-01-01', enddate: '2031-12-31' };
  const told = await ask('POST', '/resources/create', { body });
  if (told.status !== 201) throw new Error(told.text);
  return name;
}

/** Makes a template. */
export async function makeTemplate(
  { ask }: HttpLab,
  name: string,
  amounts: Readonly<Record<string, number>>,
): Promise<void> {
  const told = await ask('POST', '/v1/templates', { body: { template: { name, amounts } } });
  if (told.status !== 200) throw new Error(told.text);
}
