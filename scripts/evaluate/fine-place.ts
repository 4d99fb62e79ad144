import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fineClasses } from '../simulate/fine-cover.ts';
import { openFineTruth } from '../simulate/fine-truth.ts';
import { simulate } from '../simulate/simulate.ts';
import { openSky } from '../simulate/sky.ts';
import { makeWorld } from '../simulate/world.ts';
import { runProduct, type ProductPlanes } from './product.ts';

export interface FinePlaceWanted {
  readonly seed: number;
  /** px of 2 m a side */
  readonly size: number;
  /** null: two Augusts */
  readonly dates?: readonly [string, string] | null;
  /** where landscapes are made, and found again */
  readonly folder: string;
  readonly model: string;
  /** true: the near infrared is left out of both dates */
  readonly isRgb?: boolean;
}

/** A simulated pair at 2 m: what the product says of it, and the truth on the same grid. */
export interface FinePlace {
  readonly planes: ProductPlanes;
  /** codes of `fine-13` */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  /** 1 where no cloud and no shadow of one lies on either date */
  readonly isClear: Uint8Array;
  readonly dates: readonly [string, string];
}

/** The same files without their near infrared: a name for three bands of four. */
function withoutNir(scenes: string): string {
  const folder = `${scenes}-rgb`;
  if (existsSync(folder)) return folder;
  mkdirSync(folder);
  for (const file of readdirSync(scenes).filter((name) => name.endsWith('.tif'))) {
    symlinkSync(join(scenes, file), join(folder, file));
    const date = /(\d{4})(\d{2})(\d{2})\.tif$/.exec(file)!.slice(1).join('-');
    const sidecar = { bands: ['blue', 'green', 'red', null], scale: 0.0001, acquired: date, sensor: 'gf-1' };
    writeFileSync(join(folder, `${file}.scene.json`), JSON.stringify(sidecar));
  }
  return folder;
}

/** Makes a landscape of 2 m, runs it through the product's own path, and lays the truth beside it. */
export async function judgeFinePlace(wanted: FinePlaceWanted): Promise<FinePlace> {
  const { seed, size, dates = null, folder, model, isRgb = false } = wanted;
  const asked = { seed, size, gsd: '2', looks: 2, dates } as const;
  const out = join(folder, `${seed}-${size}-${dates === null ? 'augusts' : dates.join('-')}`);
  if (!existsSync(join(out, 'simulation.json'))) await simulate(asked, out);
  const scenes = isRgb ? withoutNir(join(out, 'scenes')) : join(out, 'scenes');
  const files = readdirSync(scenes)
    .filter((file) => file.endsWith('.tif'))
    .toSorted()
    .map((file) => join(scenes, file));
  const planes = await runProduct({ before: [files[0]!], after: [files.at(-1)!] }, model);
  const world = makeWorld(asked);
  const { sensor, looks, sideM } = world;
  const { gsdM, subPx } = sensor;
  const truth = openFineTruth(world, { gsdM, subPx, sizePx: size, days: looks.map(({ day }) => day) });
  const skies = looks.map((look) => openSky(look, { seed, sideM }));
  const [before, after, isClear] = [0, 1, 2].map(() => new Uint8Array(size * size)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  for (let fromRow = 0; fromRow < size; fromRow += 64) {
    const [first, second] = truth({ fromRow, count: Math.min(64, size - fromRow) });
    before.set(first!, fromRow * size);
    after.set(second!, fromRow * size);
  }
  for (let i = 0; i < isClear.length; i++) {
    const [x, y] = [((i % size) + 0.5) * gsdM, sideM - (Math.floor(i / size) + 0.5) * gsdM];
    isClear[i] = skies.every((sky) => sky.code(x, y) === 0) ? 1 : 0;
  }
  return { planes, before, after, isClear, dates: [looks[0]!.date, looks[1]!.date] };
}

/** Codes of classes that the network may say. */
export const fineCodesKnown: readonly number[] = fineClasses.flatMap((name, code) =>
  name === 'unknown' ? [] : [code],
);
