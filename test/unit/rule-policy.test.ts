import { describe, expect, it } from 'vitest';
import { type GroundFacts, judge } from '../../pipeline/rule/judge.ts';
import { touchedRules, type PolicyQuestion } from '../../pipeline/rule/policy.ts';
import { parsePolicyRules } from '../../pipeline/rule/policy-rules.ts';
import { loadRules } from '../../workers/rule/load-rules.ts';

const rules = loadRules();
const facts = (given: Partial<GroundFacts>): GroundFacts => ({
  classBefore: 'crops',
  classSeen: 'built',
  landCode: '0101',
  dateBefore: '2025-08-10',
  dateAfter: '2026-08-12',
  county: '330421',
  permanentFarmlandFraction: 0,
  grainZoneFraction: 0,
  permitFraction: 0,
  ...given,
});
const touched = (given: Partial<GroundFacts>) => judge(facts(given), rules).policies;
const sure = (given: Partial<GroundFacts>) => touched(given).flatMap(({ id, isPossible }) => (isPossible ? [] : [id]));
const possible = (given: Partial<GroundFacts>) =>
  touched(given).flatMap(({ id, isPossible }) => (isPossible ? [id] : []));

describe('named rules', () => {
  it('hold the four bans, the five must-nots, the six bans and the grain-zone rules, each with its source', () => {
    const count = (start: string) =>
      rules.policy.rules.filter(({ id }) => new RegExp(`^${start}-\\d$`).test(id)).length;
    expect([count('farmland-ban'), count('cropland-must-not'), count('six-bans')]).toEqual([4, 5, 6]);
    expect(rules.policy.rules.filter(({ layer }) => layer === 'grain-zone')).toHaveLength(7);
    for (const { id, source, clause } of rules.policy.rules)
      expect([id, /〔20\d\d〕\d+号|令第\d+号/.test(source), clause !== '']).toEqual([id, true, true]);
  });

  it('are told by what is seen and what it lies on', () => {
    expect(sure({})).toEqual(['six-bans-5']);
    expect(sure({ permanentFarmlandFraction: 1 })).toEqual(['six-bans-5', 'six-bans-5-farmland']);
    expect(sure({ classSeen: 'orchard', permanentFarmlandFraction: 1 })).toEqual(['farmland-use', 'farmland-ban-1']);
    expect(possible({ classSeen: 'orchard', permanentFarmlandFraction: 1 })).toContain('farmland-ban-2');
    expect(sure({ classSeen: 'water', grainZoneFraction: 1 })).toEqual(['grain-zone-pond']);
    expect(sure({ grainZoneFraction: 1 })).toEqual(['six-bans-5', 'grain-zone-building']);
    expect(touched({ landCode: '0601' })).toEqual([]);
    expect(touched({ classSeen: 'crops' })).toEqual([]);
  });

  it('consider the red line, high-standard farmland and the town development boundary', () => {
    expect(judge(facts({ zoneFractions: { 'high-standard': 1 } }), rules)).toMatchObject({ severity: 'high' });
    expect(sure({ zoneFractions: { 'high-standard': 1 } })).toContain('high-standard-use');
    expect(possible({ landCode: '0301', classBefore: 'trees', zoneFractions: { 'red-line': 1 } })).toEqual([
      'red-line-building',
    ]);
    expect(possible({ zoneFractions: { 'town-boundary': 1 } })).toContain('town-boundary-plan');
    expect(judge(facts({ zoneFractions: { 'town-boundary': 1 } }), rules)).toMatchObject({
      severity: 'normal',
      isLawful: false,
    });
  });

  it('make a finding graver only where they are touched for sure and no permit covers it', () => {
    const onZone = { zoneFractions: { 'high-standard': 1 } };
    expect(judge(facts({ ...onZone, permitFraction: 1 }), rules)).toMatchObject({ severity: 'normal', isLawful: true });
    expect(judge(facts({ classSeen: 'grass-shrub', permanentFarmlandFraction: 1 }), rules).severity).toBe('high');
    expect(judge(facts({ zoneFractions: { 'high-standard': 0.02 }, areaM2: 500 }), rules).severity).toBe('normal');
  });

  it('count where they were in force on the day of the change, perhaps where they came between the dates', () => {
    const question: PolicyQuestion = {
      axis: 'land-class',
      category: 'non-farm',
      classSeen: 'built',
      layers: new Set(['cropland']),
      dateBefore: '2019-05-01',
      dateAfter: '2020-05-01',
    };
    const six = (given: Partial<PolicyQuestion>) =>
      touchedRules({ ...question, ...given }, rules.policy).filter(({ id }) => id === 'six-bans-5');
    expect(six({})).toEqual([]);
    expect(six({ dateAfter: '2020-10-01' })).toMatchObject([{ isPossible: true, version: rules.policy.version }]);
    expect(six({ dateBefore: '2020-09-10', dateAfter: '2020-10-01' })).toMatchObject([{ isPossible: false }]);
    expect(six({ dateBefore: null, dateAfter: null })).toHaveLength(1);
    const rule = rules.policy.rules.find(({ id }) => id === 'six-bans-5');
    const ended = { ...rules.policy, rules: [{ ...rule!, to: '2021-01-01' }] };
    expect(touchedRules({ ...question, dateBefore: '2021-01-01', dateAfter: '2021-06-01' }, ended)).toEqual([]);
    expect(touchedRules({ ...question, dateBefore: '2020-12-01', dateAfter: '2021-06-01' }, ended)).toMatchObject([
      { isPossible: true },
    ]);
  });

  it('tell planting from changed ground', () => {
    const question = {
      category: 'non-grain',
      classSeen: 'crops',
      layers: new Set(['grain-zone'] as const),
      dateBefore: null,
      dateAfter: null,
    };
    const ids = (axis: PolicyQuestion['axis']) => touchedRules({ ...question, axis }, rules.policy).map(({ id }) => id);
    expect(ids('planting')).toEqual(['grain-zone-one-season']);
    expect(ids('land-class')).toEqual([]);
  });

  it('are refused where an id stands twice, a class is unknown, or one ends before it begins', () => {
    const { policy } = rules;
    const [first] = policy.rules;
    const parse = (given: object) => () => parsePolicyRules({ ...policy, rules: [{ ...first!, ...given }] }, ['trees']);
    expect(() => parsePolicyRules({ ...policy, rules: [first, first] }, [])).toThrow(/farmland-use stands twice/);
    expect(parse({ seen: ['lava'] })).toThrow(/sees lava/);
    expect(parse({ to: '2020-01-01' })).toThrow(/ends 2020-01-01 before it begins 2021-11-27/);
  });
});
