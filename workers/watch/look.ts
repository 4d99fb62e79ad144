import { basename, relative } from 'node:path';
import { missingParts } from '../../pipeline/arrival/parts.ts';
import { type PairRule, type ReadyPair, planPairs } from '../../pipeline/arrival/pair.ts';
import type { NotReady } from '../../pipeline/arrival/reason.ts';
import { type FileHistories, type SeenFile, lookAgain, settlingOf } from '../../pipeline/arrival/settle.ts';
import { areComparable, fieldDay } from '../../pipeline/rule/calendar.ts';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';
import { type LookProblem, sieveLooks } from '../../pipeline/scene/look-sieve.ts';
import { groupScenes } from '../../pipeline/scene/scene-group.ts';
import { loadRegion } from '../rule/load-rules.ts';
import { isCompanion } from '../series/list-scenes.ts';
import type { Arrivals } from './arrivals.ts';
import type { InspectedScene, Inspection } from './inspect-scene.ts';

export interface LookOptions {
  readonly arrivals: Arrivals;
  readonly settleMs: number;
  /** parts that every scene has, as in file names */
  readonly parts: readonly string[];
  readonly rule: PairRule;
  readonly flags: SceneFlags;
  /** 0..1 */
  readonly cloudFraction: number;
  /** of a scene's files as they are now; the same files are inspected once */
  readonly isSameGround: (a: InspectedScene, b: InspectedScene) => boolean;
  readonly inspect: (files: readonly SeenFile[]) => Promise<Inspection>;
}

/** What one look shows. */
export interface ArrivalLook {
  readonly histories: FileHistories;
  readonly pairs: readonly ReadyPair<InspectedScene>[];
  readonly notReady: readonly NotReady[];
  /** versions of all files that were there */
  readonly versions: ReadonlyMap<string, string>;
}

const isTiff = ({ path }: SeenFile): boolean => /\.tiff?$/i.test(path);

/** Look once: which files are settled and whole, which scenes they are, which pairs those make. */
export async function lookForScenes(
  past: FileHistories,
  { now, options }: { readonly now: Date; readonly options: LookOptions },
): Promise<ArrivalLook> {
  const { arrivals, settleMs, parts, inspect } = options;
  const files = await arrivals.list();
  const histories = lookAgain(past, files, now.getTime());
  const named = (path: string): string => relative(arrivals.root, path) || basename(path);
  const images = files.filter(isTiff);
  const paths = images.map(({ path }) => path);
  const notReady: NotReady[] = files
    .filter((file) => !isTiff(file) && !isCompanion(file.path, paths))
    .map(({ path }) => ({ name: named(path), reason: 'NO_IMAGE', detail: '' }));
  const scenes: InspectedScene[] = [];
  for (const group of groupScenes(paths)) {
    const own = files.filter(({ path }) => group.files.some((file) => path === file || path.startsWith(`${file}.`)));
    const name = named(group.name);
    const unsettled = own.flatMap(({ path }) => {
      const state = settlingOf(histories.get(path)!, now.getTime(), settleMs);
      return state === 'settled' ? [] : [{ path, state }];
    });
    const missing = missingParts(group.files, parts);
    if (unsettled.length > 0) {
      const reason = unsettled.some(({ state }) => state === 'GROWING') ? 'GROWING' : 'SETTLING';
      notReady.push({ name, reason, detail: unsettled.map(({ path }) => basename(path)).join(', ') });
    } else if (missing.length > 0) notReady.push({ name, reason: 'PART_MISSING', detail: missing.join(', ') });
    else {
      const inspection = await inspect(own);
      if (inspection.say === 'whole') scenes.push({ ...inspection.scene, name, files: group.files });
      else notReady.push({ name, reason: inspection.reason, detail: inspection.detail });
    }
  }
  const { pairs, notReady: unpaired } = pairsOf(scenes, now, options);
  return {
    histories,
    pairs,
    notReady: [...notReady, ...unpaired].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    versions: new Map(files.map(({ path, version }) => [path, version])),
  };
}

type SieveProblem = Extract<LookProblem, 'NO_DATE' | 'FUTURE' | 'DUPLICATE' | 'OTHER_VERSION'>;

function pairsOf(scenes: readonly InspectedScene[], now: Date, { rule, cloudFraction, isSameGround }: LookOptions) {
  const leftOut = sieveLooks(scenes, { from: null, to: null, today: now.toISOString().slice(0, 10), isSameGround });
  const region = rule === 'same-season' ? loadRegion() : null;
  const { pairs, notReady } = planPairs(
    scenes.filter((scene) => !leftOut.has(scene)),
    {
      rule,
      cloudFraction,
      isSameGround,
      areComparable: (a, b) => {
        const [before, after] = [fieldDay(a.acquired, null, region), fieldDay(b.acquired, null, region)];
        return before !== null && after !== null && areComparable(before, after);
      },
    },
  );
  const sieved = [...leftOut].map(([{ name }, { problem, detail }]): NotReady => {
    // without a first and last day the sieve knows no other
    return { name, reason: problem as SieveProblem, detail };
  });
  return { pairs, notReady: [...sieved, ...notReady] };
}
