import { InvalidArgumentError } from 'commander';

/** A part of a cluster, as a call takes it. */
export interface PartFlag {
  readonly role: string;
  readonly template: string;
  readonly templateVersion: number;
  readonly count: number;
}

const PART = /^([^=\s]+)=([^@:\s]+)(?:@([1-9]\d{0,6}))?(?::(\d{1,7}))?$/;

/** Collects the parts of a flag that may be repeated: `worker=large:8`, with a version `worker=large@2:8`. */
export function parsePart(text: string, before: readonly PartFlag[] = []): PartFlag[] {
  const [, role, template, version = '0', count = '1'] = PART.exec(text) ?? [];
  if (role === undefined || template === undefined)
    throw new InvalidArgumentError(`"${text}" is no part; write role=template:count, such as worker=large:8`);
  return [...before, { role, template, templateVersion: Number(version), count: Number(count) }];
}
