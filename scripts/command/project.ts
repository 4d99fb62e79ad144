import { type Command, Option } from 'commander';
import { projectKindOf } from '../../workers/registry/field-table.ts';
import { projectKinds } from '../../pipeline/parcel/layer-ref.ts';
import type { StoredProject, StoredSubProject } from '../../workers/registry/record.ts';
import { versionLine } from './baseline.ts';
import { type ImportFlags, addImportFlags, importFile } from './import-dialogue.ts';

const mu = (areaM2: number): string => ((areaM2 * 3) / 2000).toLocaleString('en-US', { maximumFractionDigits: 1 });

/** A project and its parts, a line each. */
function projectLines(project: StoredProject, parts: readonly StoredSubProject[]): string[] {
  const { id, name, county, towns, stage, startDate, endDate, areaM2 } = project;
  const dates = `${startDate ?? '?'} - ${endDate ?? '?'}`;
  return [
    `${id}  ${name}  ${county} ${towns.join(',')}  ${stage}  ${dates}  ${mu(areaM2)} 亩`,
    ...parts.map(
      ({ id: part, work, plannedCode, town, plannedM2 }) =>
        `  ${part}  ${work}  ${plannedCode}  ${town}  ${mu(plannedM2)} 亩`,
    ),
  ];
}

async function list({ json }: { readonly json?: true }): Promise<void> {
  const { currentHome } = await import('../../workers/home.ts');
  const { listLayers, listProjects } = await import('../../workers/registry/door.ts');
  const { projects, subProjects } = await listProjects(currentHome());
  const versions = await listLayers(currentHome(), projectKinds);
  const lines = [
    ...projects.flatMap((project) =>
      projectLines(
        project,
        subProjects.filter((part) => part.project === project.id),
      ),
    ),
    ...versions.map(versionLine),
  ];
  const text = json
    ? JSON.stringify({ projects, subProjects, versions }, null, 2)
    : lines.join('\n') || '没有项目 / none yet';
  process.stdout.write(`${text}\n`);
}

/** `tianwatch project import` and `tianwatch project list` */
export function addProject(program: Command): void {
  const project = program.command('project').description('整治项目 / consolidation projects and their parts');
  const command = project
    .command('import')
    .description(
      '导入项目或子项目，按编号并入现有项目 / projects, or sub-projects (a file with the columns project and work), merged by id with those known',
    )
    .argument('<file>', 'GeoJSON、Shapefile、GeoPackage、FlatGeobuf 或 zip / file of polygons');
  command.addOption(
    new Option('--kind <kind>', '类别，缺省按字段判断 / what it is, found out by the columns otherwise').choices([
      ...projectKinds,
    ]),
  );
  addImportFlags(command).action(
    (path: string, flags: ImportFlags & { readonly kind?: (typeof projectKinds)[number] }) =>
      importFile(path, ({ fields }) => ({ kind: flags.kind ?? projectKindOf(fields), zone: null }), flags),
  );
  project
    .command('list')
    .description('列出项目、子项目和各版本 / list projects, their parts, and the versions of the sets')
    .option('--json', '输出 JSON / print JSON')
    .action(list);
}
