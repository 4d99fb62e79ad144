import { createInterface } from 'node:readline/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import { importProblemTable } from '../../workers/registry/problem.ts';
import { type LayerKind, type ZoneName, baselineKinds } from '../../pipeline/parcel/layer-ref.ts';
import type { VectorFile } from '../../workers/vector/open-vector.ts';
import { previewLines, recordedLines } from './import-text.ts';

/** Options that every import has. */
export interface ImportFlags {
  readonly asOf?: string;
  readonly crs?: string;
  readonly encoding?: string;
  readonly layer?: string;
  readonly accept?: string;
  readonly preview?: true;
  readonly full?: true;
  readonly yes?: true;
  readonly json?: true;
  readonly by?: string;
  readonly why?: string;
}

export function addImportFlags(command: Command): Command {
  return command
    .option('--as-of <date>', '数据所反映的日期 / date that it describes, yyyy-mm-dd; default: 31 December of SJNF')
    .option('--crs <epsg>', '坐标系，优先于文件所述 / coordinate system, before what the file says')
    .option('--encoding <name>', '属性编码，如 gbk / encoding of the attributes')
    .option('--layer <name>', '多图层文件中的图层 / layer of a file that has several')
    .option('--accept <codes>', '接受待确认的问题，逗号分隔 / problems to accept, comma-separated')
    .option(
      '--preview',
      '只快速预览，不入库 / a quick look: what the file is, its codes and columns; nothing is stored',
    )
    .option('--full', '预览时也查图形错误与重叠 / with --preview: look for invalid outlines and overlaps too')
    .option('--yes', '不询问 / do not ask')
    .option('--by <name>', '操作人，默认为系统用户名 / who does it, default the name of the account')
    .option('--why <text>', '原因 / why')
    .option('--json', '输出 JSON / print JSON');
}

/** Days are those of the field. */
const todayOfField = (): string => new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);

function asOfFlag(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  const today = todayOfField();
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && text > today)
    throw new AppError(
      'CONFIG_INVALID',
      `--as-of ${text} is later than today, ${today}.`,
      'Give the day it describes.',
    );
  if (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(text))
    return text;
  throw new AppError('CONFIG_INVALID', `--as-of ${text} is no date.`, 'Write yyyy-mm-dd.');
}

function acceptFlag(text = ''): readonly string[] {
  const codes = text
    .split(',')
    .map((code) => code.trim())
    .filter((code) => code !== '');
  const asking = Object.entries(importProblemTable).flatMap(([code, { effect }]) => (effect === 'ask' ? [code] : []));
  for (const code of codes)
    if (!asking.includes(code))
      throw new AppError('CONFIG_INVALID', `--accept ${code} cannot be accepted.`, `Only ${asking.join(', ')} can be.`);
  return codes;
}

const isBaselineKind = (kind: LayerKind): boolean => (baselineKinds as readonly string[]).includes(kind);

async function isConfirmed(): Promise<boolean> {
  const dialogue = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y|yes|是)$/i.test((await dialogue.question('导入? import? [y/N] ')).trim());
  } finally {
    dialogue.close();
  }
}

/**
 * Read a file, print what it is, and store it: after a question on a terminal, at once elsewhere.
 *
 * @param kindOf the kind of layer, once the fields of the file are known
 */
export async function importFile(
  path: string,
  kindOf: (file: VectorFile) => { readonly kind: LayerKind; readonly zone: ZoneName | null },
  flags: ImportFlags,
): Promise<void> {
  const { crs, encoding, layer, preview: isPreview, yes, json, why } = flags;
  const asOf = asOfFlag(flags.asOf);
  const accept = acceptFlag(flags.accept);
  const { openVector } = await import('../../workers/vector/open-vector.ts');
  const { commitImport, prepareImport, previewQuickly, refuseFuture, refuseProblems } =
    await import('../../workers/registry/import-layer.ts');
  const { loadImportBasis } = await import('../../workers/registry/import-basis.ts');
  const { currentHome } = await import('../../workers/home.ts');
  const { userName } = await import('../../workers/user-name.ts');
  const where = currentHome();
  const file = await openVector(resolve(path), {
    ...(crs !== undefined && { crs }),
    ...(encoding !== undefined && { encoding }),
    ...(layer !== undefined && { layer }),
  });
  try {
    const { kind, zone } = kindOf(file);
    const options = { kind, zone, basis: loadImportBasis(), home: where, ...(asOf !== undefined && { asOf }) };
    const say = (lines: readonly string[]): void => void process.stdout.write(`${lines.join('\n')}\n`);
    // of projects there are few, and what is wrong with them shows only beside those that are known
    if (isPreview && !flags.full && isBaselineKind(kind)) {
      const preview = await previewQuickly(file, options);
      say(json ? [JSON.stringify({ preview, recorded: null }, null, 2)] : previewLines(preview));
      refuseProblems(preview, accept);
      return refuseFuture(preview, todayOfField());
    }
    const prepared = await prepareImport(file, options);
    const { preview } = prepared;
    if (!json) say(previewLines(preview));
    else if (isPreview) say([JSON.stringify({ preview, recorded: null }, null, 2)]);
    refuseProblems(preview, accept);
    refuseFuture(preview, todayOfField());
    if (isPreview) return;
    const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
    if (isTerminal && !yes && !json && !(await isConfirmed())) return say(['未入库 nothing was stored']);
    const actor = { by: flags.by ?? userName(), why: why ?? `import of ${preview.file}` };
    const recorded = await commitImport(prepared, { home: where, accept, actor });
    say(json ? [JSON.stringify({ preview, recorded }, null, 2)] : recordedLines(recorded));
  } finally {
    await file.close();
  }
}
