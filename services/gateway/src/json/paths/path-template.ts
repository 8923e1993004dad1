/** One segment of a template: a text, `*` (any one segment), or `**` (all that follow, also none). */
export type TemplateSegment =
  { readonly kind: 'literal'; readonly text: string } | { readonly kind: 'any' } | { readonly kind: 'rest' };

/** A field that a part of the path is the value of. */
export interface PathVariable {
  /** The field's path in the request, for example `bench.name`. */
  readonly field: string;
  /** The first of its segments. */
  readonly from: number;
  /** How many segments the template gives it. */
  readonly count: number;
  /** Whether it may stand for several segments: then a `%2F` in it stays as it is. */
  readonly several: boolean;
}

/** A path of `google.api.http`, for example `/v1/benches/{name}:setCondition`. */
export interface PathTemplate {
  readonly text: string;
  readonly segments: readonly TemplateSegment[];
  readonly variables: readonly PathVariable[];
  /** What stands behind the last colon; empty = nothing. */
  readonly verb: string;
}

const PART = /^(?:\{([A-Za-z_][\w.]*)(?:=([^{}]+))?\}|([^/{}]+))(\/|$)/;

/** The template of a text, by the grammar in google/api/http.proto. Throws Error for a text that breaks it. */
export function parseTemplate(text: string): PathTemplate {
  const [, path = '', verb = ''] = /^(.*?)(?::([^/:{}]+))?$/s.exec(text) ?? [];
  if (!path.startsWith('/')) throw fault(text, 'it must start with /');
  const segments: TemplateSegment[] = [];
  const variables: PathVariable[] = [];
  for (let rest = path.slice(1), more = true; more;) {
    const [part = '', field, inner = '*', single = '', slash] = PART.exec(rest) ?? [];
    if (part === '') throw fault(text, `'${rest}' is not a segment`);
    const own = (field === undefined ? [single] : inner.split('/')).map((one) => segmentOf(one, text));
    if (field !== undefined) {
      if (variables.some((one) => one.field === field)) throw fault(text, `{${field}} is in it twice`);
      const several = own.length > 1 || own[0]?.kind === 'rest';
      variables.push({ field, from: segments.length, count: own.length, several });
    }
    segments.push(...own);
    rest = rest.slice(part.length);
    more = slash === '/';
  }
  if (segments.slice(0, -1).some(({ kind }) => kind === 'rest')) throw fault(text, '** must be the last segment');
  return { text, segments, variables, verb: decodeURIComponent(verb) };
}

function segmentOf(text: string, template: string): TemplateSegment {
  if (text === '*') return { kind: 'any' };
  if (text === '**') return { kind: 'rest' };
  if (text === '' || text.includes('*')) throw fault(template, `'${text}' is not a segment`);
  return { kind: 'literal', text: decodeURIComponent(text) };
}

function fault(template: string, why: string): Error {
  return new Error(`the path template '${template}' cannot be served: ${why}`);
}
