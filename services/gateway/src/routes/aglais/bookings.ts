import { type Berth, type Booking, BookingState, type Cluster, toShare, WhenFull } from '@berth/client';
import { type AglaisAnswer, type AglaisCall, requestIdOf } from './aglais-call.js';
import { AMOUNTS, amountsOf, amountsView, saysAmounts } from './amounts.js';
import { DEFAULT_CLUSTER } from './selects.js';
import { templateOf } from './templates.js';
import { DATES, datesOf, datesView } from './when.js';

/** The parameters of `/bookings/create`. */
export const BOOKING_PARAMETERS: readonly string[] = [
  ...DATES,
  ...AMOUNTS,
  'template',
  'count',
  'share',
  'clusterid',
  'description',
  'provisional',
  'request_id',
];

type BookingRequest = Parameters<Berth['bookings']['createBooking']>[0];
type SpanInput = NonNullable<NonNullable<BookingRequest['booking']>['spans']>[number];

/** Books. What has no room is refused, or with `provisional` waits for it. */
export async function createBooking(call: AglaisCall): Promise<AglaisAnswer> {
  const { berth, given, faults } = call;
  const range = datesOf(given, faults);
  const { span, newCluster } = takeOf(call);
  const whenFull = given.flag('provisional') ? WhenFull.WAIT : WhenFull.UNSPECIFIED;
  const description = given.text('description') ?? '';
  faults.throwIfAny();
  const answer = await berth.bookings.createBooking({
    booking: { spans: [{ ...span, range }], whenFull, description },
    ...(newCluster && { newCluster: { ...newCluster, range } }),
    ...requestIdOf(call),
  });
  if (answer.booking === undefined) throw new Error('CreateBooking gave no booking');
  return { status: 201, body: bookingView(answer.booking, answer.newCluster) };
}

/**
 * What a booking takes: amounts, a template, or a share of a cluster. A share with amounts and without a cluster is of a
 * cluster of its own, which has these amounts and is made in the same step.
 */
function takeOf({ given, faults }: AglaisCall): {
  readonly span: SpanInput;
  readonly newCluster?: { readonly parent: string; readonly amounts: Record<string, number> };
} {
  const amounts = amountsOf(given);
  const template = templateOf(given, { template: 'template', count: 'count' }, faults);
  const share = shareOf(given.text('share'), faults);
  const cluster = given.text('clusterid');
  const said = [
    ...(saysAmounts(given) ? ['amounts'] : []),
    ...(given.has('template') ? ['template'] : []),
    ...(given.has('share') ? ['share'] : []),
  ];
  const isOwn = said.join() === 'amounts,share' && cluster === undefined;
  if (isOwn) return { span: { share }, newCluster: { parent: DEFAULT_CLUSTER, amounts } };
  if (said.length === 0)
    faults.add('servers', `is missing, and so are ${AMOUNTS.slice(1).join(', ')}, template and share`);
  if (said.length > 1)
    faults.add(said[1] === 'amounts' ? 'servers' : (said[1] ?? ''), `${said.join(' and ')} cannot be booked in one`);
  const where = { cluster: cluster ?? DEFAULT_CLUSTER };
  if (share > 0) return { span: { ...where, share } };
  if (template === undefined) return { span: { ...where, amounts } };
  const { count, ...named } = template;
  return { span: { ...where, ...named, templateCount: count } };
}

/** A share in basis points; 0 when there is none, or a fault. */
function shareOf(text: string | undefined, faults: AglaisCall['faults']): number {
  if (text === undefined) return 0;
  try {
    return toShare(text);
  } catch (error) {
    faults.add('share', error instanceof Error ? error.message : String(error));
    return 0;
  }
}

function bookingView({ id, state, spans, interval, shortfall }: Booking, newCluster: Cluster | undefined): object {
  const [span] = spans;
  return {
    id,
    state: BookingState[state],
    provisional: state === BookingState.PROVISIONAL,
    clusterid: newCluster?.name ?? span?.cluster ?? '',
    ...datesView(interval),
    ...amountsView(span?.taken ?? {}),
    ...(span !== undefined && span.share > 0 && { share: `${String(span.share / 100)}%` }),
    ...(span !== undefined &&
      span.template !== '' && {
        template: `${span.template}@${String(span.templateVersion)}`,
        count: span.templateCount,
      }),
    ...(shortfall && { reason: `${String(shortfall.shortfall)} ${shortfall.amount} too little` }),
  };
}
