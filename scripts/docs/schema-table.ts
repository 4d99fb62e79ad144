import { z } from 'zod';
import { bandNames } from '../../pipeline/types.ts';

/** The part of JSON Schema that zod writes and the generated pages show. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly prefixItems?: readonly JsonSchema[];
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** What pattern a reader knows under a name. */
const patternNames: Readonly<Record<string, string>> = { '^[0-9a-f]{64}$': '64 hex digits' };

function rangeOf({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const isSafe = (limit: number | undefined) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const above =
    exclusiveMinimum === undefined ? null : type === 'integer' ? `≥ ${exclusiveMinimum + 1}` : `> ${exclusiveMinimum}`;
  const least = above ?? (isSafe(minimum) ? `≥ ${minimum}` : null);
  const most = exclusiveMaximum === undefined ? (isSafe(maximum) ? `≤ ${maximum}` : null) : `< ${exclusiveMaximum}`;
  return [least, most].filter((part) => part !== null).join(', ');
}

function arrayType({ items, prefixItems, minItems, maxItems }: JsonSchema): string {
  if (prefixItems) return `[${prefixItems.map(typeOf).join(', ')}]`;
  const inner = typeOf(items ?? {});
  const item = /[ |,]/.test(inner) ? `(${inner})` : inner;
  return minItems !== undefined && minItems === maxItems ? `${item}[${minItems}]` : `${item}[]`;
}

const isBandNames = (values: readonly unknown[]): boolean =>
  values.length === bandNames.length && bandNames.every((name) => values.includes(name));

/** The type as a reader would say it; a bar is not yet escaped. */
export function typeOf(schema: JsonSchema): string {
  const options = schema.anyOf ?? schema.oneOf;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum && isBandNames(schema.enum)) return 'band name';
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (options) return [...new Set(options.map(typeOf))].join(' | ');
  if (schema.type === 'array') return arrayType(schema);
  if (schema.type === 'object' && !schema.properties && typeof schema.additionalProperties === 'object') {
    const value = typeOf(schema.additionalProperties);
    return value === 'any' ? 'object' : `object of ${value}`;
  }
  if (schema.type === undefined) return 'any';
  const named = [schema.type].flat().join(' | ');
  if (schema.type === 'string' && schema.pattern) {
    const name = patternNames[schema.pattern];
    return name ? `string of ${name}` : named;
  }
  const range = schema.type === 'number' || schema.type === 'integer' ? rangeOf(schema) : '';
  return range ? `${named} ${range}` : named;
}

/** Text for one cell: a bar would end it, a tag outside code would be swallowed. */
export function cell(text: string): string {
  const parts = text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .split('`');
  return parts.map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part)).join('`');
}

function meaningOf(schema: JsonSchema, isOptional: boolean): string {
  const optional =
    schema.default === undefined
      ? isOptional
        ? 'optional'
        : ''
      : `optional, ${JSON.stringify(schema.default)} where absent`;
  return [schema.description ?? '', optional].filter(Boolean).join('; ');
}

/** What has keys of its own: the schema itself, or the options of a union that do. */
function keyed(schema: JsonSchema): readonly JsonSchema[] {
  const options = schema.anyOf ?? schema.oneOf;
  if (options) return options.flatMap(keyed);
  return schema.properties || schema.items ? [schema] : [];
}

/** `kind "scores"`: how one option of a union is told from the others. */
function markOf({ properties }: JsonSchema): { readonly key: string; readonly row: JsonSchema } | null {
  const found = Object.entries(properties ?? {}).find(([, value]) => value.const !== undefined);
  return found ? { key: found[0], row: found[1] } : null;
}

function keysOf(schema: JsonSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
    rowsOf(value, path ? `${path}.${key}` : key, !(schema.required ?? []).includes(key)),
  );
}

function unionRows(options: readonly JsonSchema[], path: string): string[] {
  return options.flatMap((option) => {
    const mark = markOf(option);
    if (!mark) return keysOf(option, path);
    const { [mark.key]: _, ...others } = option.properties ?? {};
    const meaning = [mark.row.description, option.description].filter(Boolean).join('; ');
    const head = `| \`${path}.${mark.key}\` | ${cell(typeOf(mark.row))} | ${cell(meaning)} |`;
    return [
      head,
      ...keysOf({ ...option, properties: others }, path).map((row) =>
        row.replace('| `', `| ${cell(typeOf(mark.row))}: \``),
      ),
    ];
  });
}

function rowsOf(schema: JsonSchema, path: string, isOptional: boolean): string[] {
  const own = path ? [`| \`${path}\` | ${cell(typeOf(schema))} | ${cell(meaningOf(schema, isOptional))} |`] : [];
  const inner = keyed(schema);
  if (inner.length > 1 && inner.every(({ properties }) => properties)) return [...own, ...unionRows(inner, path)];
  const [first] = inner;
  if (first?.properties) return [...own, ...keysOf(first, path)];
  if (first?.items && keyed(first.items).length > 0)
    return [...own, ...rowsOf(first.items, `${path}[]`, false).slice(1)];
  const values = schema.additionalProperties;
  if (typeof values === 'object' && keyed(values).length > 0)
    return [...own, ...rowsOf(values, `${path}.<name>`, false).slice(1)];
  return own;
}

/**
 * A schema as a Markdown table: one row a key, nested keys by their path (`a.b`, `a[].b`).
 *
 * @param io `input` for what people write (defaults are optional there), `output` for what the product writes
 */
export function schemaTable(schema: z.ZodType, io: 'input' | 'output'): string {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' }) as JsonSchema;
  const rows = json.type === 'array' && json.items ? rowsOf(json.items, '[]', false).slice(1) : rowsOf(json, '', false);
  return ['| key | type | meaning |', '|---|---|---|', ...rows].join('\n');
}
