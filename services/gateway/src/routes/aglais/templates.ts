import type { Faults } from '@berth/server';
import type { GivenParameters } from '../parameters.js';

/** A template, perhaps with a version (0 = the newest), and how many of it. */
export interface TemplateAsked {
  readonly template: string;
  readonly templateVersion: number;
  readonly count: number;
}

const MOST = 1_000_000;

/** So many of a template, `small` or `small@2`; undefined when the request names none, or there is a fault. */
export function templateOf(given: GivenParameters, names: { template: string; count: string }, faults: Faults) {
  const count = given.whole(names.count, { most: MOST });
  const text = given.text(names.template);
  if (text === undefined) {
    if (given.has(names.count)) faults.add(names.count, `counts ${names.template}, which is not given`);
    return undefined;
  }
  const [, template, version = '0'] = /^([^@\s]+)(?:@([1-9]\d{0,6}))?$/.exec(text) ?? [];
  if (template === undefined) {
    faults.add(names.template, `is ${JSON.stringify(text)}; write a template's name, with a version as small@2`);
    return undefined;
  }
  const asked: TemplateAsked = { template, templateVersion: Number(version), count: count ?? 1 };
  return asked;
}
