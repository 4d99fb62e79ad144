import type { LedgerDocument } from '../../pipeline/ledger/ledger-format.ts';
import { isWithinMonth } from '../../pipeline/ledger/month.ts';
import type { LedgerEntry } from '../../pipeline/ledger/project-ledger.ts';
import type { LedgerFacts } from './facts-format.ts';
import type { LedgerLayers } from './ledger-layers.ts';

/** Ground sampling distance of the coarsest look that says something of change (m): outlines of pixels are so rough. */
export const gsdOfFacts = ({ readings }: LedgerFacts): number =>
  readings.reduce((most, { gsdM, sightings }) => (sightings.length > 0 ? Math.max(most, gsdM) : most), 1);

interface Known {
  /** ids */
  readonly projects: readonly string[];
  readonly month: string;
  readonly facts: LedgerFacts;
  readonly layers: LedgerLayers;
  readonly entries: readonly LedgerEntry[];
  readonly outdated: number;
  readonly elsewhere: number;
}

/** What limits a ledger; a figure that rests on nothing says so. */
export function notesOf({
  month,
  projects,
  facts,
  layers,
  entries,
  outdated,
  elsewhere,
}: Known): LedgerDocument['notes'] {
  const notes: LedgerDocument['notes'] = [];
  const note = (code: string, zh: string, en: string): void => void notes.push({ code, zh, en });
  const year = month.slice(0, 4);
  if (layers.subProjects === null)
    note('NO_SUB_PROJECTS', '没有导入截至本月的子项目', 'no sub-project of this month or earlier was imported');
  if (facts.readings.length === 0)
    note('NO_LOOKS', '截至本月没有影像判读', 'no look up to the end of the month was read');
  else if (!facts.readings.some(({ date }) => isWithinMonth(date, month)))
    note(
      'NO_LOOK_IN_MONTH',
      '本月没有影像，沿用此前所见',
      'no look in the month itself: what was seen before it stands',
    );
  const withParts = new Set(entries.map(({ part }) => part.project));
  const bare = projects.filter((id) => !withParts.has(id));
  if (bare.length > 0)
    note(
      'PROJECTS_WITHOUT_PARTS',
      `${bare.length} 个项目没有子项目，计划、观测均为 0：${bare.join(' ')}`,
      `${bare.length} projects have no sub-project, so that nothing of them is planned or seen: ${bare.join(' ')}`,
    );
  const unseen = entries.filter(({ observation }) => observation.lastLook === null).length;
  if (unseen > 0 && facts.readings.length > 0)
    note('PARTS_NEVER_SEEN', `${unseen} 个子项目部分从未观测到`, `${unseen} parts were never seen`);
  if (outdated > 0)
    note(
      'OUTLINE_CHANGED',
      `${outdated} 条观测属于旧的子项目范围，未计入；请重新运行相应影像`,
      `${outdated} observations are of earlier outlines and do not count: run those scenes again`,
    );
  if (elsewhere > 0)
    note(
      'OTHER_FRAME',
      `${elsewhere} 个图斑不在本区域内，未计入`,
      `${elsewhere} sightings lie outside the region and do not count`,
    );
  if (facts.reported.length === 0)
    note('NO_REPORTS', '没有截至本月的月报', 'no monthly report up to this month was imported');
  if (layers.lastYear === null)
    note('NO_LAND_SURVEY', '没有国土调查成果，无法核算进出平衡', 'without a land survey there is no balance');
  else if (layers.lastYear.ref.asOf > `${Number(year) - 1}-12-31`)
    note(
      'SURVEY_OF_THIS_YEAR',
      `上年末的国土调查未导入，以 ${layers.lastYear.ref.asOf} 的成果起算`,
      `no survey of the end of last year was imported: the balance begins with that of ${layers.lastYear.ref.asOf}`,
    );
  else if (layers.lastYear.ref.asOf < `${Number(year) - 1}-01-01`)
    note(
      'SURVEY_OLDER',
      `以 ${layers.lastYear.ref.asOf} 的国土调查起算，早于上年`,
      `the balance begins with the survey of ${layers.lastYear.ref.asOf}, which is older than last year`,
    );
  return notes;
}
