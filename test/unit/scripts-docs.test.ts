import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { listCards, loadCard } from '../../models/shelf.ts';
import { errorTable } from '../../pipeline/errors.ts';
import { commands } from '../../scripts/commands.ts';
import { renderPages, stalePages } from '../../scripts/docs.ts';
import { cell, schemaTable } from '../../scripts/docs/schema-table.ts';
import { jobNames, roleOf } from '../../workers/flow.ts';

const page = (path: string): string => renderPages().get(path) ?? '';

describe('the generated pages', () => {
  it('are what the sources say', () => {
    expect(stalePages(join(import.meta.dirname, '../..'))).toEqual([]);
  });

  it('list every error with its retry, exit code and HTTP status', () => {
    for (const [code, { retry, exit, http }] of Object.entries(errorTable))
      expect(page('docs/errors.md')).toMatch(
        new RegExp(`^\\| ${code} \\| .* \\| ${retry} \\| ${exit} \\| ${http} \\|$`, 'm'),
      );
  });

  it('list every command with every option', () => {
    const program = new Command('tianwatch');
    for (const add of commands) add(program);
    const check = (command: Command, trail: string): void => {
      if (command.commands.length === 0) {
        const section = page('docs/commands.md').split(`## \`${trail}\`\n`)[1]?.split('\n## ')[0] ?? '';
        expect(section, trail).toContain('```text');
        for (const { long } of command.options) expect(section, trail).toContain(long);
      }
      for (const child of command.commands) check(child, `${trail} ${child.name()}`);
    };
    check(program, 'tianwatch');
  });

  it('describe every variable that the sources read', () => {
    const root = join(import.meta.dirname, '../..');
    const files = ['workers', 'pipeline', 'models', 'scripts'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(ts|mjs|sh)$/.test(name) && !name.startsWith('docs/'))
        .map((name) => join(root, folder, name)),
    );
    const read = files.flatMap((file) => readFileSync(file, 'utf8').match(/\bTIANWATCH_[A-Z0-9_]+/g) ?? []);
    expect(read.length).toBeGreaterThan(50);
    for (const name of new Set(read)) expect(page('docs/configuration.md'), name).toContain(`| \`${name}\` |`);
  });

  it('list every job with its role', () => {
    for (const name of jobNames) expect(page('docs/jobs.md')).toContain(`| \`${name}\` | ${roleOf[name]} |`);
  });

  it('give every card that ships a page with its weights, licences, failures and figures', () => {
    for (const id of listCards()) {
      const { card } = loadCard(id);
      const text = page(`docs/models/${id}.md`);
      expect(text).toContain(card.weights.sha256);
      for (const { licence } of card.trainingData) expect(text).toContain(licence);
      for (const { zh, en } of card.knownFailures) expect(text).toContain(`${zh} ${en}`);
      for (const { on, value } of card.metrics)
        expect(
          text.split('\n').some((row) => row.includes(on) && row.includes(String(value))),
          on,
        ).toBe(true);
    }
    expect(listCards().length).toBeGreaterThan(0);
  });

  it('are called stale when the card of one is gone', () => {
    const root = mkdtempSync(join(tmpdir(), 'tianwatch-docs-'));
    try {
      for (const [path, text] of [...renderPages(), ['docs/models/gone.md', 'gone'] as const]) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      expect(stalePages(root)).toEqual(['docs/models/gone.md']);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('say what every key of a result means', () => {
    const results = page('docs/formats.md').split('## What commands print')[0] ?? '';
    expect(results).toContain('| `coverage.reasonsM2.cloud` |');
    expect(results.split('\n').filter((row) => row.startsWith('| `') && /\|\s*\|$/.test(row))).toEqual([]);
  });

  it('have as many cells in each row as in the heading of its table', () => {
    for (const [path, text] of renderPages())
      for (const block of text.split('\n\n').filter((part) => part.startsWith('|'))) {
        const cells = block
          .trim()
          .split('\n')
          .map((row) => row.replaceAll('\\|', '').split('|').length);
        expect(new Set(cells).size, `${path}: ${block.slice(0, 60)}`).toBe(1);
      }
  });

  it('lead every link of their contents to a heading', () => {
    const text = page('docs/formats.md');
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, target]) => target);
    expect(links.length).toBeGreaterThan(10);
    for (const link of links) expect(headings).toContain(link);
  });

  it('are called stale when a word of one is changed or one is missing', () => {
    const root = mkdtempSync(join(tmpdir(), 'tianwatch-docs-'));
    try {
      for (const [path, text] of renderPages()) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        if (path !== 'docs/jobs.md') writeFileSync(join(root, path), path === 'docs/errors.md' ? `${text}.` : text);
      }
      expect(stalePages(root)).toEqual(['docs/errors.md', 'docs/jobs.md']);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('a schema as a table', () => {
  const rows = (schema: z.ZodType, io: 'input' | 'output' = 'input') => schemaTable(schema, io).split('\n').slice(2);

  it('names types, ranges, null, lists and what is optional', () => {
    const schema = z.strictObject({
      a: z.number().gt(0).max(1).nullable().describe('share'),
      b: z.array(z.number().int().min(0).max(9)).length(2).optional(),
      c: z.enum(['x', 'y']).default('x'),
      d: z.record(z.string(), z.unknown()),
    });
    expect(rows(schema)).toEqual([
      '| `a` | number > 0, ≤ 1 \\| null | share |',
      '| `b` | (integer ≥ 0, ≤ 9)[2] | optional |',
      '| `c` | "x" \\| "y" | optional, "x" where absent |',
      '| `d` | object |  |',
    ]);
    expect(rows(schema, 'output')[2]).toBe('| `c` | "x" \\| "y" | optional, "x" where absent |');
  });

  it('gives nested keys by their path, through lists, null and unions', () => {
    const shape = z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('dot').describe('a point'), size: z.number() }),
      z.strictObject({ kind: z.literal('box'), sides: z.array(z.strictObject({ length: z.number() })) }),
    ]);
    expect(rows(z.strictObject({ shapes: z.array(shape).nullable() }))).toEqual([
      '| `shapes` | object[] \\| null |  |',
      '| `shapes[].kind` | "dot" | a point |',
      '| "dot": `shapes[].size` | number |  |',
      '| `shapes[].kind` | "box" |  |',
      '| "box": `shapes[].sides` | object[] |  |',
      '| "box": `shapes[].sides[].length` | number |  |',
    ]);
  });

  it('escapes bars and tags, but leaves code alone', () => {
    expect(cell('a | b <c>\n  `<d>`')).toBe('a \\| b &lt;c> `<d>`');
  });
});
