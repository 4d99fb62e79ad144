import { describe, expect, it } from 'vitest';
import { judge } from '../../pipeline/rule/judge.ts';
import { judgeSubProject } from '../../pipeline/rule/project.ts';
import { changeKinds } from '../../scripts/simulate/change-kind.ts';
import { phaseOn } from '../../scripts/simulate/change.ts';
import { areaOfM2 } from '../../scripts/simulate/piece.ts';
import { makeWorld } from '../../scripts/simulate/world.ts';
import { loadProjectRules, loadRules } from '../../workers/rule/load-rules.ts';

const rules = loadRules();
const projectRules = loadProjectRules(rules);
const codeOfHost: Readonly<Record<string, string>> = {
  crop: '0101',
  pond: '1104A',
  orchard: '0201',
  woods: '0301',
  factory: '0601',
};

describe('the rules on the simulated landscape', () => {
  it('name every kind of change as its truth does, but for what six classes cannot tell from buildings', () => {
    const named = changeKinds.flatMap(({ id, host, classBefore, classAfter, category }) =>
      [codeOfHost[host]!, null].map((landCode) => {
        const judgement = judge(
          {
            classBefore,
            classSeen: classAfter,
            landCode,
            dateBefore: '2025-08-10',
            dateAfter: '2026-08-12',
            county: '330421',
            permanentFarmlandFraction: 0,
            grainZoneFraction: 0,
            permitFraction: 0,
          },
          rules,
        );
        return { id, isSame: judgement.category === category };
      }),
    );
    const other = named.filter(({ isSame }) => !isSame).map(({ id }) => id);
    expect([...new Set(other)]).toEqual(['rural-road', 'greenhouse']);
    expect(named.length).toBe(2 * changeKinds.length);
  });

  it('say of finished works in a sub-project what really became of it', () => {
    const found: string[] = [];
    for (const seed of [1]) {
      const { looks, programme, sketch } = makeWorld({ seed, size: 1024, gsd: '10', looks: 2 });
      const [first, last] = [looks[0]!, looks.at(-1)!];
      for (const { subProjects } of programme.projects)
        for (const { change, piece, block, work, fate } of subProjects) {
          if (change === null) continue;
          const { kind, ...dates } = programme.works[change]!;
          const areaM2 = Math.min(areaOfM2(dates.piece), areaOfM2(piece));
          const isWhole =
            phaseOn({ kind, ...dates }, first.day) === 'before' && phaseOn({ kind, ...dates }, last.day) === 'final';
          if (!isWhole || areaM2 < projectRules.limits.deviationM2) continue;
          const restM2 = areaOfM2(piece) - areaM2;
          const judgement = judgeSubProject(
            {
              work,
              plannedCode: '',
              plannedM2: areaOfM2(piece),
              seenM2: { [kind.classBefore]: restM2, [kind.classAfter]: areaM2 },
              changedM2: { [kind.classAfter]: areaM2 },
              unobservedM2: 0,
              outsideM2: 0,
              dateAfter: last.date,
              startDate: null,
              endDate: null,
              county: null,
            },
            projectRules,
            rules,
          );
          expect([sketch.blocks[block]!.use, kind.id, judgement.state]).toEqual([kind.host, kind.id, fate]);
          found.push(fate);
        }
    }
    expect(new Set(found)).toEqual(new Set(['as-planned', 'deviates']));
  });
});
