import { type Column, printable, tableText, writeLine } from '@berth/views';
import type { Config } from '../program/config.js';

/** How a list is shown. */
export interface ListSpec<T> {
  readonly columns: readonly Column<T>[];
  /** A row as JSON and YAML show it. */
  readonly view: (row: T) => object;
  /** What --quiet prints of a row. */
  readonly id: (row: T) => string;
  /** What is said when there are no rows. */
  readonly empty: string;
}

/** How a list is shown of which each row is a line of its own, for programs as well as for people. */
export interface LinesSpec<T> extends Omit<ListSpec<T>, 'columns'> {
  readonly text: (row: T) => string;
}

/** Writes results to stdout in the format that was asked for, and notes for people to stderr. */
export class Output {
  constructor(
    readonly config: Pick<Config, 'output' | 'quiet'>,
    readonly color: boolean,
    private readonly stdout: NodeJS.WriteStream = process.stdout,
    private readonly stderr: NodeJS.WriteStream = process.stderr,
  ) {}

  /**
   * A list: a table, JSON or YAML; with --quiet one id a line. An empty table says so on stderr, so that a pipe stays empty.
   */
  async list<T>(rows: readonly T[], spec: ListSpec<T>): Promise<void> {
    if (this.config.output !== 'table') await this.value(rows.map(spec.view));
    else if (this.config.quiet) for (const row of rows) this.exactLine(spec.id(row));
    else if (rows.length === 0) this.note(spec.empty);
    else this.stdout.write(`${tableText(rows, spec.columns, { color: this.color, width: this.width })}\n`);
  }

  /** A list as lines that programs read too, JSON or YAML; with --quiet one id a line. */
  async lines<T>(rows: readonly T[], { text, view, id, empty }: LinesSpec<T>): Promise<void> {
    if (this.config.output !== 'table') await this.value(rows.map(view));
    else if (rows.length === 0) this.note(empty);
    else for (const row of rows) this.exactLine(this.config.quiet ? id(row) : printable(text(row)));
  }

  /** One thing: its text for people (with --quiet its id), or the value as JSON or YAML. */
  async one(value: unknown, text: string, id = ''): Promise<void> {
    if (this.config.output !== 'table') await this.value(value);
    else if (!this.config.quiet) this.line(text);
    else if (id !== '') this.exactLine(id);
  }

  /** One item of a stream: a line of text, a line of JSON, or a YAML document. */
  async item(value: unknown, text: string): Promise<void> {
    if (this.config.output === 'json') this.stdout.write(`${JSON.stringify(value)}\n`);
    else if (this.config.output === 'yaml') this.stdout.write(`---\n${await yaml(value)}`);
    else this.line(printable(text));
  }

  /** For people. */
  line(text: string): void {
    writeLine(this.stdout, text);
  }

  /** For programs, as it is; a terminal gets it as people do. */
  exactLine(text: string): void {
    if (this.stdout.isTTY) this.line(text);
    else this.stdout.write(`${text}\n`);
  }

  /** For people only: not with --quiet. */
  note(text: string): void {
    if (!this.config.quiet) writeLine(this.stderr, text);
  }

  /** The terminal's width; Infinity when stdout is none. */
  get width(): number {
    return this.stdout.isTTY ? this.stdout.columns : Infinity;
  }

  private async value(value: unknown): Promise<void> {
    this.stdout.write(this.config.output === 'json' ? `${JSON.stringify(value, null, 2)}\n` : await yaml(value));
  }
}

async function yaml(value: unknown): Promise<string> {
  const { stringify } = await import('./yaml.js');
  // Through JSON, so that dates and absent fields look the same in both formats.
  return stringify(JSON.parse(JSON.stringify(value)));
}

/** Whether to colour what goes to a stream: terminals only, and not with NO_COLOR (https://no-color.org). */
export function wantsColor(stream: NodeJS.WriteStream, flag: boolean): boolean {
  return flag && stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}
