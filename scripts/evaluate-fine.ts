import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCard } from '../models/shelf.ts';
import { fineRows, fineText, judgeFine } from './evaluate/fine.ts';

// `npx tsx scripts/evaluate-fine.ts [--model gf-change] [--seeds 11,12] [--size 1024] [--keep <folder>] [--json <file>]`:
// the network of a few metres on simulated landscapes of test seeds, by class and by category.
const valueOf = (flag: string): string | undefined => {
  const at = process.argv.indexOf(flag);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const model = valueOf('--model') ?? 'gf-change';
const seeds = (valueOf('--seeds') ?? '11,12,13,14,15,16').split(',').map(Number);
const folder = mkdtempSync(join(tmpdir(), 'tianwatch-fine-'));
const { thresholds, weights } = loadCard(model).card;
const common = { model, size: Number(valueOf('--size') ?? 1024), folder: valueOf('--keep') ?? folder };
const networkThreshold = thresholds.network ?? thresholds.change;
const rows: Record<string, unknown> = { model, weights: weights.sha256, seeds, size: common.size };
for (const [name, dates, some] of [
  ['two Augusts', null, seeds],
  ['spring to autumn', ['2025-04-20', '2026-10-05'], seeds.slice(0, 2)],
] as const) {
  const tables = await judgeFine({ ...common, seeds: some, dates, networkThreshold });
  process.stdout.write(
    `\nSimulated landscapes at 2 m, seeds ${some.join(', ')}, ${name}, model ${model}\n${fineText(tables)}\n`,
  );
  rows[name] = fineRows(tables);
}
rmSync(folder, { recursive: true, force: true });
const json = valueOf('--json');
if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 1)}\n`);
