import type { BenchSelection, Booking, Recurrence, Span } from '@berth/proto/berth/booking/v1/booking';
import { Gap, SeriesScope, WhenFull } from '@berth/proto/berth/booking/v1/booking';
import type { UpdateBookingRequest } from '@berth/proto/berth/booking/v1/booking_service';
import type { Faults } from '@berth/server';
import {
  DAY_MS,
  labFault,
  lineFault,
  listFault,
  MAX_NAME,
  nameFault,
  parseDuration,
  parseLabels,
  parseTime,
  proseFault,
} from '@berth/server';
import type {
  BenchesInput,
  BookingInput,
  Json,
  Patch,
  RecurrenceInput,
  Scope,
  SpanInput,
  TakeInput,
} from '../app/inputs.js';
import {
  checkCluster,
  checkNumber,
  parseEnum,
  parsePatch,
  parseRange,
  parseSomeAmounts,
  parseWhen,
  shareFault,
  wordFault,
} from './parse-values.js';

const MOST_SPANS = 100;
const MOST_BENCHES = 16;
const MOST_MOMENTS = 1000;
const MOST_TEMPLATES = 1_000_000;
const MOST_RULE = 1024;
const MOST_PRIORITY = 100;
const SPAN_LIMITS = { minMs: 0, maxMs: 3650 * DAY_MS };
const DEFAULT_LAB = 'default';

const WHEN_FULL = { refuse: WhenFull.UNSPECIFIED, wait: WhenFull.WAIT } as const;
const GAPS = { move: Gap.UNSPECIFIED, skip: Gap.SKIP } as const;
const SCOPES = { one: SeriesScope.UNSPECIFIED, following: SeriesScope.FOLLOWING, all: SeriesScope.ALL } as const;

/** A booking to make; output-only fields are ignored. `field` stands before the names of its fields. */
export function parseBooking(message: Booking | undefined, field: string, faults: Faults): BookingInput | undefined {
  if (message === undefined) {
    faults.add(field, 'is missing; say at least what is to be booked, and when');
    return undefined;
  }
  return parseFields(message, field, faults);
}

function parseFields(message: Booking, field: string, faults: Faults): BookingInput {
  faults.check(`${field}.spans`, listFault(message.spans, 'spans', MOST_SPANS));
  return { spans: parseSpans(message, field, faults), ...parseWishes(message, field, faults) };
}

function parseSpans({ spans }: Booking, field: string, faults: Faults): readonly SpanInput[] {
  return spans.slice(0, MOST_SPANS).flatMap((span, i) => parseSpan(span, `${field}.spans[${i}]`, faults) ?? []);
}

/** What a caller says about a booking beside its spans. */
function parseWishes(message: Booking, field: string, faults: Faults): Omit<BookingInput, 'spans'> {
  const { owner, description, labels, priority } = message;
  const span = (name: 'releaseAfter' | 'notifyBeforeStart' | 'notifyBeforeEnd', path: string) =>
    parseDuration(message[name], `${field}.${path}`, SPAN_LIMITS, faults);
  faults.check(`${field}.owner`, lineFault(owner, MAX_NAME));
  faults.check(`${field}.description`, proseFault(description));
  if (priority !== undefined) checkNumber(priority, MOST_PRIORITY, `${field}.priority`, faults);
  return {
    owner,
    description,
    labels: parseLabels(labels, `${field}.labels`, faults),
    priority,
    whenFull: parseWhenFull(message.whenFull, `${field}.when_full`, faults),
    resolveByMs: parseTime(message.resolveBy, `${field}.resolve_by`, faults),
    releaseAfterMs: span('releaseAfter', 'release_after'),
    notifyBeforeStartMs: span('notifyBeforeStart', 'notify_before_start'),
    notifyBeforeEndMs: span('notifyBeforeEnd', 'notify_before_end'),
  };
}

/** What becomes of what has no room. */
export function parseWhenFull(value: WhenFull, field: string, faults: Faults): 'refuse' | 'wait' {
  return parseEnum(value, WHEN_FULL, field, faults) ?? 'refuse';
}

function parseSpan(span: Span, field: string, faults: Faults): SpanInput | undefined {
  checkCluster(span.cluster, `${field}.cluster`, faults);
  const range = parseRange(span.range, `${field}.range`, faults);
  const take = parseTake(span, field, faults);
  return range && take && { cluster: span.cluster, range, take, path: field };
}

/** What a span takes: exactly one of amounts, share, template and benches. */
function parseTake(span: Span, field: string, faults: Faults): TakeInput | undefined {
  const { amounts, share, template, templateVersion, templateCount, benches } = span;
  const given = [
    ...(Object.keys(amounts).length > 0 ? ['amounts'] : []),
    ...(share !== 0 ? ['share'] : []),
    ...(template !== '' ? ['template'] : []),
    ...(benches !== undefined ? ['benches'] : []),
  ];
  if (given.length === 0) faults.add(field, 'says nothing to take: give amounts, share (above 0), template or benches');
  if (given.length > 1) faults.add(field, `has ${given.join(' and ')}; exactly one of them says what it takes`);
  if (given.length !== 1) return undefined;
  if (benches !== undefined) return parseBenches(benches, `${field}.benches`, faults);
  if (share !== 0) {
    faults.check(`${field}.share`, shareFault(share));
    return { kind: 'share', basisPoints: share };
  }
  if (template !== '') {
    faults.check(`${field}.template`, wordFault(template));
    checkNumber(templateVersion, MOST_TEMPLATES, `${field}.template_version`, faults);
    checkNumber(templateCount, MOST_TEMPLATES, `${field}.template_count`, faults);
    return { kind: 'template', name: template, version: templateVersion, count: templateCount || 1 };
  }
  return { kind: 'amounts', amounts: parseSomeAmounts(amounts, `${field}.amounts`, faults) };
}

/** Benches of one lab, by name or by what they must be; what a requirement may say is the lease service's. */
function parseBenches(benches: BenchSelection, field: string, faults: Faults): BenchesInput {
  const { lab, names, requirements } = benches;
  if (lab !== '') faults.check(`${field}.lab`, labFault(lab));
  if (names.length > 0 === requirements.length > 0)
    faults.add(field, 'needs either names or requirements: which benches, or what they must be');
  for (const [i, name] of names.entries()) faults.check(`${field}.names[${i}]`, nameFault(name));
  if (new Set(names).size < names.length) faults.add(`${field}.names`, 'has a bench twice');
  for (const [i, { count }] of requirements.entries()) {
    if (count !== undefined && !(count >= 1 && count <= MOST_BENCHES))
      faults.add(`${field}.requirements[${i}].count`, `is ${count}; allowed are 1 to ${MOST_BENCHES}`);
  }
  const wanted = requirements.reduce((sum, { count = 1 }) => sum + count, names.length);
  if (wanted > MOST_BENCHES) faults.add(field, `asks for ${wanted} benches; at most ${MOST_BENCHES} are allowed`);
  return {
    kind: 'benches',
    lab: lab || DEFAULT_LAB,
    names,
    // Kept as it is until a bench is lost, so as plain data.
    requirements: JSON.parse(JSON.stringify(requirements)) as Json[],
  };
}

/** How a booking repeats. Whether the rule can be read is not looked at. */
export function parseRecurrence(message: Recurrence | undefined, field: string, faults: Faults): RecurrenceInput {
  const none = { rule: '', excluded: [], added: [], gap: 'move' } as const;
  if (message === undefined) {
    faults.add(field, 'is missing; say how the booking repeats, for example rule: FREQ=WEEKLY;COUNT=10');
    return none;
  }
  const { rule, excluded, added, gap } = message;
  if (rule === '' && added.length === 0)
    faults.add(`${field}.rule`, 'is required, unless further starts are given', 'INVALID_SERIES');
  faults.check(`${field}.rule`, lineFault(rule, MOST_RULE));
  const whens = (moments: typeof added, path: string) => {
    if (moments.length > MOST_MOMENTS)
      faults.add(path, `has ${moments.length} times; at most ${MOST_MOMENTS} are allowed`, 'INVALID_SERIES');
    return moments.slice(0, MOST_MOMENTS).flatMap((moment, i) => parseWhen(moment, `${path}[${i}]`, faults) ?? []);
  };
  return {
    rule,
    excluded: whens(excluded, `${field}.excluded`),
    added: whens(added, `${field}.added`),
    gap: parseEnum(gap, GAPS, `${field}.gap`, faults) ?? 'move',
  };
}

/** Which bookings of a series are meant. */
export function parseScope(value: SeriesScope, field: string, faults: Faults): Scope {
  return parseEnum(value, SCOPES, field, faults) ?? 'one';
}

/** The fields of a booking that can be changed, and what they are called inside. */
const FIELDS = {
  spans: 'spans',
  owner: 'owner',
  description: 'description',
  labels: 'labels',
  priority: 'priority',
  resolve_by: 'resolveByMs',
  release_after: 'releaseAfterMs',
  notify_before_start: 'notifyBeforeStartMs',
  notify_before_end: 'notifyBeforeEndMs',
} as const satisfies Record<string, keyof BookingInput>;

/** What an update changes. Without a mask: the fields that are set. */
export function parseBookingPatch(request: UpdateBookingRequest, faults: Faults): Patch<BookingInput> {
  const { booking } = request;
  if (booking === undefined) {
    faults.add('booking', 'is missing; give the booking by id, with the new values');
    return {};
  }
  const input: BookingInput = {
    spans: parseSpans(booking, 'booking', faults),
    ...parseWishes(booking, 'booking', faults),
  };
  const { paths, patch } = parsePatch(request.updateMask, FIELDS, input, faults);
  if (paths.includes('spans')) faults.check('booking.spans', listFault(booking.spans, 'spans', MOST_SPANS));
  if (paths.includes('owner')) faults.require('booking.owner', booking.owner);
  return patch;
}
