import { fileURLToPath } from 'node:url';
import { minimumM2By } from '../../pipeline/track/confirmation.ts';
import type { TrackRules } from '../../pipeline/track/confirmation.ts';
import { seasonGuard } from '../../pipeline/season/guard.ts';
import type { Grid, LandClass } from '../../pipeline/types.ts';
import { hashed, loadMinimumArea } from '../compute/draft.ts';
import type { ConfigFile } from '../compute/run-plan.ts';
import { regionOf } from '../compute/run-rules.ts';
import { loadConfirmation, loadSeasonRules } from '../rule/load-rules.ts';

const confirmationPath = fileURLToPath(new URL('../../config/rules/confirmation.json', import.meta.url));

/**
 * Rules by which sightings become tracks, and the files they stand in. What the fields' year explains is followed but
 * proves nothing; where no calendar is known everything counts.
 */
export function loadTrackRules(
  classes: readonly LandClass[],
  grid: Grid,
): { readonly rules: TrackRules; readonly files: readonly ConfigFile[] } {
  const [region, season, confirmation] = [regionOf(grid), loadSeasonRules(), loadConfirmation()];
  return {
    rules: {
      confirmation,
      minimumM2: minimumM2By(loadMinimumArea(), classes, confirmation.edgePx),
      seasonGuard({ classBefore, classAfter: classSeen }, { date, kind, isCumulative = false }) {
        // who stood there saw it, whatever the season
        if (kind === 'ground') return 'count';
        const held = seasonGuard({ classBefore, classSeen, date, county: null }, season, region);
        // looks that weigh the season themselves wait for water alone
        return held === null || (isCumulative && !confirmation.cumulativeGuards.includes(held.guard))
          ? 'count'
          : 'wait';
      },
    },
    files: [hashed(confirmationPath)],
  };
}
