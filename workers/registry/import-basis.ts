import { loadLandCodes, loadRegion, loadTowns } from '../rule/load-rules.ts';
import type { ImportBasis } from './draft.ts';
import { loadImportLimits } from './import-limits.ts';

/** What files are held against, from `config/`. @throws AppError CONFIG_INVALID */
export function loadImportBasis(regionId?: string): ImportBasis {
  const region = loadRegion(regionId);
  const { westDeg, southDeg, eastDeg, northDeg } = region.bounds;
  return {
    dictionary: {
      landCodes: loadLandCodes(),
      towns: loadTowns(region),
      counties: new Set(region.counties.map(({ code }) => code)),
    },
    home: { frame: region.frame, boundsDeg: [westDeg, southDeg, eastDeg, northDeg] },
    limits: loadImportLimits(),
  };
}
