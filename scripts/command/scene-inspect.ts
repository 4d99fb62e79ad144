import type { Command } from 'commander';
import { AppError, asAppError } from '../../pipeline/errors.ts';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';
import type { InspectedFile } from '../../pipeline/scene/inspect-format.ts';
import { shownUri } from '../../pipeline/scene/uri.ts';
import { addSceneOptions, sceneFlags } from './scene-options.ts';

const unusable = 'INPUT_INVALID';

/** One entry a file; what cannot be read becomes an entry with its reason. */
async function inspect(given: readonly string[], flags: SceneFlags): Promise<InspectedFile[]> {
  const { listSources, openFile } = await import('../../workers/images/open-scene.ts');
  const { splitPaths } = await import('../../workers/images/source.ts');
  const { hintsOfFlags } = await import('../../pipeline/scene/hint.ts');
  const { inspectedFile, unreadFile } = await import('../../pipeline/scene/inspect-format.ts');
  const unread = (file: string, error: unknown) => {
    const { code, message, todo } = asAppError(error);
    if (code === 'CONFIG_INVALID' || code === 'BUG') throw error;
    return unreadFile(file, [{ code: unusable, message, todo }]);
  };
  const paths = given.flatMap(splitPaths);
  if (paths.length === 0) throw new AppError('CONFIG_INVALID', 'no file is named.', 'Give at least one path.');
  const found: (Awaited<ReturnType<typeof listSources>>[number] | InspectedFile)[] = [];
  for (const path of paths) {
    try {
      found.push(...(await listSources([path])));
    } catch (error) {
      found.push(unread(shownUri(path), error));
    }
  }
  const hints = hintsOfFlags(flags, found.length);
  const entries: InspectedFile[] = [];
  for (const [index, source] of found.entries()) {
    if ('file' in source) {
      entries.push(source);
      continue;
    }
    try {
      const hint = hints[index];
      if (!hint) throw new AppError('BUG', `no flags for file ${index}.`, '');
      const { file, facts, problems } = await openFile(source, hint, 'always');
      entries.push(inspectedFile(shownUri(source.path), file, facts, problems));
      await file.close();
    } catch (error) {
      entries.push(unread(shownUri(source.path), error));
    }
  }
  return entries;
}

/** `tianwatch scene inspect <file…>` */
export function addSceneInspect(program: Command): void {
  const scene =
    program.commands.find((command) => command.name() === 'scene') ??
    program.command('scene').description('影像 / scenes');
  const command = scene
    .command('inspect')
    .description(
      '查看影像的波段、日期、传感器、定标与问题 / what a file is: bands, date, sensor, scaling, and what is wrong with it',
    )
    .argument('<file...>', 'GeoTIFF(s), comma-separated or one after the other, or a STAC Item (.json)')
    .option('--json', '输出 JSON(格式见 docs/formats.md) / print JSON, see docs/formats.md');
  addSceneOptions(command).action(async (files: string[], options: Readonly<Record<string, unknown>>) => {
    const entries = await inspect(files, sceneFlags(options));
    const { inspectText } = await import('../../pipeline/scene/inspect-text.ts');
    process.stdout.write(
      options['json'] ? `${JSON.stringify(entries, null, 2)}\n` : entries.map(inspectText).join('\n'),
    );
    if (entries.some(({ problems }) => problems.some(({ code }) => code === unusable))) process.exitCode = 1;
  });
}
