import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  adapters,
  impurePackage,
  impureWord,
  layers,
  mayImport,
  layerOf,
  soleImporters,
  vagueName,
} from './import-rules.ts';

const folders = ['pipeline', 'models', 'workers', 'config', 'console', 'scripts', 'test'];
const importLine =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\('([^']+)'\)/g;

interface Import {
  /** position in the text */
  readonly at: number;
  /** as written, or relative to the root for one of our own files */
  readonly target: string;
  readonly isOwn: boolean;
}

function sourcesBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory())
      return entry.name === 'node_modules' || path === 'models/training' ? [] : sourcesBelow(root, path);
    return /\.(ts|tsx|mts|mjs)$/.test(entry.name) ? [path] : [];
  });
}

function importsOf(root: string, file: string, text: string): Import[] {
  return [...text.matchAll(importLine)].map((match) => {
    const specifier = match[1] ?? match[2] ?? match[3] ?? '';
    const isOwn = specifier.startsWith('.');
    const target = isOwn ? relative(root, join(root, dirname(file), specifier)) : specifier;
    return { at: match.index + match[0].indexOf(specifier), target, isOwn };
  });
}

/** `@scope/name/deep` → `@scope/name` */
const packageOf = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Packages of package.json by kind; null where the root has none. */
function declaredPackages(
  root: string,
): { readonly run: ReadonlySet<string>; readonly all: ReadonlySet<string> } | null {
  const path = join(root, 'package.json');
  if (!existsSync(path)) return null;
  const {
    dependencies = {},
    devDependencies = {},
    optionalDependencies = {},
  } = JSON.parse(readFileSync(path, 'utf8')) as Partial<
    Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Record<string, string>>
  >;
  const run = new Set(Object.keys({ ...dependencies, ...optionalDependencies }));
  return { run, all: new Set([...run, ...Object.keys(devDependencies)]) };
}

function ownBreach(file: string, target: string): string | null {
  if (!mayImport(file, target)) return `${layerOf(file) ?? file} may not import ${target}`;
  const isLeftOut = adapters.openers.test(file) || dirname(file) === dirname(target);
  if (adapters.files.test(target) && !isLeftOut)
    return `adapters are picked in workers/compose.ts or a thread, not here: ${target}`;
  return null;
}

function packageBreach(file: string, specifier: string, declared: ReturnType<typeof declaredPackages>): string | null {
  const isZlibInRaster = specifier === 'node:zlib' && file.startsWith('pipeline/raster/');
  if (file.startsWith('pipeline/') && impurePackage.test(specifier) && !isZlibInRaster)
    return `pipeline does no I/O, so it may not import ${specifier}`;
  const name = packageOf(specifier);
  const sole = soleImporters[name];
  if (sole && !sole.test(file)) return `${name} is imported by ${sole.source} alone`;
  if (name.startsWith('node:') || declared === null) return null;
  const allowed = file.startsWith('test/') || file === 'config/vitest.config.ts' ? declared.all : declared.run;
  return allowed.has(name) ? null : `${name} is no dependency in package.json`;
}

/** Code without its comments, positions kept. */
const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"`\w])\/\/[^\n]*/g, (comment) => comment.replaceAll(/[^\n]/g, ' '));

/** Every breach of the rules below `root` as `file:line: rule`. */
export function checkImports(root: string): string[] {
  const breaches: string[] = [];
  const edges = new Map<string, readonly string[]>();
  const declared = declaredPackages(root);
  for (const file of folders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((name) => sourcesBelow(root, name))) {
    const text = readFileSync(join(root, file), 'utf8');
    const say = (at: number, rule: string) => breaches.push(`${file}:${text.slice(0, at).split('\n').length}: ${rule}`);
    if (vagueName.test(file)) say(0, 'a name must say what is in it');
    if (layerOf(file) === undefined) say(0, `no rule knows this folder; add it to scripts/import-rules.ts`);
    const imports = importsOf(root, file, text);
    for (const { at, target, isOwn } of imports) {
      const breach = isOwn ? ownBreach(file, target) : packageBreach(file, target, declared);
      if (breach !== null) say(at, breach);
    }
    edges.set(
      file,
      imports.flatMap(({ target, isOwn }) => (isOwn ? [target] : [])),
    );
    const impurity = file.startsWith('pipeline/') ? impureWord.exec(withoutComments(text)) : null;
    if (impurity) say(impurity.index, `pipeline gets clock, seed and settings as arguments, not ${impurity[0]}`);
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

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const breaches = checkImports(join(import.meta.dirname, '..'));
  for (const breach of breaches) process.stderr.write(`${breach}\n`);
  process.stdout.write(`imports: ${breaches.length} breaches of the rules in ${Object.keys(layers).length} layers\n`);
  process.exitCode = breaches.length === 0 ? 0 : 1;
}
