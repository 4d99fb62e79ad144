import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCropJudge } from './evaluate/crop-judge.ts';
import { landscapePairs } from './evaluate/landscape.ts';
import { intoArtificial, scorePlace, scoreStable, type ScoreOptions } from './evaluate/place-score.ts';
import { maskedPairs, sharedData, stablePairs, taizhou, type Place } from './evaluate/place.ts';
import {
  bestThreshold,
  cropAlarmsAt,
  interval,
  methods,
  reliability,
  scoreAt,
  type Score,
  type Scored,
} from './evaluate/score.ts';

const valueOf = (flag: string): string | undefined => {
  const at = process.argv.indexOf(flag);
  return at > 0 ? process.argv[at + 1] : undefined;
};
const model = valueOf('--model') ?? 'auto';
const only = valueOf('--only')?.split(',') ?? ['cities', 'taizhou', 'stable', 'simulated'];
const figure = (value: number): string => value.toFixed(3);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function scored(places: readonly Place[], options: ScoreOptions): Promise<Scored[]> {
  const all: Scored[] = [];
  for (const place of places) {
    const one = await scorePlace(place, options);
    all.push(one);
    const { precision, recall, f1 } = scoreAt([one], { method: 'fused', isFiltered: true }, 'own');
    say(
      `${one.name.padEnd(18)} fused, built or bare, as shipped: P ${figure(precision)} R ${figure(recall)} F1 ${figure(f1)}`,
    );
  }
  return all;
}

interface Row extends Score {
  readonly method: string;
  readonly filter: string;
  readonly threshold: string;
  readonly interval: readonly [number, number] | null;
}

function table(title: string, places: readonly Scored[]): Row[] {
  say(`\n${title}\nmethod    class filter  threshold          P      R      F1     95 % interval over places`);
  const rows: Row[] = [];
  for (const method of methods)
    for (const isFiltered of [false, true]) {
      const filter = { method, isFiltered };
      const best = bestThreshold(places, filter);
      const all: (readonly [string, Score, number | 'own'])[] = [
        [`best ${best.threshold.toFixed(2)}`, best, best.threshold],
      ];
      if (method === 'fused') all.unshift(['as shipped', scoreAt(places, filter, 'own'), 'own']);
      for (const [label, { precision, recall, f1 }, threshold] of all) {
        const range = places.length > 1 ? interval(places, filter, threshold) : null;
        const row = { method, filter: isFiltered ? 'built/bare' : 'none', threshold: label, precision, recall, f1 };
        rows.push({ ...row, interval: range });
        say(
          `${method.padEnd(9)} ${row.filter.padEnd(13)} ${label.padEnd(16)} ${figure(precision)}  ${figure(recall)}  ${figure(f1)}  ${range === null ? '' : range.map(figure).join('-')}`,
        );
      }
    }
  return rows;
}

/** Each place by itself, at the thresholds of the pooled table; changed into built or bare. */
function byPlace(places: readonly Scored[]): Record<string, Record<string, number>> {
  const thresholds = methods.map((method) => {
    const filter = { method, isFiltered: true };
    return { filter, at: method === 'fused' ? ('own' as const) : bestThreshold(places, filter).threshold };
  });
  return Object.fromEntries(
    places.map((place) => [
      place.name,
      Object.fromEntries(thresholds.map(({ filter, at }) => [filter.method, scoreAt([place], filter, at).f1])),
    ]),
  );
}

function alarms(places: readonly Scored[]): Record<string, number | null> {
  const found = Object.fromEntries(
    methods.map((method) => [method, cropAlarmsAt(places, { method, isFiltered: true }, 0.4)]),
  );
  say(
    `unchanged crop land flagged as built or bare at recall 0.40, km² in 1000 km²: ${methods.map((method) => `${method} ${found[method]?.toFixed(1) ?? '-'}`).join(', ')}`,
  );
  return found;
}

async function stable(title: string, places: readonly Place[]): Promise<unknown> {
  const found = await scoreStable(places, model);
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  say(
    `${title}: ${found.pairs} pairs, flagged of the observed ground: median ${percent(found.median)}, worst ${percent(found.worst)}; as built or bare, mean ${percent(found.artificialMean)}`,
  );
  return found;
}

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-evaluate-'));
const rows: Record<string, unknown> = { model };
const isShared = existsSync(sharedData());
if (!isShared) say('skipped: ../shared is absent; simulated landscapes alone');
if (isShared && only.includes('cities')) {
  const judge = openCropJudge(sharedData());
  const cities = await scored(maskedPairs(), { model, isChange: intoArtificial, cropsOf: judge?.cropsOf });
  judge?.close();
  rows['cities'] = table(`${cities.length} masked cities, pooled pixels, model ${model}`, cities);
  rows['cropAlarms'] = alarms(cities);
  rows['places'] = byPlace(cities);
}
if (isShared && only.includes('taizhou'))
  rows['taizhou'] = table('Taizhou, labelled pixels', await scored(taizhou(), { model, isChange: intoArtificial }));
if (isShared && only.includes('stable')) {
  say('');
  const isBelgium = (): boolean => true;
  const cloudy = ['2020-01-13', '2020-01-18', '2020-01-23', '2021-06-26'];
  rows['belgium'] = await stable('Belgian fields by month', stablePairs('belgium_s2_12month', isBelgium));
  rows['boadella'] = await stable(
    'Boadella, clear dates',
    stablePairs('boadella_series', (file) => !cloudy.some((date) => file.includes(date))),
  );
}
if (only.includes('simulated')) {
  say('\nsimulated landscapes of test seeds, change of any kind');
  const wanted = {
    seeds: [1, 2, 3, 4, 5],
    size: Number(valueOf('--size') ?? 1024),
    folder: valueOf('--keep') ?? folder,
  };
  const places = await scored(await landscapePairs(wanted), { model, isChange: intoArtificial });
  rows['simulated'] = table('Simulated landscapes, seeds 1-5, two Augusts', places);
  rows['simulatedPlaces'] = byPlace(places);
  const { ece } = reliability(places, 'fused');
  say(`expected calibration error of the fused probability: ${figure(ece)}`);
  rows['simulatedEce'] = ece;
}
rmSync(folder, { recursive: true, force: true });
const json = valueOf('--json');
if (json !== undefined) writeFileSync(json, `${JSON.stringify(rows, null, 2)}\n`);
