import { AppError, asAppError } from '../../pipeline/errors.ts';
import { sieveLooks } from '../../pipeline/scene/look-sieve.ts';
import type { LeftOut } from '../../pipeline/scene/look-sieve.ts';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';
import { sharedGround } from '../../pipeline/tile/shared-ground.ts';
import type { Scene } from '../../pipeline/types.ts';
import { sceneWarnings } from '../compute/draft.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import { openScene } from '../images/open-scene.ts';
import type { ListedScene, SceneListing } from './list-scenes.ts';
import type { LeftOutLook, OpenedLook } from './series-plan.ts';
import type { SeriesRequest } from './series-request.ts';
import type { Clearness } from './survey-look.ts';

/** A scene whose files were read. */
interface Opened {
  readonly name: string;
  readonly id: string;
  readonly acquired: string | null;
  readonly sensor: string | null;
  readonly scene: Scene;
}

export interface OpenLooksOptions {
  /** ISO-8601 day */
  readonly today: string;
  survey(scene: Scene): Promise<Clearness>;
  throwIfCancelled(): void;
}

export interface OpenedLooks {
  readonly looks: readonly OpenedLook[];
  readonly leftOut: readonly LeftOutLook[];
  readonly warnings: readonly Warning[];
}

const reasonOf = (error: unknown): string => {
  const { message, todo } = asAppError(error);
  return `${message} ${todo}`.trim().replaceAll(/\s*\n\s*/g, ' ');
};

function leaveOut(name: string, why: LeftOut, scene?: Scene): LeftOutLook {
  const { acquired = null, sensor = null, gsdM = null } = scene ?? {};
  return { name, acquired, sensor, gsdM, cloudFraction: null, why };
}

/** Opens one scene; what cannot be opened is an entry of the list, not the end of the series. */
async function open(
  { name, files }: ListedScene,
  flags: SceneFlags,
): Promise<{ readonly opened: Opened; readonly warnings: readonly Warning[] } | LeftOutLook> {
  try {
    const { scene, problems, close } = await openScene({ files: [...files], ...flags });
    await close();
    const { id, acquired, sensor } = scene;
    return { opened: { name, id, acquired, sensor, scene }, warnings: sceneWarnings(name, { scene, problems }) };
  } catch (error) {
    const { code } = asAppError(error);
    // a flag that cannot be read is wrong for all of them, a full disk or a broken device is no property of a scene
    if (code !== 'INPUT_INVALID' && code !== 'CONFIG_INVALID') throw error;
    return leaveOut(name, { problem: 'UNREADABLE', detail: reasonOf(error) });
  }
}

/** Whether the smaller of two footprints lies mostly in the other. */
const isSameGround = ({ scene: a }: Opened, { scene: b }: Opened): boolean =>
  sharedGround(a.grid, b.grid).ofSmaller > 0.5;

/**
 * Open every scene of a listing and sort out what is no look, each with its reason.
 *
 * @throws AppError of flags that cannot be read, and of devices
 */
export async function openLooks(
  { scenes, others }: SceneListing,
  request: SeriesRequest,
  { today, survey, throwIfCancelled }: OpenLooksOptions,
): Promise<OpenedLooks> {
  const { bands, sensor, acquired, scale } = request;
  const flags: SceneFlags = {
    ...(bands !== undefined && { bands }),
    ...(sensor !== undefined && { sensor }),
    ...(acquired !== undefined && { acquired }),
    ...(scale !== undefined && { scale }),
  };
  const leftOut = others.map((name) => leaveOut(name, { problem: 'NO_IMAGE', detail: '' }));
  const warnings: Warning[] = [];
  const candidates: Opened[] = [];
  for (const listed of scenes) {
    throwIfCancelled();
    const found = await open(listed, flags);
    if ('why' in found) leftOut.push(found);
    else {
      candidates.push(found.opened);
      warnings.push(...found.warnings);
    }
  }
  const sorted = sieveLooks(candidates, { from: request.from, to: request.to, today, isSameGround });
  const looks: OpenedLook[] = [];
  for (const candidate of candidates) {
    const why = sorted.get(candidate);
    if (why !== undefined) leftOut.push(leaveOut(candidate.name, why, candidate.scene));
    else looks.push({ ...candidate, ...(await survey(candidate.scene)) });
  }
  return { looks, leftOut, warnings: gatherWarnings(warnings) };
}

/** Of each kind the first, and how many there are: a series says the same of every scene. */
function gatherWarnings(warnings: readonly Warning[]): readonly Warning[] {
  const kinds = [...new Set(warnings.map(({ code }) => code))];
  return kinds.map((kind) => {
    const own = warnings.filter(({ code }) => code === kind);
    const { code, message, todo } = own[0]!;
    return own.length === 1 ? own[0]! : { code, message: `${own.length} files: ${message}`, todo };
  });
}

/** A look that takes no part after all. */
export function dropLook({ name, scene, cloudFraction }: OpenedLook, why: LeftOut): LeftOutLook {
  return { ...leaveOut(name, why, scene), cloudFraction };
}

/** What an error says of a look on this grid; others are thrown. */
export function lookProblemOf(error: unknown): LeftOut {
  const { code, message } = asAppError(error);
  if (code === 'MODEL_MISMATCH') return { problem: 'NOT_COMPARABLE', detail: reasonOf(error) };
  if (code === 'INPUT_INVALID')
    return { problem: /do not overlap/.test(message) ? 'NO_OVERLAP' : 'NOT_COMPARABLE', detail: reasonOf(error) };
  throw error instanceof AppError ? error : asAppError(error);
}
