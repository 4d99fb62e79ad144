import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fuseEvidence } from '../pipeline/change/decide.ts';
import { joinReasons, reasonsOf } from '../pipeline/change/observe.ts';
import type { TileJudgement } from '../pipeline/change/chunk.ts';
import { openGeotiff } from '../pipeline/raster/geotiff.ts';
import type { RunRequest } from '../pipeline/request.ts';
import { changeScale } from '../pipeline/types.ts';
import { openBench } from '../workers/compute/bench.ts';
import { planRun } from '../workers/compute/open.ts';
import { thresholdValue } from '../workers/compute/stitch.ts';
import { openFileSource } from '../workers/images/file-source.ts';

/** Truth of a place: 0 = not scored, 1 = no change, 2 = change; row-major, size of the finest before file or a pixel off. */
interface Truth {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

interface Place {
  readonly name: string;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly mask: string;
  /** value of the mask → truth */
  readonly truthOf: (value: number) => number;
}

/** Scores of one place, flattened over the pixels that have a truth. */
interface Scored {
  readonly name: string;
  readonly truth: Uint8Array;
  /** 0..1 by method */
  readonly scores: Readonly<Record<Method, Float32Array>>;
  /** 1: changed into built or bare, by the decision's own class */
  readonly isArtificial: Uint8Array;
  readonly threshold: number;
}

const methods = ['irmad', 'vectors', 'network', 'fused'] as const;
type Method = (typeof methods)[number];

const data = resolve(process.env['TIANWATCH_SHARED'] ?? '../shared', 'data');

function cityPlaces(): Place[] {
  const folder = join(data, 's2_pairs');
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const files = readdirSync(join(folder, name)).sort();
      const mask = files.find((file) => file.endsWith('_mask.tif'));
      const dates = [...new Set(files.flatMap((file) => /_(\d{8})_/.exec(file)?.[1] ?? []))].sort();
      const of = (date: string | undefined): string[] =>
        files.filter((file) => date !== undefined && file.includes(date)).map((file) => join(folder, name, file));
      return mask === undefined
        ? []
        : [
            {
              name,
              before: of(dates[0]),
              after: of(dates[1]),
              mask: join(folder, name, mask),
              truthOf: (value: number) => value,
            },
          ];
    });
}

function taizhouPlace(): Place {
  const folder = join(data, 'taizhou_landsat');
  const scenes = readdirSync(folder)
    .filter((file) => file.endsWith('.tif') && !file.includes('label'))
    .sort();
  const [before, after] = scenes.map((file) => join(folder, file));
  return {
    name: 'taizhou',
    before: [before!],
    after: [after!],
    mask: join(folder, 'taizhou_labels.tif'),
    truthOf: (value) => value,
  };
}

async function readTruth({ mask, truthOf }: Place): Promise<Truth> {
  const file = await openGeotiff(await openFileSource(mask));
  const raster = await file.readWindow({ col: 0, row: 0, width: file.width, height: file.height }, [0]);
  await file.close();
  return { data: Uint8Array.from(raster.data, truthOf), width: raster.width, height: raster.height };
}

/** Run both dates of a place through the product's own path, whole. */
async function scorePlace(place: Place, model: string): Promise<Scored> {
  const truth = await readTruth(place);
  const request: RunRequest = {
    before: { files: [...place.before] },
    after: { files: [...place.after] },
    model,
    grid: 'before',
    out: '/nowhere',
    force: false,
  };
  const plan = await planRun(request, {}, () => undefined);
  const bench = await openBench(plan);
  const window = { col: 0, row: 0, width: plan.grid.width, height: plan.grid.height };
  const looks = [await bench.tools.look('before', window), await bench.tools.look('after', window)] as const;
  const [first, second] = looks.map((look) => reasonsOf({ ...look, cloud: null, shadow: null })) as [
    Uint8Array,
    Uint8Array,
  ];
  const reasons = joinReasons(first, second, null);
  const judged = (await bench.tools.judge(looks[0].raster, looks[1].raster)) as TileJudgement;
  await bench.close();
  const fused = Float32Array.from(fuseEvidence(judged, reasons), (value) => value / changeScale);
  const artificial = new Set(
    plan.classMap.classes.filter(({ group }) => group === 'artificial').map(({ code }) => code),
  );
  const kept: number[] = [];
  const truths: number[] = [];
  for (let r = 0; r < Math.min(truth.height, window.height); r++)
    for (let c = 0; c < Math.min(truth.width, window.width); c++) {
      const i = r * window.width + c;
      const value = truth.data[r * truth.width + c]!;
      if (reasons[i] !== 0 || value === 0) continue;
      kept.push(i);
      truths.push(value === 2 ? 1 : 0);
    }
  const pick = (plane: Float32Array | null): Float32Array => Float32Array.from(kept, (i) => plane?.[i] ?? 0);
  return {
    name: place.name,
    truth: Uint8Array.from(truths),
    scores: {
      irmad: pick(judged.irmad),
      vectors: pick(judged.vectors),
      network: pick(judged.network),
      fused: pick(fused),
    },
    isArtificial: Uint8Array.from(kept, (i) => (artificial.has(judged.into[i]!) ? 1 : 0)),
    threshold: thresholdValue(plan) / changeScale,
  };
}

interface Score {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

function scoreAt(places: readonly Scored[], method: Method, threshold: number | 'own', isFiltered: boolean): Score {
  let [hit, flagged, changed] = [0, 0, 0];
  for (const { truth, scores, isArtificial, threshold: own } of places) {
    const limit = (threshold === 'own' ? own : threshold) - 1e-6;
    for (let i = 0; i < truth.length; i++) {
      const isFlagged = scores[method][i]! >= limit && (!isFiltered || isArtificial[i] === 1);
      changed += truth[i]!;
      if (!isFlagged) continue;
      flagged++;
      hit += truth[i]!;
    }
  }
  const precision = flagged === 0 ? 0 : hit / flagged;
  const recall = changed === 0 ? 0 : hit / changed;
  return { precision, recall, f1: hit === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

function bestThreshold(
  places: readonly Scored[],
  method: Method,
  isFiltered: boolean,
): Score & { readonly threshold: number } {
  const candidates = Array.from({ length: 49 }, (_, k) => (k + 1) / 50);
  return candidates
    .map((threshold) => ({ threshold, ...scoreAt(places, method, threshold, isFiltered) }))
    .reduce((best, next) => (next.f1 > best.f1 ? next : best));
}

/** 95 % interval of pooled F1 by resampling places, not pixels. */
function interval(
  places: readonly Scored[],
  method: Method,
  threshold: number | 'own',
  isFiltered: boolean,
): readonly [number, number] {
  let state = 12345;
  const draw = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 4294967296;
  const values = Array.from(
    { length: 200 },
    () =>
      scoreAt(
        places.map(() => places[Math.floor(draw() * places.length)]!),
        method,
        threshold,
        isFiltered,
      ).f1,
  ).sort((a, b) => a - b);
  return [values[5]!, values[194]!];
}

const percent = (value: number): string => value.toFixed(3);

function table(title: string, places: readonly Scored[]): Record<string, unknown>[] {
  process.stdout.write(
    `\n${title}\nmethod    class filter  threshold          P      R      F1     95 % interval over places\n`,
  );
  const rows: Record<string, unknown>[] = [];
  for (const method of methods)
    for (const isFiltered of [false, true]) {
      const best = bestThreshold(places, method, isFiltered);
      const all: (readonly [string, Score, number | 'own'])[] = [
        [`best ${best.threshold.toFixed(2)}`, best, best.threshold],
      ];
      if (method === 'fused') all.unshift(['as shipped', scoreAt(places, method, 'own', isFiltered), 'own']);
      for (const [label, score, threshold] of all) {
        const range = places.length > 1 ? interval(places, method, threshold, isFiltered) : null;
        rows.push({
          method,
          filter: isFiltered ? 'built or bare' : 'none',
          threshold: label,
          ...score,
          interval: range,
        });
        process.stdout.write(
          `${method.padEnd(9)} ${(isFiltered ? 'built/bare' : 'none').padEnd(13)} ${label.padEnd(16)} ${percent(score.precision)}  ${percent(score.recall)}  ${percent(score.f1)}  ${range === null ? '' : `${percent(range[0])}-${percent(range[1])}`}\n`,
        );
      }
    }
  return rows;
}

if (!existsSync(data)) {
  process.stdout.write('skipped: ../shared is absent\n');
} else {
  const modelFlag = process.argv.indexOf('--model');
  const jsonFlag = process.argv.indexOf('--json');
  const model = modelFlag > 0 ? (process.argv[modelFlag + 1] ?? 'auto') : 'auto';
  const cities: Scored[] = [];
  for (const place of cityPlaces()) {
    const scored = await scorePlace(place, model);
    cities.push(scored);
    const { f1 } = scoreAt([scored], 'fused', 'own', true);
    process.stdout.write(`${place.name.padEnd(12)} fused, built or bare, as shipped: F1 ${percent(f1)}\n`);
  }
  const rows = {
    cities: table(`Ten masked cities, pooled pixels, model ${model}`, cities),
    taizhou: table('Taizhou, labelled pixels', [await scorePlace(taizhouPlace(), model)]),
  };
  if (jsonFlag > 0) writeFileSync(process.argv[jsonFlag + 1] ?? 'evaluate.json', `${JSON.stringify(rows, null, 2)}\n`);
}
