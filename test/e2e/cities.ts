import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manifestSchema, summarySchema } from '../../pipeline/report/formats.ts';
import { hasGdalPython, runGdalPython } from '../support/gdal-python.ts';
import { tianwatch } from '../support/run-command.ts';

/**
 * `npx tsx test/e2e/cities.ts [commit]`: all city pairs of ../shared through the command line; GDAL and OGR read every
 * output. Prints the table and writes it into test/e2e/README.md between its marks.
 */
const shared = process.env['TIANWATCH_SHARED'] ?? new URL('../../../shared', import.meta.url).pathname;
const cities = join(shared, 'data/s2_pairs');
const readme = new URL('./README.md', import.meta.url);

interface Row {
  readonly city: string;
  readonly exit: number | null;
  readonly px: number;
  readonly seconds: number;
  readonly suspected: number;
  readonly watch: number;
  readonly unobservedFraction: number;
  readonly shift: string;
  readonly problems: readonly string[];
}

const validation = `
from osgeo_utils.samples.validate_cloud_optimized_geotiff import validate
import os
problems = []
for name in sorted(os.listdir(given)):
    path = os.path.join(given, name)
    if name.endswith('.tif'):
        gdal.Open(path).ReadAsArray()
        warnings, errors, _ = validate(path, full_check=True)
        problems += [f'{name}: {text}' for text in errors + warnings]
    elif name.endswith('.geojson'):
        layer = ogr.Open(path)
        read = sum(1 for feature in layer.GetLayer(0) if feature.GetGeometryRef().IsValid())
        if read != layer.GetLayer(0).GetFeatureCount(): problems.append(f'{name}: {read} valid polygons')
print(json.dumps(problems))
`;

async function runCity(city: string, folder: string): Promise<Row> {
  const names = readdirSync(join(cities, city)).filter((name) => /_\d{8}_[12]0m\.tif$/.test(name));
  const dates = [...new Set(names.map((name) => /_(\d{8})_/.exec(name)?.[1] ?? ''))].toSorted();
  const filesOf = (date: string | undefined): string =>
    names
      .filter((name) => name.includes(`_${date}_`))
      .toSorted()
      .map((name) => join(cities, city, name))
      .join(',');
  const out = join(folder, city);
  const args = ['run', '--before', filesOf(dates[0]), '--after', filesOf(dates.at(-1)), '--out', out];
  const { exit, stderr, ms } = await tianwatch(args, { data: join(folder, 'data') });
  if (exit !== 0)
    return {
      city,
      exit,
      px: 0,
      seconds: ms / 1000,
      suspected: 0,
      watch: 0,
      unobservedFraction: 1,
      shift: '',
      problems: [stderr.trim()],
    };
  const summary = summarySchema.parse(JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8')));
  const { grid, statistics } = manifestSchema.parse(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')));
  const { shift } = statistics as { shift: { colPx: number; rowPx: number; isApplied: boolean } };
  return {
    city,
    exit,
    px: grid.width * grid.height,
    seconds: ms / 1000,
    suspected: summary.patches.suspected,
    watch: summary.patches.watch,
    unobservedFraction: summary.coverage.unobservedFraction,
    shift: `${shift.colPx.toFixed(2)}, ${shift.rowPx.toFixed(2)}${shift.isApplied ? '' : ' (not applied)'}`,
    problems: hasGdalPython ? (runGdalPython(validation, out) as string[]) : ['GDAL is absent: not validated'],
  };
}

function tableOf(rows: readonly Row[]): string {
  const head =
    '| city | exit | s | Mpx/s | suspected | watch | unobserved | shift col, row (px) | GDAL, OGR |\n|---|---|---|---|---|---|---|---|---|';
  const line = (row: Row): string =>
    `| ${[row.city, row.exit, row.seconds.toFixed(1), (row.px / 1e6 / row.seconds).toFixed(3), row.suspected, row.watch, `${(row.unobservedFraction * 100).toFixed(1)} %`, row.shift, row.problems.length === 0 ? 'valid' : row.problems.join('; ')].join(' | ')} |`;
  return [head, ...rows.map(line)].join('\n');
}

if (existsSync(cities)) {
  const folder = mkdtempSync(join(tmpdir(), 'tianwatch-cities-'));
  const rows: Row[] = [];
  for (const city of readdirSync(cities).toSorted()) {
    rows.push(await runCity(city, folder));
    process.stderr.write(`${tableOf(rows.slice(-1)).split('\n').at(-1)}\n`);
  }
  rmSync(folder, { recursive: true, force: true });
  const table = tableOf(rows);
  process.stdout.write(`${table}\n`);
  const [start, end] = ['<!-- cities -->\n', '<!-- /cities -->'];
  const text = readFileSync(readme, 'utf8');
  writeFileSync(
    readme,
    `${text.slice(0, text.indexOf(start) + start.length)}\n${table}\n\n${text.slice(text.indexOf(end))}`,
  );
  process.exitCode = rows.every(({ exit, problems }) => exit === 0 && problems.length === 0) ? 0 : 1;
} else process.stdout.write('skipped: ../shared is absent\n');
