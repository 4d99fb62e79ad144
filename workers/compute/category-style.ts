import type { CategoryStyle } from '../../pipeline/report/report-input.ts';
import { categories, categoryZh } from '../../pipeline/rule/reason.ts';
import type { Category } from '../../pipeline/rule/reason.ts';

const look: Readonly<Record<Category, { readonly en: string; readonly colour: string }>> = {
  none: { en: 'no change', colour: '#f4f4f0' },
  'non-farm': { en: 'suspected non-farm', colour: '#d62f27' },
  'non-grain': { en: 'suspected non-grain', colour: '#f08c1d' },
  recovered: { en: 'suspected recovered cropland', colour: '#2e9e5b' },
  other: { en: 'other change', colour: '#6d8fa8' },
  review: { en: 'for review', colour: '#8e5cc2' },
};

/** How categories are named and drawn, in `category.tif` and in the report. */
export const categoryStyles: readonly CategoryStyle[] = categories.map((name) => ({
  name,
  zh: categoryZh[name],
  ...look[name],
}));
