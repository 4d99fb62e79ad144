import type { ChangePatch } from '../../pipeline/change/patches.ts';
import type { LandUnder } from '../../pipeline/parcel/land.ts';
import type { FramePolygon, ParcelLayer } from '../../pipeline/parcel/layer.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import type { PolicyLayer } from '../../pipeline/rule/policy-rules.ts';
import { judge } from '../../pipeline/rule/judge.ts';
import type { Judgement } from '../../pipeline/rule/judge.ts';
import { categoryZh } from '../../pipeline/rule/reason.ts';
import type { Category, Reason } from '../../pipeline/rule/reason.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import type { PatchLand } from './patch-land.ts';
import { townsOf } from './run-rules.ts';

/** Everything that is said of a patch, and its area outside permits (m²). */
export interface JudgedPatch {
  readonly properties: PatchProperties;
  readonly unpermittedM2: number;
  /** outline in frame metres; null where no layer takes part */
  readonly shape: FramePolygon | null;
}

/** The rule says what it would be; the evidence is too weak to send somebody. */
const weakEvidence: Reason = {
  code: 'weak-evidence',
  zh: '变化证据偏弱，先行待核',
  en: 'the evidence of change is weak: for review first',
};

const nothingKnown: LandUnder = {
  parcels: [],
  permanentFarmlandM2: 0,
  zonesM2: {},
  permitM2: 0,
  permits: [],
  lapsedPermits: [],
  projects: [],
  subProjects: [],
};

const cell = (layer: ParcelLayer | null, name: string, feature: number): string =>
  layer?.columns[name]?.[feature] ?? '';
const cm2 = (areaM2: number): number => Math.round(areaM2 * 100) / 100;

export interface PatchJudgeOptions {
  /** null: no layer takes part */
  readonly land: PatchLand | null;
  readonly rules: RuleSet;
  /** ISO-8601, null = unknown */
  readonly dateBefore: string | null;
  readonly dateAfter: string | null;
  /** findings go no further than review */
  readonly isExperimental: boolean;
  /** what saw the change weighed the season of every look: rules that would do so from two dates are passed over */
  readonly isSeasonWeighed: boolean;
  /** least mean probability of a patch, by category */
  readonly leastProbability: Readonly<Partial<Record<Category, number>>>;
}

/** What a patch means: the land below it, the rules, and what both say, for `patches.geojson`. */
export function openPatchJudge(options: PatchJudgeOptions): (patch: ChangePatch) => JudgedPatch {
  const { land, rules, dateBefore, dateAfter, isExperimental, isSeasonWeighed, leastProbability } = options;
  const survey = land?.layers.survey ?? null;
  const towns = townsOf(rules);

  /** The category that most of the patch falls into: each land code below it is judged by itself. */
  function decide(
    patch: ChangePatch,
    under: LandUnder,
    fractions: Fractions,
  ): Judgement & { readonly code: string | null } {
    const areaByCode = new Map<string, number>();
    for (const { feature, areaM2 } of under.parcels) {
      const code = cell(survey, 'code', feature);
      areaByCode.set(code, (areaByCode.get(code) ?? 0) + areaM2);
    }
    const known = [...areaByCode.values()].reduce((sum, areaM2) => sum + areaM2, 0);
    const parts: (readonly [string | null, number])[] = [...areaByCode];
    // ground without a parcel is judged by what the image saw before
    if (patch.areaM2 - known > 0.01 * patch.areaM2) parts.push([null, patch.areaM2 - known]);
    if (parts.length === 0) parts.push([null, patch.areaM2]);
    const county = placeOf(under, 'county');
    const judged = parts.map(([code, areaM2]) => ({
      areaM2,
      code,
      ...judge(
        {
          classBefore: patch.classBefore.name,
          classSeen: patch.classAfter.name,
          landCode: code,
          dateBefore,
          dateAfter,
          county,
          ...fractions,
          areaM2: patch.areaM2,
          isExperimental,
          isSeasonWeighed,
        },
        rules,
      ),
    }));
    const areaOf = (category: string): number =>
      judged.reduce((sum, part) => (part.category === category ? sum + part.areaM2 : sum), 0);
    const { areaM2: _areaM2, ...first } = judged.toSorted(
      (a, b) => areaOf(b.category) - areaOf(a.category) || b.areaM2 - a.areaM2,
    )[0]!;
    const least = leastProbability[first.category] ?? 0;
    if (patch.probability >= least) return first;
    const policies = first.policies.map((policy) => ({ ...policy, isPossible: true }));
    return { ...first, category: 'review', severity: 'normal', policies, reasons: [weakEvidence, ...first.reasons] };
  }

  /** Code of the division that most of the patch lies in. */
  function placeOf({ parcels }: LandUnder, level: 'county' | 'town' | 'village' | 'villageName'): string | null {
    const areas = new Map<string, number>();
    for (const { feature, areaM2 } of parcels) {
      const code = cell(survey, level, feature);
      if (code !== '') areas.set(code, (areas.get(code) ?? 0) + areaM2);
    }
    return [...areas].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? null;
  }

  function projectsOf({ projects, subProjects }: LandUnder, fractionOf: (areaM2: number) => number) {
    const layers = land?.layers;
    const inSub = subProjects.map(({ feature, areaM2 }) => ({
      id: cell(layers?.subProjects ?? null, 'project', feature),
      subProject: cell(layers?.subProjects ?? null, 'id', feature),
      work: cell(layers?.subProjects ?? null, 'work', feature),
      shareFraction: fractionOf(areaM2),
    }));
    const named = new Set(inSub.map(({ id }) => id));
    const elsewhere = projects
      .map(({ feature, areaM2 }) => ({
        id: cell(layers?.projects ?? null, 'id', feature),
        subProject: null,
        work: null,
        shareFraction: fractionOf(areaM2),
      }))
      .filter(({ id }) => !named.has(id));
    return [...inSub, ...elsewhere];
  }

  function permitsOf({ permits }: LandUnder) {
    const layer = land?.layers.permits ?? null;
    return permits.map(({ feature, areaM2 }) => ({
      id: cell(layer, 'id', feature),
      number: cell(layer, 'number', feature),
      coveredM2: cm2(areaM2),
      remainderM2: cm2(Math.max(0, (layer?.areaM2[feature] ?? 0) - areaM2)),
      validFrom: cell(layer, 'validFrom', feature) || null,
      validTo: cell(layer, 'validTo', feature) || null,
    }));
  }

  /** Permits whose dates leave it open, or exclude, that they were in force when the change came. */
  function permitDates({ permits, lapsedPermits }: LandUnder): readonly Reason[] {
    const layer = land?.layers.permits ?? null;
    const [since, until] = [dateBefore?.slice(0, 10) ?? null, dateAfter?.slice(0, 10) ?? null];
    const facts = (feature: number) => {
      const [from, to] = [cell(layer, 'validFrom', feature), cell(layer, 'validTo', feature)];
      const number = cell(layer, 'number', feature) || cell(layer, 'id', feature);
      return { from, to, number, span: `${from || '…'} - ${to || '…'}` };
    };
    return [
      ...permits.flatMap(({ feature }): Reason[] => {
        const { from, to, number, span } = facts(feature);
        const isSure = (from === '' || since === null || from <= since) && (to === '' || until === null || to >= until);
        if (isSure) return [];
        return [
          {
            code: 'permit-date-unsure',
            zh: `批准 ${number} 有效期 ${span}，变化可能发生在有效期外`,
            en: `permit ${number} is valid ${span}: the change may have come outside that time`,
          },
        ];
      }),
      ...lapsedPermits.map(({ feature, areaM2 }): Reason => {
        const { number, span } = facts(feature);
        const area = cm2(areaM2);
        return {
          code: 'permit-not-in-force',
          zh: `批准 ${number}（有效期 ${span}）覆盖 ${area} m²，变化期间未生效，不计入`,
          en: `permit ${number} (valid ${span}) covers ${area} m² but was not in force at that time: it does not count`,
        };
      }),
    ];
  }

  return (patch) => {
    const shape = land?.shapeOf(patch.rings) ?? null;
    const under = land && shape ? land.under(shape) : nothingKnown;
    // overlay and pixel sums agree to the rounding of the frame; a share is never above one
    const fractionOf = (areaM2: number): number => Math.round(Math.min(1, areaM2 / patch.areaM2) * 1e6) / 1e6;
    const fractions = {
      permanentFarmlandFraction: fractionOf(under.permanentFarmlandM2),
      grainZoneFraction: fractionOf(under.zonesM2['grain'] ?? 0),
      permitFraction: fractionOf(under.permitM2),
      zoneFractions: Object.fromEntries(
        Object.entries(under.zonesM2).map(([zone, areaM2]) => [zone, fractionOf(areaM2)]),
      ),
    };
    const { policies, code, category, severity, isLawful, beforeFrom, reasons, flags, rule, ruleVersion } = decide(
      patch,
      under,
      fractions,
    );
    const town = placeOf(under, 'town');
    const unpermittedM2 = Math.max(0, patch.areaM2 - under.permitM2);
    return {
      shape,
      unpermittedM2,
      properties: {
        id: patch.id,
        category,
        categoryZh: categoryZh[category],
        severity,
        isLawful,
        state: patch.state,
        classBefore: patch.classBefore.name,
        classAfter: patch.classAfter.name,
        classBeforeZh: patch.classBefore.zh,
        classAfterZh: patch.classAfter.zh,
        beforeFrom,
        codeBefore: code,
        codeBeforeZh: (code && rules.landCodes.get(code)?.name) ?? null,
        probability: Math.round(patch.probability * 1000) / 1000,
        areaM2: cm2(patch.areaM2),
        pixels: patch.pixels,
        minAreaM2: cm2(patch.minAreaM2),
        dateBefore,
        dateAfter,
        firstSeen: dateAfter,
        lastSeen: dateAfter,
        lineage: [],
        county: placeOf(under, 'county'),
        town,
        townName: (town && towns.get(town)?.name) ?? null,
        village: placeOf(under, 'village'),
        villageName: placeOf(under, 'villageName'),
        parcels: under.parcels.map(({ feature, areaM2 }) => ({
          id: cell(survey, 'id', feature),
          code: cell(survey, 'code', feature),
          shareFraction: fractionOf(areaM2),
        })),
        projects: projectsOf(under, fractionOf),
        permits: permitsOf(under),
        permanentFarmlandFraction: fractions.permanentFarmlandFraction,
        permitFraction: fractions.permitFraction,
        unpermittedM2: cm2(unpermittedM2),
        policies: policies.map((policy) => ({ ...policy })),
        rule,
        ruleVersion,
        flags: [...flags],
        reasons: [...reasons, ...permitDates(under)],
      },
    };
  };
}

interface Fractions {
  readonly permanentFarmlandFraction: number;
  readonly grainZoneFraction: number;
  readonly permitFraction: number;
  readonly zoneFractions: Readonly<Partial<Record<PolicyLayer, number>>>;
}
