import { cellsText, clockText } from '@berth/views';
import type { LabPicture } from './part.js';

const PLAIN = { color: false, width: Infinity };

/** A lab as text: each part in a few words, and its table. */
export function pageText({ lab, time, parts }: LabPicture): string {
  const head = `lab ${lab} at ${clockText(time, time)}`;
  const blocks = parts.map(({ title, summary, cells, more }) => {
    const lines = [`${title.toUpperCase()}  ${summary}`, ...(cells ? ['', cellsText(cells, PLAIN)] : [])];
    return [...lines, ...(more === undefined ? [] : [more])].join('\n');
  });
  return `${[head, ...blocks].join('\n\n')}\n`;
}
