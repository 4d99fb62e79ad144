import { type Command, Option } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import { type BaselineKind, type ZoneName, baselineKinds, zoneNames } from '../../pipeline/parcel/layer-ref.ts';
import type { Version } from '../../workers/registry/record.ts';
import { type ImportFlags, addImportFlags, importFile } from './import-dialogue.ts';

type Flags = ImportFlags & { readonly kind: BaselineKind; readonly zone?: ZoneName };

async function importBaseline(path: string, flags: Flags): Promise<void> {
  const { kind, zone = null } = flags;
  if ((kind === 'zone') !== (zone !== null))
    throw new AppError(
      'CONFIG_INVALID',
      zone === null ? '--kind zone needs --zone.' : `--zone ${zone} goes with --kind zone alone.`,
      `Zones are ${zoneNames.join(', ')}.`,
    );
  await importFile(path, () => ({ kind, zone }), flags);
}

/** One version in one line: id, state, what, date, size, file, by whom and when. */
export function versionLine(version: Version): string {
  const { id, state, kind, zone, asOf, number, features, areaM2, file, importedBy, importedAt } = version;
  const name = zone === null ? kind : `${kind} ${zone}`;
  const set = number > 1 ? `#${number}` : '';
  const mu = ((areaM2 * 3) / 2000).toLocaleString('en-US', { maximumFractionDigits: 1 });
  return `${id.slice(0, 12)}  ${state.padEnd(10)}  ${name.padEnd(20)}  ${asOf}${set}  ${features} features, ${mu} 亩  ${file}  ${importedBy} ${importedAt.slice(0, 16)}Z`;
}

/** `tianwatch baseline import` and `tianwatch baseline list` */
export function addBaseline(program: Command): void {
  const baseline = program
    .command('baseline')
    .description('基期数据 / land survey, permanent farmland, permits, zones');
  const command = baseline
    .command('import')
    .description(
      '导入基期数据，先预览后入库 / read a file, show what it is, store it as a version: never edited, superseded by a later one',
    )
    .argument('<file>', 'GeoJSON、Shapefile、GeoPackage、FlatGeobuf 或 zip / file of polygons')
    .addOption(new Option('--kind <kind>', '类别 / what it is').choices([...baselineKinds]).makeOptionMandatory())
    .addOption(new Option('--zone <zone>', '区域类别，仅用于 zone / which zone').choices([...zoneNames]));
  addImportFlags(command).action(importBaseline);
  baseline
    .command('list')
    .description('列出各版本 / list the versions, superseded ones too')
    .option('--json', '输出 JSON / print JSON')
    .action(async ({ json }: { json?: true }) => {
      const { currentHome } = await import('../../workers/home.ts');
      const { listLayers } = await import('../../workers/registry/door.ts');
      const versions = await listLayers(currentHome(), baselineKinds);
      if (json) process.stdout.write(`${JSON.stringify(versions, null, 2)}\n`);
      else
        process.stdout.write(
          versions.map((version) => `${versionLine(version)}\n`).join('') || '没有基期数据 / none yet\n',
        );
    });
}
