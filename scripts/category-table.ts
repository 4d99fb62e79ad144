import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type GroundFacts, judge } from '../pipeline/rule/judge.ts';
import { categoryCodes } from '../pipeline/rule/reason.ts';
import type { RuleSet } from '../pipeline/rule/rule-set.ts';
import { loadRules } from '../workers/rule/load-rules.ts';

/** Codes that look unlike the rest of their ground. */
const looksOfCode: Readonly<Record<string, string>> = {
  '1104K': 'water',
  '0403K': 'grass-shrub',
  '0303': 'trees',
  '0304': 'trees',
  '0603': 'water',
  '1105': 'bare',
  '1106': 'bare',
  '0810': 'grass-shrub',
};

const legend = Object.entries(categoryCodes)
  .map(([category, code]) => `${code} ${category}`)
  .join(', ');

const augusts = { dateBefore: '2025-08-10', dateAfter: '2026-08-12' } as const;

function factsOf(facts: Partial<GroundFacts> & Pick<GroundFacts, 'classBefore' | 'classSeen'>): GroundFacts {
  return {
    landCode: null,
    ...augusts,
    county: '330421',
    permanentFarmlandFraction: 0,
    grainZoneFraction: 0,
    permitFraction: 0,
    ...facts,
  };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** Category and, where it is no plain row, why. */
function cellOf(facts: GroundFacts, rules: RuleSet): string {
  const { category, reasons, flags } = judge(facts, rules);
  const why =
    category === 'review' ? ` ${flags.find((flag) => flag !== 'survey-differs') ?? reasons[0]?.code ?? ''}` : '';
  return `${category}${why}`;
}

const seenClasses = ({ category }: RuleSet): string[] => category.classes.map(({ name }) => name);

function byCode(rules: RuleSet): string {
  const seen = seenClasses(rules);
  const rows = [...rules.landCodes.values()].map(({ code, name, isContested }) => {
    const ground = rules.groundOfCode.get(code)!;
    const classBefore = looksOfCode[code] ?? ground.looksLike[0]!;
    const cells = seen.map((classSeen) => cellOf(factsOf({ landCode: code, classBefore, classSeen }), rules));
    return [code, isContested === 'yes' ? `${name} **contested**` : name, ground.id, classBefore, ...cells];
  });
  return table(['code', 'name', 'ground', 'looked like', ...seen], rows);
}

function byImage(rules: RuleSet): string {
  const seen = seenClasses(rules);
  const rows = seen.map((classBefore) => [
    classBefore,
    rules.groundOfClass.get(classBefore)!.id,
    ...seen.map((classSeen) => cellOf(factsOf({ classBefore, classSeen }), rules)),
  ]);
  return table(['seen before', 'ground', ...seen], rows);
}

function croplandLookedLike(rules: RuleSet): string {
  const seen = seenClasses(rules);
  const rows = seen.map((classBefore) => [
    classBefore,
    ...seen.map((classSeen) => cellOf(factsOf({ landCode: '0101', classBefore, classSeen }), rules)),
  ]);
  return table(['seen before', ...seen], rows);
}

const days = ['01-15', '02-29', '03-10', '04-20', '05-10', '05-25', '06-10', '06-25', '07-10', '07-20', '08-15']
  .concat(['09-15', '10-10', '10-20', '11-15', '11-30', '12-01'])
  .map((day) => `2028-${day}`);

function byDay(rules: RuleSet, dateBefore: (day: string) => string): string {
  const seen = ['bare', 'water', 'trees', 'grass-shrub', 'built', 'crops'];
  const rows = days.map((dateAfter) => [
    dateAfter.slice(5),
    ...seen.map((classSeen) =>
      cellOf(
        factsOf({
          landCode: '0101',
          classBefore: classSeen === 'crops' ? 'bare' : 'crops',
          classSeen,
          dateBefore: dateBefore(dateAfter),
          dateAfter,
        }),
        rules,
      ),
    ),
  ]);
  return table(['later date', ...seen.map((name) => (name === 'crops' ? 'crops (bare before)' : name))], rows);
}

function monthBefore(day: string): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number];
  return new Date(Date.UTC(year, month - 1, date - 30)).toISOString().slice(0, 10);
}

/** Every land code with every class that can be seen, as one page to read through. */
export function categoryTable(rules: RuleSet): string {
  return `${[
    '# Categories 类别对照表',
    `Written by \`npx tsx scripts/category-table.ts\` from config/rules/category.json version ${rules.category.version}, read through row by row.
Values of \`category.tif\`: ${legend}. After \`review\` stands its flag or reason. Both dates in August, in two years, unless said otherwise.`,
    '## By land code',
    byCode(rules),
    '## Without a survey, by the class seen before',
    byImage(rules),
    '## Paddy (0101) by the class seen before',
    croplandLookedLike(rules),
    '## Paddy (0101) through the year, earlier date the same day a year before',
    byDay(rules, (day) => `2027${day.slice(4) === '-02-29' ? '-02-28' : day.slice(4)}`),
    '## Paddy (0101) through the year, earlier date 10 August',
    byDay(rules, () => '2027-08-10'),
    '## Paddy (0101) through the year, earlier date a month before',
    byDay(rules, monthBefore),
  ].join('\n\n')}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  writeFileSync(new URL('../test/golden/category-82.md', import.meta.url), categoryTable(loadRules()));
