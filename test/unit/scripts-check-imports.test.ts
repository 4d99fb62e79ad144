import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { checkImports } from '../../scripts/check-imports.ts';

const made: string[] = [];

/** A house of these files alone. */
function house(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'tianwatch-imports-'));
  made.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

afterEach(() => {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
});

describe('the import rules', () => {
  it('hold in this house', () => {
    expect(checkImports(join(import.meta.dirname, '../..'))).toEqual([]);
  });

  it('let a layer import itself and what lies below it', () => {
    const root = house({
      'pipeline/types.ts': 'export type A = 1;\n',
      'pipeline/geo/area.ts': "import type { A } from '../types.ts';\nexport const a: A = 1;\n",
      'pipeline/raster/cog.ts': "import { deflateSync } from 'node:zlib';\nimport { a } from '../geo/area.ts';\n",
      'workers/jobs/stitch.ts': "import { a } from '../../pipeline/geo/area.ts';\n",
    });
    expect(checkImports(root)).toEqual([]);
  });

  it.each([
    ['upwards', 'pipeline/geo/a.ts', "\nimport { x } from '../change/decide.ts';\n", 2, 'pipeline/geo may not import'],
    [
      'sideways',
      'pipeline/pair/a.ts',
      "export { x } from '../segment/decode.ts';\n",
      1,
      'pipeline/pair may not import',
    ],
    ['out of the pipeline', 'pipeline/tile/a.ts', "import { x } from '../../workers/log.ts';\n", 1, 'may not import'],
    ['by import()', 'pipeline/tile/a.ts', "const x = await import('../../workers/log.ts');\n", 1, 'may not import'],
    ['over several lines', 'pipeline/geo/a.ts', "import {\n  x,\n} from '../rule/b.ts';\n", 3, 'may not import'],
    ['I/O', 'pipeline/geo/a.ts', "import { readFileSync } from 'node:fs';\n", 1, 'pipeline does no I/O'],
    [
      'zlib outside raster',
      'pipeline/tile/a.ts',
      "import { inflateSync } from 'node:zlib';\n",
      1,
      'pipeline does no I/O',
    ],
    ['a logger', 'pipeline/geo/a.ts', "import pino from 'pino';\n", 1, 'pipeline does no I/O'],
    ['the clock', 'pipeline/geo/a.ts', '/* Date.now() */\nexport const now = Date.now();\n', 2, 'not Date.now('],
    ['chance', 'pipeline/geo/a.ts', 'export const x = Math.random();\n', 1, 'not Math.random('],
    ['the environment', 'pipeline/geo/a.ts', "export const x = process.env['A'];\n", 1, 'not process.env'],
    ['the console', 'pipeline/geo/a.ts', "console.log('a');\n", 1, 'not console.log'],
    ['a second session', 'workers/compute/a.ts', "import * as ort from 'onnxruntime-node';\n", 1, 'is imported by'],
    ['a job with an adapter', 'workers/jobs/a.ts', "import { x } from '../queue/bullmq.ts';\n", 1, 'may not import'],
    [
      'an adapter picked elsewhere',
      'workers/engine.ts',
      "import { x } from './queue/bullmq.ts';\n",
      1,
      'adapters are picked',
    ],
    ['index.ts', 'pipeline/geo/index.ts', 'export const x = 1;\n', 1, 'a name must say what is in it'],
    ['utils', 'workers/utils/text.ts', 'export const x = 1;\n', 1, 'a name must say what is in it'],
  ])('name file, line and rule of a breach: %s', (_what, file, text, line, rule) => {
    const breaches = checkImports(house({ [file]: text }));
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toContain(`${file}:${line}: `);
    expect(breaches[0]).toContain(rule);
  });

  it('find a cycle and print its way', () => {
    const root = house({
      'pipeline/geo/a.ts': "import { b } from './b.ts';\nexport const a = b;\n",
      'pipeline/geo/b.ts': "import { c } from './c.ts';\nexport const b = c;\n",
      'pipeline/geo/c.ts': "import type { a } from './a.ts';\nexport const c = 1;\n",
    });
    expect(checkImports(root)).toEqual([
      'pipeline/geo/a.ts:1: import cycle pipeline/geo/a.ts → pipeline/geo/b.ts → pipeline/geo/c.ts → pipeline/geo/a.ts',
    ]);
  });

  it('refuse a package that is not declared, and one for tests alone in what ships', () => {
    const root = house({
      'package.json': '{ "dependencies": { "zod": "1" }, "devDependencies": { "fast-check": "1" } }',
      'pipeline/geo/a.ts': "import { z } from 'zod';\nimport fc from 'fast-check';\n",
      'test/unit/a.test.ts': "import fc from 'fast-check';\nimport left from 'left-pad/deep';\n",
    });
    expect(checkImports(root)).toEqual([
      'pipeline/geo/a.ts:2: fast-check is no dependency in package.json',
      'test/unit/a.test.ts:2: left-pad is no dependency in package.json',
    ]);
  });

  it('take words in comments and web addresses for what they are', () => {
    const text = "// Math.random() is not used\nexport const url = 'https://example.org'; // nor console.log\n";
    expect(checkImports(house({ 'pipeline/geo/a.ts': text }))).toEqual([]);
  });
});
