import { Grain } from '@berth/proto/berth/booking/v1/time';

/** The parts of an instant on a clock of a zone. */
export interface Wall {
  readonly date: string;
  readonly time: string;
  /** As `+01:00`. */
  readonly offset: string;
}

/** What a clock of a zone shows; made once for many instants. */
export function wallIn(zone: string): (at: Date) => Wall {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'longOffset',
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const part = (name: Intl.DateTimeFormatPartTypes): string => parts.get(name) ?? '';
    const offset = part('timeZoneName').replace('GMT', '');
    return {
      date: `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`,
      time: `${part('hour')}:${part('minute')}`,
      offset: offset === '' ? '+00:00' : offset,
    };
  };
}

/** How the start of a block is written: its date in the zone, shorter blocks with time and offset. */
export function zonedText(zone: string, grain: Grain): (at: Date | undefined) => string {
  const wall = wallIn(zone);
  const short = grain === Grain.HOUR || grain === Grain.MINUTE;
  return (at) => {
    if (at === undefined) return '';
    const { date, time, offset } = wall(at);
    return short ? `${date}T${time}${offset === '+00:00' ? 'Z' : offset}` : date;
  };
}
