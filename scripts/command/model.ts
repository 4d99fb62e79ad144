import type { Command } from 'commander';
import type { LoadedCard } from '../../models/card.ts';
import type { SceneVerdict } from '../../models/scene-verdict.ts';
import { asAppError } from '../../pipeline/errors.ts';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';
import { addSceneOptions, sceneFlags } from './scene-options.ts';

interface ListedModel {
  readonly id: string;
  readonly version: string;
  readonly kind: string;
  readonly status: string;
  readonly title: { readonly zh: string; readonly en: string };
  readonly gsdM: readonly [number, number];
  /** optional ones in brackets */
  readonly bands: readonly string[];
  readonly threshold: number;
}

function listed({ card }: LoadedCard): ListedModel {
  const { id, version, kind, status, title, input, thresholds } = card;
  const bands = input.bands.map(({ name, optional }) => (optional ? `[${name}]` : name));
  return { id, version, kind, status, title, gsdM: input.gsdM, bands, threshold: thresholds.change };
}

function listText(model: ListedModel): string {
  const { id, version, kind, status, title, gsdM, bands, threshold } = model;
  const facts = `${kind}, ${status}, ${gsdM.join('-')} m, threshold ${threshold}`;
  return `${id}@${version}  ${title.zh} / ${title.en}\n  ${facts}\n  ${bands.join(', ')}\n`;
}

interface Check {
  readonly check: string;
  readonly isFine: boolean;
  readonly says: string;
}

/** One step; what it throws becomes its verdict. A defect of ours is thrown on. */
async function step(check: string, act: () => Promise<string>): Promise<Check> {
  try {
    return { check, isFine: true, says: await act() };
  } catch (error) {
    const { code, message, todo } = asAppError(error);
    if (code === 'BUG' || code === 'CONFIG_INVALID') throw error;
    return { check, isFine: false, says: `${message} ${todo}`.trim() };
  }
}

interface Verified {
  readonly model: string;
  readonly checks: readonly Check[];
  readonly bands: SceneVerdict['bands'];
}

async function verify(nameOrPath: string, scenePaths: string | undefined, flags: SceneFlags): Promise<Verified> {
  const { loadCard, readWeights } = await import('../../models/shelf.ts');
  const { tryNetwork, trySeries } = await import('../../models/trial.ts');
  const loaded = loadCard(nameOrPath);
  const { card } = loaded;
  const checks = [
    await step('weights', async () => `${readWeights(loaded).length} bytes, sha256 ${card.weights.sha256}`),
    await step('network', () => tryNetwork(loaded)),
    ...(card.series ? [await step('series', () => trySeries(loaded))] : []),
  ];
  let bands: SceneVerdict['bands'] = [];
  if (scenePaths !== undefined) {
    const { openScene } = await import('../../workers/images/open-scene.ts');
    const { splitPaths } = await import('../../workers/images/source.ts');
    const { measureBands } = await import('../../workers/compute/measure-bands.ts');
    const { fitScene } = await import('../../models/card.ts');
    const { judgeScene } = await import('../../models/scene-verdict.ts');
    const opened = await openScene({ files: splitPaths(scenePaths), ...flags });
    try {
      const { scene } = opened;
      const names = scene.bands.map(({ name }) => name);
      checks.push(
        await step('scene', async () => {
          fitScene(card, { bands: names, gsdM: scene.gsdM, name: scenePaths });
          return `${scene.gsdM.toFixed(2)} m, ${names.join(', ')}`;
        }),
      );
      const wanted = new Set(card.input.bands.map(({ name }) => name));
      const measured = await measureBands(
        opened,
        scene.bands.filter(({ name }) => wanted.has(name)),
      );
      const verdict = judgeScene(scene.radiometry === 'dn' ? undefined : card.input.expected, measured);
      bands = verdict.bands;
      const fits =
        scene.radiometry === 'dn' ? 'not reflectance: stretched to the expected values' : 'like the training scenes';
      const says =
        bands.every(({ expected }) => expected === null) && scene.radiometry !== 'dn'
          ? 'the card expects nothing'
          : fits;
      checks.push({ check: 'values', isFine: verdict.findings.length === 0, says: verdict.findings.join(' ') || says });
    } finally {
      await opened.close();
    }
  }
  return { model: `${card.id}@${card.version}`, checks, bands };
}

const number = (value: number) => value.toFixed(4).padStart(10);

function verifyText({ model, checks, bands }: Verified): string {
  const rows = bands.map(({ name, p2, p50, p98, expected, verdict }) => {
    const wanted = expected ? [expected.p2, expected.p50, expected.p98].map(number).join('') : ''.padStart(30);
    return `  ${name.padEnd(12)}${[p2, p50, p98].map(number).join('')}  |${wanted}  ${verdict}\n`;
  });
  const head = `  ${'band'.padEnd(12)}${['p2', 'p50', 'p98'].map((text) => text.padStart(10)).join('')}  | expected p2, p50, p98\n`;
  const lines = checks.map(({ check, isFine, says }) => `${isFine ? 'ok  ' : 'FAIL'} ${check}: ${says}\n`);
  return [`${model}\n`, ...lines, ...(rows.length > 0 ? [head, ...rows] : [])].join('');
}

/** `tianwatch model list` and `tianwatch model verify <card>` */
export function addModel(program: Command): void {
  const model = program.command('model').description('模型 / models');
  model
    .command('list')
    .description('列出自带模型 / the models that ship')
    .option('--json', '输出 JSON / print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { listCards, loadCard } = await import('../../models/shelf.ts');
      const models = listCards().map((id) => listed(loadCard(id)));
      process.stdout.write(json ? `${JSON.stringify(models, null, 2)}\n` : models.map(listText).join('\n'));
    });
  const command = model
    .command('verify')
    .description('核对模型卡、权重与影像是否相符 / does a card fit its network, and a scene fit the card')
    .argument('<card>', '模型编号或模型卡路径 / id of a model, or path of a card')
    .option('--scene <files>', '一景影像 / one scene: GeoTIFF(s), comma-separated, or a STAC Item')
    .option('--json', '输出 JSON / print JSON');
  addSceneOptions(command).action(async (card: string, options: Readonly<Record<string, unknown>>) => {
    const { scene } = options;
    const found = await verify(card, typeof scene === 'string' ? scene : undefined, sceneFlags(options));
    process.stdout.write(options['json'] ? `${JSON.stringify(found, null, 2)}\n` : verifyText(found));
    if (found.checks.some(({ isFine }) => !isFine)) process.exitCode = 1;
  });
}
