import { AppError } from '../../pipeline/errors.ts';
import { layerName, type LayerChoice, type LayerRef } from '../../pipeline/parcel/layer-ref.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import type { RunRequest } from '../../pipeline/request.ts';
import { resolveLayers } from '../registry/resolve.ts';
import type { Candidate } from '../registry/resolve.ts';

export interface ChosenLayers {
  readonly layers: readonly LayerRef[];
  readonly warnings: readonly Warning[];
}

const choiceOf = (text: string | undefined): LayerChoice =>
  text === undefined || text === 'none' ? 'none' : text === 'current' ? 'current' : text.split(',');

const dayOf = (acquired: string | null): string | null => acquired?.slice(0, 10) ?? null;

/** Whether a request names imported layers at all. */
export const wantsLayers = ({ baseline, project }: Pick<RunRequest, 'baseline' | 'project'>): boolean =>
  choiceOf(baseline) !== 'none' || choiceOf(project) !== 'none';

/**
 * The imported layers of a run: of each kind the newest up to the later date, or those that were named.
 *
 * @param candidates every version that was imported
 * @param acquired dates of the scenes; after null: the newest of all
 * @throws AppError NOT_FOUND when nothing fits, CONFLICT as `resolveLayers`
 */
export function chooseLayers(
  request: Pick<RunRequest, 'baseline' | 'project'>,
  candidates: readonly Candidate[],
  acquired: { readonly before: string | null; readonly after: string | null },
): ChosenLayers {
  const question = { baseline: choiceOf(request.baseline), project: choiceOf(request.project) };
  const [since, onDate] = [dayOf(acquired.before), dayOf(acquired.after)];
  const layers = resolveLayers(candidates, question, onDate);
  const has = (isMeant: (ref: LayerRef) => boolean): boolean => layers.some(isMeant);
  const isProject = ({ kind }: LayerRef): boolean => kind === 'project' || kind === 'sub-project';
  const isSurvey = ({ kind }: LayerRef): boolean => kind === 'land-survey';
  const until = onDate === null ? '' : ` of ${onDate} or earlier`;
  if (question.baseline === 'current' && !has((ref) => !isProject(ref)))
    throw missing('baseline', until, candidates, (ref) => !isProject(ref));
  if (question.project === 'current' && !has(isProject)) throw missing('project', until, candidates, isProject);
  const warnings: Warning[] = [];
  if (question.baseline !== 'none' && !has(isSurvey))
    warnings.push({
      code: 'NO_LAND_SURVEY',
      message: `No land survey${until} takes part: the image alone says what the ground was.`,
      todo: 'Import one with `tianwatch baseline import <file> --kind land-survey`.',
    });
  const survey = layers.find(isSurvey);
  if (survey && since !== null && survey.asOf > since)
    warnings.push({
      code: 'SURVEY_AFTER_BEFORE',
      message: `The land survey ${survey.file} of ${survey.asOf} is later than the before scene of ${since}: a change that it already holds is judged as if the ground had always been so.`,
      todo: `Name one of ${since} or earlier: --baseline <ids>; \`tianwatch baseline list\` prints them.`,
    });
  const later = layers.filter((ref) => !isProject(ref) && !isSurvey(ref) && ref.kind !== 'permit');
  for (const ref of since === null ? [] : later.filter(({ asOf }) => asOf > since))
    warnings.push({
      code: 'LAYER_AFTER_BEFORE',
      message: `The ${layerName(ref)} ${ref.file} of ${ref.asOf} is later than the before scene of ${since}: whether it was in force on the day of a change cannot be told.`,
      todo: `Name one of ${since} or earlier where there is one: --baseline <ids>; \`tianwatch baseline list\` prints them.`,
    });
  return { layers, warnings };
}

function missing(
  what: 'baseline' | 'project',
  until: string,
  candidates: readonly Candidate[],
  isMeant: (ref: LayerRef) => boolean,
): AppError {
  const later = candidates.map(({ ref }) => ref).filter(isMeant);
  const there =
    later.length === 0
      ? ''
      : ` There are: ${later.map(({ kind, asOf, id }) => `${kind} ${asOf} ${id.slice(0, 8)}`).join(', ')}.`;
  return new AppError(
    'NOT_FOUND',
    `--${what} current: nothing${until} was imported.${there}`,
    there === '' ? `Import first: tianwatch ${what} import <file>.` : `Name one by its id: --${what} <id>.`,
  );
}
