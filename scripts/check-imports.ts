import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Who may import whom; `docs/CONTRIBUTING.md` says why. A layer may import itself and what it lists. */
const layers: Readonly<Record<string, readonly string[]>> = {
  'pipeline/types.ts': [],
  'pipeline/errors.ts': [],
  'pipeline/ports.ts': ['pipeline/types.ts'],
  'pipeline/request.ts': [],
  'pipeline/geo': [],
  'pipeline/raster': ['pipeline/geo'],
  'pipeline/scene': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/tile': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/pair': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/segment': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/change': ['pipeline/geo', 'pipeline/raster', 'pipeline/tile', 'pipeline/pair', 'pipeline/segment'],
  'pipeline/rule': ['pipeline/geo', 'pipeline/change'],
  'pipeline/report': ['pipeline/geo', 'pipeline/raster', 'pipeline/change', 'pipeline/rule', 'pipeline/pair'],
  models: ['pipeline'],
  config: ['pipeline/types.ts', 'pipeline/errors.ts'],
  'workers/jobs': ['pipeline', 'workers/define.ts', 'workers/work.ts', 'workers/flow.ts'],
  workers: ['pipeline', 'models', 'config', 'workers/jobs'],
  console: ['pipeline', 'config', 'workers/compose.ts'],
  scripts: ['pipeline', 'models', 'config', 'workers', 'console'],
  test: ['pipeline', 'models', 'config', 'workers', 'console', 'scripts'],
};
const everywhere = ['pipeline/types.ts', 'pipeline/errors.ts', 'pipeline/ports.ts', 'pipeline/request.ts'];
/** Files that alone may import a package, by package. */
const soleImporters: Readonly<Record<string, RegExp>> = {
  'onnxruntime-node': /^(models\/runner\.thread\.ts|test\/|models\/training\/)/,
  ioredis: /^(workers\/queue\/|test\/)/,
  '@electric-sql/pglite': /^(workers\/(queue|database)\/|test\/)/,
  '@aws-sdk/client-s3': /^(workers\/images\/|test\/)/,
};
const impure = /^(node:(?!zlib$)|bullmq|ioredis|pg$|pino|@aws-sdk|@electric-sql|onnxruntime-node|sharp|commander)/;
const impureWord = /\b(process\.(env|argv|cwd|exit|std)|Date\.now\(|new Date\(\)|Math\.random\(|console\.)/;
const importLine =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\('([^']+)'\)/g;

/** Layer of a path: the longest key of `layers` that holds it. */
function layerOf(path: string): string | undefined {
  return Object.keys(layers)
    .filter((layer) => path === layer || path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

function mayImport(from: string, to: string): boolean {
  if (everywhere.includes(to)) return true;
  const layer = layerOf(from);
  const target = layerOf(to);
  if (layer === undefined || target === undefined) return false;
  if (layer === target) return true;
  return (layers[layer] ?? []).some((allowed) => to === allowed || to.startsWith(`${allowed}/`));
}

function sourcesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return entry.name === 'node_modules' || path === 'models/training' ? [] : sourcesBelow(root, path);
    return /\.(ts|tsx|mts)$/.test(entry.name) ? [path] : [];
  });
}

/** Every breach of the rules as `file:line: rule`. */
export function checkImports(root: string): string[] {
  const breaches: string[] = [];
  const edges = new Map<string, string[]>();
  const folders = ['pipeline', 'models', 'workers', 'config', 'console', 'scripts', 'test'];
  const present = new Set(readdirSync(root));
  for (const file of folders.filter((folder) => present.has(folder)).flatMap((folder) => sourcesBelow(root, folder))) {
    const text = readFileSync(join(root, file), 'utf8');
    const say = (index: number, rule: string) =>
      breaches.push(`${file}:${text.slice(0, index).split('\n').length}: ${rule}`);
    if (/(^|\/)(index|utils?|common|helpers?)\.ts$/.test(file)) say(0, 'a file name must say what is in it');
    const targets: string[] = [];
    for (const match of text.matchAll(importLine)) {
      const specifier = match[1] ?? match[2] ?? match[3] ?? '';
      const at = match.index + match[0].indexOf(specifier);
      if (specifier.startsWith('.')) {
        const target = relative(root, join(root, dirname(file), specifier));
        if (!target.endsWith('.ts')) continue;
        targets.push(target);
        if (!mayImport(file, target)) say(at, `${layerOf(file)} may not import ${target}`);
      } else {
        const isZlibInRaster = specifier === 'node:zlib' && file.startsWith('pipeline/raster/');
        if (file.startsWith('pipeline/') && !isZlibInRaster && (impure.test(specifier) || specifier === 'node:zlib'))
          say(at, `pipeline does no I/O, so it may not import ${specifier}`);
        const sole = soleImporters[specifier];
        if (sole && !sole.test(file)) say(at, `${specifier} is imported by ${sole.source} alone`);
      }
    }
    edges.set(file, targets);
    if (file.startsWith('pipeline/')) {
      const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replaceAll(/[^\n]/g, ' '));
      const impurity = impureWord.exec(code);
      if (impurity) say(impurity.index, `pipeline gets clock, seed and settings as arguments, not ${impurity[0]}`);
    }
  }
  return [...breaches, ...findCycles(edges)];
}

function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, trail: readonly string[]): void => {
    const seenAt = trail.indexOf(file);
    if (seenAt >= 0) cycles.push(`${file}:1: import cycle ${[...trail.slice(seenAt), file].join(' → ')}`);
    if (seenAt >= 0 || done.has(file)) return;
    for (const target of edges.get(file) ?? []) visit(target, [...trail, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  return cycles;
}

if (process.argv[1] && import.meta.url.endsWith(relative('/', process.argv[1]))) {
  const breaches = checkImports(process.cwd());
  for (const breach of breaches) process.stderr.write(`${breach}\n`);
  process.stdout.write(`imports: ${breaches.length} breaches of the rules\n`);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
