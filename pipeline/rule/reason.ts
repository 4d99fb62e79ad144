import { z } from 'zod';

export const categories = ['none', 'non-farm', 'non-grain', 'recovered', 'other', 'review'] as const;
/** What a change is called. */
export type Category = (typeof categories)[number];

/** Value of `category.tif` by category; 255 = unobserved. */
export const categoryCodes: Readonly<Record<Category, number>> = {
  none: 0,
  'non-farm': 1,
  'non-grain': 2,
  recovered: 3,
  other: 4,
  review: 5,
};

/** How people read it. */
export const categoryZh: Readonly<Record<Category, string>> = {
  none: '无变化',
  'non-farm': '疑似非农化',
  'non-grain': '疑似非粮化',
  recovered: '疑似恢复耕地',
  other: '其他变化',
  review: '待核',
};

export const severities = ['normal', 'high', 'severe'] as const;
export type Severity = (typeof severities)[number];

export const reasonSchema = z.strictObject({
  code: z.string().describe('stable word'),
  zh: z.string().min(1).describe('Chinese'),
  en: z.string().min(1).describe('English'),
});
export type Reason = z.infer<typeof reasonSchema>;
