import type { Home } from '../home.ts';
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { encodeLayer } from '../../pipeline/parcel/layer-file.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { composeImages } from '../compose.ts';
import { asOfOf, describeDraft, describeLook } from './describe-draft.ts';
import { recordLayer } from './door.ts';
import { type Draft, type DraftOptions, readDraft } from './draft.ts';
import type { Preview } from './preview.ts';
import { lookQuickly } from './quick-look.ts';
import { checkCounties, checkNewIds, checkSubProjects } from './project-check.ts';
import { type SetMember, mergeSet, storedProject, storedSubProject } from './project-set.ts';
import type { Actor, NewVersion, Recorded } from './record.ts';
import { loadCurrent } from './stored-layers.ts';
import type { VectorSource } from './vector-source.ts';

export interface ImportOptions extends DraftOptions {
  readonly home: Home;
  /** ISO date; without it what the rows say */
  readonly asOf?: string;
}

/** What an import would store. */
export interface PreparedImport {
  readonly preview: Preview;
  readonly layer: ParcelLayer;
  /** members of a set of projects that are new or have changed; none for other kinds */
  readonly fresh: readonly SetMember[];
  /** the set that the file was merged with */
  readonly basedOn: string | null;
}

/** Read a file and find out what it is; nothing is stored. */
export async function prepareImport(source: VectorSource, options: ImportOptions): Promise<PreparedImport> {
  const { kind, basis } = options;
  const draft = await readDraft(source, options);
  const asOf = asOfOf(options.asOf, draft);
  const isProject = kind === 'project' || kind === 'sub-project';
  const set = isProject ? await intoSet(draft, asOf.date ?? '', options) : null;
  const preview = describeDraft(draft, asOf, basis, openParcelIndex(draft.layer));
  return { preview, layer: draft.layer, fresh: [], basedOn: null, ...set };
}

/** The quick preview of a file: what it does not look at, it says (`notCovered`). */
export async function previewQuickly(
  source: VectorSource,
  options: DraftOptions & Pick<ImportOptions, 'asOf'>,
): Promise<Preview> {
  const look = await lookQuickly(source, options);
  return describeLook(look, asOfOf(options.asOf, look), options.basis);
}

/** Check projects against what is known, and merge them with it. */
async function intoSet(
  { layer, problems }: Draft,
  asOf: string,
  { kind, home, basis }: ImportOptions,
): Promise<Omit<PreparedImport, 'preview'>> {
  const images = await composeImages(home);
  const { leastOwnCountyFraction: leastFraction, plannedToleranceFraction } = basis.limits.project;
  const how = { leastFraction, plannedToleranceFraction, problems };
  if (kind === 'project') {
    const known = await loadCurrent(home, images, ['land-survey', 'project']);
    checkCounties(layer, known['land-survey']?.layer ?? null, how);
    checkNewIds(layer, known.project?.layer ?? null, how);
    const merged = mergeSet(known.project?.layer ?? null, layer, { asOf, problems });
    return { ...merged, basedOn: known.project?.ref.id ?? null };
  }
  const known = await loadCurrent(home, images, ['project', 'sub-project']);
  checkSubProjects(layer, known.project?.layer ?? null, how);
  const merged = mergeSet(known['sub-project']?.layer ?? null, layer, { asOf, problems });
  return { ...merged, basedOn: known['sub-project']?.ref.id ?? null };
}

/**
 * What keeps an import from being stored.
 *
 * @throws AppError INPUT_INVALID, naming the first problem and counting the others
 */
export function refuseProblems({ problems, file, asOf, kind }: Preview, accept: readonly string[]): void {
  const hard = problems.filter(
    ({ effect, code }) => effect === 'blocks' || (effect === 'ask' && !accept.includes(code)),
  );
  const [first] = hard;
  if (first) {
    const more = hard.length > 1 ? ` (${hard.length - 1} more problems)` : '';
    const details = { problems: hard };
    throw new AppError('INPUT_INVALID', `${file}: ${first.code}, ${first.message}${more}.`, first.todo, details);
  }
  if (asOf !== null) return;
  throw new AppError(
    'INPUT_INVALID',
    `${file}: nothing says which date this ${kind} describes.`,
    'Give --as-of yyyy-mm-dd.',
  );
}

/**
 * What nobody can know yet is not imported: it would supersede what is known today.
 *
 * @param today ISO-8601 day
 * @throws AppError INPUT_INVALID for a date later than today
 */
export function refuseFuture({ file, asOf, asOfHow }: Preview, today: string): void {
  if (asOf === null || asOf <= today) return;
  throw new AppError(
    'INPUT_INVALID',
    `${file}: it describes ${asOf} (${asOfHow}), which is later than today, ${today}.`,
    'Correct the year of the rows, or give the day that it describes with --as-of yyyy-mm-dd.',
  );
}

/** Problems that the database keeps; more of them would be a file nobody should have accepted. */
const keptProblems = 100;

/**
 * Store the layer object, then record the version. Done twice it is one version.
 *
 * @throws AppError INPUT_INVALID as `refuseProblems`, CONFLICT as `recordVersion`
 */
export async function commitImport(
  { preview, layer, fresh, basedOn }: PreparedImport,
  options: {
    readonly home: Home;
    /** codes of problems that only ask */
    readonly accept: readonly string[];
    readonly actor: Actor;
  },
): Promise<Recorded> {
  refuseProblems(preview, options.accept);
  const { kind, zone } = preview;
  const bytes = encodeLayer(layer);
  const id = createHash('sha256').update(bytes).digest('hex');
  const key = `layer/${id}`;
  const version: NewVersion = {
    kind,
    zone,
    id,
    asOf: preview.asOf ?? '',
    key,
    file: basename(preview.file),
    features: layer.featureCount,
    areaM2: layer.areaM2.reduce((sum, areaM2) => sum + areaM2, 0),
    facts: { ...preview, problems: preview.problems.slice(0, keptProblems) },
    actor: options.actor,
    basedOn,
    projects: kind === 'project' ? fresh.map(storedProject) : [],
    subProjects: kind === 'sub-project' ? fresh.map(storedSubProject) : [],
  };
  await (await composeImages(options.home)).put(key, bytes);
  return recordLayer(options.home, version);
}
