/** Who may import whom; `docs/CONTRIBUTING.md` says why. A layer may import itself and what it lists. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  'pipeline/types.ts': [],
  'pipeline/errors.ts': [],
  'pipeline/ports.ts': ['pipeline/types.ts'],
  'pipeline/request.ts': [],
  'pipeline/geo': [],
  'pipeline/raster': ['pipeline/geo'],
  'pipeline/vector': ['pipeline/geo'],
  'pipeline/scene': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/tile': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/pair': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/segment': ['pipeline/geo', 'pipeline/raster'],
  'pipeline/change': ['pipeline/geo', 'pipeline/raster', 'pipeline/tile', 'pipeline/pair', 'pipeline/segment'],
  'pipeline/parcel': ['pipeline/geo'],
  'pipeline/rule': ['pipeline/geo', 'pipeline/change', 'pipeline/parcel'],
  'pipeline/season': ['pipeline/geo', 'pipeline/parcel', 'pipeline/rule'],
  'pipeline/track': ['pipeline/geo', 'pipeline/change', 'pipeline/parcel', 'pipeline/rule'],
  'pipeline/ledger': [
    'pipeline/geo',
    'pipeline/tile',
    'pipeline/change',
    'pipeline/vector',
    'pipeline/parcel',
    'pipeline/rule',
    'pipeline/season',
  ],
  'pipeline/arrival': ['pipeline/scene'],
  'pipeline/look': ['pipeline/geo', 'pipeline/parcel', 'pipeline/rule'],
  'pipeline/alert': ['pipeline/geo', 'pipeline/parcel', 'pipeline/rule'],
  'pipeline/report': [
    'pipeline/geo',
    'pipeline/scene',
    'pipeline/raster',
    'pipeline/change',
    'pipeline/parcel',
    'pipeline/rule',
    'pipeline/track',
    'pipeline/ledger',
    'pipeline/pair',
  ],
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
export const soleImporters: Readonly<Record<string, RegExp>> = {
  'onnxruntime-node': /^(models\/runner\.thread\.ts|test\/)/,
  ioredis: /^(workers\/queue\/|test\/)/,
  bullmq: /^(workers\/(queue|database)\/|test\/)/,
  pg: /^(workers\/(queue|database)\/|test\/)/,
  '@electric-sql/pglite': /^(workers\/(queue|database)\/|test\/)/,
  '@aws-sdk/client-s3': /^(workers\/images\/|test\/)/,
  '@bull-board/api': /^workers\/queue\/board\.ts$/,
  'prom-client': /^workers\/operation\//,
  kysely: /^workers\/database\//,
  commander: /^(scripts\/|test\/)/,
};

/** Where a technology is opened, and who may do so; elsewhere its port is an argument. */
export const adapters = {
  files:
    /^workers\/(database\/(open-embedded|pglite|pglite\.thread)|queue\/(bullmq|open-queue)|images\/(folder-store|s3-store|open-images))\.ts$/,
  openers: /^(workers\/compose\.ts|workers\/.*\.thread\.ts|test\/)/,
};

export const vagueName = /(^|\/)((index|utils?|common|helpers?|misc)\.m?ts$|(src|lib|utils?|common|helpers?)\/)/;
export const impurePackage =
  /^(node:|bullmq|ioredis|pg$|pino|@aws-sdk|@electric-sql|onnxruntime-node|sharp|commander|vitest|tsx)/;
export const impureWord =
  /\b(process\.\w+|Date\.now\(|new Date\(\)|performance\.now\(|Math\.random\(|randomUUID\(|console\.\w+|fetch\(|setTimeout\(|setInterval\()/;

/** Layer of a path: the longest key of `layers` that holds it. */
export function layerOf(path: string): string | undefined {
  return Object.keys(layers)
    .filter((layer) => path === layer || path.startsWith(`${layer}/`))
    .sort((a, b) => b.length - a.length)[0];
}

export function mayImport(from: string, to: string): boolean {
  if (everywhere.includes(to)) return true;
  const layer = layerOf(from);
  const target = layerOf(to);
  if (layer === undefined || target === undefined) return to === 'package.json';
  if (layer === target) return true;
  return (layers[layer] ?? []).some((allowed) => to === allowed || to.startsWith(`${allowed}/`));
}
